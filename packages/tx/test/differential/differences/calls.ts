// Differences in which statements are taken.
import { sql } from 'drizzle-orm';
import { people } from '../tables.js';
import { type Difference, directed, everywhere, failedWith, has, local, servers } from './difference.js';

/** Statements that are refused. */
export const callDifferences: readonly Difference[] = [
  {
    id: 'control-text',
    call: '`BEGIN`, `COMMIT`, `ROLLBACK`, `SAVEPOINT` as the text of a statement',
    stock: 'runs on whatever connection is free; a transaction begun so is lost or holds others up',
    ours: 'TypeError',
    reason: 'a transaction belongs to one connection: `transaction()` and `savepoint()`',
    targets: everywhere,
    applies: ({ call, ours }) => has(call, 'control') && failedWith(ours, 'TypeError'),
    provoke: [directed('begin', ['execute', 'control'], (root) => root.$client.execute('begin'))],
  },
  {
    id: 'open-script',
    call: '`executeMultiple` of a script that begins a transaction and does not end it',
    stock: 'rolls that transaction back, and resolves',
    ours: 'TypeError; it is rolled back',
    reason: 'what is not there must be heard of',
    targets: everywhere,
    // On a server it is refused before anything of it has run: there the stock client may have met what is wrong with a statement.
    applies: ({ call, ours }) => has(call, 'open script') && failedWith(ours, 'TypeError'),
    provoke: [
      directed('open script', ['open script'], (root) =>
        root.$client.executeMultiple('begin; insert into loose values (5, 6)'),
      ),
    ],
  },
  {
    id: 'session-text',
    call: '`CREATE TEMP …`, `ATTACH`, `DETACH` and PRAGMA settings through `db` or `$client`',
    stock: 'changes whatever connection is free (a server refuses most of them)',
    ours: 'TypeError',
    reason: 'there are several connections: `pragmas` sets all of them, `getConnection()` holds one',
    targets: everywhere,
    applies: ({ call, ours }) => has(call, 'session') && failedWith(ours, 'TypeError'),
    provoke: [
      directed('temp', ['execute', 'session'], (root) =>
        root.$client.execute('create temp table if not exists t1 (x)'),
      ),
      directed('attach', ['execute', 'session'], (root) => root.$client.execute("attach ':memory:' as other")),
    ],
  },
  {
    id: 'pragmas',
    call: 'PRAGMAs that a connection has from the start',
    stock: "SQLite's defaults",
    ours: '`transactionManagerDefaults.pragmas`: WAL, synchronous NORMAL, a cache of 24 MiB, …',
    reason: 'what an application on one file needs',
    targets: local,
    applies: ({ call, stock, ours }) => has(call, 'pragma') && 'value' in stock && 'value' in ours,
    provoke: [directed('cache_size', ['execute', 'pragma'], (root) => root.$client.execute('pragma cache_size'))],
  },
  {
    id: 'no-statement',
    call: 'a text without a statement',
    stock: '`SQLITE_OK`: not an error',
    ours: '`SQLITE_ERROR`: The SQL text holds no statement',
    reason: 'a failure has a code of a failure',
    targets: ['file', ':memory:', 'replica'],
    applies: ({ stock, ours }) => failedWith(stock, 'SQLITE_OK') && failedWith(ours, 'SQLITE_ERROR'),
    provoke: [directed('a comment', ['execute'], (root) => root.$client.execute('-- nothing'))],
  },
  {
    id: 'two-statements',
    call: 'two statements in one text',
    stock: 'runs the first and ignores the second, without a word',
    ours: 'refused before anything runs',
    reason: 'what is not run must be heard of; servers refuse it too',
    targets: ['file', ':memory:', 'replica'],
    effect: 'rows',
    applies: ({ call, stock, ours }) => has(call, 'two statements') && 'value' in stock && 'error' in ours,
    provoke: [
      directed('two', ['execute', 'two statements'], (root) =>
        root.$client.execute('delete from loose; delete from log'),
      ),
    ],
  },
  {
    id: 'too-few-values',
    call: 'fewer values than placeholders',
    stock: 'binds NULL for the missing ones',
    ours: 'refused before anything runs',
    reason: 'a forgotten value must be heard of; servers refuse it too',
    targets: local,
    effect: 'rows',
    applies: ({ call, stock, ours }) => has(call, 'too few values') && 'value' in stock && 'error' in ours,
    provoke: [
      directed('too few', ['execute', 'too few values'], (root) =>
        root.$client.execute({ sql: 'select ? as a, ? as b', args: [1] }),
      ),
    ],
  },
  {
    id: 'read-mode-writes',
    call: "a write in `client.batch(…, 'read')` or `client.transaction('read')`",
    stock: 'writes on a local file; on a server some writes pass, and others are refused with the code of the server',
    ours: 'DatabaseError TX_READ_ONLY, also for a text that is no statement',
    reason: 'read means read on every target',
    targets: everywhere,
    effect: 'rows',
    applies: ({ call, ours }) =>
      (has(call, 'mode read') || has(call, 'in client transaction')) &&
      failedWith(ours, 'TX_READ_ONLY', 'SQLITE_READONLY'),
    provoke: [
      directed('a write in a read batch', ['client batch', 'mode read'], (root) =>
        root.$client.batch(['insert into loose values (1, 1)'], 'read'),
      ),
      directed('a write in a read transaction', ['in client transaction', 'mode read'], async (root) => {
        const transaction = await root.$client.transaction('read');
        try {
          const result = await transaction.execute('insert into loose values (1, 1)');
          await transaction.commit();
          return result;
        } finally {
          transaction.close();
        }
      }),
    ],
  },
  {
    id: 'or-fail-alone',
    call: '`INSERT OR FAIL` outside a transaction, when it fails',
    stock: 'keeps the rows in front of the failing one',
    ours: 'keeps nothing',
    reason: 'a write on its own is a transaction, and a call that failed has written nothing',
    targets: local,
    effect: 'rows',
    silent: true,
    applies: ({ call, stock, ours }) => /\bor fail\b/.test(call.label) && 'error' in stock && 'error' in ours,
    provoke: [
      directed('insert or fail', ['raw'], (root) =>
        root.run(sql`insert or fail into tags (title) values ('kept'), ('new'), ('never')`),
      ),
    ],
  },
  {
    id: 'too-many-values',
    call: 'more values than placeholders',
    stock: 'ignores what is too much',
    ours: 'refused before anything runs',
    reason: 'a value that goes nowhere must be heard of',
    targets: local,
    effect: 'rows',
    applies: ({ call, stock, ours }) =>
      has(call, 'too many values') && 'value' in stock && failedWith(ours, 'TypeError'),
    provoke: [
      directed('too many', ['execute', 'too many values'], (root) =>
        root.$client.execute({ sql: 'select ? as a', args: [1, 2] }),
      ),
    ],
  },
  {
    id: 'missing-name',
    call: 'a name in the text without a value among the named ones',
    stock: 'binds NULL for it',
    ours: 'TypeError that tells the name',
    reason: 'a misspelt name must be heard of',
    targets: local,
    effect: 'rows',
    applies: ({ call, stock, ours }) => has(call, 'missing name') && 'value' in stock && failedWith(ours, 'TypeError'),
    provoke: [
      directed('a missing name', ['execute', 'missing name'], (root) =>
        root.$client.execute({ sql: 'select :a as a, :b as b', args: { a: 1 } }),
      ),
    ],
  },
  {
    id: 'no-values',
    call: 'values that are neither an array nor an object',
    stock: 'ignores them',
    ours: 'TypeError',
    reason: 'a value that goes nowhere must be heard of',
    targets: local,
    effect: 'rows',
    applies: ({ call, stock, ours }) => has(call, 'no values') && 'value' in stock && failedWith(ours, 'TypeError'),
    provoke: [
      directed('a number', ['execute', 'no values'], (root) => root.$client.execute('select 1 as a', 5 as never)),
    ],
  },
  {
    id: 'count-in-batch',
    call: '`db.$count()` in `db.batch`',
    stock: 'TypeError: `_prepare` is not a function',
    ours: 'runs',
    reason: 'it is a query like the others',
    targets: everywhere,
    effect: 'rows',
    applies: ({ call, stock, ours }) =>
      has(call, 'count in batch') && failedWith(stock, 'TypeError') && 'value' in ours,
    provoke: [directed('a count', ['batch', 'count in batch'], (root) => root.batch([root.$count(people) as never]))],
  },
  {
    id: 'sync-of-replica',
    call: '`$client.sync()` of a replica',
    stock: 'how many frames came',
    ours: '`undefined`; the rows are there',
    reason: 'how many came is not known for every target',
    targets: ['replica'],
    applies: ({ call, stock, ours }) => has(call, 'sync') && 'value' in stock && 'value' in ours,
    provoke: [directed('sync', ['sync'], (root) => root.$client.sync())],
  },
  {
    id: 'sync-of-none',
    call: '`$client.sync()` of what is no replica',
    stock: 'Error of the driver without a code; `SYNC_NOT_SUPPORTED` for a server',
    ours: '`UNSUPPORTED`',
    reason: 'one code on all targets',
    targets: [...local, ...servers],
    applies: ({ call, stock, ours }) => has(call, 'sync') && 'error' in stock && failedWith(ours, 'UNSUPPORTED'),
    provoke: [directed('sync', ['sync'], (root) => root.$client.sync())],
  },
];
