// Differences in what belongs to a transaction.
import { sql } from 'drizzle-orm';
import type { Call } from '../call.js';
import { OwnError } from '../picture.js';
import { kinds, people } from '../tables.js';
import { type Difference, directed, everywhere, failedWith, has, servers } from './difference.js';

const ownEndings = ['thrown by the program', 'rollback()'];
const mappingErrors = ['SyntaxError', 'TypeError', 'RangeError'];
/** How ours says that a transaction has ended before its time. */
const endings = ['TX_CLOSED', 'TX_ROLLBACK_ONLY', 'TRANSACTION_LOST', 'TRANSACTION_CLOSED'];

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
    call: 'what follows in a transaction that `OR ROLLBACK` or a lost stream has ended, and its end',
    stock: 'LibsqlError TRANSACTION_CLOSED in the place of what happened; `rollback()` fails too',
    ours: 'the error of the statement that ended it, TX_CLOSED, TX_ROLLBACK_ONLY or TRANSACTION_LOST with that error in the chain of causes; `rollback()` has nothing left to do',
    reason: 'the first error says why',
    targets: ['file', ':memory:', 'replica'],
    effect: 'rows',
    applies: ({ call, stock, ours, target }) =>
      (failedWith(stock, 'TRANSACTION_CLOSED') &&
        (('value' in ours && /\bor rollback\b/.test(call.label)) ||
          failedWith(ours, ...endings, ...ownEndings, 'SQLITE_CONSTRAINT_UNIQUE', 'HRANA_PROTO_ERROR') ||
          // Thrown by its callback, not by a call of the database.
          (has(call, 'transaction') && /\bor rollback\b/.test(call.label) && failedWith(ours, 'TypeError')))) ||
      // Its stock client may commit what the file at home has kept.
      (target === 'replica' && 'value' in stock && !inClient(call) && failedWith(ours, ...endings)),
    provoke: [
      directed('insert or rollback', ['transaction'], (root) =>
        root.transaction((tx) => tx.run(sql`insert or rollback into tags (title) values ('new')`)),
      ),
    ],
  },
  {
    id: 'server-ended',
    call: 'COMMIT or ROLLBACK of a transaction that a server has ended, such as after a statement it could not read or `OR ROLLBACK`',
    stock:
      'TRANSACTION_CLOSED, SQLITE_UNKNOWN, or the error of the statement once more; also in the place of what the callback threw',
    ours: 'TX_ROLLBACK_ONLY, TRANSACTION_LOST or TRANSACTION_CLOSED, with what happened in the chain of causes, or what the callback threw; `rollback()` has nothing left to do',
    reason: 'the first error says why',
    targets: servers,
    effect: 'rows',
    applies: ({ call, stock, ours }) =>
      failedWith(stock, 'TRANSACTION_CLOSED', 'SQLITE_UNKNOWN', 'Error', 'HRANA_PROTO_ERROR') &&
      (failedWith(ours, ...endings, 'HRANA_PROTO_ERROR', 'SQLITE_CONSTRAINT_UNIQUE') ||
        (/\bor rollback\b/.test(call.label) && failedWith(ours, ...ownEndings)) ||
        ('value' in ours && has(call, 'client transaction') && call.label.endsWith(' rollback'))),
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
    id: 'thrown-after-lost-answer',
    call: 'a transaction whose callback throws after an answer that a WebSocket could not carry',
    stock: 'the error of its ROLLBACK in the place of what was thrown',
    ours: 'what was thrown',
    reason: 'the first error says why',
    targets: ['ws'],
    effect: 'rows',
    applies: ({ call, stock, ours }) =>
      has(call, 'transaction') && failedWith(stock, 'HRANA_PROTO_ERROR') && failedWith(ours, 'thrown by the program'),
    provoke: [
      directed('infinite, then throw', ['transaction'], (root) =>
        root.transaction(async (tx) => {
          await tx.insert(people).values({ name: 'zoe' });
          await Promise.resolve(tx.all(sql`select 1e999 as a`)).catch(() => undefined);
          throw new OwnError('thrown by the program');
        }),
      ),
    ],
  },
  {
    id: 'unmapped-answer',
    call: '`db.batch` with an answer that its column cannot take, such as broken JSON',
    stock: 'the error of the column, though the whole batch is committed',
    ours: 'the error of the column, and nothing of the batch is in the database',
    reason: 'what has failed is not there',
    targets: everywhere,
    effect: 'rows',
    silent: true,
    applies: ({ call, stock, ours }) =>
      has(call, 'batch') && failedWith(stock, ...mappingErrors) && failedWith(ours, ...mappingErrors),
    provoke: [
      directed('broken JSON', ['batch'], (root) =>
        root.batch([
          root.insert(people).values({ name: 'zoe' }),
          root.select({ doc: sql`'{'`.mapWith(kinds.doc) }).from(people),
        ]),
      ),
    ],
  },
  {
    id: 'first-statement',
    call: 'what follows in a transaction whose first statement a server could not read',
    stock: 'TRANSACTION_CLOSED: the transaction has ended with it',
    ours: 'goes on, as locally',
    reason: 'nothing of the transaction has happened',
    targets: servers,
    effect: 'rows',
    applies: ({ call, stock, ours }) =>
      !inClient(call) && failedWith(stock, 'TRANSACTION_CLOSED') && ('value' in ours || !failedWith(ours, ...endings)),
    provoke: [
      directed('selec 1, then 1', ['transaction'], (root) =>
        root.transaction(async (tx) => {
          await Promise.resolve(tx.run(sql`selec 1`)).catch(() => undefined);
          return tx.all(sql`select 1 as a`);
        }),
      ),
    ],
  },
  {
    id: 'late-statements',
    call: 'a statement of a transaction that the server has ended',
    stock: 'runs outside of it, and is committed',
    ours: 'TX_CLOSED, of `client.transaction` TRANSACTION_CLOSED',
    reason: 'nothing is written that its sender could not take back',
    targets: servers,
    effect: 'rows',
    applies: ({ call, stock, ours }) =>
      (inClient(call) && failedWith(ours, 'TRANSACTION_CLOSED') && !failedWith(stock, 'TRANSACTION_CLOSED')) ||
      failedWith(ours, 'TX_CLOSED'),
    provoke: [
      directed('or rollback, then a write', ['client transaction'], async (root) => {
        const tx = await root.$client.transaction();
        try {
          await tx.execute("insert or rollback into tags (title) values ('new')").catch(() => undefined);
          return await tx.execute('delete from loose');
        } finally {
          tx.close();
        }
      }),
    ],
  },
  {
    id: 'replica-transactions',
    call: 'a statement after one that the server of a replica could not read, in `client.transaction`',
    stock: 'goes on',
    ours: 'TRANSACTION_CLOSED, as on the server itself',
    reason: 'writes of a replica run in a transaction of the server',
    targets: ['replica'],
    effect: 'rows',
    applies: ({ call, ours }) => inClient(call) && failedWith(ours, 'TRANSACTION_CLOSED'),
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
    id: 'script-on-replica',
    call: '`executeMultiple` in which a statement fails',
    stock: 'goes on behind the statement that fails, and throws its error',
    ours: 'stops there, as on the server itself',
    reason: 'what depends on it must not run',
    targets: ['replica'],
    effect: 'rows',
    applies: ({ call, stock, ours }) => call.label.startsWith('executeMultiple') && 'error' in stock && 'error' in ours,
    provoke: [
      directed('executeMultiple', ['raw'], (root) =>
        root.$client.executeMultiple('alter table not_there add column y; insert into loose values (1, 2)'),
      ),
    ],
  },
  {
    id: 'left-open',
    call: 'a change of the schema, or a write, after an EXPLAIN on the same connection',
    stock:
      'SQLITE_LOCKED, or SQLITE_BUSY_SNAPSHOT for a write beside other connections, until the statement is collected as garbage: it stays open (libsql-js issue 232)',
    ours: 'runs',
    reason: 'EXPLAIN has a connection of its own',
    targets: ['file'],
    effect: 'rows',
    applies: ({ stock, ours }) =>
      failedWith(stock, 'SQLITE_LOCKED', 'SQLITE_BUSY_SNAPSHOT') &&
      !failedWith(ours, 'SQLITE_LOCKED', 'SQLITE_BUSY_SNAPSHOT'),
    provoke: [
      directed('drop a table', ['left open'], async (root) => {
        await root.run(sql`create table extra (x)`);
        await root.$client.execute('explain query plan select * from loose');
        return root.run(sql`drop table extra`);
      }),
    ],
  },
];

function inClient(call: Call): boolean {
  return has(call, 'in client transaction') || has(call, 'client transaction');
}
