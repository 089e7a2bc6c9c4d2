// Keyed transactions whose COMMIT was lost before it took effect, while something else lies under their key.
import { losingProxy } from '@cc/testkit/losing-proxy';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { sql } from 'drizzle-orm';
import { expect, it, onTestFinished } from 'vitest';
import { openTransactionManager, type TransactionManager, type TransactionManagerOptions } from '../src/index.js';
import { openTarget } from './target.js';

async function open(options: TransactionManagerOptions): Promise<TransactionManager> {
  const manager = await openTransactionManager(options);
  onTestFinished(() => manager.close({ drainMs: 0 }));
  return manager;
}

const pay = (manager: TransactionManager, by: string, hooks: string[]): Promise<string> =>
  manager.transaction(
    async (tx) => {
      tx.afterCommit(() => hooks.push(`${by} committed`));
      tx.afterRollback(() => hooks.push(`${by} rolled back`));
      await manager.db.run(sql`insert into payments (by) values (${by})`);
      return by;
    },
    { idempotencyKey: 'k' },
  );

const payments = (manager: TransactionManager): Promise<unknown[]> =>
  manager.db.values(sql`select by from payments order by id`);

describeWithSqld('a COMMIT that was lost before it took effect', () => {
  it('is not taken for what an expired call has left under the same key', async () => {
    await using sqld = await startSqld();
    const proxy = await losingProxy(sqld);
    const manager = await open({ url: proxy.url, outcomeTtlMs: 60_000 });
    await manager.db.run(sql`create table payments (id integer primary key, by text)`);
    const hooks: string[] = [];
    await pay(manager, 'old', hooks);
    await manager.db.run(sql`update __cc_outcomes set committed_at = committed_at - 100000`);
    proxy.loseCommit('before');
    expect(await pay(manager, 'new', hooks)).toBe('new');
    expect(proxy.lost()).toBe(1);
    expect(await payments(manager)).toEqual([['old'], ['new']]);
    expect(hooks).toEqual(['old committed', 'new rolled back', 'new committed']);
  });

  it('is not taken for what another process has done meanwhile under the same key', async () => {
    await using sqld = await startSqld();
    const proxy = await losingProxy(sqld);
    const [manager, other] = [await open({ url: proxy.url }), await open({ url: sqld.url.http })];
    await manager.db.run(sql`create table payments (id integer primary key, by text)`);
    const hooks: string[] = [];
    // The attempt that looks for the lost COMMIT reaches the server when the other one has ended.
    let others: Promise<string> | undefined;
    const calling = manager.transaction(
      async (tx) => {
        if (others) throw new Error('the work ran a second time');
        tx.afterCommit(() => hooks.push('own committed'));
        tx.afterRollback(() => hooks.push('own rolled back'));
        await manager.db.run(sql`insert into payments (by) values ('own')`);
        others = pay(other, 'other', hooks);
        proxy.loseCommit('before', others);
        return 'own';
      },
      { idempotencyKey: 'k' },
    );
    expect(await calling).toBe('other');
    expect(await others).toBe('other');
    expect(await payments(manager)).toEqual([['other']]);
    expect(hooks).toEqual(['other committed', 'own rolled back']);
  });
});

it('a table of outcomes that was made before runs were told apart goes on', async () => {
  const manager = await openTarget('file');
  await manager.db.run(sql`create table __cc_outcomes (
    key text primary key not null, result text, committed_at integer not null) without rowid`);
  await manager.db.run(sql`insert into __cc_outcomes values ('before', '"then"', 1)`);
  const keyed = (key: string) => manager.transaction(async () => 'now', { idempotencyKey: key });
  expect([await keyed('before'), await keyed('new'), await keyed('new')]).toEqual(['then', 'now', 'now']);
});
