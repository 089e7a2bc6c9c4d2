// The example of the README is the code that runs here.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { expect, test } from 'vitest';
import { migrate } from './open-library.js';
import { example } from './readme-example.js';

test('the README shows the example as it is tested', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const source = await readFile(new URL('./readme-example.ts', import.meta.url), 'utf8');
  const [, shown = ''] = /```ts\n([^]*?)```/.exec(readme) ?? [];
  expect(source).toContain(shown);
  expect(shown).toContain('createRepositories');
});

test('the example finds what it wrote', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cc-repositories-'));
  try {
    const url = `file:${join(folder, 'library.db')}`;
    const transactions = await openTransactionManager({ url, schema });
    await migrate(transactions);
    await transactions.close();
    expect(await example(url)).toEqual(['Hex bolt M3x12', 'Hex bolt M3x12']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
