// Differences in what belongs to a transaction.
import { sql } from 'drizzle-orm';
import { people } from '../tables.js';
import { type Difference, directed, everywhere, failedWith, has, local } from './difference.js';

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
    id: 'ended-by-engine',
    call: 'the end of a transaction that `OR ROLLBACK` has ended',
    stock: 'LibsqlError TRANSACTION_CLOSED in the place of what happened; `rollback()` fails too',
    ours: 'the error of the statement; `rollback()` has nothing left to do',
    reason: 'the first error says why',
    targets: local,
    effect: 'block',
    applies: ({ call, stock, ours }) =>
      /\bor rollback\b/.test(call.label) &&
      failedWith(stock, 'TRANSACTION_CLOSED') &&
      ('value' in ours || failedWith(ours, 'SQLITE_CONSTRAINT_UNIQUE')),
    provoke: [
      directed('insert or rollback', ['transaction'], (root) =>
        root.transaction((tx) => tx.run(sql`insert or rollback into tags (title) values ('new')`)),
      ),
      directed('insert or rollback, then rollback()', ['client transaction'], async (root) => {
        const tx = await root.$client.transaction();
        await tx.execute("insert or rollback into tags (title) values ('new')").catch(() => undefined);
        await tx.rollback();
      }),
    ],
  },
  {
    id: 'after-the-end',
    call: 'a statement after `OR ROLLBACK` has ended the transaction around it',
    stock: 'TRANSACTION_CLOSED locally; a server runs it on its own and commits it',
    ours: 'TX_CLOSED',
    reason: 'work of a transaction never commits by itself',
    targets: everywhere,
    effect: 'rows',
    applies: ({ ours }) => failedWith(ours, 'TX_CLOSED'),
    provoke: [
      directed('or rollback, then a write', ['transaction'], (root) =>
        root.transaction(async (tx) => {
          await tx.run(sql`insert or rollback into tags (title) values ('new')`).catch(() => undefined);
          await tx.run(sql`insert into tags (title) values ('late')`);
        }),
      ),
    ],
  },
  {
    id: 'server-ended',
    call: 'COMMIT of a transaction that a server has ended, such as after a statement it could not read or `OR ROLLBACK`',
    stock: 'TRANSACTION_CLOSED or SQLITE_UNKNOWN; on a replica it may commit what it kept',
    ours: 'TX_ROLLBACK_ONLY or TRANSACTION_LOST, with what happened in the chain of causes',
    reason: 'the first error says why',
    targets: ['http', 'ws', 'replica'],
    effect: 'rows',
    applies: ({ call, stock, ours, target }) =>
      (failedWith(stock, 'TRANSACTION_CLOSED', 'SQLITE_UNKNOWN', 'HRANA_PROTO_ERROR', 'Error') ||
        (target === 'replica' && 'value' in stock)) &&
      (failedWith(ours, 'TX_ROLLBACK_ONLY', 'TRANSACTION_LOST') ||
        (/\bor rollback\b/.test(call.label) && failedWith(ours, 'SQLITE_ERROR'))),
    provoke: [
      directed('or rollback, then commit', ['client transaction'], async (root) => {
        const tx = await root.$client.transaction();
        try {
          await tx.execute("insert or rollback into tags (title) values ('new')").catch(() => undefined);
          await tx.commit();
        } finally {
          tx.close();
        }
      }),
    ],
  },
  {
    id: 'replica-transactions',
    call: 'a statement in `client.transaction` on a replica, after one that could not be read or `OR ROLLBACK`',
    stock: 'goes on after the first, TRANSACTION_CLOSED after the second',
    ours: 'as on the server itself, with both clients: TRANSACTION_CLOSED after the first; runs on its own after the second',
    reason: 'writes of a replica run in a transaction of the server',
    targets: ['replica'],
    effect: 'rows',
    applies: ({ call, stock, ours }) =>
      (has(call, 'in client transaction') || has(call, 'client transaction')) &&
      (failedWith(ours, 'TRANSACTION_CLOSED') || failedWith(stock, 'TRANSACTION_CLOSED')),
    provoke: [
      directed('selec 1, then 1', ['client transaction'], async (root) => {
        const tx = await root.$client.transaction();
        try {
          await tx.execute('selec 1').catch(() => undefined);
          return await tx.execute('select 1 as a');
        } finally {
          tx.close();
        }
      }),
    ],
  },
  {
    id: 'left-open',
    call: 'a change of the schema, or a write, after an EXPLAIN on the same connection',
    stock:
      'SQLITE_LOCKED, or SQLITE_BUSY_SNAPSHOT for any write, until the statement is collected as garbage: it stays open (libsql-js issue 232)',
    ours: 'runs',
    reason: 'EXPLAIN has a connection of its own',
    targets: ['file'],
    effect: 'rows',
    applies: ({ stock, ours }) =>
      failedWith(stock, 'SQLITE_LOCKED', 'SQLITE_BUSY_SNAPSHOT') &&
      ('value' in ours || failedWith(ours, 'thrown by the program', 'rollback()')),
    provoke: [
      directed('drop a table', ['left open'], async (root) => {
        await root.run(sql`create table extra (x)`);
        await root.$client.execute('explain query plan select * from loose');
        return root.run(sql`drop table extra`);
      }),
    ],
  },
];
