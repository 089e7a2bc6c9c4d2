// Writes in one of several ways for ever and says which writes are committed: to be killed at any moment by crash-loop.mjs.
// Every write leaves one row in `log` and `parts` rows in `parts`; all but `autocommit` also move 1 between two accounts.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const [url, writer, how, synchronous] = process.argv.slice(2);
// Small, so that checkpoints happen within the short life of this process.
const pragmas = { synchronous, wal_autocheckpoint: 20 };
const manager = await openTransactionManager({ url, acquireTimeoutMs: 60_000, pragmas });
const { db } = manager;
const parts = 5;

const log = (seq) => sql`insert into log (writer, seq, how) values (${writer}, ${seq}, ${how})`;
const part = (seq, n) => sql`insert into parts (writer, seq, part) values (${writer}, ${seq}, ${n})`;
const take = sql`update accounts set amount = amount - 1 where id = 1`;
const give = sql`update accounts set amount = amount + 1 where id = 2`;
const each = async (seq, from, to) => {
  for (let n = from; n <= to; n += 1) await db.run(part(seq, n));
};
const turn = () => new Promise((resolve) => setImmediate(resolve));
const texts = (seq) => [
  { sql: 'insert into log (writer, seq, how) values (?, ?, ?)', args: [writer, seq, how] },
  ...Array.from({ length: parts }, (_, i) => ({
    sql: 'insert into parts (writer, seq, part) values (?, ?, ?)',
    args: [writer, seq, i + 1],
  })),
  'update accounts set amount = amount - 1 where id = 1',
  'update accounts set amount = amount + 1 where id = 2',
];

const ways = {
  // One statement; a trigger adds the parts.
  autocommit: (seq) => db.run(log(seq)),
  transaction: (seq) =>
    manager.transaction(async () => {
      await db.run(take);
      await each(seq, 1, 3);
      await turn();
      await each(seq, 4, parts);
      await db.run(log(seq));
      await db.run(give);
    }),
  savepoints: (seq) =>
    manager.transaction(async (tx) => {
      await db.run(log(seq));
      await tx.savepoint(() => each(seq, 1, 2));
      const undone = tx.savepoint(async () => {
        await db.run(part(seq, -1));
        await turn();
        throw new Error('undone');
      });
      await undone.catch(() => undefined);
      await Promise.all([3, 4, 5].map((n) => tx.savepoint(() => db.run(part(seq, n)))));
      await db.run(take);
      await db.run(give);
    }),
  batch: (seq) => db.$client.batch(texts(seq), 'write'),
  lease: async (seq) => {
    const lease = await manager.getConnection();
    const transaction = await lease.client.transaction('write');
    for (const statement of texts(seq)) await transaction.execute(statement);
    await transaction.commit();
    lease.release();
  },
  // Every other transaction writes everything and is rolled back.
  rollbacks: async (seq) => {
    const failing = manager.transaction(async () => {
      await each(-seq, 1, parts);
      await db.run(log(-seq));
      throw new Error('undone');
    });
    await failing.catch(() => undefined);
    await ways.transaction(seq);
  },
};

const tell = (seq) => process.stdout.write(`${seq}\n`);
if (how === 'concurrent') {
  // Four at a time, answered in any order.
  for (let next = 1; ; next += 4) {
    await Promise.all([0, 1, 2, 3].map((i) => ways.transaction(next + i).then(() => tell(next + i))));
  }
}
for (let seq = 1; ; seq += 1) {
  await ways[how](seq);
  tell(seq);
}
