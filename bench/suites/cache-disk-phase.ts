// What the operations of a cache cost that are answered or kept by its disk tier.
import { diskCaches, type Kept, openCache } from '../caches/cache.js';
import { type Measurement, summarise } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { rowOf } from './cache-memory-phase.js';
import { at } from './library-phase.js';

/** Caches in memory and on disk. */
export const cacheDiskPhase: Phase = {
  name: 'disk',
  contenders: diskCaches,
  hasDatabase: false,
  run: runDisk,
  inspect: async () => ({ digest: null, facts: {} }),
};

const [ours, peer] = diskCaches;
const section = {
  section: 'Memory and disk, rows of 1 KB',
  reference: ours,
  unit: 'µs',
} as const;

/** The rows of the phase. */
export const cacheDiskRows: readonly Row[] = [
  {
    ...section,
    id: 'diskHit',
    title: 'get or load of what only the disk has',
    bars: [
      { text: 'ours ≤ 40 µs', contender: ours, atMost: 40 },
      { text: `${peer} : ours`, contender: peer, against: ours },
    ],
  },
  { ...section, id: 'diskMiss', title: 'miss in both: get or load, of a load that answers at once' },
  { ...section, id: 'diskSet', title: 'set; ours is written behind' },
];

const keys = Array.from({ length: 500 }, (_, i) => `row-${i}`);

async function runDisk({ contender, databasePath }: Job): Promise<TrialReport> {
  const cache = await openCache(contender, databasePath);
  for (const [i, key] of keys.entries()) await cache.set(key, rowOf(i));
  await cache.flush?.();
  const never = async (): Promise<Kept> => {
    throw new Error('it was kept');
  };
  const timed = async (count: number, operation: (i: number) => unknown): Promise<Measurement> => {
    const timesMs: number[] = [];
    for (let i = 0; i < count; i += 1) {
      // A turn, as between two requests; memory has forgotten what it knew.
      await new Promise((resolve) => setImmediate(resolve));
      cache.forget?.();
      const started = performance.now();
      await operation(i);
      if (i >= count / 4) timesMs.push(performance.now() - started);
    }
    return summarise(timesMs, 'µs', null);
  };
  const rows = {
    diskHit: await timed(2_000, (i) => cache.getOrLoad(at(keys, i), never)),
    diskMiss: await timed(1_000, (i) => cache.getOrLoad(`fresh-${i}`, async () => rowOf(i))),
    diskSet: await timed(1_000, (i) => cache.set(at(keys, i), rowOf(i))),
  };
  await cache.close();
  return { rows, durability: [] };
}
