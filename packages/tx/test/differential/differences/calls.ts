// Differences in which statements are taken.
import { sql } from 'drizzle-orm';
import { type Difference, directed, everywhere, failedWith, has, local } from './difference.js';

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
    id: 'two-statements',
    call: 'two statements in one text',
    stock: 'runs the first and ignores the second, without a word',
    ours: 'refused before anything runs',
    reason: 'what is not run must be heard of; servers refuse it too',
    targets: ['file', ':memory:'],
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
    stock: 'writes, on a local file',
    ours: 'DatabaseError TX_READ_ONLY, also for a text that is no statement',
    reason: 'read means read on every target',
    targets: local,
    effect: 'rows',
    applies: ({ call, ours }) =>
      (has(call, 'mode read') || has(call, 'in client transaction')) &&
      failedWith(ours, 'TX_READ_ONLY', 'SQLITE_READONLY'),
    provoke: [
      directed('a write in a read batch', ['client batch', 'mode read'], (root) =>
        root.$client.batch(['insert into loose values (1, 1)'], 'read'),
      ),
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
];
