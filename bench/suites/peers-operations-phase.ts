// The operations of a library, one row after another in one process: the first use of each, and then warm.
import { readFile } from 'node:fs/promises';
import { comparableModel, isOnOurSchema, type MeasuredPeer, openMeasuredPeer } from '../contenders/measured-peer.js';
import { type Measurement, measure, summarise } from '../harness/measure.js';
import type { Job, Phase, TrialReport } from '../harness/suite.js';
import { digestOfOurLibrary, digestOfPlainLibrary } from './inspect-plain.js';
import { at, valuesOf } from './library-phase.js';
import { moreDurable, peerNames } from './peer-names.js';
import { type PeersInputs, readPeersInputs } from './peers-phase-inputs.js';

/** Create, read, metadata, search, page, count and bulk. */
export const operationsPhase: Phase = {
  name: 'operations',
  contenders: peerNames,
  mayDiffer: ['before'],
  mayBeMoreDurable: moreDurable,
  run: runOperations,
  inspect: async ({ contender, databasePath }) => ({
    digest: isOnOurSchema(contender) ? digestOfOurLibrary(databasePath) : digestOfPlainLibrary(databasePath),
    facts: {},
  }),
};

/** One row and how often it is done, the first time not counted. */
interface Operation<T> {
  readonly unit: 'µs' | 'ms';
  readonly warmup: number;
  readonly samples: number;
  operation(i: number): T | Promise<T>;
  compare?(result: T): unknown;
}

/** The original design takes seconds for what takes others milliseconds: it does less of it. */
const few = { warmup: 10, samples: 60 };

async function runOperations({ contender: name, databasePath, inputsPath }: Job): Promise<TrialReport> {
  const inputs = readPeersInputs(await readFile(inputsPath, 'utf8'));
  const peer = await openMeasuredPeer(name, databasePath);
  const rows: Record<string, Measurement> = {};
  const isBefore = name === 'before';
  for (const [row, run] of rowsOf(peer, inputs, isBefore)) {
    await peer.settle();
    globalThis.gc?.();
    Object.assign(rows, await run(row));
  }
  const durability = await peer.durability();
  const unequal = durability.filter(({ journalMode, synchronous }) => journalMode !== 'wal' || synchronous !== 1);
  const create = rows['create'];
  if (create && unequal.length > 0) {
    const inWords = unequal.map((each) => `${each.connection} ${each.journalMode}, synchronous=${each.synchronous}`);
    rows['create'] = { ...create, facts: { 'is more durable': inWords.join('; ') } };
  }
  await peer.close();
  return { rows, durability };
}

type RowRun = readonly [row: string, run: (row: string) => Promise<Record<string, Measurement>>];

function rowsOf(peer: MeasuredPeer, inputs: PeersInputs, isBefore: boolean): readonly RowRun[] {
  const { ids, searches, creates, bulks, formats } = inputs;
  const writes = isBefore ? few : { warmup: 800, samples: 500 };
  // At least one warm operation is compared, and one is timed.
  const part = (times: number): number => Math.max(Math.min(times, 1), Math.round(times * inputs.share));
  const row = <T>(name: string, operation: Operation<T>): RowRun => [
    name,
    (id) => measured(id, { ...operation, warmup: part(operation.warmup), samples: part(operation.samples) }),
  ];
  let end: unknown = null;
  return [
    row('search', {
      unit: 'µs',
      warmup: searches.length * 2,
      samples: searches.length * 4,
      operation: (i) => peer.search(at(searches, i).words, at(searches, i).format),
      // Each ranks in its own way; what is found is the same, as long as there are only the models that the searches were
      // chosen for: ours also finds words in file names and tags, so this row comes before `create`.
      compare: (models) => models.map((model) => JSON.stringify(comparableModel(model))).sort(),
    }),
    row('create', { unit: 'µs', ...writes, operation: (i) => peer.create(at(creates, i)) }),
    row('read', {
      unit: 'µs',
      warmup: isBefore ? few.warmup : 1_000,
      samples: 1_000,
      operation: (i) => peer.read(at(ids, i)),
      compare: comparableModel,
    }),
    row('metadata', {
      unit: 'µs',
      ...writes,
      operation: (i) => peer.setAndReadMetadata(at(ids, i), valuesOf(i)),
    }),
    row('page', {
      unit: 'µs',
      warmup: isBefore ? few.warmup : 60,
      samples: isBefore ? few.samples : 150,
      // Walks through the listing: each page begins where the one before ended.
      async operation() {
        const next = await peer.page(end);
        end = next.end;
        return next;
      },
      compare: ({ items }) =>
        items.map(({ model, metadata, tags }) => [comparableModel(model), metadata, [...tags].sort()]),
    }),
    row('count', { unit: 'µs', warmup: 60, samples: 200, operation: (i) => peer.count(formatAt(formats, i)) }),
    row('bulk', {
      unit: 'ms',
      warmup: isBefore ? 0 : 1,
      samples: isBefore ? 1 : 4,
      operation: (i) => peer.createMany(at(bulks, i)),
      compare: () => null,
    }),
  ];
}

/** Times the first operation of its kind in this process, and then the warm ones. */
async function measured<T>(id: string, options: Operation<T>): Promise<Record<string, Measurement>> {
  const started = performance.now();
  await options.operation(0);
  const first = summarise([performance.now() - started], options.unit, null);
  const warm = await measure({ ...options, operation: (i) => options.operation(i + 1) });
  return {
    [id]: warm,
    [`${id} mean`]: { ...warm, value: warm.mean, digest: null },
    [`${id} p99`]: { ...warm, value: warm.p99 ?? warm.p95, digest: null },
    [`${id} first`]: first,
  };
}

function formatAt(formats: PeersInputs['formats'], i: number): Parameters<MeasuredPeer['count']>[0] {
  // Formats of models that were checked when they were created.
  return at(formats, i) as Parameters<MeasuredPeer['count']>[0];
}
