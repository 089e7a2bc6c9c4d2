// `select *` while somebody else changes the schema: another process migrates, or the server of a replica. Each value stands
// under the name that its column has now, whatever was prepared before.
import { isDeepStrictEqual } from 'node:util';
import { createClient } from '@libsql/client';
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

describe.each(['http', 'ws'] as const)(
  'a server that prepares for an older schema than it runs on, on %s',
  (target) => {
    /** A table that another client makes anew with its columns in the other order, again and again. */
    async function opened() {
      const manager = await openTarget(target);
      const other = createClient({ url: manager.url });
      onTestFinished(() => other.close());
      await other.execute('create table pair (p text, q text)');
      await other.execute(`insert into pair values ('P', 'Q')`);
      const turnRound = async (columns: string) => {
        const made = `create table made (${columns})`;
        const filled = 'insert into made (p, q) select p, q from pair';
        await other.batch([made, filled, 'drop table pair', 'alter table made rename to pair'], 'write');
      };
      return { manager, turnRound };
    }

    it('names each value by its own column, in whatever way a transaction asks', async () => {
      const { manager, turnRound } = await opened();
      const { db } = manager;
      const all = sql`select * from pair`;
      const ways: Readonly<Record<string, () => Promise<unknown>>> = {
        one: () => db.all(all),
        first: () => db.get(all),
        several: async () => await db.batch([db.run(sql`select 2`), db.all(all), db.all(all)]),
        behind: () => manager.transaction(() => db.all(all), { propagation: 'nested' }),
      };
      const row = { p: 'P', q: 'Q' };
      const found: Record<string, unknown> = {};
      for (const [way, ask] of Object.entries(ways)) {
        await turnRound('p text, q text');
        found[way] = await manager.read(async () => {
          // Which looks at no table, and so begins no snapshot.
          await db.all(sql`select 1`);
          await turnRound('q text, p text');
          return ask();
        });
      }
      expect(found).toMatchObject({ one: [row], first: row, several: [{}, [row], [row]], behind: [row] });
    });

    it('names the failing statement of a batch that asks for every column', async () => {
      const { manager } = await opened();
      const { db } = manager;
      const failing = sql`select * from nowhere`;
      const told = await manager
        .batch([db.all(sql`select 1`), db.all(sql`select * from pair`), db.all(failing)])
        .catch((error: unknown) => error);
      expect(told).toMatchObject({ statementIndex: 2, operation: 'select * from nowhere' });
    });

    it('fails with the error of one statement where one has asked for every column', async () => {
      const { manager } = await opened();
      const stock = createClient({ url: manager.url });
      onTestFinished(() => stock.close());
      const failing = 'select * from nowhere';
      const told = await manager.db.$client.execute(failing).catch(({ cause }: Error) => cause);
      expect(told).toStrictEqual(await stock.execute(failing).catch((error: unknown) => error));
    });

    it('names each value by its own column outside of transactions, while somebody changes the schema', async () => {
      const { manager, turnRound } = await opened();
      let isOver = false;
      const read = async (): Promise<unknown[]> => {
        const wrong: unknown[] = [];
        while (!isOver) {
          const [row] = await manager.db.all<object>(sql`select * from pair`);
          if (!isDeepStrictEqual({ ...row }, { p: 'P', q: 'Q' })) wrong.push(row);
        }
        return wrong;
      };
      const reading = Promise.all([read(), read(), read()]);
      for (let i = 0; i < 60; i += 1) await turnRound(i % 2 === 0 ? 'q text, p text' : 'p text, q text');
      isOver = true;
      expect((await reading).flat()).toEqual([]);
    });
  },
);

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
