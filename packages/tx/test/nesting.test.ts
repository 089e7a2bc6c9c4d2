// Joined blocks, savepoints and what a rollback undoes.
import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { deferred, items, names, openTarget, targets } from './target.js';

describe.each(targets)('nesting on %s', (target) => {
  it('commits what the work wrote when it resolves', async () => {
    const manager = await openTarget(target);
    const result = await manager.transaction(async () => {
      await manager.db.insert(items).values({ name: 'a' });
      return 7;
    });
    expect(result).toBe(7);
    expect(await names(manager)).toEqual(['a']);
  });

  it('undoes everything when the work throws, and throws the same error', async () => {
    const manager = await openTarget(target);
    const boom = new Error('boom');
    const failing = manager.transaction(async (tx) => {
      await manager.db.insert(items).values({ name: 'a' });
      await tx.db.insert(items).values({ name: 'b' });
      throw boom;
    });
    await expect(failing).rejects.toBe(boom);
    expect(await names(manager)).toEqual([]);
  });

  it('keeps the outer write when a savepoint rolls back', async () => {
    const manager = await openTarget(target);
    await manager.transaction(async (tx) => {
      await manager.db.insert(items).values({ name: 'outer' });
      await expect(
        tx.savepoint(async () => {
          await manager.db.insert(items).values({ name: 'inner' });
          throw new Error('inner');
        }),
      ).rejects.toThrow('inner');
    });
    expect(await names(manager)).toEqual(['outer']);
  });

  it('keeps the rows of parallel siblings when the middle one throws', async () => {
    const manager = await openTarget(target);
    await manager.transaction(async (tx) => {
      const sibling = (name: string, fails: boolean) =>
        tx.savepoint(async () => {
          await manager.db.insert(items).values({ name: `${name}1` });
          await new Promise((resolve) => setImmediate(resolve));
          await manager.db.insert(items).values({ name: `${name}2` });
          if (fails) throw new Error(name);
        });
      const settled = await Promise.allSettled([sibling('a', false), sibling('b', true), sibling('c', false)]);
      expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    });
    expect(await names(manager)).toEqual(['a1', 'a2', 'c1', 'c2']);
  });

  it("keeps the outer block's own statement out of an open sibling savepoint", async () => {
    const manager = await openTarget(target);
    await manager.transaction(async (tx) => {
      const entered = deferred();
      const leave = deferred();
      const inner = tx.savepoint(async () => {
        await manager.db.insert(items).values({ name: 'inner' });
        entered.resolve();
        await leave.promise;
        throw new Error('undone');
      });
      await entered.promise;
      const outer = manager.db.insert(items).values({ name: 'outer' }).execute();
      leave.resolve();
      await expect(inner).rejects.toThrow('undone');
      await outer;
    });
    expect(await names(manager)).toEqual(['outer']);
  });

  it('runs a statement made through the outer handle in the savepoint that surrounds it', async () => {
    const manager = await openTarget(target);
    await manager.transaction(async (tx) => {
      await expect(
        tx.savepoint(async () => {
          await tx.db.insert(items).values({ name: 'through the outer handle' });
          throw new Error('undone');
        }),
      ).rejects.toThrow('undone');
    });
    expect(await names(manager)).toEqual([]);
  });

  it('rolls the whole transaction back when the error of a joined block is swallowed', async () => {
    const manager = await openTarget(target);
    const inner = new Error('inner');
    const outer = manager.transaction(async () => {
      await manager.db.insert(items).values({ name: 'outer' });
      await manager
        .transaction(async () => {
          await manager.db.insert(items).values({ name: 'joined' });
          throw inner;
        })
        .catch(() => undefined);
    });
    await expect(outer).rejects.toMatchObject({ code: 'TX_ROLLBACK_ONLY', type: 'aborted', cause: inner });
    expect(await names(manager)).toEqual([]);
  });

  it('gives joined blocks the same transaction and savepoints a deeper one', async () => {
    const manager = await openTarget(target);
    await manager.transaction(async (tx) => {
      expect(tx.depth).toBe(0);
      expect(manager.current()).toBe(tx);
      await manager.transaction(async (joined) => expect(joined).toBe(tx));
      await tx.savepoint(async (nested) => {
        expect(nested.depth).toBe(1);
        expect(nested.id.startsWith(tx.id)).toBe(true);
        expect(manager.current()).toBe(nested);
      });
    });
    expect(manager.current()).toBeUndefined();
  });

  it('rolls back on request with an error that names it', async () => {
    const manager = await openTarget(target);
    const rolledBack = manager.transaction(async (tx) => {
      await manager.db.insert(items).values({ name: 'a' });
      tx.rollback();
    });
    await expect(rolledBack).rejects.toMatchObject({ code: 'TX_ROLLBACK', type: 'aborted' });
    expect(await names(manager)).toEqual([]);
  });

  it('rolls back on request what the engine has rolled back already', async () => {
    const manager = await openTarget(target);
    await manager.db.insert(items).values({ id: 1, name: 'a' });
    const rolledBack = manager.transaction(async (tx) => {
      await tx.db.insert(items).values({ id: 2, name: 'b' });
      const failing = tx.db.run(sql`INSERT OR ROLLBACK INTO items (id, name) VALUES (1, 'c')`);
      await expect(failing).rejects.toMatchObject({ type: 'constraint' });
      tx.rollback();
    });
    await expect(rolledBack).rejects.toMatchObject({ code: 'TX_ROLLBACK', type: 'aborted' });
    expect(await names(manager)).toEqual(['a']);
  });

  it("routes drizzle's own transaction() and its nested ones to savepoints", async () => {
    const manager = await openTarget(target);
    await manager.db.transaction(async (tx) => {
      await tx.insert(items).values({ name: 'outer' });
      await expect(
        tx.transaction(async (inner) => {
          await inner.insert(items).values({ name: 'inner' });
          inner.rollback();
        }),
      ).rejects.toMatchObject({ code: 'TX_ROLLBACK' });
      expect(await tx.select().from(items)).toHaveLength(1);
    });
    expect(await names(manager)).toEqual(['outer']);
  });

  it('reads its own writes inside and hides them outside until COMMIT', async () => {
    const manager = await openTarget('file');
    const wrote = deferred();
    const commit = deferred();
    const writing = manager.transaction(async () => {
      await manager.db.insert(items).values({ name: 'a', amount: 1 });
      await manager.db.update(items).set({ amount: 2 }).where(eq(items.name, 'a'));
      expect(await manager.db.query.items.findFirst()).toEqual({ id: 1, name: 'a', amount: 2 });
      wrote.resolve();
      await commit.promise;
    });
    await wrote.promise;
    expect(await names(manager)).toEqual([]);
    commit.resolve();
    await writing;
    expect(await names(manager)).toEqual(['a']);
  });

  it('joins itself two thousand times, as a walk of deep trees does', async () => {
    const manager = await openTarget(target);
    const walk = (depth: number): Promise<number> =>
      manager.transaction(() => (depth === 1 ? Promise.resolve(1) : walk(depth - 1).then((below) => below + 1)));
    expect(await walk(2_000)).toBe(2_000);
  });

  it('joins a query that was prepared outside', async () => {
    const manager = await openTarget(target);
    const all = manager.db.select({ name: items.name }).from(items).prepare();
    const one = manager.db.select({ name: items.name }).from(items).prepare();
    const aborted = manager.transaction(async () => {
      await manager.db.insert(items).values({ name: 'a' });
      expect(await all.all()).toEqual([{ name: 'a' }]);
      expect(await one.get()).toEqual({ name: 'a' });
      throw new Error('undo');
    });
    await expect(aborted).rejects.toThrow('undo');
    expect(await all.all()).toEqual([]);
    expect(await one.get()).toBeUndefined();
  });

  it('runs a batch all or none', async () => {
    const manager = await openTarget(target);
    const { db } = manager;
    const [inserted, found] = await manager.batch([
      db.insert(items).values({ name: 'a' }).returning({ id: items.id }),
      db.select({ name: items.name }).from(items),
    ]);
    expect(inserted).toEqual([{ id: 1 }]);
    expect(found).toEqual([{ name: 'a' }]);
    const failing = db.batch([db.insert(items).values({ name: 'b' }), db.insert(items).values({ name: 'a' })]);
    await expect(failing).rejects.toMatchObject({
      type: 'constraint',
      constraint: { table: 'items', columns: ['name'] },
    });
    expect(await names(manager)).toEqual(['a']);
  });
});
