// A load that waits for itself, by whatever way, is refused: it would never end, and nobody would say a word.
import { setTimeout as after } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openCacheManager } from '../src/index.js';
import { deferred } from './deferred.js';

interface Node {
  readonly name: string;
  readonly next?: Node | null;
}

const circle = { code: 'CACHE_CIRCLE' };

test('a load that asks for its own key', async () => {
  const region = (await openCacheManager()).region<string>('names');
  const again = (): Promise<string | null> => region.getOrLoad('a', again);
  await expect(region.getOrLoad('a', again)).rejects.toMatchObject(circle);
  await expect(region.getOrLoadMany(['a'], async () => new Map([['a', await again()]]))).rejects.toMatchObject(circle);
  expect(await region.getOrLoad('a', async () => 'Ada')).toBe('Ada');
});

test('a load of several keys that asks for one of them', async () => {
  const region = (await openCacheManager()).region<string>('names');
  const load = async (): Promise<ReadonlyMap<string, string | null>> =>
    new Map([['a', await region.getOrLoad('b', async () => 'never')]]);
  await expect(region.getOrLoadMany(['a', 'b', 'c'], load)).rejects.toMatchObject(circle);
});

test('what a load has left behind may ask for the load that has waited for it', async () => {
  const region = (await openCacheManager()).region<string>('names');
  const [begin, end] = [deferred<void>(), deferred<string>()];
  let left: Promise<string | null> = Promise.resolve(null);
  const inner = async (): Promise<string> => {
    left = begin.promise.then(() => region.getOrLoad('outer', async () => 'another'));
    return 'inner';
  };
  const outer = region.getOrLoad('outer', async () => {
    await region.getOrLoad('inner', inner);
    begin.resolve();
    return end.promise;
  });
  await begin.promise;
  await after(1);
  end.resolve('outer');
  expect(await Promise.all([outer, left])).toEqual(['outer', 'outer']);
});

test('a wrapped function over data with a circle', async () => {
  const next: Readonly<Record<string, string>> = { a: 'b', b: 'c', c: 'a' };
  const region = (await openCacheManager()).region<Node>('nodes');
  const read: (name: string) => Promise<Node | null> = region.wrap(async (name: string) => {
    await after(1);
    return { name, next: await read(next[name] ?? '') };
  });
  await expect(read('a')).rejects.toMatchObject(circle);
});

test('two loads that wait for each other, of callers who know nothing of each other', async () => {
  const cache = await openCacheManager();
  const [left, right] = [cache.region<string>('left'), cache.region<string>('right')];
  const readLeft = (): Promise<string | null> =>
    left.getOrLoad('1', async () => {
      await after(1);
      return readRight();
    });
  const readRight = (): Promise<string | null> =>
    right.getOrLoad('1', async () => {
      await after(1);
      return readLeft();
    });
  const ends = await Promise.allSettled([readLeft(), readRight()]);
  expect(ends).toMatchObject([
    { status: 'rejected', reason: circle },
    { status: 'rejected', reason: circle },
  ]);
});

test('a load may wait for others, also for those that others wait for', async () => {
  const region = (await openCacheManager()).region<number>('sums');
  const sum: (n: number) => Promise<number | null> = region.wrap(async (n: number) => {
    await after(1);
    if (n < 2) return n;
    const [one, two] = await Promise.all([sum(n - 1), sum(n - 2)]);
    return (one ?? 0) + (two ?? 0);
  });
  expect(await Promise.all([sum(10), sum(9), sum(10)])).toEqual([55, 34, 55]);
});

test('a load that waits until every load has settled', async () => {
  const [cache, other] = [await openCacheManager(), await openCacheManager()];
  const [region, inner] = [cache.region<string>('names'), other.region<string>('names')];
  const flushed = (): Promise<string> => cache.flush().then(() => 'flushed');
  await expect(region.getOrLoad('a', flushed)).rejects.toMatchObject(circle);
  await expect(region.getOrLoad('a', () => inner.getOrLoad('b', flushed))).rejects.toMatchObject(circle);
  expect(await inner.getOrLoad('b', flushed)).toBe('flushed');
});

test('a load that handles the refusal goes on', async () => {
  const region = (await openCacheManager()).region<string>('names');
  const load = async (): Promise<string> => {
    const refused = await region.getOrLoad('a', load).catch((error: { readonly code: string }) => error.code);
    return String(refused);
  };
  expect(await region.getOrLoad('a', load)).toBe('CACHE_CIRCLE');
});

test('a circle that closes within one turn ends in a refusal that only its caller hears of', async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown): void => void unheard.push(reason);
  process.on('unhandledRejection', hear);
  try {
    const region = (await openCacheManager()).region<string>('names');
    // No function of these is async, so each load has begun before the one around it is waited for.
    const last = (): Promise<string | null> => region.getOrLoad('a', () => Promise.resolve('never'));
    await expect(region.getOrLoad('a', () => region.getOrLoad('b', last))).rejects.toMatchObject(circle);
    await after(5);
    expect(unheard).toEqual([]);
  } finally {
    process.off('unhandledRejection', hear);
  }
});
