// Loads that wait for each other through caches of several kinds and databases are refused: no circle hangs because one cache does
// not know of the loads of another.
import { type CacheRegion, openCacheManager } from '@cc/cache';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';

const circle = { status: 'rejected', reason: { code: 'CACHE_CIRCLE' } };

type Read = () => Promise<object | null>;

/** A region of a cache of its own, and what its loads read first. */
interface Place {
  readonly region: CacheRegion<object>;
  readonly row: () => Promise<unknown>;
}

async function bound(): Promise<Place> {
  const transactions = await openTransactionManager({ url: ':memory:' });
  onTestFinished(() => transactions.close());
  const cache = await openCacheManager({ transactions });
  onTestFinished(() => cache.close());
  return { region: cache.region('rows'), row: () => transactions.db.get(sql`select 1`) };
}

async function unbound(): Promise<Place> {
  const cache = await openCacheManager();
  onTestFinished(() => cache.close());
  const row = () => new Promise((resolve) => setImmediate(resolve));
  return { region: cache.region('rows'), row };
}

const kinds = { bound, unbound };
const mixtures = (['bound', 'unbound'] as const).flatMap((first) =>
  (['bound', 'unbound'] as const).flatMap((second) =>
    (['bound', 'unbound'] as const).map((third) => [first, second, third] as const),
  ),
);

/** Each place loads by reading the next one, the last the first. */
async function ring(names: readonly (keyof typeof kinds)[]): Promise<Read[]> {
  const places = await Promise.all(names.map((name) => kinds[name]()));
  const reads: Read[] = places.map(
    ({ region, row }, i) =>
      async () =>
        region.getOrLoad('1', async () => {
          await row();
          return reads[(i + 1) % reads.length]?.() ?? null;
        }),
  );
  return reads;
}

test.each(mixtures)('one caller, %s in %s in %s', async (...names) => {
  const [first] = await ring(names);
  expect(await Promise.allSettled([first?.()])).toMatchObject([circle]);
});

test.each(mixtures)('callers who know nothing of each other, %s, %s and %s', async (...names) => {
  const reads = await ring(names);
  expect(await Promise.allSettled(reads.map((read) => read()))).toMatchObject([circle, circle, circle]);
});

test.each(mixtures)('whole lists, %s, %s and %s', async (...names) => {
  const places = await Promise.all(names.map((name) => kinds[name]()));
  const reads: Read[] = places.map(({ region, row }, i) => async () => {
    const found = await region.getOrLoadMany(['1', '2'], async (missing) => {
      await row();
      const next = await reads[(i + 1) % reads.length]?.();
      return new Map(missing.map((key) => [key, next ?? null]));
    });
    return Object.fromEntries(found);
  });
  expect(await Promise.allSettled(reads.map((read) => read()))).toMatchObject([circle, circle, circle]);
});

test.each(mixtures)('what is no circle is read, %s, %s and %s', async (...names) => {
  const places = await Promise.all(names.map((name) => kinds[name]()));
  const chain = (at: number): Promise<object | null> | null => {
    const place = places[at];
    if (!place) return null;
    return place.region.getOrLoad('1', async () => {
      await place.row();
      return { at, next: await chain(at + 1) };
    });
  };
  const value = { at: 0, next: { at: 1, next: { at: 2, next: null } } };
  expect(await Promise.all([chain(0), chain(1), chain(0), chain(2)])).toEqual([
    value,
    value.next,
    value,
    value.next.next,
  ]);
});

test('a load whose transaction waits for a hook that asks for what is being loaded', async () => {
  const transactions = await openTransactionManager({ url: ':memory:' });
  onTestFinished(() => transactions.close());
  const cache = await openCacheManager({ transactions });
  onTestFinished(() => cache.close());
  const region = cache.region<string>('rows');
  let refused: unknown;
  const load = async (): Promise<string> =>
    transactions.transaction(async (tx) => {
      tx.afterCommit(async () => {
        await region.getOrLoad('1', load).catch((error: unknown) => {
          refused = error;
        });
      });
      return 'loaded';
    });
  expect(await region.getOrLoad('1', load)).toBe('loaded');
  expect(refused).toMatchObject({ code: 'CACHE_CIRCLE' });
});
