// The published contract suites, on every kind of database (servers in turn), and once behind a cache.
import { type TargetName, targets, testsOn } from '@cc/testkit/targets';
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

/** A repository may have fewer cases than there are servers to take turns. */
const flat = (...[, suite]: [title: string, suite: () => void]): void => suite();

describe.each(targets)('in %s', (target) => {
  testRepositories({ describe: flat, test: testsOn(target) }, opens(target));
});

describe('in memory, behind a cache', () => {
  testRepositories({ describe, test }, opens(':memory:', true));
});
