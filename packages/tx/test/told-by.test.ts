// Which call of the program has failed stands in the stack of its error: ten frames are kept, and those inside are more.
import { setTimeout as later } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { isDatabaseError, openTransactionManager } from '../src/index.js';
import { openTarget, type TestManager, targets } from './target.js';

const missing = sql`select * from missing`;

const calls: Record<string, (manager: TestManager) => Promise<unknown>> = {
  async execute({ db }) {
    await db.$client.execute('select * from missing');
  },
  async batch({ db }) {
    await db.$client.batch(['select 1', 'select * from missing'], 'write');
  },
  async executeMultiple({ db }) {
    await db.$client.executeMultiple('select 1; select * from missing');
  },
  async query({ db }) {
    await db.run(missing);
  },
  async queryBuilt({ db }) {
    await later(1);
    await db.select({ a: sql`a` }).from(sql`missing`);
  },
  async queryInTransaction({ db }) {
    await db.transaction(async function queryInTransaction(tx) {
      await tx.run(sql`select 1`);
      await tx.all(missing);
    });
  },
  async executeInSavepoint(manager) {
    await manager.transaction((outer) =>
      outer.savepoint(async function executeInSavepoint() {
        await later(1);
        await manager.db.$client.execute('select * from missing');
      }),
    );
  },
  async lease(manager) {
    using held = await manager.getConnection();
    await held.client.execute('select * from missing');
  },
  async transaction(manager) {
    await manager.transaction(() => later(1000), { timeoutMs: 1 });
  },
  async offload(manager) {
    await manager.offload(manager.db.all(missing), { timeoutMs: 60_000 });
  },
  async backup(manager) {
    await manager.backup('/missing/folder/copy.db');
  },
};

describe.each(targets)('on %s, the stack of an error tells the call that has failed', (target) => {
  it.each(Object.entries(calls))('%s', async (name, call) => {
    const manager = await openTarget(target);
    const error: unknown = await call(manager).catch((caught: unknown) => caught);
    expect(isDatabaseError(error)).toBe(true);
    const { stack } = error as Error;
    expect(stack).toMatch(new RegExp(`\\b${name} \\(.*told-by\\.test\\.ts`));
  });
});

it('of the calls that hand an error on, the stack tells the first', async () => {
  await using manager = await openTransactionManager({ url: ':memory:' });
  const inner = async (): Promise<unknown> => {
    await later(1);
    return await manager.db.$client.execute('select * from missing');
  };
  const outer = async (): Promise<unknown> => await manager.transaction(async () => await inner());
  const { stack } = (await outer().catch((error: unknown) => error)) as Error;
  expect(stack).toMatch(/\binner \(.*told-by\.test\.ts/);
});

it('the one error of all calls that come too late tells who has closed', async () => {
  const manager = await openTransactionManager({ url: ':memory:' });
  const closing = async (): Promise<void> => await manager.close();
  await closing();
  const late = await Promise.allSettled([manager.db.run('select 1'), manager.transaction(async () => 1)]);
  for (const one of late) {
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } });
    expect('reason' in one && (one.reason as Error).stack).toMatch(/\bclosing \(.*told-by\.test\.ts/);
  }
});
