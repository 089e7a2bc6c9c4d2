// Differences in how failures are told.
import { sql } from 'drizzle-orm';
import type { Failure } from '../picture.js';
import { type Difference, directed, failedWith, failure, has, local, servers } from './difference.js';

/** Codes of errors. */
export const errorDifferences: readonly Difference[] = [
  {
    id: 'server-constraint-codes',
    call: 'a broken constraint on a server',
    stock: '`SQLITE_CONSTRAINT`, without saying which kind',
    ours: 'the code with its kind (`SQLITE_CONSTRAINT_UNIQUE`, …), as locally',
    reason: 'one code on all targets',
    targets: servers,
    applies: ({ stock, ours, target }) =>
      target !== 'file' &&
      target !== ':memory:' &&
      failedWith(stock, 'SQLITE_CONSTRAINT') &&
      (failure(ours)?.code.startsWith('SQLITE_CONSTRAINT_') ?? false),
    provoke: [directed('a duplicate', ['raw'], (root) => root.run(sql`insert into tags (title) values ('new')`))],
  },
  {
    id: 'server-syntax-codes',
    call: 'a statement that a server cannot read',
    stock: '`SQL_PARSE_ERROR`, `SQL_INPUT_ERROR`, `SQLITE_UNKNOWN`, …',
    ours: '`SQLITE_ERROR`, as locally',
    reason: 'one code on all targets',
    targets: servers,
    applies: ({ stock, ours }) =>
      failedWith(stock, 'SQL_PARSE_ERROR', 'SQL_INPUT_ERROR', 'SQLITE_UNKNOWN', 'SQL_NO_STATEMENT') &&
      failedWith(ours, 'SQLITE_ERROR'),
    provoke: [directed('no statement', ['raw'], (root) => root.run(sql`selec 1`))],
  },
  {
    id: 'replica-codes',
    call: 'a write that the server of a replica refuses',
    stock: 'an Error without a code; what happened is in its text',
    ours: 'the code that a local file gives',
    reason: 'one code on all targets',
    targets: ['replica'],
    applies: ({ call, stock, ours }) =>
      !call.label.startsWith('executeMultiple') &&
      failedWith(stock, 'Error') &&
      (failure(ours)?.code.startsWith('SQLITE_') ?? false),
    provoke: [directed('no table', ['execute'], (root) => root.$client.execute('insert into nowhere values (1)'))],
  },
  {
    id: 'batch-that-cannot-be-read',
    call: 'a batch on a server in which one statement fails and another cannot be parsed',
    stock: 'the parse error of the whole, without the place',
    ours: 'the error of the first that fails, with `statementIndex`',
    reason: 'which statement it was is known',
    targets: servers,
    applies: ({ call, stock, ours }) =>
      (has(call, 'client batch') || has(call, 'batch')) &&
      failedWith(stock, 'SQL_PARSE_ERROR', 'SQL_INPUT_ERROR') &&
      'error' in ours,
    provoke: [
      directed('batch', ['client batch'], (root) =>
        root.$client.batch(["insert into tags (title) values ('new'), ('new')", 'selec 1'], 'write'),
      ),
    ],
  },
  {
    id: 'unreadable-answer',
    call: 'a batch with a row that a server cannot send, such as an infinite number',
    stock: 'HRANA_PROTO_ERROR, though the whole batch is committed',
    ours: 'HRANA_PROTO_ERROR, and nothing of the batch is in the database',
    reason: 'what has failed is not there',
    targets: servers,
    effect: 'rows',
    silent: true,
    applies: ({ call, stock, ours }) =>
      has(call, 'client batch') && failedWith(stock, 'HRANA_PROTO_ERROR') && failedWith(ours, 'HRANA_PROTO_ERROR'),
    provoke: [
      directed('infinite', ['client batch'], (root) =>
        root.$client.batch(['delete from loose', 'select 1e999 as a'], 'write'),
      ),
    ],
  },
  {
    id: 'unreadable-on-replica',
    call: 'the same on a replica',
    stock: 'the row where it runs the batch at home, else a plain Error',
    ours: 'HRANA_PROTO_ERROR, and nothing of the batch is in the database',
    reason: 'batches that may write run on the server',
    targets: ['replica'],
    effect: 'rows',
    applies: ({ stock, ours }) =>
      ('value' in stock || failedWith(stock, 'Error')) && failedWith(ours, 'HRANA_PROTO_ERROR'),
    provoke: [
      directed('infinite', ['client batch'], (root) =>
        root.$client.batch(['delete from loose', 'select 1e999 as a'], 'write'),
      ),
    ],
  },
  {
    id: 'code-of-constraint',
    call: 'the `code` of an error with an extended one, such as that of a broken constraint',
    stock:
      '`SQLITE_CONSTRAINT`, with `extendedCode` `SQLITE_CONSTRAINT_UNIQUE`; in `error.cause` of a query of drizzle',
    ours: 'the extended code in both; `error.cause`, a DrizzleQueryError, has `code`, `extendedCode` and `rawCode` as on stock, and the words of SQLite as its message',
    reason: 'one code on all targets, and programs for the stock client find what they look for',
    targets: local,
    applies: ({ call, stock, ours }) => has(call, 'codes') && 'value' in stock && 'value' in ours,
    provoke: [
      directed('its codes', ['codes'], async (root) => {
        const error = await root.$client
          .execute("insert into tags (title) values ('new')")
          .catch((thrown: unknown) => thrown as { code: string; extendedCode: string; rawCode: number });
        return 'code' in error ? [error.code, error.extendedCode, error.rawCode] : [];
      }),
    ],
  },
  {
    id: 'large-integer-before-failure',
    call: 'a batch on a server or a replica with an integer past 2^53 in front of a statement that fails',
    stock: 'RangeError, without the place',
    ours: 'the error of the statement that fails, with `statementIndex`',
    reason: 'which statement it was is known',
    targets: [...servers, 'replica'],
    applies: ({ call, stock, ours }) =>
      (has(call, 'client batch') || has(call, 'batch')) &&
      failedWith(stock, 'RangeError') &&
      (failure(ours)?.code.startsWith('SQLITE_') ?? false),
    provoke: [
      directed('a large integer, then what fails', ['client batch'], (root) =>
        root.$client.batch(['select 9007199254740993 as a', "select json('{')"], 'write'),
      ),
    ],
  },
  {
    id: 'strict-types',
    call: 'a value of the wrong type in a STRICT table',
    stock: '`UNKNOWN_SQLITE_ERROR_3091`',
    ours: '`SQLITE_CONSTRAINT_DATATYPE`',
    reason: 'the name that SQLite gives the number',
    targets: ['file', ':memory:'],
    applies: ({ stock, ours }) =>
      failedWith(stock, 'UNKNOWN_SQLITE_ERROR_3091') && failedWith(ours, 'SQLITE_CONSTRAINT_DATATYPE'),
    provoke: [
      directed('a text in a number', ['raw'], (root) => root.run(sql`insert into strict_ones (n) values ('text')`)),
    ],
  },
  {
    id: 'batch-query-error',
    call: 'a failing query in `db.batch`',
    stock: 'LibsqlBatchError alone',
    ours: 'a DrizzleQueryError in the chain of causes too, as outside a batch',
    reason: 'one query fails in one way',
    targets: ['file', ':memory:'],
    applies: ({ call, stock, ours }) => {
      const [theirs, mine] = [failure(stock), failure(ours)];
      return has(call, 'batch') && theirs?.query === false && mine?.query === true && sameKind(theirs, mine);
    },
    provoke: [
      directed('a duplicate in a batch', ['batch'], (root) => root.batch([root.run(sql`select no_such_function()`)])),
    ],
  },
];

function sameKind(theirs: Failure, mine: Failure): boolean {
  return theirs.code === mine.code && theirs.statementIndex === mine.statementIndex;
}
