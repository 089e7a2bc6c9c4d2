// Random questions of every kind to random libraries, judged by plain JavaScript over the rows on disk. The sizes are on
// both sides of what plans depend on: 200 ranked and 500 counted hits, 500 and 5,000 models of a way in, 20,000 models.
// CC_RUNS says how many questions, CC_SEED which; a red run prints how to ask the same question again.
import fc from 'fast-check';
import { test } from 'vitest';
import { openLibrary } from '../open-library.js';
import { expectAnswer } from './answers.js';
import { expectRanges, loneConditions, ofCollections } from './lone-conditions.js';
import { questions } from './questions.js';
import { fillLibrary } from './random-library.js';
import { readRows } from './rows.js';

const runs = Number(process.env['CC_RUNS'] ?? 300);
// The same questions in every `npm test`; torture draws new ones.
const seed = Number(process.env['CC_SEED'] ?? 20_261_128);
const only = process.env['CC_LIBRARY'];
const path = process.env['CC_PATH'];

interface Size {
  readonly size: number;
  readonly questions: number;
}

/** About 300 questions, most of them where they cost little; the long form also has so many models that every plan turns. */
const short: readonly Size[] = [
  { size: 4, questions: 0.2 },
  { size: 240, questions: 0.3 },
  { size: 700, questions: 0.3 },
  { size: 5_700, questions: 0.13 },
  { size: 21_000, questions: 0.07 },
].map(({ size, questions: share }) => ({ size, questions: Math.ceil(share * runs) }));
const perLibrary = 200;
const longSizes = [240, 700, 5_700, 700, 21_000, 240, 5_700, 700, 240, 52_000] as const;
const long: readonly Size[] = Array.from({ length: Math.ceil(runs / perLibrary) }, (_, i) => ({
  size: longSizes[i % longSizes.length] ?? 240,
  questions: perLibrary,
}));

/** Where questions were answered wrongly once, by the code or by the oracle. */
const kept = [
  { what: 'collections inside another, in the order of their names', size: 700, seed: 541_043_086, path: '38:0:0:0' },
  { what: 'facets of an exclusion that excludes nothing', size: 5_700, seed: 4_268, path: '0:3:3:3:3' },
  {
    what: 'a beginning just so frequent that its rare endings are left out',
    size: 21_000,
    seed: 4_246,
    path: '77:1:0:2:2:2:2:2:2:2:2:2:2:2:2:2:2:2:3:2:2:2',
  },
] as const;

test.each((runs > 1_000 ? long : short).map((each, library) => ({ library, ...each })))(
  'library $library of about $size models answers as its rows say',
  async ({ library, size, questions: numRuns }) => {
    if (only !== undefined && Number(only) !== library) return;
    try {
      await askAll(size, { seed: seed + library, numRuns, ...(path !== undefined && { path }) });
    } catch (error) {
      const found = error instanceof Error ? /path: "([\d:]+)"/.exec(error.message)?.[1] : undefined;
      throw new Error(
        `${error instanceof Error ? error.message : String(error)}\nThe same again: CC_SEED=${seed} CC_RUNS=${runs} CC_LIBRARY=${library} CC_PATH=${found ?? ''} npx vitest run packages/repositories/test/oracle.test.ts`,
        { cause: error },
      );
    }
  },
  1_800_000,
);

test.each([240, 700])('each condition alone is answered as the rows of %i models say', async (size) => {
  await using library = await openLibrary('file');
  await fillLibrary(library, size, seed);
  const rows = await readRows(library);
  for (const question of [...loneConditions, ...ofCollections(rows)]) {
    await expectAnswer(library, rows, question).catch((error: unknown) => {
      throw new Error(`${JSON.stringify(question)}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    });
  }
});

test.each(kept)(
  'what was wrong once is right: $what (seed $seed, $path)',
  async ({ size, seed: each, path: place }) => {
    await askAll(size, { seed: each, numRuns: 1, path: place });
  },
);

async function askAll(size: number, run: { seed: number; numRuns: number; path?: string }): Promise<void> {
  await using library = await openLibrary('file');
  await fillLibrary(library, size, run.seed);
  const rows = await readRows(library);
  await fc.assert(
    fc.asyncProperty(questions, (question) => expectAnswer(library, rows, question)),
    run,
  );
  if (run.path === undefined) await expectRanges(library, rows);
}
