// The examples on transactions print what their comments say. The one on servers is tested where the server is:
// packages/tx/test/processes/remote-example.test.ts.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const program = (name: string): string => fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));

it('nested-transactions keeps the savepoints that worked and sends mail after COMMIT only', async () => {
  const { stdout } = await run(process.execPath, [program('nested-transactions')]);
  expect(stdout.split('\n').slice(0, 6)).toEqual([
    'skipped: SQLITE_CONSTRAINT_UNIQUE',
    'mail: gear',
    'mail: nut',
    'mail: bolt',
    'swallowed',
    'rolled back: TX_ROLLBACK_ONLY',
  ]);
  expect(stdout).toContain("{ id: 3, item: 'bolt' }");
  expect(stdout).not.toContain('washer');
});

it('cache-after-commit shows a change after COMMIT, and a rollback to nobody', async () => {
  const { stdout } = await run(process.execPath, [program('cache-after-commit')]);
  expect(stdout.split('\n').slice(0, 7)).toEqual([
    'at first: 10',
    'inside the transaction: 9',
    'after COMMIT: 9',
    'inside a second one: 0',
    'after its rollback: 9',
    'once more: 9',
    '{ hits: 2, misses: 2, bypassed: 2 }',
  ]);
});
