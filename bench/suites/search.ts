// The suite `search`: relevance beside search libraries in memory, and latency in libraries of up to a million models.
import { fileURLToPath } from 'node:url';
import type { Suite } from '../harness/suite.js';
import { latencyPhases, latencyRows } from './latency-phase.js';
import { relevancePhase, relevanceRows } from './relevance-phase.js';
import { prepareSearch } from './search-inputs.js';

/** The suite `search`. */
export const search: Suite = {
  name: 'search',
  title: 'Search: relevance beside MiniSearch, Orama and FlexSearch, latency up to a million models',
  reference: 'ours',
  rows: [...relevanceRows, ...latencyRows],
  phases: [relevancePhase, ...latencyPhases],
  prepare: (options) => prepareSearch({ ...options, repository: fileURLToPath(new URL('../../', import.meta.url)) }),
};
