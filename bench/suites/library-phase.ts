// The operations of the repositories, one row after another in one process.
import { readFile } from 'node:fs/promises';
import type { Contender, LibraryOperations, ModelPage, NewModel, Values } from '../contenders/contender.js';
import { contenderNames, openContender } from '../contenders/open.js';
import { type Measurement, measure } from '../harness/measure.js';
import type { Job, Phase, TrialReport } from '../harness/suite.js';
import { type LibraryInputs, readInputs } from './first-inputs.js';
import { digestOfLibrary } from './inspect-file.js';

/** create, read, metadata, search, page and createMany. */
export const libraryPhase: Phase = {
  name: 'library',
  contenders: contenderNames,
  run: runLibrary,
  inspect: async ({ databasePath }) => ({ digest: digestOfLibrary(databasePath), facts: {} }),
};

async function runLibrary({ contender: name, databasePath, inputsPath }: Job): Promise<TrialReport> {
  // Written by prepareLibrary.
  const inputs = readInputs(JSON.parse(await readFile(inputsPath, 'utf8')) as LibraryInputs);
  const contender = await openContender(name, databasePath);
  const rows: Record<string, Measurement> = {};
  for (const [row, run] of rowsOf(contender, inputs, name)) {
    await contender.settle();
    globalThis.gc?.();
    rows[row] = await run();
  }
  const durability = await contender.durability();
  await contender.close();
  return { rows, durability };
}

/** Until V8 has compiled what runs hot: an application is past that within its first second. */
const writes = { warmup: 1_500, samples: 1_000 } as const;

type RowRun = readonly [row: string, run: () => Promise<Measurement>];

function rowsOf(contender: Contender, inputs: LibraryInputs, name: string): readonly RowRun[] {
  const { library } = contender;
  const { ids, searches } = inputs;
  const rows: RowRun[] = [
    [
      'create',
      () =>
        measure({
          unit: 'µs',
          ...writes,
          operation: (i) => library.create(at(inputs.creates, i)),
        }),
    ],
    ['read', () => measure({ unit: 'µs', warmup: 2_000, samples: 4_000, operation: (i) => library.read(at(ids, i)) })],
    ['metadata', () => measureMetadata(library, ids)],
    [
      'search',
      () =>
        measure({
          unit: 'µs',
          warmup: searches.length * 2,
          samples: searches.length * 5,
          operation: (i) => library.search(at(searches, i).words, at(searches, i).format),
          // Each ranks in its own way: bm25 by hand, ours by the model and the query alone. Models were created since the
          // searches were chosen, so which of more than a page come first is each one's own.
          compare: ({ models, total }) => [total, ...(total > models.length ? [] : models.map(({ id }) => id).sort())],
        }),
    ],
    ['page', () => measurePages((after) => library.page(after))],
    // Only a hand has a leaner way; the others do what they always do.
    ['leanPage', () => measurePages((after) => library.leanPage?.(after) ?? library.page(after))],
    ['bulk', () => measureBulk(library, inputs.bulks.slice(0, 5), 'reject')],
    ['bulkAllow', () => measureBulk(library, inputs.bulks.slice(5), 'allow')],
  ];
  if (name === 'ours with cache') rows.splice(2, 0, ['readCached', () => measureCached(library, ids)]);
  const { getCached } = contender;
  if (getCached) rows.splice(2, 0, ['regionHit', () => measureRegion(getCached)]);
  return rows;
}

function measureMetadata(library: LibraryOperations, ids: readonly string[]): Promise<Measurement> {
  return measure({
    unit: 'µs',
    ...writes,
    operation: (i) => library.setAndReadMetadata(at(ids, i), valuesOf(i)),
  });
}

/** Returns the `i`-th five values to set. */
export function valuesOf(i: number): Values {
  return {
    printMinutes: i * 7.5,
    material: i % 2 === 0 ? 'PLA' : 'PETG',
    printed: i % 3 === 0,
    nozzle: 0.4,
    note: null,
  };
}

/** Walks through the listing: each page begins where the one before ended. */
function measurePages(page: (after: unknown) => ModelPage | Promise<ModelPage>): Promise<Measurement> {
  let end: unknown = null;
  return measure({
    unit: 'µs',
    warmup: 100,
    samples: 250,
    async operation() {
      const next = await page(end);
      end = next.end;
      return next;
    },
    compare: ({ items }) =>
      items.map(({ model, metadata, tags }) => [model.id, model.name, metadata, [...tags].sort()]),
  });
}

function measureBulk(
  library: LibraryOperations,
  bulks: readonly (readonly NewModel[])[],
  onDuplicateHash: 'reject' | 'allow',
): Promise<Measurement> {
  return measure({
    unit: 'ms',
    warmup: 1,
    samples: bulks.length - 1,
    operation: (i) => library.createMany(at(bulks, i), onDuplicateHash),
  });
}

/** The models were read before, so each read is a hit. */
function measureCached(library: LibraryOperations, ids: readonly string[]): Promise<Measurement> {
  return measure({
    unit: 'µs',
    warmup: ids.length,
    samples: 100,
    batch: 1_000,
    operation: (i) => library.read(at(ids, i)),
  });
}

async function measureRegion(getCached: (times: number) => number): Promise<Measurement> {
  const times = 1_000;
  const measured = await measure({ unit: 'µs', warmup: 50, samples: 200, operation: () => getCached(times) });
  const { value, mean, p95, max } = measured;
  return { ...measured, value: value / times, mean: mean / times, p95: p95 / times, max: max / times };
}

/** Returns the `i`-th item, from the front again after the last one. @throws RangeError for an empty list */
export function at<T>(items: readonly T[], i: number): T {
  const item = items[i % items.length];
  if (item === undefined) throw new RangeError('the inputs are empty');
  return item;
}
