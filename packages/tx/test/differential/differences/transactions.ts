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
    call: 'a change of the schema after a query that failed, or that gave no more rows than one, on the same connection',
    stock: 'now and then SQLITE_LOCKED: its statements stay open until they are collected as garbage',
    ours: 'runs',
    reason: 'statements are ended when their call ends',
    targets: ['file', ':memory:'],
    effect: 'rows',
    applies: ({ stock, ours }) => failedWith(stock, 'SQLITE_LOCKED') && 'value' in ours,
    provoke: [
      directed('drop a table', ['left open'], async (root) => {
        await root.run(sql`create table extra (x)`);
        await root.get(sql`select json(column1) as a from (values ('1'), ('none'))`).catch(() => undefined);
        return root.run(sql`drop table extra`);
      }),
    ],
  },
];
