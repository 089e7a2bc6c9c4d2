// What the page of figures compares: in which suite, ours beside whom, and what the least is that the work takes.
import { limit, peersOnLibsql, peersOnOthers } from '../suites/peer-names.js';

/** Rows of a suite in which ours and others do the same work. */
export interface Comparison {
  readonly suite: string;
  readonly heading: string;
  /** What the table is about, and what the least is. */
  readonly text: string;
  readonly ours: string;
  /** The same work by hand: the least that it takes. Null where there is no such thing. */
  readonly limit: string | null;
  readonly peers: readonly string[];
  /** The rows by their ids, in the order of the table. */
  readonly rows: readonly string[];
}

const drizzle = 'drizzle + @libsql/client';
const operations = ['create', 'read', 'metadata', 'search', 'page', 'count', 'bulk'];
const peers = [...peersOnLibsql, ...peersOnOthers];
const beside = { suite: 'peers', ours: 'ours', limit, peers } as const;

/** Every table of the page, in its order. */
export const comparisons: readonly Comparison[] = [
  {
    ...beside,
    heading: 'Beside every peer, on the plain schema that they use',
    text: `The least is \`${limit}\` on that schema, without any checks. Ours pays for its own schema in this table: counters, tokens of filters, words for misspelt searches.`,
    rows: operations,
  },
  {
    ...beside,
    heading: 'First use',
    text: 'The first operation of its kind in a fresh process, with everything that is compiled, built or prepared for it.',
    rows: operations.map((id) => `${id} first`),
  },
  {
    ...beside,
    heading: '200 transactions at once, and reads beside an open one',
    text: 'A peer that loses some has no time here: what each loses stands in the next table.',
    rows: ['together first', 'together', 'waiting first', 'waiting', 'beside', 'beside p95', 'beside max'],
  },
  {
    ...beside,
    heading: 'What it costs to have it',
    text: 'From the import of the module to the first answer; memory; what the package manager puts on disk.',
    rows: ['open', 'loaded', 'memory', 'installed'],
  },
  {
    suite: 'transactions',
    heading: 'Transactions, on tables of your own',
    text: 'Plain drizzle queries through `@cc/tx`. The least is prepared statements over the driver.',
    ours: 'ours',
    limit: 'raw',
    peers: [drizzle],
    rows: ['readByKey', 'collect', 'increments', 'increments500', 'shortIncrements', 'beside', 'insideTouch'],
  },
  {
    suite: 'first',
    heading: 'The repositories, on their own schema',
    text: 'The least is hand-written SQL on the schema of the repositories, with its indexes and triggers.',
    ours: 'ours',
    limit: 'raw',
    peers: [drizzle],
    rows: ['create', 'read', 'metadata', 'search', 'page', 'bulk', 'memory'],
  },
  ...['http', 'ws', 'replica'].map((target) => ({
    suite: 'transactions',
    heading: target === 'replica' ? 'A replica of a server' : `A server over ${target}`,
    text: 'sqld on the same machine; the same queries by the stock client.',
    ours: `ours, ${target}`,
    limit: null,
    peers: [`${drizzle}, ${target}`],
    rows: ['targetRead', 'targetCollect', 'targetWriteAndRead', 'targetBatch'],
  })),
  {
    suite: 'cache',
    heading: 'The cache in memory',
    text: 'The least is a bare lru-cache: no bytes counted, no single flight, no database. The others are bound to no database either.',
    ours: 'ours',
    limit: 'lru-cache',
    peers: ['cache-manager', 'cacheable', 'bentocache'],
    rows: ['hit', 'firstHit', 'loadHit', 'negative', 'miss', 'loadMiss', 'set', 'invalidate', 'readers'],
  },
  {
    suite: 'cache',
    heading: 'The cache on disk',
    text: 'The stores of the others on SQLite compile native code when they are installed, so files stand for them.',
    ours: 'ours, memory and disk',
    limit: null,
    peers: ['bentocache, memory and files'],
    rows: ['diskHit', 'diskMiss', 'diskSet'],
  },
  {
    suite: 'cache',
    heading: 'Stale reads',
    text: 'Reads that gave less than what was known when they began, while this process and two others wrote the same rows.',
    ours: 'ours',
    limit: null,
    peers: ['cache-manager', 'cacheable', 'bentocache', "drizzle's cache"],
    rows: ['staleAlone', 'staleTold'],
  },
  {
    suite: 'health',
    heading: 'Being watched',
    text: 'What a listener adds. The least is a listener that does nothing.',
    ours: 'ours',
    limit: null,
    peers: ['prom-client', 'OpenTelemetry'],
    rows: ['watched read', 'count', 'scrape', 'memory'],
  },
  {
    suite: 'migrations',
    heading: 'Running migrations',
    text: 'The least is their statements alone. Ours also measures what each migration loses, checks foreign keys before and after, and keeps the way back.',
    ours: 'ours',
    limit: 'bare SQL',
    peers: [drizzle],
    rows: ['rebuildUp', 'update', 'dropColumn', 'rebuildDown', 'small'],
  },
  {
    suite: 'migrations',
    heading: 'Writing migrations',
    text: 'Ours runs `drizzle-kit` to read the code, and then plans and proves both directions.',
    ours: 'ours',
    limit: null,
    peers: ['drizzle-kit'],
    rows: ['generateColumn', 'generateRebuild'],
  },
  {
    suite: 'search',
    heading: 'Search beside libraries in memory',
    text: 'Known-item queries over 10,000 models: what is found among the first ten (more is better), the mean reciprocal rank (more is better), and the time of a query.',
    ours: 'ours',
    limit: null,
    peers: ['MiniSearch', 'MiniSearch, fuzzy 0.34', 'Orama', 'Orama, tolerance 2', 'FlexSearch'],
    rows: [
      ...['exact', 'prefix', 'one typo', 'two typos'].flatMap((kind) => [
        `hits ${kind}`,
        `mrr ${kind}`,
        `time ${kind}`,
      ]),
      ...['build', 'search memory'],
    ],
  },
];

/** Units of which more is better. */
export const moreIsBetter: readonly string[] = ['hits', 'MRR'];

/** The rows of README's table: suite, row, and what it says there. */
export const firstScreen: readonly (readonly [suite: string, row: string, text: string])[] = [
  ['transactions', 'readByKey', 'read by key, 10 columns, prepared'],
  ['transactions', 'collect', 'transaction of a select and two inserts'],
  ['transactions', 'increments', '200 transactions at once that read, wait and write'],
  ['first', 'create', 'a model created: looked for, inserted, committed'],
  ['first', 'metadata', '5 values of metadata set, all read'],
  ['first', 'search', 'text search with a filter, first 20, ranked'],
];
