// What the operations of a cache cost in memory: hits, absent rows, misses, sets, invalidations, and many readers at once.
import { type ComparedCache, type Kept, memoryCaches, openCache, oursBound, oursUnbound } from '../caches/cache.js';
import { type Measurement, measure, summarise } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { at } from './library-phase.js';

/** Caches in memory. */
export const cacheMemoryPhase: Phase = {
  name: 'memory',
  contenders: memoryCaches,
  // Only ours may have a database, to be bound to.
  hasDatabase: false,
  run: runMemory,
  inspect: async () => ({ digest: null, facts: {} }),
};

const reference = 'lru-cache';
const peers = memoryCaches.filter((name) => !name.startsWith('lru-cache') && !name.startsWith('ours'));
const fasterThanPeers = peers.map((peer) => ({ text: `${peer} : ours`, contender: peer, against: oursBound }));

/** The rows of the phase. */
export const cacheMemoryRows: readonly Row[] = [
  {
    id: 'hit',
    title: 'hit: `get`',
    unit: 'µs',
    bars: [
      ...[oursBound, oursUnbound].map((ours) => {
        const text = `${ours} ≤ 1.7 × lru-cache`;
        return { text, contender: ours, against: reference, atMost: 1.7 };
      }),
      ...fasterThanPeers,
    ],
  },
  { id: 'firstHit', title: 'the first hit of a callback: `get`', unit: 'µs' },
  { id: 'loadHit', title: 'hit: get or load', unit: 'µs', bars: fasterThanPeers },
  { id: 'negative', title: 'hit of an absent row: `get`', unit: 'µs', bars: fasterThanPeers },
  { id: 'miss', title: 'miss: `get`', unit: 'µs' },
  { id: 'loadMiss', title: 'miss: get or load, of a load that answers at once', unit: 'µs' },
  { id: 'set', title: 'set of a row of 1 KB', unit: 'µs', bars: fasterThanPeers },
  { id: 'invalidate', title: 'invalidate', unit: 'µs' },
  { id: 'readers', title: '1,000 readers of one key that is not kept, one load', unit: 'µs' },
];

const keys = Array.from({ length: 1_000 }, (_, i) => `row-${i}`);
const kept = keys.map((_, i) => rowOf(i));
/** Operations to a sample. */
const batch = 1_000;

async function runMemory({ contender, databasePath }: Job): Promise<TrialReport> {
  const cache = await openCache(contender, databasePath);
  for (const [i, key] of keys.entries()) await cache.set(key, { ...at(kept, i) });
  for (const key of keys) await cache.set(`absent-${key}`, null);
  for (const key of keys)
    if (!(await cache.get(key)) || (await cache.get(`absent-${key}`)) !== null)
      throw new Error(`${contender} has not kept ${key}`);
  const never = async (): Promise<Kept> => {
    throw new Error('it was kept');
  };
  const fresh = counter();
  const rows: Record<string, Measurement> = {
    hit: await timed(cache.isSync, (i) => cache.get(at(keys, i))),
    firstHit: await measureFirstHits(cache),
    loadHit: await timed(false, (i) => cache.getOrLoad(at(keys, i), never)),
    negative: await timed(cache.isSync, (i) => cache.get(`absent-${at(keys, i)}`)),
    miss: await timed(cache.isSync, (i) => cache.get(`nowhere-${i}`)),
    loadMiss: await timed(false, (i) => cache.getOrLoad(fresh(), async () => rowOf(i)), 20),
    set: await timed(cache.isSync, (i) => cache.set(at(keys, i), { ...at(kept, i) }), 20),
    invalidate: await timed(cache.isSync, (i) => cache.invalidate(at(keys, i)), 20),
    readers: await measureReaders(cache),
  };
  await cache.close();
  return { rows, durability: [] };
}

/** Many operations to a sample, because each is short beside the clock; those that answer at once are not awaited. */
async function timed(isSync: boolean, operation: (i: number) => unknown, samples = 100): Promise<Measurement> {
  const loop = isSync
    ? (from: number): void => {
        for (let i = 0; i < batch; i += 1) operation(from + i);
      }
    : async (from: number): Promise<void> => {
        for (let i = 0; i < batch; i += 1) await operation(from + i);
      };
  const measured = await measure({
    unit: 'µs',
    warmup: 20,
    samples,
    operation: (i) => loop(i * batch),
    compare: () => null,
  });
  const { value, mean, p95, max } = measured;
  return { ...measured, value: value / batch, mean: mean / batch, p95: p95 / batch, max: max / batch, digest: null };
}

/** Each in a callback of its own, so that ours looks whether the database has changed. */
async function measureFirstHits(cache: ComparedCache): Promise<Measurement> {
  const timesMs: number[] = [];
  for (let i = 0; i < 3_000; i += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    const started = performance.now();
    const found = cache.get(at(keys, i));
    if (!cache.isSync) await found;
    if (i >= 1_000) timesMs.push(performance.now() - started);
  }
  return summarise(timesMs, 'µs', null);
}

async function measureReaders(cache: ComparedCache): Promise<Measurement> {
  const fresh = counter();
  const times: number[] = [];
  let loads = 0;
  for (let round = 0; round < 40; round += 1) {
    const key = `popular-${fresh()}`;
    const load = async (): Promise<Kept> => {
      loads += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return rowOf(round);
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: 1_000 }, async () => cache.getOrLoad(key, load)));
    if (round >= 10) times.push(performance.now() - started);
  }
  return summarise(times, 'µs', null, { 'loads for 1,000 readers': loads / 40 });
}

function counter(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `fresh-${count}`;
  };
}

/** A row of about 1 KB. */
export function rowOf(i: number): NonNullable<Kept> {
  return {
    id: `row-${i}`,
    version: i,
    name: `Bracket with two holes, number ${i}`,
    // One text, as a driver gives it, and not a chain of parts.
    description: Buffer.from(`${'A part that holds another one, with room for a screw. '.repeat(14)}${i}`).toString(),
    format: 'stl',
    fileSize: 1_234_567 + i,
    author: 'somebody',
    license: null,
    rating: i % 6,
    createdAt: 1_577_836_800_000 + i,
  };
}
