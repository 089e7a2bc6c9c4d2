// Differences in what belongs to a transaction.
import { sql } from 'drizzle-orm';
import { people } from '../tables.js';
import { type Difference, directed, failedWith, has } from './difference.js';

/** What a call inside or beside a transaction sees. */
export const transactionDifferences: readonly Difference[] = [
  {
    id: 'ambient',
    call: '`db` itself, inside the callback of `db.transaction`',
    stock: 'another connection: it does not see the rows of the transaction, and a write fails with SQLITE_BUSY',
    ours: 'joins the transaction of its context',
    reason: 'a service need not be told whether its caller has a transaction',
    targets: ['file'],
    applies: ({ call }) => has(call, 'ambient'),
    provoke: [
      directed('count through db', ['ambient'], (root) =>
        root.transaction(async (tx) => {
          await tx.insert(people).values({ name: 'zoe' });
          return root.$count(people);
        }),
      ),
    ],
  },
  {
    id: 'left-open',
    call: 'a change of the schema after an EXPLAIN on the same connection',
    stock: 'SQLITE_LOCKED, until the statement is collected as garbage: it stays open (libsql-js issue 232)',
    ours: 'runs',
    reason: 'EXPLAIN has a connection of its own',
    targets: ['file', ':memory:'],
    effect: 'rows',
    applies: ({ stock, ours }) => failedWith(stock, 'SQLITE_LOCKED') && 'value' in ours,
    provoke: [
      directed('drop a table', ['left open'], async (root) => {
        await root.run(sql`create table extra (x)`);
        await root.$client.execute('explain query plan select * from loose');
        return root.run(sql`drop table extra`);
      }),
    ],
  },
];
