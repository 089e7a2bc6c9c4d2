// Work that outlives its transaction is refused; it neither joins another one nor commits by itself.
import { describe, expect, it } from 'vitest';
import { deferred, items, names, openTarget, targets } from './target.js';

describe.each(targets)('late work on %s', (target) => {
  it('is refused when it runs after COMMIT', async () => {
    const manager = await openTarget(target);
    const committed = deferred();
    let late: Promise<unknown> = Promise.resolve();
    await manager.transaction(async (tx) => {
      late = committed.promise.then(() => manager.db.insert(items).values({ name: 'late' }));
      late.catch(() => undefined);
      await tx.db.insert(items).values({ name: 'in time' });
    });
    committed.resolve();
    await expect(late).rejects.toMatchObject({ code: 'TX_CLOSED', type: 'aborted' });
    expect(await names(manager)).toEqual(['in time']);
  });

  it('is refused through a kept handle', async () => {
    const manager = await openTarget(target);
    const kept = await manager.transaction(async (tx) => tx);
    await expect(kept.db.insert(items).values({ name: 'late' })).rejects.toMatchObject({ code: 'TX_CLOSED' });
    await expect(kept.savepoint(async () => undefined)).rejects.toMatchObject({ code: 'TX_CLOSED' });
    expect(() => kept.rollback()).toThrow(expect.objectContaining({ code: 'TX_CLOSED' }));
    for (const hook of ['afterCommit', 'afterRollback', 'afterUnknown'] as const)
      expect(() => kept[hook](() => undefined)).toThrow(expect.objectContaining({ code: 'TX_CLOSED' }));
  });

  it('rolls back when a nested block was not awaited', async () => {
    const manager = await openTarget(target);
    const go = deferred();
    let orphan: Promise<unknown> = Promise.resolve();
    const outer = manager.transaction(async (tx) => {
      await manager.db.insert(items).values({ name: 'outer' });
      orphan = tx.savepoint(async () => {
        await go.promise;
        await manager.db.insert(items).values({ name: 'orphan' });
      });
      orphan.catch(() => undefined);
    });
    await expect(outer).rejects.toMatchObject({ code: 'TX_UNAWAITED_WORK' });
    go.resolve();
    await expect(orphan).rejects.toMatchObject({ code: 'TX_CLOSED' });
    expect(await names(manager)).toEqual([]);
  });

  it('belongs to the context that awaits it when a builder is made inside and awaited outside', async () => {
    const manager = await openTarget(target);
    const built = await manager.transaction(async () => ({ query: manager.db.insert(items).values({ name: 'lazy' }) }));
    expect(await names(manager)).toEqual([]);
    await built.query;
    expect(await names(manager)).toEqual(['lazy']);
  });

  it('ends a transaction that runs too long and refuses what it still does', async () => {
    const manager = await openTarget(target);
    const timedOut = deferred();
    let rest: Promise<unknown> = Promise.resolve();
    const slow = manager.transaction(
      async () => {
        // Before anything that may outlast the limit by itself.
        rest = timedOut.promise.then(() => manager.db.insert(items).values({ name: 'b' }));
        rest.catch(() => undefined);
        await manager.db.insert(items).values({ name: 'a' });
        await rest;
      },
      { timeoutMs: 20 },
    );
    await expect(slow).rejects.toMatchObject({ code: 'TX_TIMEOUT', type: 'timeout' });
    timedOut.resolve();
    await expect(rest).rejects.toMatchObject({ code: 'TX_CLOSED' });
    expect(await names(manager)).toEqual([]);
    await manager.db.insert(items).values({ name: 'the writer is free' });
  });

  it('rolls a running transaction back when its signal fires', async () => {
    const manager = await openTarget(target);
    const abort = new AbortController();
    const running = manager.transaction(
      async () => {
        await manager.db.insert(items).values({ name: 'a' });
        abort.abort(new Error('changed my mind'));
        await new Promise(() => undefined);
      },
      { signal: abort.signal },
    );
    await expect(running).rejects.toMatchObject({ code: 'ABORTED', cause: new Error('changed my mind') });
    expect(await names(manager)).toEqual([]);
  });

  it('does not autocommit after the engine itself ended the transaction', async () => {
    const manager = await openTarget(target);
    await manager.db.insert(items).values({ name: 'taken' });
    const outer = manager.transaction(async () => {
      await manager.db.insert(items).values({ name: 'before' });
      await manager.db.run(`insert or rollback into items (name) values ('taken')`).catch(() => undefined);
      await manager.db.insert(items).values({ name: 'after' });
    });
    await expect(outer).rejects.toMatchObject({ code: 'TX_CLOSED' });
    if (manager.capabilities.sync) await manager.sync();
    expect(await names(manager)).toEqual(['taken']);
  });
});

it('does not autocommit after a full database ended the transaction', async () => {
  const manager = await openTarget('file', { pragmas: { max_page_count: 20 } });
  await manager.db.insert(items).values({ name: 'before' });
  const outer = manager.transaction(async () => {
    await manager.db.insert(items).values({ name: 'small' });
    const big = manager.db.insert(items).values({ name: 'x'.repeat(200_000) });
    await expect(big).rejects.toMatchObject({ type: 'full', code: 'SQLITE_FULL' });
    await manager.db.insert(items).values({ name: 'after' });
  });
  await expect(outer).rejects.toMatchObject({ type: 'aborted' });
  expect(await names(manager)).toEqual(['before']);
  await manager.db.insert(items).values({ name: 'goes on' });
  expect(await names(manager)).toEqual(['before', 'goes on']);
});

describe.each(['file', ':memory:'] as const)('a statement that nobody awaits on %s', (target) => {
  it('is committed with its transaction', async () => {
    const manager = await openTarget(target);
    await manager.transaction(async (tx) => {
      void tx.db.insert(items).values({ name: 'started' }).run();
    });
    expect(await names(manager)).toEqual(['started']);
  });

  it('fails alone, and its error is in its promise', async () => {
    const manager = await openTarget(target);
    let failing: Promise<unknown> = Promise.resolve();
    await manager.transaction(async (tx) => {
      await tx.db.insert(items).values({ name: 'one' });
      failing = tx.db.insert(items).values({ name: 'one' }).run();
      // Looked at below: unhandled it would end the process.
      failing.catch(() => undefined);
    });
    await expect(failing).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_UNIQUE' });
    expect(await names(manager)).toEqual(['one']);
  });
});
