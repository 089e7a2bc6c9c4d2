// Tiers behind memory, slow and failing ones: asked in order, told in order, never believed after a failure, never in the way.
// Long, because each way to fail is a tier of its own.
import { expect, test } from 'vitest';
import { type CacheTier, openCacheManager, type TierEntry } from '../src/index.js';

const clock = { now: 0 };

/** A tier over a Map whose calls take a turn of the event loop each, and fail on demand. */
class SlowTier implements CacheTier {
  readonly name: string;
  readonly kept = new Map<string, TierEntry>();
  readonly bytes = 0;
  fails = false;
  closed = 0;

  constructor(name = 'slow') {
    this.name = name;
  }

  get entries(): number {
    return this.kept.size;
  }

  get(namespace: string, key: string): Promise<TierEntry | undefined> {
    return this.#later(() => this.kept.get(`${namespace}/${key}`));
  }

  set(namespace: string, key: string, entry: TierEntry): Promise<void> {
    return this.#later(() => void this.kept.set(`${namespace}/${key}`, entry));
  }

  delete(namespace: string, key: string): Promise<void> {
    return this.#later(() => void this.kept.delete(`${namespace}/${key}`));
  }

  clear(): Promise<void> {
    return this.#later(() => this.kept.clear());
  }

  close(): void {
    this.closed += 1;
  }

  async #later<T>(work: () => T): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.fails) throw new Error('the tier is broken');
    return work();
  }
}

const row = async (): Promise<{ n: number; at: Date }> => ({ n: 1, at: new Date(5) });
const never = (): Promise<never> => Promise.reject(new Error('it was loaded again'));

test('what memory had to let go of is found behind it, and put back into memory', async () => {
  const tier = new SlowTier();
  const cache = await openCacheManager({ tiers: [tier] });
  const region = cache.region<{ n: number; at: Date }>('a');
  await region.getOrLoad('k', row);
  cache.shrink();
  expect(region.get('k')).toBeUndefined();
  expect(await region.fetch('k', never)).toEqual({ value: { n: 1, at: new Date(5) }, from: 'tier' });
  expect(await region.fetch('k', never)).toMatchObject({ from: 'memory' });
  expect(cache.getCacheStats().tiers).toMatchObject({ slow: { hits: 1, misses: 1, errors: 0, entries: 1 } });
  await cache.close();
  expect(tier.closed).toBe(1);
});

test.each([
  ['for a time is loaded anew', 1_000, 'load'],
  ['for good is good', Number.POSITIVE_INFINITY, 'tier'],
])('what a process kept %s when the clock was set back behind its time', async (_, ttlMs, from) => {
  const tier = new SlowTier();
  const before = await openCacheManager({ tiers: [tier], now: () => 5_000 });
  await before.region('a', { ttlMs }).getOrLoad('k', row);
  await before.close();
  const after = await openCacheManager({ tiers: [tier], now: () => 4_500 });
  expect(await after.region('a', { ttlMs }).fetch('k', row)).toMatchObject({ from });
});

test('the nearest tier that has it answers, and those before it get it', async () => {
  const [near, far] = [new SlowTier('near'), new SlowTier('far')];
  const cache = await openCacheManager({ tiers: [near, far] });
  const region = cache.region<{ n: number; at: Date }>('a');
  await region.getOrLoad('k', row);
  await cache.flush();
  near.kept.clear();
  cache.shrink();
  expect(await region.fetch('k', never)).toMatchObject({ from: 'tier' });
  await cache.flush();
  expect([...near.kept.keys()]).toEqual(['a/k']);
  expect(cache.getCacheStats().tiers).toMatchObject({ near: { hits: 0 }, far: { hits: 1 } });
});

test.each<[string, (cache: Awaited<ReturnType<typeof openCacheManager>>) => unknown]>([
  ['invalidate', (cache) => cache.region('a').invalidate('k')],
  ['a tag', (cache) => cache.invalidateTag('t')],
  ['clear', (cache) => cache.region('a').clear()],
  ['clearAllCache', (cache) => cache.clearAllCache()],
])('what %s drops does not come back from a tier that has not done it yet', async (_, drop) => {
  const cache = await openCacheManager({ tiers: [new SlowTier()] });
  const region = cache.region<{ n: number; at: Date }>('a');
  await region.getOrLoad('k', row, { tags: ['t'] });
  await cache.flush();
  cache.shrink();
  const before = region.getOrLoad('k', async () => ({ n: 2, at: new Date(6) }));
  drop(cache);
  const after = region.getOrLoad('k', async () => ({ n: 3, at: new Date(7) }));
  // Both loads began after it; the one of before is not asked for again.
  expect((await after)?.n).toBeGreaterThan(1);
  await before;
  cache.shrink();
  expect((await region.getOrLoad('k', row))?.n).toBeGreaterThan(1);
});

