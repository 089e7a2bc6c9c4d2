import { expect, test } from 'vitest';
import { cacheManagerDefaults, openCacheManager } from '../src/index.js';

test('an unknown option is refused with the nearest valid one', async () => {
  await expect(openCacheManager({ maxByte: 1 } as object)).rejects.toThrow(
    "openCacheManager: unknown option 'maxByte'; did you mean 'maxBytes'?",
  );
  const cache = await openCacheManager();
  expect(() => cache.region('a', { ttl: 1 } as object)).toThrow("region: unknown option 'ttl'; did you mean 'ttlMs'?");
  expect(() => cache.region('a', { colour: 1 } as object)).toThrow("'colour'; it takes ttlMs, negativeTtlMs");
});

test.each([{ maxBytes: -1 }, { maxBytes: 1.5 }, { maxBytes: Number.NaN }, { now: 7 }, { onEvent: 'x' }])(
  'a value out of range is refused: %j',
  async (options) => {
    await expect(openCacheManager(options as object)).rejects.toThrow(TypeError);
  },
);

test.each([{ ttlMs: -1 }, { ttlMs: Number.NaN }, { negativeTtlMs: -5 }])('a region refuses %j', async (options) => {
  const cache = await openCacheManager();
  expect(() => cache.region('a', options)).toThrow(TypeError);
  expect(() => cache.region('')).toThrow(TypeError);
});

test.each([':memory:', 'file::memory:', { path: ':memory:' }])(
  'a disk tier that is no file is refused: %j',
  async (disk) => {
    await expect(openCacheManager({ disk })).rejects.toThrow(/names no file/);
  },
);

test.each([{ version: Number.NaN }, { version: null }, { version: {} }])('a region refuses %j', async (options) => {
  const cache = await openCacheManager();
  expect(() => cache.region('a', options as object)).toThrow(TypeError);
});

test('a namespace is one region, and cannot be opened again with other options', async () => {
  const cache = await openCacheManager();
  const region = cache.region('a', { ttlMs: 5 });
  expect(cache.region('a')).toBe(region);
  expect(cache.region('a', { ttlMs: 5, negativeTtlMs: 30_000 })).toBe(region);
  expect(() => cache.region('a', { ttlMs: 6 })).toThrow(/open with other options/);
});

test('a share of the memory is bounded by `atMost`, 500 MiB unless said otherwise', async () => {
  const maxBytesOf = async (maxBytes: { share: number; atMost?: number }) => {
    await using cache = await openCacheManager({ maxBytes });
    return cache.getCacheStats().maxBytes;
  };
  expect(await maxBytesOf({ share: 1, atMost: 1_000 })).toBe(1_000);
  const quarter = await maxBytesOf({ share: 0.25 });
  expect(quarter).toBeGreaterThan(0);
  expect(quarter).toBeLessThanOrEqual(cacheManagerDefaults.atMost);
  for (const share of [0, -1, 1.1, Number.NaN]) await expect(maxBytesOf({ share })).rejects.toThrow(TypeError);
});

test('the defaults are public and cannot be changed', async () => {
  const cache = await openCacheManager();
  expect(cache.getCacheStats().maxBytes).toBe(cacheManagerDefaults.maxBytes);
  expect(cacheManagerDefaults).toEqual({
    maxBytes: 67_108_864,
    atMost: 524_288_000,
    maxStaleMs: 1_000,
    disk: { maxBytes: 268_435_456 },
    region: {
      ttlMs: Number.POSITIVE_INFINITY,
      negativeTtlMs: 30_000,
      staleWhileRevalidateMs: 0,
      graceMs: 0,
      tiers: true,
    },
  });
  expect(Object.isFrozen(cacheManagerDefaults) && Object.isFrozen(cacheManagerDefaults.region)).toBe(true);
});

test.each([[new Map([['maxBytes', 1]])], [new Date()], [[]], ['x'], [1], [null]])(
  '%o is no object of options',
  async (options) => {
    await expect(openCacheManager(options as never)).rejects.toThrow(TypeError);
    const cache = await openCacheManager();
    expect(() => cache.region('a', options as never)).toThrow(TypeError);
    expect(() => cache.region('a').set('k', 1, options as never)).toThrow(TypeError);
    await expect(cache.region('a').getOrLoad('k', async () => 1, options as never)).rejects.toThrow(TypeError);
  },
);

test.each(['file:///a%2', 'file:a%2', 'file://elsewhere/a'])(
  'disk refuses %s, and says what to write',
  async (disk) => {
    await expect(openCacheManager({ disk } as never)).rejects.toThrow(
      /^disk: 'file:.*' is no URL of a file: .*; write its path/,
    );
  },
);
