// The example of the README runs, word for word, and prints what the README says.
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { temporaryFolder } from './target.js';

it('the example of the README prints what it says', async () => {
  const folder = await temporaryFolder();
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  const printed: unknown[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((value) => void printed.push(value));
  onTestFinished(() => log.mockRestore());
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  const code = /```ts\n([^]*?)```/.exec(readme)?.[1] ?? '';
  await symlink(join(import.meta.dirname, '../node_modules'), 'node_modules');
  await writeFile('example.ts', code.replace(`'@cc/tx'`, JSON.stringify(join(import.meta.dirname, '../src/index.js'))));
  await import(join(folder, 'example.ts'));
  expect(printed).toEqual([
    'moved',
    'SQLITE_CONSTRAINT_CHECK',
    [
      { name: 'ada', amount: 5 },
      { name: 'bob', amount: 6 },
    ],
  ]);
});
