// The suite `search`: relevance and memory beside search libraries in memory; latency, filling and memory in libraries of up
// to a million models.
import { fileURLToPath } from 'node:url';
import type { Suite } from '../harness/suite.js';
import { bulkPhases, bulkRows } from './bulk-phase.js';
import { coldPhases, coldRowsOf, firstCallPhase } from './cold-phase.js';
import { latencyPhases, latencyRowsOf, reindexRowOf } from './latency-phase.js';
import { libraryNames } from './library-places.js';
import { listingMemoryPhases, listingMemoryRows } from './listing-memory-phase.js';
import { relevancePhase, relevanceRows } from './relevance-phase.js';
import { prepareSearch } from './search-inputs.js';
import { searchMemoryPhase, searchMemoryRow } from './search-memory-phase.js';

/** The suite `search`. */
export const search: Suite = {
  name: 'search',
  title: 'Search: relevance beside MiniSearch, Orama and FlexSearch, latency up to a million models',
  reference: 'ours',
  rows: [
    ...relevanceRows,
    searchMemoryRow,
    ...libraryNames.flatMap((name) => [...latencyRowsOf(name), ...coldRowsOf(name)]),
    ...bulkRows,
    ...libraryNames.map(reindexRowOf),
    ...listingMemoryRows,
  ],
  phases: [
    relevancePhase,
    searchMemoryPhase,
    ...libraryNames.flatMap((_, i) =>
      [coldPhases, latencyPhases, bulkPhases, listingMemoryPhases].flatMap((each) => each[i] ?? []),
    ),
    firstCallPhase,
  ],
  prepare: (options) => prepareSearch({ ...options, repository: fileURLToPath(new URL('../../', import.meta.url)) }),
};
