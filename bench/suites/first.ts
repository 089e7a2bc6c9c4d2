// The first suite: create, read, search and what surrounds them, against hand-written SQL and drizzle + @libsql/client.
import { fileURLToPath } from 'node:url';
import type { Row, Suite } from '../harness/suite.js';
import { atMost } from './bars.js';
import { prepareLibrary } from './first-inputs.js';
import { libraryPhase } from './library-phase.js';
import { memoryPhase } from './memory-phase.js';

const rows: readonly Row[] = [
  { id: 'create', title: 'create: duplicate check + insert, committed', unit: 'µs', bars: [atMost(1.4)] },
  { id: 'read', title: 'read by id', unit: 'µs', bars: [atMost(2)] },
  {
    id: 'readCached',
    title: 'read by id, cached',
    unit: 'µs',
    bars: [{ text: 'ours ≤ 1 µs', contender: 'ours with cache', atMost: 1 }],
  },
  {
    id: 'regionHit',
    title: 'cache region hit; raw = a bare lru-cache get',
    unit: 'µs',
    bars: [{ text: 'ours ≤ 3 × lru-cache', contender: 'ours with cache', against: 'raw', atMost: 3 }],
  },
  { id: 'metadata', title: 'metadata: set 5 keys, read all', unit: 'µs', bars: [atMost(1.35)] },
  { id: 'search', title: 'text search with a format filter, first 20', unit: 'µs', bars: [atMost(1.15)] },
  { id: 'page', title: 'page of 20 models with metadata and tags', unit: 'µs', bars: [atMost(1.25)] },
  { id: 'leanPage', title: 'the same; raw splits the tag names of the text search', unit: 'µs' },
  { id: 'bulk', title: 'createMany of 1,000 models + 5,000 metadata rows', unit: 'ms', bars: [atMost(1.1)] },
  { id: 'bulkAllow', title: 'the same, equal file contents allowed', unit: 'ms' },
  {
    id: 'memory',
    title: 'growth of memory (RSS): 330 creates, 1,000 reads, 330 × metadata, 120 searches, 3 × createMany',
    unit: 'MB',
    bars: [{ text: 'ours < 50 MB', contender: 'ours', atMost: 50 }],
  },
];

/** The suite `first`. */
export const first: Suite = {
  name: 'first',
  title: 'Create, read and search beside hand-written SQL and drizzle + @libsql/client',
  reference: 'raw',
  rows,
  phases: [libraryPhase, memoryPhase],
  prepare: (options) => prepareLibrary({ ...options, repository: fileURLToPath(new URL('../../', import.meta.url)) }),
};
