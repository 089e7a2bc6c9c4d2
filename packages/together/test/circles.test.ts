// A load of a bound cache that waits for itself is refused, also by a detour through another region or reader.
import { openCacheManager } from '@cc/cache';
import { eq } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { openVersions } from './fuzz/open.js';
import { versions } from './fuzz/run-fuzz.js';

const circle = { code: 'CACHE_CIRCLE' };

async function opened() {
  const { transactions } = await openVersions('file');
  const cache = await openCacheManager({ transactions });
  onTestFinished(() => cache.close());
  const row = () => transactions.db.select().from(versions).where(eq(versions.id, 1));
  return { cache, transactions, row };
}

test('its own key', async () => {
  const { cache, row } = await opened();
  const region = cache.region<object>('rows');
  const again = async (): Promise<object | null> => {
    await row();
    return region.getOrLoad('1', again);
  };
  await expect(region.getOrLoad('1', again)).rejects.toMatchObject(circle);
});

test('two that wait for each other', async () => {
  const { cache, row } = await opened();
  const [left, right] = [cache.region<object>('left'), cache.region<object>('right')];
  const readLeft = (): Promise<object | null> => left.getOrLoad('1', () => row().then(readRight));
  const readRight = (): Promise<object | null> => right.getOrLoad('1', () => row().then(readLeft));
  const ends = await Promise.allSettled([readLeft(), readRight()]);
  for (const end of ends) expect(end).toMatchObject({ status: 'rejected', reason: circle });
});

test('what an old value is loaded anew for may read what has read the old one', async () => {
  const { cache, row } = await opened();
  const ages = { ttlMs: 1, staleWhileRevalidateMs: 60_000 };
  const region = cache.region<object>('rows', ages);
  await region.getOrLoad('1', async () => (await row())[0] ?? null);
  await new Promise((resolve) => setTimeout(resolve, 5));
  let anew: Promise<object | null> | undefined;
  const page = await region.getOrLoad('page', async () => {
    await region.getOrLoad('1', () => {
      anew = region.getOrLoad('page', async () => ({ is: 'never loaded here' }));
      return anew;
    });
    await row();
    return { is: 'a page' };
  });
  expect(page).toEqual({ is: 'a page' });
  expect(await anew).toEqual({ is: 'a page' });
});
