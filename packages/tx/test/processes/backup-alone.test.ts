import { startProgram } from '@cc/testkit/program';
import { expect, it } from 'vitest';
import { databaseWith } from './database.js';

it('a backup keeps its process alive until it is made', async () => {
  const { path, url } = await databaseWith('create table t (a); insert into t values (1)');
  const program = startProgram(new URL('backup-alone.mjs', import.meta.url), [url, `${path}.copy`]);
  expect(await program.line()).toBe(`${path}.copy`);
  expect((await program.ended()).code).toBe(0);
});
