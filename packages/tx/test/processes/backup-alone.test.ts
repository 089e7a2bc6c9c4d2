import { expect, it } from 'vitest';
import { databaseWith } from './database.js';
import { start } from './program.js';

it('a backup keeps its process alive until it is made', async () => {
  const { path, url } = await databaseWith('create table t (a); insert into t values (1)');
  const program = start('backup-alone.mjs', [url, `${path}.copy`]);
  expect(await program.line()).toBe(`${path}.copy`);
  expect(await program.exited).toBe(0);
});
