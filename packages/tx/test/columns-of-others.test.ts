// `select *` while somebody else changes the schema: another process migrates, or the server of a replica. Each value stands
// under the name that its column has now, whatever was prepared before.
import { sql } from 'drizzle-orm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTransactionManager, type TransactionManager } from '../src/index.js';
import { openTarget, patient, targets } from './target.js';

describe.each(targets.filter((target) => target !== ':memory:'))('a schema that others change, on %s', (target) => {
  it('names every column as it is now, in each way of asking', async () => {
    const manager = await openTarget(target);
    const other = target === 'replica' ? manager : await openTransactionManager({ url: manager.url, ...patient });
    onTestFinished(() => other.close({ drainMs: 0 }));
    for (const [change, row] of changes) {
      await other.db.$client.executeMultiple(change);
      if (target === 'replica') await manager.sync();
      for (let round = 0; round < 3; round += 1) {
        for (const [way, ask] of Object.entries(waysOf(manager)))
          expect({ [way]: { ...(await ask()) } }).toEqual({ [way]: row });
      }
    }
  });
});

/** What another process does, and the row that is there then. Only the last one changes how many columns there are. */
const changes = [
  [`create table pair (p text, q text); insert into pair values ('P', 'Q')`, { p: 'P', q: 'Q' }],
  [
    `drop table pair; create table pair (q text, p text); insert into pair (p, q) values ('P', 'Q')`,
    { q: 'Q', p: 'P' },
  ],
  ['alter table pair rename column p to renamed', { q: 'Q', renamed: 'P' }],
  [`alter table pair add column added text default 'A'`, { q: 'Q', renamed: 'P', added: 'A' }],
] as const;

/** Whatever tells the names of the columns. */
function waysOf(manager: TransactionManager): Readonly<Record<string, () => Promise<object | undefined>>> {
  const { db } = manager;
  const all = async () => (await db.all<object>(sql`select * from pair`))[0];
  return {
    all,
    get: async () => await db.get<object>(sql`select * from pair`),
    read: () => manager.read(all),
    transaction: () => manager.transaction(all),
    returning: async () => (await db.all<object>(sql`update pair set q = q returning *`))[0],
    client: async () => (await db.$client.execute('select * from pair')).rows[0],
    lease: async () => {
      using lease = await manager.getConnection({ mode: 'read' });
      return (await lease.client.execute('select * from pair')).rows[0];
    },
    offload: () => manager.offload(all, { timeoutMs: 600_000 }),
  };
}
