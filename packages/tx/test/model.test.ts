// Random programs of concurrent, nested blocks against a simple model: a row is there exactly when every block around it
// committed, hooks run once and at the right moment, and every call ends as the model says.
// CC_RUNS sets how many programs run on each target, CC_SEED repeats a run.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { program } from './model/program.js';
import { runProgram } from './model/run.js';
import { temporaryFolder } from './target.js';

const runs = Number(process.env.CC_RUNS ?? 75);
const seed = Number(process.env.CC_SEED ?? Date.now() % 2 ** 31);

describe.each(['file', ':memory:'])('on %s', (target) => {
  it(`${runs} random programs (seed ${seed}) end as the model says`, { timeout: 600_000 + runs * 1_000 }, async () => {
    const folder = await temporaryFolder();
    let count = 0;
    const property = fc.asyncProperty(program, async (steps) => {
      count += 1;
      const url = target === 'file' ? pathToFileURL(join(folder, `${count}.db`)).href : target;
      const pragmas = { synchronous: 'OFF' };
      const manager = await openTransactionManager({ url, readers: 64, acquireTimeoutMs: 240_000, pragmas });
      try {
        expect(await runProgram(manager, steps)).toEqual([]);
      } finally {
        await manager.close({ drainMs: 0 });
      }
    });
    await fc.assert(property, { seed, numRuns: runs, endOnFailure: process.env.CC_SHRINK === '0' });
  });
});
