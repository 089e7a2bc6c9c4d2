// The suite beside every peer, on the plain schema that they use: what each operation takes, what is lost at many
// transactions at once, and what it costs to have it.
import type { Bar, Row, Suite } from '../harness/suite.js';
import { limit, peersOnLibsql, peersOnOthers } from './peer-names.js';
import { preparePeers } from './peers-inputs.js';
import { peersMemoryPhase } from './peers-memory-phase.js';
import { operationsPhase } from './peers-operations-phase.js';
import { besidePhase, togetherPhases } from './peers-together-phase.js';

function toLimit(times: number, contender = 'ours', against: string = limit): Bar {
  return { text: `${contender} ≤ ${times} × ${against}`, contender, against, atMost: times };
}

/** Ahead of all peers. Where the engine alone decides, the cache answers. */
function ahead(contender: 'ours' | 'ours with cache' = 'ours'): readonly Bar[] {
  const bar = (engine: string, names: readonly string[]): Bar => ({
    text: `${contender} ahead of every peer on ${engine}`,
    contender,
    atMostEach: names,
  });
  return [bar('libsql', peersOnLibsql), bar('better-sqlite3 and sqlite3', peersOnOthers)];
}

interface Operation {
  readonly id: string;
  readonly title: string;
  readonly unit: 'µs' | 'ms';
  readonly bars: readonly Bar[];
  readonly mean?: readonly Bar[];
}

const operations: readonly Operation[] = [
  {
    id: 'create',
    title: 'create: duplicate check + insert, committed',
    unit: 'µs',
    bars: [toLimit(1.5), ...ahead()],
    mean: [toLimit(1.3)],
  },
  {
    id: 'read',
    title: 'read by id; ours with cache answers from memory',
    unit: 'µs',
    bars: [toLimit(1.5), toLimit(0.1, 'ours with cache'), ...ahead(), ...ahead('ours with cache')],
  },
  { id: 'metadata', title: 'metadata: set 5 keys, read all', unit: 'µs', bars: [toLimit(1.4), ...ahead()] },
  {
    id: 'search',
    title: 'text search with a format, first 20, whole models',
    unit: 'µs',
    bars: [toLimit(2), toLimit(1.2, 'ours', 'libsql by hand, our schema'), ...ahead(), ...ahead('ours with cache')],
  },
  { id: 'page', title: 'page of 20 models with metadata and tags', unit: 'µs', bars: [toLimit(0.8), ...ahead()] },
  { id: 'count', title: 'count of the models of a format', unit: 'µs', bars: ahead() },
  { id: 'bulk', title: '1,000 models + 5,000 values, one commit', unit: 'ms', bars: [toLimit(1.4), ...ahead()] },
];

const sections: readonly (readonly [suffix: string, section: string])[] = [
  [' mean', 'Means, which carry the checkpoints and collections that fall on few operations'],
  [' p99', 'The 99th percentile'],
  [' first', 'First use of each operation in its process'],
];

const many = { section: '200 transactions at once on ten rows: one read, two updates', unit: 'ms' } as const;
const beside = { section: 'Reads while a write transaction is open for 200 ms', unit: 'ms' } as const;
const cost = { section: 'What it costs to have it' } as const;

const rows: readonly Row[] = [
  ...operations.map(({ id, title, unit, bars }) => ({ id, title, unit, bars })),
  ...sections.flatMap(([suffix, section]) =>
    operations.map(({ id, title, unit, mean }) => ({
      id: `${id}${suffix}`,
      title,
      unit,
      section,
      bars: suffix === ' mean' ? (mean ?? []) : [],
    })),
  ),
  { ...many, id: 'together first', title: 'first use, nothing awaited in between', bars: [toLimit(1.5), ...ahead()] },
  { ...many, id: 'together', title: 'again, median of 7', bars: [toLimit(1.5), ...ahead()] },
  { ...many, id: 'waiting first', title: 'first use, a file awaited inside', bars: [toLimit(1.5), ...ahead()] },
  { ...many, id: 'waiting', title: 'again, median of 7', bars: [toLimit(1.5), ...ahead()] },
  { ...beside, id: 'beside', title: 'median' },
  {
    ...beside,
    id: 'beside p95',
    title: 'p95',
    bars: [{ text: 'ours < 0.2 ms', contender: 'ours', atMost: 0.2 }],
  },
  { ...beside, id: 'beside max', title: 'slowest' },
  {
    ...cost,
    id: 'open',
    title: 'from the import to the first answer',
    unit: 'ms',
    bars: [{ text: 'ours ≤ 100 ms', contender: 'ours', atMost: 100 }, ...ahead()],
  },
  { ...cost, id: 'loaded', title: 'memory (RSS) after it', unit: 'MB' },
  {
    ...cost,
    id: 'memory',
    title: 'growth of memory: 330 creates, 1,000 reads, 330 × metadata, 120 searches, 3 × bulk',
    unit: 'MB',
    bars: [{ text: 'ours ≤ 40 MB', contender: 'ours', atMost: 40 }, ...ahead()],
  },
  { ...cost, id: 'installed', title: 'installed, everything it needs', unit: 'MB' },
];

/** The suite `peers`. */
export const peers: Suite = {
  name: 'peers',
  title: 'Beside the peers, on the plain schema that they use',
  reference: limit,
  rows,
  canBeQuick: true,
  phases: [operationsPhase, ...togetherPhases, besidePhase, peersMemoryPhase],
  prepare: preparePeers,
};
