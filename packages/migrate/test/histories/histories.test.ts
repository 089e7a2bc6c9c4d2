// Random histories of migrations, by hand and from schema code, over rows that do not survive everything. What each step
// keeps and loses is judged by a model that follows tables, columns and rows, and by a stock database beside ours.
// CC_RUNS says how many, CC_SEED which; a red run prints how to play the same one again.
import fc from 'fast-check';
import { test } from 'vitest';
import { historyOf } from './drawn.js';
import { kept } from './kept.js';
import { keptFurther } from './kept-further.js';
import { keptLong } from './kept-long.js';
import { play } from './play.js';

const runs = Number(process.env['CC_RUNS'] ?? 120);
// The same histories in every `npm test`; torture draws new and longer ones.
const seed = Number(process.env['CC_SEED'] ?? 20_261_128);
const path = process.env['CC_PATH'];

test(`${runs} histories lose nothing that nobody agreed to (seed ${seed})`, async () => {
  try {
    await fc.assert(fc.asyncProperty(historyOf(runs > 1_000 ? 'long' : 'short'), play), {
      ...{ seed, numRuns: runs, endOnFailure: process.env['CC_SHRINK'] === undefined },
      ...(path !== undefined && { path }),
    });
  } catch (error) {
    const said = error instanceof Error ? `${error.message}\n${String(error.cause)}` : String(error);
    const found = /path: "([\d:]+)"/.exec(said)?.[1] ?? '';
    throw new Error(
      `${said}\nThe same again: CC_SEED=${seed} CC_RUNS=${runs} CC_PATH=${found} npx vitest run packages/migrate/test/histories`,
      { cause: error },
    );
  }
}, 14_400_000);

test.each([...kept, ...keptLong, ...keptFurther])('$what', async ({ history }) => {
  await play(history);
});
