// No input ends the process: anything is bound, run, passed as an option, used after closing, in a process of its own.
// CC_SEED repeats a run, CC_RUNS makes it longer.
import { startProgram } from '@cc/testkit/program';
import { expect, it } from 'vitest';
import { databaseWith } from './database.js';

const runs = process.env.CC_RUNS ?? '1500';
const seed = process.env.CC_SEED ?? String(Date.now() % 2 ** 31);

it.each(['file', ':memory:'])(
  `${runs} random calls on %s (seed ${seed}) all get an answer and the process goes on`,
  {
    timeout: 600_000 + Number(runs) * 100,
  },
  async (target) => {
    const { url } = await databaseWith('create table t (a integer, b text, c)');
    const program = startProgram(new URL('fuzz.mjs', import.meta.url), [target === 'file' ? url : target, seed, runs]);
    const { calls, answers } = JSON.parse(await program.line()) as {
      calls: number;
      answers: Readonly<Record<string, number>>;
    };
    expect((await program.ended()).code).toBe(0);
    expect(calls).toBeGreaterThanOrEqual(Number(runs));
    // Neither silence nor something thrown that is no Error.
    expect(answers).toEqual({
      value: expect.any(Number),
      DatabaseError: expect.any(Number),
      TypeError: expect.any(Number),
    });
  },
);
