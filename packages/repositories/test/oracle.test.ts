// Random questions of every kind to random libraries, judged by plain JavaScript over the rows on disk. The sizes are on
// both sides of what plans depend on: 200 ranked and 500 counted hits, 500 and 5,000 models of a way in, 20,000 models.
// CC_RUNS says how many questions, CC_SEED which; a red run prints how to ask the same question again.
import fc from 'fast-check';
import { test } from 'vitest';
import { openLibrary } from './open-library.js';
import { expectAnswer } from './oracle/answers.js';
import { questions } from './oracle/questions.js';
import { fillLibrary } from './oracle/random-library.js';
import { readRows } from './oracle/rows.js';

const runs = Number(process.env['CC_RUNS'] ?? 300);
const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);
const only = process.env['CC_LIBRARY'];
const path = process.env['CC_PATH'];

/** In the long form also so many that two words of the index are asked for at once, and words beside conditions turn. */
const sizes = runs > 1_000 ? [4, 240, 700, 5_700, 21_000, 52_000] : [4, 240, 700, 5_700, 21_000];
const libraries = Math.max(sizes.length, Math.ceil(runs / 250));

test.each(Array.from({ length: libraries }, (_, i) => ({ library: i, size: sizes[i % sizes.length] ?? 0 })))(
  'library $library of about $size models answers as its rows say',
  async ({ library: number, size }) => {
    if (only !== undefined && Number(only) !== number) return;
    await using library = await openLibrary('file');
    await fillLibrary(library, size, seed + number);
    const rows = await readRows(library);
    const again = `CC_SEED=${seed} CC_RUNS=${runs} CC_LIBRARY=${number}`;
    try {
      await fc.assert(
        fc.asyncProperty(questions, (question) => expectAnswer(library, rows, question)),
        { seed: seed + number, numRuns: Math.ceil(runs / libraries), ...(path !== undefined && { path }) },
      );
    } catch (error) {
      const found = error instanceof Error ? /path: "([\d:]+)"/.exec(error.message)?.[1] : undefined;
      throw new Error(
        `${error instanceof Error ? error.message : String(error)}\nThe same again: ${again} CC_PATH=${found ?? ''} npx vitest run packages/repositories/test/oracle.test.ts`,
        { cause: error },
      );
    }
  },
  1_800_000,
);
