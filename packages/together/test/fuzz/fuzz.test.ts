// Two other processes and this one write the same rows in every way there is, and readers read them through the cache: nobody
// gets what he knows to be replaced, what was never committed, or less than before. `npm run torture` reads more (CC_READS).
import { targets } from '@cc/testkit/targets';
import { describe, expect, test, vi } from 'vitest';
import { firstVersion } from './judge.js';
import { openVersions } from './open.js';
import { type FuzzResult, runFuzz } from './run-fuzz.js';

const seed = Number(process.env['CC_SEED'] ?? 12);
const reads = Number(process.env['CC_READS'] ?? 100_000);

// More of them than a test run has take longer than one of its tests may.
vi.setConfig({ testTimeout: Math.max(600_000, reads) });

const right = { wrong: [], stale: 0, uncommitted: 0, others: 0, backwards: 0 };

function expectRight(result: FuzzResult): void {
  expect({ seed, ...result }).toMatchObject(right);
}

describe.each(['file', 'http', 'ws', 'replica'] as const)('on a target of kind %s', (name) => {
  test.runIf(targets.includes(name))('no reader gets what was replaced when he began to read', async () => {
    const { transactions, url } = await openVersions(name, firstVersion);
    const isLocal = name === 'file';
    const readsHere = isLocal ? reads : reads / 10;
    const result = await runFuzz({
      ...{ seed, transactions, url, isReplica: name === 'replica', isQuiet: name === 'ws' },
      reads: readsHere,
      hits: readsHere / 10,
      commitsOfEach: isLocal ? 500 : 100,
      // On a server: for that long at most after it was known.
      maxStaleMs: isLocal ? undefined : 200,
    });
    expectRight(result);
    // It reached what it is meant to reach.
    expect(result.hits).toBeGreaterThanOrEqual(readsHere / 10);
    expect(result.commitsHere).toBeGreaterThan(10);
  });
});

test('others that do not wait for locks, and are refused by them, are seen as well', async () => {
  const { transactions, url } = await openVersions('file', firstVersion);
  const result = await runFuzz({ seed, transactions, url, reads: reads / 5, commitsOfEach: 200, patienceMs: 0 });
  expectRight(result);
  expect(result.failedOfOthers).toBeGreaterThan(0);
});

test('others that are killed while they write leave nothing behind that would be served', async () => {
  const { transactions, url } = await openVersions('file', firstVersion);
  const result = await runFuzz({ seed, transactions, url, reads: reads / 5, commitsOfEach: 200, killAfter: 40 });
  expectRight(result);
  expect(result.kills).toBeGreaterThan(2);
});

test('without others the values that this process declares stay, and everything else is seen', async () => {
  const { transactions } = await openVersions('file', firstVersion);
  const result = await runFuzz({ seed, transactions, url: null, reads: reads / 5 });
  expectRight(result);
  expect(result.commitsHere).toBeGreaterThan(10);
});

test('in memory what this process writes is seen', async () => {
  const { transactions } = await openVersions(':memory:', firstVersion);
  expectRight(await runFuzz({ seed, transactions, url: null, reads: reads / 10 }));
});

test('a cache with a disk tier is as right', async () => {
  const { transactions, url } = await openVersions('file', firstVersion);
  expectRight(await runFuzz({ seed, transactions, url, reads: reads / 5, commitsOfEach: 200, disk: true }));
});
