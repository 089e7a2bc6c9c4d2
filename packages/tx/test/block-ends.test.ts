// The moments around the end of a block, one microtask at a time: what comes in between belongs to it or is refused.
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { isDatabaseError } from '../src/index.js';
import { items, names, openTarget } from './target.js';

const moments = Array.from({ length: 30 }, (_, i) => i);

async function microtasks(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await Promise.resolve();
}

describe.each(['file', ':memory:'] as const)('on %s', (target) => {
  it('a statement that comes while its savepoint rolls back is not kept', async () => {
    const manager = await openTarget(target);
    for (const moment of moments) {
      let late: Promise<unknown> = Promise.resolve();
      await manager.transaction(async (tx) => {
        const undone = tx.savepoint(async () => {
          late = microtasks(moment).then(() => manager.db.insert(items).values({ name: `late ${moment}` }));
          late.catch(() => undefined);
          throw new Error('undone');
        });
        await expect(undone).rejects.toThrow('undone');
        await late.catch(() => undefined);
      });
    }
    expect(await names(manager)).toEqual([]);
  });

  it('a signal that fires at any moment after the call is heard', async () => {
    const manager = await openTarget(target);
    for (const moment of moments) {
      const abort = new AbortController();
      const name = `at ${moment}`;
      const writing = manager
        .transaction(
          async () => {
            await manager.db.insert(items).values({ name });
            // Longer than any of the moments, so that the signal always fires before the end.
            await microtasks(moments.length + 5);
          },
          { signal: abort.signal },
        )
        .then(
          () => 'committed',
          (error: unknown) => isDatabaseError(error) && error.code,
        );
      await microtasks(moment);
      abort.abort();
      expect([name, await writing]).toEqual([name, 'ABORTED']);
    }
    expect(await names(manager)).toEqual([]);
  });

  it('hooks run in the order in which they were registered, also across open savepoints', async () => {
    const manager = await openTarget(target);
    const order: string[] = [];
    await manager.transaction(async (tx) => {
      const savepoint = tx.savepoint(async (inner) => {
        inner.afterCommit(() => order.push('first'));
        await microtasks(40);
        inner.afterCommit(() => order.push('third'));
      });
      await microtasks(20);
      tx.afterCommit(() => order.push('second'));
      await savepoint;
    });
    expect(order).toEqual(['first', 'second', 'third']);
  });

  it('a read transaction refuses writes', async () => {
    const manager = await openTarget(target);
    const writing = manager.read(() => manager.db.run(sql`insert into items (name) values ('a')`));
    await expect(writing).rejects.toMatchObject({ type: 'readonly' });
    await manager.db.insert(items).values({ name: 'afterwards' });
    expect(await names(manager)).toEqual(['afterwards']);
  });
});
