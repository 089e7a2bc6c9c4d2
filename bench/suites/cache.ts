// The suite of @cc/cache: what its operations cost beside other caches, how often each is stale, and what a library gains.
import { fileURLToPath } from 'node:url';
import { sqldMissing } from '@cc/testkit/sqld';
import type { Suite } from '../harness/suite.js';
import { cacheBrowsingPhase, cacheBrowsingRows } from './cache-browsing-phase.js';
import { cacheDiskPhase, cacheDiskRows } from './cache-disk-phase.js';
import { prepareCaches } from './cache-inputs.js';
import { cacheMemoryPhase, cacheMemoryRows } from './cache-memory-phase.js';
import { cacheReadsPhase, cacheReadsRows } from './cache-reads-phase.js';
import { cacheRestartPhase, cacheRestartRows, restartedPhase } from './cache-restart-phase.js';
import { cacheStalePhase, cacheStaleRows } from './cache-stale-phase.js';

/** The suite `cache`. */
export const cache: Suite = {
  name: 'cache',
  title: 'Reading through @cc/cache',
  reference: 'lru-cache',
  rows: [
    ...cacheMemoryRows,
    ...cacheReadsRows,
    ...cacheDiskRows,
    ...cacheRestartRows,
    ...cacheBrowsingRows,
    ...cacheStaleRows,
  ],
  phases: [
    cacheMemoryPhase,
    cacheReadsPhase,
    cacheDiskPhase,
    cacheRestartPhase,
    cacheBrowsingPhase,
    cacheStalePhase,
    restartedPhase,
  ],
  async prepare(options) {
    // Loudly: the page has no figures of servers then.
    if (sqldMissing !== null) process.stderr.write(`SKIPPED: servers: ${sqldMissing}\n`);
    return prepareCaches({ ...options, repository: fileURLToPath(new URL('../../', import.meta.url)) });
  },
};
