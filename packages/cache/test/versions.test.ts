// Tiers outlive the program that has filled them: a region answers only with what one of its own version has kept.
import { expect, test } from 'vitest';
import { type CacheTier, openCacheManager, type RegionOptions, type TierEntry } from '../src/index.js';

/** A tier whose entries outlive the caches that it belongs to, one after another. */
function lastingTier(): () => CacheTier {
  const kept = new Map<string, { readonly namespace: string; readonly entry: TierEntry }>();
  const drop = (isMeant: (each: { readonly namespace: string; readonly entry: TierEntry }) => boolean): void => {
    for (const [name, each] of kept) if (isMeant(each)) kept.delete(name);
  };
  return () => ({
    name: 'lasting',
    bytes: 0,
    entries: 0,
    get: (namespace, key) => kept.get(`${namespace}/${key}`)?.entry,
    set: (namespace, key, entry) => void kept.set(`${namespace}/${key}`, { namespace, entry }),
    delete: (namespace, key) => void kept.delete(`${namespace}/${key}`),
    deleteTag: (tag) => drop(({ entry }) => entry.tags.includes(tag)),
    clear: (namespace) => drop((each) => namespace === undefined || each.namespace === namespace),
    close: () => undefined,
  });
}

/** What a program with this version of the region is answered for `key`, and whether it had to load it. */
function program(tier: () => CacheTier) {
  return async (options: RegionOptions, key: string, shape: string): Promise<string> => {
    await using cache = await openCacheManager({ tiers: [tier()] });
    const region = cache.region<string>('answers', options);
    const { value, from } = await region.fetch(key, async () => shape, { tags: ['red'] });
    return `${value} from ${from}`;
  };
}

test('a program of the same version goes on with what is there, one of another loads anew', async () => {
  const run = program(lastingTier());
  expect(await run({ version: 1 }, 'k', 'old')).toBe('old from load');
  expect(await run({ version: 1 }, 'k', 'unused')).toBe('old from tier');
  expect(await run({ version: 2 }, 'k', 'new')).toBe('new from load');
  expect(await run({ version: 2 }, 'k', 'unused')).toBe('new from tier');
  // A deployment that is taken back.
  expect(await run({ version: 1 }, 'k', 'old')).toBe('old from load');
});

test('a region without a version is one of its own', async () => {
  const run = program(lastingTier());
  expect(await run({}, 'k', 'plain')).toBe('plain from load');
  expect(await run({ version: '' }, 'k', 'named')).toBe('named from load');
  expect(await run({}, 'k', 'plain')).toBe('plain from load');
  expect(await run({}, 'k', 'unused')).toBe('plain from tier');
});

test('what drops a key or a tag drops it for every version', async () => {
  const tier = lastingTier();
  const run = program(tier);
  for (const drop of ['key', 'tag'] as const) {
    await run({ version: 1 }, 'k', 'old');
    const cache = await openCacheManager({ tiers: [tier()] });
    const region = cache.region<string>('answers', { version: 2 });
    if (drop === 'key') region.invalidate('k');
    else region.invalidateTag('red');
    await cache.close();
    expect(await run({ version: 1 }, 'k', 'newer')).toBe('newer from load');
    await tier().clear();
  }
});

test('a value that came back from a tier is dropped by its tags', async () => {
  const tier = lastingTier();
  await program(tier)({ version: 1 }, 'k', 'old');
  await using cache = await openCacheManager({ tiers: [tier()] });
  const region = cache.region<string>('answers', { version: 1 });
  await region.getOrLoad('k', async () => 'unused');
  expect(region.get('k')).toBe('old');
  expect(region.invalidateTag('red')).toBe(1);
  expect(region.get('k')).toBeUndefined();
});
