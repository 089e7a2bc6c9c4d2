import { startProgram } from '@cc/testkit/program';
import { expect, it } from 'vitest';
import { databaseWith } from './database.js';

it.each(['before', 'asked', 'after', 'replaced'])(
  'a program whose current folder is deleted works on (%s)',
  async (when) => {
    const { path, url } = await databaseWith('create table t (a); insert into t values (1)');
    const program = startProgram(new URL('no-folder.mjs', import.meta.url), [url, `${path}.copy`, when]);
    expect(await program.line()).toBe(`[1,true,true,1,"${when === 'replaced' ? 'opened' : 'SQLITE_CANTOPEN'}"]`);
    expect((await program.ended()).code).toBe(0);
  },
);
