// Loops of awaited calls must not keep the event loop, whatever the calls end with: a real timer runs beside each of them.
import { expect, test } from 'vitest';
import { type DatabaseCacheManager, openCacheManager } from '../src/index.js';

/** Ends what keeps its timer from firing: no machine is so busy. */
const starvedAfterMs = 120_000;

/** Awaits `call` again and again until a timer of 5 ms fires. @throws Error when the loop starves it */
async function untilTimerFires(call: () => PromiseLike<unknown>): Promise<void> {
  let hasFired = false;
  setTimeout(() => {
    hasFired = true;
  }, 5);
  const giveUpAt = performance.now() + starvedAfterMs;
  while (!hasFired) {
    await call();
    if (performance.now() > giveUpAt) throw new Error('the timer has not fired');
  }
}

const refused = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => {
      throw new Error('it was not refused');
    },
    () => undefined,
  );

const large = new Map(Array.from({ length: 20_000 }, (_, i) => [`${i}`, { of: new Date(i) }]));
const loops: Record<string, (cache: DatabaseCacheManager) => PromiseLike<unknown>> = {
  hits: (cache) => cache.region('a').getOrLoad('hit', async () => ({ n: 1 })),
  'hits of what is absent': (cache) => cache.region('a').getOrLoad('absent', async () => null),
  'hits that are copied': (cache) => cache.region('a').getOrLoad('large', async () => large),
  'loads that wait for nothing': (cache) =>
    cache.region('none', { ttlMs: 0, negativeTtlMs: 0 }).getOrLoad('miss', async () => ({ n: 1 })),
  'loads that fail': (cache) =>
    refused(
      cache.region('a').getOrLoad('fails', async () => {
        throw new Error('no');
      }),
    ),
  'keys that are refused': (cache) => refused(cache.region('a').getOrLoad(1 as never, async () => null)),
  flushes: (cache) => cache.flush(),
  openings: () => openCacheManager(),
  'options that are refused': () => refused(openCacheManager({ maxBytes: -1 })),
};

test.each(Object.entries(loops))('a timer fires beside a loop of %s', async (_, loop) => {
  const cache = await openCacheManager();
  await untilTimerFires(() => loop(cache));
});

test('a timer fires beside a loop of calls of a closed cache', async () => {
  const cache = await openCacheManager();
  const region = cache.region('a');
  await cache.close();
  await untilTimerFires(() => refused(region.getOrLoad('a', async () => null)));
  await untilTimerFires(() => cache.close());
});

test('a hit that waits for its turn is what the cache holds then', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ n: number }>('a');
  let n = 0;
  let loads = 0;
  const load = async (): Promise<{ n: number }> => {
    loads += 1;
    return { n };
  };
  let isOver = false;
  setTimeout(() => {
    isOver = true;
  }, 50);
  const replace = (): void => {
    n += 1;
    region.invalidate('a');
    if (!isOver) setImmediate(replace);
  };
  setImmediate(replace);
  let hits = 0;
  while (!isOver || hits === 0) {
    const before = loads;
    const got = await region.getOrLoad('a', load);
    // What was loaded before the turn is answered behind it: on a busy machine a load is due one, too.
    if (loads > before) continue;
    hits += 1;
    expect(got).toEqual({ n });
  }
});
