// afterCommit and afterRollback: when they run, in which order, and what a broken one can do.

import { describe, expect, it } from 'vitest';
import type { ManagerEvent } from '../src/index.js';
import { items, names, openTarget, targets } from './target.js';

describe.each(targets)('hooks on %s', (target) => {
  it('run after COMMIT, in order, outside the transaction, before transaction() resolves', async () => {
    const manager = await openTarget(target);
    const seen: unknown[] = [];
    await manager.transaction(async (tx) => {
      tx.afterCommit(async () => {
        seen.push(['first', manager.current(), await names(manager)]);
      });
      tx.afterCommit(() => seen.push('second'));
      tx.afterRollback(() => seen.push('never'));
      await manager.db.insert(items).values({ name: 'a' });
    });
    expect(seen).toEqual(['second', ['first', undefined, ['a']]]);
  });

  it('can write, because the writer is free again', async () => {
    const manager = await openTarget(target);
    await manager.transaction(async (tx) => {
      tx.afterCommit(() => manager.db.insert(items).values({ name: 'from the hook' }).execute());
    });
    expect(await names(manager)).toEqual(['from the hook']);
  });

  it('of a rolled back savepoint run afterRollback at once and afterCommit never', async () => {
    const manager = await openTarget(target);
    const seen: string[] = [];
    await manager.transaction(async (tx) => {
      const failing = tx.savepoint(async (inner) => {
        inner.afterCommit(() => seen.push('commit of the lost savepoint'));
        inner.afterRollback(() => seen.push('rollback'));
        throw new Error('undone');
      });
      await expect(failing).rejects.toThrow('undone');
      seen.push('outer goes on');
      await tx.savepoint(async (inner) => {
        inner.afterCommit(() => seen.push('commit'));
      });
      seen.push('before COMMIT');
    });
    expect(seen).toEqual(['rollback', 'outer goes on', 'before COMMIT', 'commit']);
  });

  it('of a released savepoint run afterRollback when the transaction around it rolls back', async () => {
    const manager = await openTarget(target);
    const seen: string[] = [];
    const failing = manager.transaction(async (tx) => {
      await tx.savepoint(async (inner) => {
        inner.afterRollback(() => seen.push('rollback'));
        inner.afterCommit(() => seen.push('commit'));
      });
      throw new Error('late');
    });
    await expect(failing).rejects.toThrow('late');
    expect(seen).toEqual(['rollback']);
  });

  it('that throw change nothing and are reported as events', async () => {
    const manager = await openTarget(target);
    const events: ManagerEvent[] = [];
    manager.subscribe((event) => events.push(event));
    const boom = new Error('boom');
    await manager.transaction(async (tx) => {
      await manager.db.insert(items).values({ name: 'a' });
      tx.afterCommit(() => {
        throw boom;
      });
      tx.afterCommit(() => Promise.reject(boom));
    });
    expect(await names(manager)).toEqual(['a']);
    const reported = events.filter((event) => event.type === 'hook_error');
    expect(reported).toMatchObject([
      { hook: 'afterCommit', error: boom },
      { hook: 'afterCommit', error: boom },
    ]);
  });

  it('start before any other code can see the commit', async () => {
    const manager = await openTarget('file');
    const order: string[] = [];
    manager.subscribe((event) => {
      if (event.type === 'transaction' && event.phase === 'commit') {
        order.push('commit');
        queueMicrotask(() => order.push('next microtask'));
      }
    });
    await manager.transaction(async (tx) => {
      tx.afterCommit(() => order.push('hook'));
    });
    expect(order.slice(0, 2)).toEqual(['commit', 'hook']);
  });
});
