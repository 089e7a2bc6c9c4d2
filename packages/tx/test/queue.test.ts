// The writer's queue under load: callers that give up or run out of time leave no trace, and the rest keep their order.
// CC_SEED repeats a run.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { seededRandom } from '@cc/testkit/random';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { isDatabaseError, openTransactionManager } from '../src/index.js';
import { deferred, temporaryFolder } from './target.js';

const seed = Number(process.env.CC_SEED ?? Date.now() % 2 ** 31);

describe.each(['file', ':memory:'])('on %s', (target) => {
  it(`500 transactions among cancelled and timed-out waiters run first come, first served (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const url = target === 'file' ? pathToFileURL(join(await temporaryFolder(), 'x.db')).href : target;
    await using manager = await openTransactionManager({ url, acquireTimeoutMs: 240_000 });
    await manager.db.run('create table served (n integer primary key)');

    const leave = deferred();
    const holder = manager.transaction(() => leave.promise);
    const served: number[] = [];
    const work = (n: number) => async () => {
      served.push(n);
      if (random.chance(0.5)) await new Promise((resolve) => setImmediate(resolve));
      await manager.db.run(sql`insert into served values (${n})`);
      // Some give up on somebody behind them while they run.
      if (random.chance(0.3)) aborts[random.below(aborts.length)]?.abort();
    };
    const aborts: AbortController[] = [];
    const timed: Promise<string>[] = [];
    const abortable: { readonly n: number; readonly end: Promise<string> }[] = [];
    const calls: Promise<unknown>[] = [];
    for (let n = 0; n < 500; n += 1) {
      calls.push(manager.transaction(work(n)));
      const kind = random.next();
      if (kind < 0.2) timed.push(endOf(manager.getConnection({ timeoutMs: random.below(20) })));
      if (kind > 0.6) {
        const controller = new AbortController();
        aborts.push(controller);
        const { signal } = controller;
        abortable.push({ n: 1_000 + n, end: endOf(manager.transaction(work(1_000 + n), { signal })) });
      }
    }
    // Half of those who may give up do so while everybody waits; the time of the others runs out meanwhile.
    for (const controller of aborts) if (random.chance(0.5)) controller.abort();
    expect(new Set(await Promise.all(timed))).toEqual(new Set(['ACQUIRE_TIMEOUT']));
    leave.resolve();
    await holder;
    await Promise.all(calls);
    const ends = await Promise.all(abortable.map(async ({ n, end }) => ({ n, end: await end })));

    const ran = served.filter((n) => n < 1_000);
    expect(ran).toEqual(Array.from({ length: 500 }, (_, n) => n));
    // Those that were served came after the call before them and before the next one.
    expect(served).toEqual([...served].sort((a, b) => (a % 1_000) - (b % 1_000) || a - b));
    const kept = (await manager.db.all<{ n: number }>(sql`select n from served`)).map(({ n }) => n);
    const finished = new Set(ends.filter(({ end }) => end === 'fulfilled').map(({ n }) => n));
    expect(new Set(kept)).toEqual(new Set([...ran, ...finished]));
    expect(new Set(ends.map(({ end }) => end))).toEqual(new Set(['fulfilled', 'ABORTED']));
    expect(manager.stats()).toMatchObject({
      writerBusy: false,
      writersWaiting: 0,
      readersBusy: 0,
      readersWaiting: 0,
      openTransactions: 0,
    });
  });
});

/** How a call ended: `fulfilled`, or the code of its error. */
function endOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'fulfilled',
    (error: unknown) => (isDatabaseError(error) ? error.code : String(error)),
  );
}
