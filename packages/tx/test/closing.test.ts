// close() and what is under way beside it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { deferred, items, names, openTarget, targets, temporaryFolder } from './target.js';

const endless = sql`with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n`;

const failure = (running: Promise<unknown>): Promise<unknown> =>
  running.then(
    () => 'resolved',
    (error: unknown) => error,
  );

describe.each(targets)('close() on %s', (target) => {
  it('resolves for every caller when it is closed, not before', async () => {
    const manager = await openTarget(target);
    const [entered, leave] = [deferred(), deferred()];
    const open = manager.transaction(async () => {
      entered.resolve();
      await leave.promise;
      await manager.db.insert(items).values({ name: 'kept' });
      return names(manager);
    });
    await entered.promise;
    const closed: string[] = [];
    const first = manager.close({ drainMs: 240_000 }).then(() => closed.push('first'));
    const second = manager.close({ drainMs: 240_000 }).then(() => closed.push('second'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toEqual([]);
    leave.resolve();
    expect(await open).toEqual(['kept']);
    await Promise.all([first, second]);
  });

  it('is hurried by a later call that gives less time', async () => {
    const manager = await openTarget(target);
    const entered = deferred();
    const never = failure(
      manager.transaction(async () => {
        entered.resolve();
        await deferred().promise;
      }),
    );
    void never;
    await entered.promise;
    const first = manager.close({ drainMs: Number.POSITIVE_INFINITY });
    await manager.close({ drainMs: 0 });
    await first;
  });

  it('tells the caller of a transaction that it rolls back, whatever its work waits for', async () => {
    const manager = await openTarget(target, { transactionTimeoutMs: Number.POSITIVE_INFINITY });
    const [entered, undone] = [deferred(), deferred()];
    const hanging = failure(
      manager.transaction(async (tx) => {
        await manager.db.insert(items).values({ name: 'never' });
        tx.afterRollback(undone.resolve);
        await tx.savepoint(async () => {
          entered.resolve();
          await deferred().promise;
        });
      }),
    );
    await entered.promise;
    await manager.close({ drainMs: 0 });
    expect(await hanging).toMatchObject({ type: 'closed', code: 'CLOSED', outcome: 'none' });
    await undone.promise;
  });

  it('refuses backups and offloaded reads afterwards', async () => {
    const manager = await openTarget(target);
    await manager.close();
    const folder = await temporaryFolder();
    expect(await failure(manager.backup(join(folder, 'copy.db')))).toMatchObject({ code: 'CLOSED' });
    expect(readdirSync(folder)).toEqual([]);
    if (target === ':memory:') return;
    const offloaded = manager.offload(() => manager.db.all(sql`select 1`), { timeoutMs: 60_000 });
    expect(await failure(offloaded)).toMatchObject({ code: 'CLOSED' });
  });

  it('lets a backup finish', async () => {
    const manager = await openTarget(target);
    const path = join(await temporaryFolder(), 'copy.db');
    const copying = manager.backup(path);
    await new Promise((resolve) => setImmediate(resolve));
    await manager.close({ drainMs: 240_000 });
    expect(existsSync(path)).toBe(true);
    expect(await copying).toMatchObject({ verified: true });
  });
});

describe.each(targets.filter((target) => target !== ':memory:'))('close() on %s', (target) => {
  it('ends an offloaded read whose time to finish is up, and tells it why', async () => {
    const manager = await openTarget(target);
    const reading = failure(manager.offload(() => manager.db.all(endless), { timeoutMs: 240_000 }));
    await new Promise((resolve) => setImmediate(resolve));
    await manager.close({ drainMs: 100 });
    expect(await reading).toMatchObject({ type: 'closed', code: 'CLOSED' });
  });
});
