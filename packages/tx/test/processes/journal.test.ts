// Three processes on one file, with a log and with a rollback journal: the same program, the same rows, and no error.
import { startProgram } from '@cc/testkit/program';
import { expect, it } from 'vitest';
import { databaseWith } from './database.js';

const rounds = Number(process.env.CC_ROUNDS ?? 40);

it.each(['WAL', 'DELETE', 'TRUNCATE'])(
  'three processes with journal_mode %s wait for each other and lose nothing',
  async (journalMode) => {
    const { url, all } = await databaseWith(
      `pragma journal_mode = delete; create table accounts (id integer primary key, amount integer);
     insert into accounts values (1, 10000), (2, 0)`,
    );
    const programs = [1, 2, 3].map(() =>
      startProgram(new URL('journal.mjs', import.meta.url), [url, String(rounds), journalMode]),
    );
    for (const program of programs) expect(await program.line()).toBe('ready');
    for (const program of programs) program.send('go');
    const told = await Promise.all(programs.map(async (program) => JSON.parse(await program.line()) as unknown));
    const whole = { made: rounds, sums: [10_000], failures: [] };
    expect(told).toEqual([whole, whole, whole]);
    expect(all('select amount from accounts')).toEqual([10_000 - 3 * rounds, 3 * rounds]);
  },
);
