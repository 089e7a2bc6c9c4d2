// The suite of @cc/cache: what its operations cost beside other caches, how often each is stale, and what a library gains.
import { fileURLToPath } from 'node:url';
import { sqldMissing } from '@cc/testkit/sqld';
import type { Suite } from '../harness/suite.js';
import { cacheDiskPhase, cacheDiskRows } from './cache-disk-phase.js';
import { cacheMemoryPhase, cacheMemoryRows } from './cache-memory-phase.js';
import { cacheStalePhase, cacheStaleRows } from './cache-stale-phase.js';
import { prepareTransactions } from './transactions-inputs.js';

/** The suite `cache`. */
export const cache: Suite = {
  name: 'cache',
  title: 'Reading through @cc/cache',
  reference: 'lru-cache',
  rows: [...cacheMemoryRows, ...cacheDiskRows, ...cacheStaleRows],
  phases: [cacheMemoryPhase, cacheDiskPhase, cacheStalePhase],
  async prepare(options) {
    // Loudly: the page has no figures of servers then.
    if (sqldMissing !== null) process.stderr.write(`SKIPPED: servers: ${sqldMissing}\n`);
    return prepareTransactions({ ...options, repository: fileURLToPath(new URL('../../', import.meta.url)) });
  },
};
