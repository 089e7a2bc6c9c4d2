// Which settings the suite `tuning` compares with the defaults, in which work, and what is measured.
import { sqldMissing } from '@cc/testkit/sqld';
import type { Row } from '../harness/suite.js';
import * as work from './tuning-work.js';

/** The name of the contender that all others are compared with. */
export const asItIs = 'default';

/** One work, done with the defaults and with other settings. */
export interface Tuned {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Omit<Row, 'section'>[];
  readonly settings: Readonly<Record<string, work.Setting>>;
  readonly run: (setting: work.Setting, databasePath: string) => work.Measured;
}

/** Everything that is compared; the first setting of each is the default. */
export const tuned: readonly Tuned[] = [
  {
    name: 'durability',
    title: 'What a commit survives',
    rows: [{ id: 'commit', title: 'a commit, mean', unit: 'µs' }],
    settings: {
      [asItIs]: {},
      'synchronous FULL': { manager: { pragmas: { synchronous: 'FULL' } } },
      'synchronous OFF': { manager: { pragmas: { synchronous: 'OFF' } } },
      'journal_mode DELETE': { manager: { pragmas: { journal_mode: 'DELETE' } } },
    },
    run: work.commits(800),
  },
  {
    name: 'checkpoints',
    title: 'When the log is folded into the file',
    rows: [
      { id: 'commit', title: 'a commit, mean', unit: 'µs' },
      { id: 'slow commit', title: 'the slowest', unit: 'µs' },
      { id: 'log', title: 'the log', unit: 'MB' },
    ],
    settings: {
      [asItIs]: {},
      'wal_autocheckpoint 100': { manager: { pragmas: { wal_autocheckpoint: 100 } } },
      'wal_autocheckpoint 10000': { manager: { pragmas: { wal_autocheckpoint: 10_000 } } },
    },
    // Enough for several checkpoints of the rarest.
    run: work.commits(12_000),
  },
  {
    name: 'pages',
    title: 'Pages that are kept in memory',
    rows: [{ id: 'scattered read', title: 'a read anywhere', unit: 'µs' }],
    settings: {
      [asItIs]: {},
      'cache_size 2 MiB': { manager: { pragmas: { cache_size: -2_048 } } },
      'cache_size 64 MiB': { manager: { pragmas: { cache_size: -65_536 } } },
      'mmap_size 256 MiB': { manager: { pragmas: { mmap_size: 268_435_456 } } },
    },
    run: work.scatteredReads,
  },
  {
    name: 'statements',
    title: 'Statements that stay prepared',
    rows: [{ id: 'statement', title: 'one of 200 texts, mean', unit: 'µs' }],
    settings: {
      [asItIs]: {},
      'statementCacheSize 250': { manager: { statementCacheSize: 250 } },
      'statementCacheSize 50': { manager: { statementCacheSize: 50 } },
    },
    run: work.manyStatements,
  },
  {
    name: 'readers',
    title: 'Connections for snapshots',
    rows: [
      { id: 'snapshots', title: '200 snapshots at once', unit: 'ms' },
      { id: 'snapshots memory', title: 'memory', unit: 'MB' },
    ],
    settings: {
      [asItIs]: {},
      'readers 1': { manager: { readers: 1 } },
      'readers 16': { manager: { readers: 16 } },
    },
    run: work.snapshots,
  },
  {
    name: 'cache',
    title: 'Values that are kept by the cache',
    rows: [
      { id: 'popular read', title: 'a read by id, mean', unit: 'µs' },
      { id: 'popular memory', title: 'memory', unit: 'MB' },
    ],
    settings: {
      [asItIs]: { cache: {} },
      'maxBytes 1 MiB': { cache: { maxBytes: 2 ** 20 } },
      'disk: true': { cache: { disk: true } },
      'no cache': {},
    },
    run: work.popularReads,
  },
  {
    name: 'watching',
    title: 'Being watched',
    rows: [{ id: 'watched read', title: 'a prepared read', unit: 'µs' }],
    settings: {
      [asItIs]: {},
      'a monitor': { watch: 'alone' },
      'a monitor with captureParameters': { watch: 'with values' },
    },
    run: work.watchedReads,
  },
  {
    name: 'batches',
    title: 'Models to a transaction of createMany',
    rows: [
      { id: 'bulk', title: '5,000 models', unit: 'ms' },
      { id: 'bulk stretch', title: 'longest time without a turn', unit: 'ms' },
    ],
    settings: {
      [asItIs]: {},
      'batchSize 100': { batchSize: 100 },
      'batchSize 5000': { batchSize: 5_000 },
    },
    run: work.bulk,
  },
  {
    name: 'offload',
    title: 'A long read beside the event loop',
    rows: [
      { id: 'long read', title: 'the read', unit: 'ms' },
      { id: 'long stretch', title: 'longest time without a turn', unit: 'ms' },
    ],
    settings: { [asItIs]: {}, 'offload()': { offload: true } },
    run: work.longRead,
  },
  ...(sqldMissing === null
    ? [
        {
          name: 'server',
          title: 'Calls under way at once on a server',
          rows: [{ id: 'server reads', title: '200 reads at once', unit: 'ms' }],
          settings: {
            [asItIs]: {},
            'maxOpenTransactions 1': { manager: { maxOpenTransactions: 1 } },
            'maxOpenTransactions 8': { manager: { maxOpenTransactions: 8 } },
            'maxOpenTransactions 128': { manager: { maxOpenTransactions: 128 } },
          },
          run: work.serverReads,
        } satisfies Tuned,
      ]
    : []),
];
