// The published contract suites, on every kind of database, and once behind a cache.
import { type TargetName, targets } from '@cc/testkit/targets';
import { describe, test } from 'vitest';
import { type OpenForContract, testRepositories } from '../src/testing.js';
import { createMapCache } from './map-cache.js';
import { openLibrary } from './open-library.js';

const opens =
  (target: TargetName, cached = false): OpenForContract =>
  async () => {
    const library = await openLibrary(target, cached ? { cache: createMapCache() } : {});
    return { ...library, transaction: (work) => library.transactions.transaction(work) };
  };

describe.each(targets)('in %s', (target) => {
  testRepositories({ describe, test }, opens(target));
});

describe('in memory, behind a cache', () => {
  testRepositories({ describe, test }, opens(':memory:', true));
});
