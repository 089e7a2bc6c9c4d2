// What a program pays for that opens a local file: nothing of the client of servers is loaded. Counted by the hooks of Node.
import { startProgram } from '@cc/testkit/program';
import { expect, it } from 'vitest';
import { databaseWith } from './database.js';

it('importing the package and using a local file load nothing of the client of servers, which the first server does', async () => {
  const { url } = await databaseWith('create table t (n integer)');
  const program = startProgram(new URL('loaded.mjs', import.meta.url), [url]);
  const packages = async (): Promise<string[]> => JSON.parse(await program.line()) as string[];
  const imported = await packages();
  const opened = await packages();
  const reached = await packages();
  expect((await program.ended()).code).toBe(0);
  expect(imported).toEqual(['@libsql/core', 'drizzle-orm', 'js-base64']);
  // The driver, the package that has its library for this machine, and what finds that one.
  const driver = /^(libsql|@libsql\/(linux|darwin|win32)-[\w-]+|@neon-rs\/load|detect-libc)$/;
  expect(opened.filter((name) => !imported.includes(name) && !driver.test(name))).toEqual([]);
  expect(opened).toContain('libsql');
  expect(reached).toEqual(expect.arrayContaining(['@libsql/client', '@libsql/hrana-client', 'ws']));
});