test('a tier that fails is a miss and an event, and is not believed before it is empty', async () => {
  const tier = new SlowTier();
  const reasons: (string | undefined)[] = [];
  const cache = await openCacheManager({
    tiers: [tier],
    onEvent: ({ type, reason }) => type === 'tier' && reasons.push(reason),
  });
  const region = cache.region<{ n: number; at: Date }>('a');
  await region.getOrLoad('k', row);
  await cache.flush();
  tier.fails = true;
  region.invalidate('k');
  await cache.flush();
  tier.fails = false;
  // What the failed call has left there.
  expect([...tier.kept.keys()]).toEqual(['a/k']);
  expect(await region.fetch('k', async () => ({ n: 2, at: new Date(6) }))).toMatchObject({
    from: 'load',
    value: { n: 2 },
  });
  await cache.flush();
  cache.shrink();
  expect(await region.getOrLoad('k', async () => ({ n: 3, at: new Date(6) }))).not.toMatchObject({ n: 1 });
  expect(reasons).toContain('slow: the tier is broken');
  expect(cache.getCacheStats().tiers.slow?.errors).toBeGreaterThan(0);
});

test('what a tier gives that cannot be read is a miss, counted as a corruption', async () => {
  const tier = new SlowTier();
  const cache = await openCacheManager({ tiers: [tier] });
  const region = cache.region<{ n: number; at: Date }>('a');
  const damaged = { data: Uint8Array.of(255, 1, 2), loadedAt: 0, expiresAt: Number.POSITIVE_INFINITY, tags: [] };
  tier.kept.set('a/k', damaged);
  expect(await region.fetch('k', row)).toMatchObject({ from: 'load', value: { n: 1 } });
  expect(cache.getCacheStats().tiers.slow).toMatchObject({ corruptions: 1, misses: 1, hits: 0 });
});

test('a tier that never answers is not waited for', async () => {
  const silent: CacheTier = {
    ...{ name: 'silent', bytes: 0, entries: 0 },
    get: () => new Promise(() => undefined),
    set: () => undefined,
    delete: () => undefined,
    clear: () => undefined,
    close: () => undefined,
  };
  const region = (await openCacheManager({ tiers: [silent] })).region<{ n: number; at: Date }>('a');
  expect(await region.fetch('k', row)).toMatchObject({ from: 'load' });
});

test('an entry that has outlived its time in a tier is loaded anew', async () => {
  const cache = await openCacheManager({ tiers: [new SlowTier()], now: () => clock.now });
  const region = cache.region<{ n: number; at: Date }>('a', { ttlMs: 10 });
  await region.getOrLoad('k', row);
  cache.shrink();
  clock.now += 10;
  expect(await region.fetch('k', row)).toMatchObject({ from: 'load' });
});

test('a region that keeps nothing behind memory does not', async () => {
  const tier = new SlowTier();
  const cache = await openCacheManager({ tiers: [tier] });
  await cache.region<{ n: number; at: Date }>('a', { tiers: false }).getOrLoad('k', row);
  await cache.flush();
  expect(tier.entries).toBe(0);
});

/** A tier that answers each `get` with `answer`. */
function answering(answer: unknown): CacheTier {
  return {
    ...{ name: 'odd', bytes: 0, entries: 0 },
    get: () => answer as never,
    set: () => undefined,
    delete: () => undefined,
    clear: () => undefined,
    close: () => undefined,
  };
}

const whole = { loadedAt: 0, expiresAt: Number.POSITIVE_INFINITY, tags: [] };
const hidden = Buffer.concat([Buffer.of(1), Buffer.from('{"__proto__":{"a":1}}')]);

