// Random histories of migrations, by hand and from schema code, over rows that do not survive everything. What each step
// keeps and loses is judged by a model that follows tables, columns and rows, and by a stock database beside ours.
// CC_RUNS says how many, CC_SEED which; a red run prints how to play the same one again.
import fc from 'fast-check';
import { test } from 'vitest';
import { history } from './drawn.js';
import { play } from './play.js';

const runs = Number(process.env['CC_RUNS'] ?? 300);
// The same histories in every `npm test`; torture draws new ones.
const seed = Number(process.env['CC_SEED'] ?? 20_261_128);
const path = process.env['CC_PATH'];

test(`histories lose nothing that nobody agreed to (seed ${seed}, ${runs} runs)`, async () => {
  try {
    await fc.assert(fc.asyncProperty(history, play), {
      ...{ seed, numRuns: runs, endOnFailure: process.env['CC_SHRINK'] === undefined },
      ...(path !== undefined && { path }),
    });
  } catch (error) {
    const found = error instanceof Error ? /path: "([\d:]+)"/.exec(error.message)?.[1] : undefined;
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\nThe same again: CC_SEED=${seed} CC_PATH=${found ?? ''} npx vitest run packages/migrate/test/histories`,
      { cause: error },
    );
  }
}, 7_200_000);