test.each<[string, unknown, number]>([
  ['null', null, 0],
  ['a promise of null', Promise.resolve(null), 0],
  ['a promise of an empty object', Promise.resolve({}), 1],
  ['a text for data', Promise.resolve({ ...whole, data: 'x' }), 1],
  ['no tags', { data: Buffer.from('x'), loadedAt: 0, expiresAt: 1 }, 1],
  ['data with a key that no cache keeps', { ...whole, data: hidden }, 1],
])('a tier that answers with %s is a miss, and is told of where it should not', async (_, answer, corruptions) => {
  const told: (string | undefined)[] = [];
  const cache = await openCacheManager({
    tiers: [answering(answer)],
    onEvent: ({ type, reason }) => type === 'tier' && told.push(reason),
  });
  const region = cache.region<{ n: number; at: Date }>('a');
  expect(await region.fetch('k', row)).toMatchObject({ from: 'load', value: { n: 1 } });
  expect(Object.values(cache.getCacheStats().tiers)).toMatchObject([{ corruptions }]);
  expect(told).toHaveLength(corruptions);
});

test('a tier whose changes never end is given up on, and passed by', async () => {
  let asked = 0;
  const set = (): Promise<void> => {
    asked += 1;
    return new Promise(() => undefined);
  };
  const hanging: CacheTier = { ...answering(undefined), name: 'hanging', set };
  const cache = await openCacheManager({ tiers: [hanging] });
  const region = cache.region<{ n: number; at: Date }>('a');
  await region.getOrLoad('k', row);
  await cache.flush();
  for (let i = 0; i < 20; i += 1) await region.getOrLoad(`${i}`, row);
  // Each would wait a second otherwise.
  expect(asked).toBeLessThan(10);
  expect(cache.getCacheStats().tiers.hanging?.errors).toBeGreaterThan(0);
  await cache.close();
});

test('what a tier was given up on and does all the same is never answered', async () => {
  const go: (() => void)[] = [];
  const tier = new SlowTier();
  const hanging: CacheTier = {
    ...answering(undefined),
    get: (namespace, key) => tier.get(namespace, key),
    set: async (namespace, key, entry) => {
      if (key === 'k') await new Promise<void>((resolve) => go.push(resolve));
      await tier.set(namespace, key, entry);
    },
    clear: () => tier.clear(),
  };
  const cache = await openCacheManager({ tiers: [hanging] });
  const region = cache.region<{ n: number }>('a');
  await region.getOrLoad('first', async () => ({ n: 1 }));
  await cache.flush();
  await region.getOrLoad('k', async () => ({ n: 1 }));
  await cache.flush();
  region.invalidate('k');
  cache.shrink();
  // Asked meanwhile, it is passed by.
  for (let i = 0; i < 3; i += 1) expect(await region.fetch(`${i}`, row)).toMatchObject({ from: 'load' });
  for (const resume of go) resume();
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect([...tier.kept.keys()]).toContain('a/k');
  expect(await region.fetch('k', async () => ({ n: 2 }))).toEqual({ value: { n: 2 }, from: 'load' });
});

test('what is dropped from a hanging tier is not waited for one by one', async () => {
  let waits = 0;
  const forever = (): Promise<void> => {
    waits += 1;
    return new Promise(() => undefined);
  };
  const hanging: CacheTier = { ...answering(undefined), name: 'hanging', set: forever, delete: forever };
  const cache = await openCacheManager({ tiers: [hanging] });
  const region = cache.region<{ n: number }>('a');
  for (let i = 0; i < 200; i += 1) region.invalidate(`${i}`);
  await cache.close();
  // 200 calls of a second each otherwise.
  expect(waits).toBeLessThan(10);
});

test('many keys wait for a slow tier together', async () => {
  let [open, most] = [0, 0];
  const tier: CacheTier = {
    ...answering(undefined),
    get: async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      return undefined;
    },
  };
  const region = (await openCacheManager({ tiers: [tier] })).region<{ n: number }>('a');
  await region.getOrLoadMany(['1', '2', '3'], async (keys) => new Map(keys.map((key) => [key, { n: 1 }])));
  expect(most).toBe(3);
});

test.each([[null], [{}], [5], [{ ...answering(undefined), get: 1 }], [{ ...answering(undefined), name: '' }]])(
  '%o is refused as a tier',
  async (tier) => {
    await expect(openCacheManager({ tiers: [tier as never] })).rejects.toThrow(/^tiers: /);
  },
);

test('two tiers of one name are refused', async () => {
  const tiers = [answering(undefined), answering(undefined)];
  await expect(openCacheManager({ tiers })).rejects.toThrow(/two of them are called 'odd'/);
});

test('a listener that fails later fails nothing', async () => {
  const cache = await openCacheManager({
    onEvent: (async () => {
      throw new Error('late');
    }) as never,
  });
  expect(cache.region('a').set('k', 1)).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
});
