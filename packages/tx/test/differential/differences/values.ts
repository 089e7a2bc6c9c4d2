// Differences in what values go in and come out.
import { sql } from 'drizzle-orm';
import {
  alikeButCounts,
  alikeButCountsAndSign,
  alikeButLastRowid,
  alikeButOddNames,
  alikeButPrinting,
  alikeButRows,
  alikeWithArrays,
} from '../alike.js';
import type { Outcome } from '../picture.js';
import { people } from '../tables.js';
import { type Difference, directed, everywhere, failedWith, has, local, servers } from './difference.js';

const execute = (args: readonly unknown[]) =>
  directed('a value', ['execute'], (root) => root.$client.execute({ sql: 'select ? as a', args: args as never }));

/** Values that are refused or shaped otherwise. */
export const valueDifferences: readonly Difference[] = [
  {
    id: 'values-are-arrays',
    call: '`.values()` of any query',
    stock: 'rows of @libsql/client: objects with a length, which are no arrays (`Array.isArray` says false, no `map`)',
    ours: 'arrays',
    reason: 'drizzle declares `unknown[][]`',
    targets: everywhere,
    applies: ({ call, stock, ours }) =>
      !has(call, 'batch') && 'value' in stock && 'value' in ours && alikeWithArrays(stock.value, ours.value),
    provoke: [directed('values', ['form values'], (root) => root.select().from(people).values())],
  },
  {
    id: 'batch-rows-are-objects',
    call: '`db.all`, `db.get` and `db.values` by hand in `db.batch`',
    stock: 'rows of @libsql/client, with positions and a length that are not enumerable',
    ours: 'plain objects or arrays, as the same queries give outside a batch',
    reason: 'one query has one shape of rows',
    targets: everywhere,
    applies: ({ call, stock, ours }) =>
      has(call, 'batch') && 'value' in stock && 'value' in ours && alikeButRows(stock.value, ours.value),
    provoke: [directed('all in a batch', ['batch'], (root) => root.batch([root.all(sql`select 1 as a`)]))],
  },
  {
    id: 'get-of-nothing',
    call: '`db.get` by hand, or `.get()` of a write without `returning`, when there is no row',
    stock: 'DrizzleQueryError over a TypeError (`Cannot convert undefined or null to object`)',
    ours: '`undefined`',
    reason: 'drizzle does so for every other query; no row is no error',
    targets: everywhere,
    effect: 'block',
    applies: ({ stock, ours }) =>
      failedWith(stock, 'TypeError') && 'value' in ours && ours.value === undefined && saysNoObject(stock),
    provoke: [directed('get', ['raw'], (root) => root.get(sql`select 1 where 0`))],
  },
  {
    id: 'get-stops',
    call: '`.get()` when a row behind the first cannot be computed',
    stock: 'reads every row, and fails',
    ours: 'the first row',
    reason: 'it asks for one row, and stops there',
    targets: ['file', ':memory:', 'replica'],
    effect: 'block',
    applies: ({ call, stock, ours }) =>
      (call.traits?.some((trait) => /^form .*get$/.test(trait)) ?? false) &&
      failedWith(stock, 'SQLITE_ERROR', 'RangeError') &&
      'value' in ours,
    provoke: [
      directed('get', ['raw', 'form get'], (root) =>
        root.get(sql`select json(column1) as a from (values ('1'), ('none'))`),
      ),
    ],
  },
  {
    id: 'odd-names',
    call: '`db.all` and `db.get` by hand, of columns named `0`, `length` or `__proto__`',
    stock: 'without these columns: they are what its rows are made of',
    ours: 'with them',
    reason: 'every column that is asked for is there',
    targets: everywhere,
    applies: ({ call, stock, ours }) =>
      has(call, 'odd names') && 'value' in stock && 'value' in ours && alikeButOddNames(stock.value, ours.value),
    provoke: [
      directed('names', ['raw', 'odd names'], (root) => root.all(sql`select 1 as "0", 2 as length, 3 as a`)),
      directed('__proto__', ['raw', 'odd names'], (root) => root.get(sql`select 1 as a, 2 as "__proto__"`)),
    ],
  },
  {
    id: 'last-rowid-past-53-bits',
    call: '`lastInsertRowid` past 2^53',
    stock: 'rounded, though it is a bigint: another row, or none',
    ours: 'as it is',
    reason: 'one behaviour on all targets: servers tell it whole',
    targets: local,
    applies: ({ call, stock, ours }) => has(call, 'huge rowid') && 'value' in stock && 'value' in ours,
    provoke: [
      directed('a huge rowid', ['raw', 'huge rowid'], (root) =>
        root.run(sql`insert into loose (rowid) values (4504423795271622254)`),
      ),
    ],
  },
  {
    id: 'last-rowid-of-no-insert',
    call: '`lastInsertRowid` of a statement that inserts nothing',
    stock: 'what the connection that it ran on inserted last: any of the pool',
    ours: 'what the one connection that writes inserted last; on a replica as on its server, which leaves it out',
    reason: 'SQLite leaves it as it was',
    targets: ['file', ':memory:', 'replica'],
    applies: ({ call, stock, ours }) =>
      'value' in stock &&
      'value' in ours &&
      !/^insert (?:a post|\d+ (?:kinds|people,))/.test(call.label) &&
      alikeButLastRowid(stock.value, ours.value),
    provoke: [
      directed('what another side refused', ['raw'], async (root) => {
        await root.$client.batch(['insert into loose values (1, 2)'], 'read').catch(() => undefined);
        await root.run(sql`delete from loose`);
        return root.run(sql`delete from loose`);
      }),
    ],
  },
  {
    id: 'last-rowid-on-kept-stream',
    call: '`lastInsertRowid` of a statement that inserts nothing',
    stock: '0: each statement has a connection of its own',
    ours: 'what its connection inserted last, as locally',
    reason: 'connections are kept, because a new one takes a server longer than the statement',
    targets: ['http'],
    applies: ({ call, stock, ours }) =>
      'value' in stock &&
      'value' in ours &&
      !/^insert (?:a post|\d+ (?:kinds|people,))/.test(call.label) &&
      alikeButLastRowid(stock.value, ours.value),
    provoke: [
      directed('a write behind an insert', ['raw'], async (root) => {
        await root.run(sql`insert into people (name) values ('zoe')`);
        return root.run(sql`insert into people (name) values ('zoe') on conflict do nothing`);
      }),
    ],
  },
  {
    id: 'replica-column-names',
    call: 'the name of a column without `as`, read beside writes on a replica',
    stock: 'printed anew from what it parsed: `count (*)`',
    ours: 'as SQLite names it: `count(*)`',
    reason: 'one name on all targets',
    targets: ['replica'],
    applies: ({ stock, ours }) => 'value' in stock && 'value' in ours && alikeButPrinting(stock.value, ours.value),
    provoke: [
      directed('count', ['client batch'], (root) =>
        root.$client.batch(['delete from loose', 'select count(*) from tags'], 'write'),
      ),
    ],
  },
  {
    id: 'columns-on-replica',
    call: '`select *` on a replica behind a change of the schema',
    stock: 'the names from before it, once; a column that was added is called `undefined`',
    ours: 'the names that the columns have',
    reason: 'each value stands under its own name; so on a file that another process changes',
    targets: ['replica'],
    applies: ({ call, stock, ours }) => has(call, 'schema of the server') && 'value' in stock && 'value' in ours,
    provoke: [
      directed('a column more', ['execute', 'schema of the server'], async (root) => {
        const { $client: client } = root;
        await client.executeMultiple(`create table grown (a); insert into grown values ('A')`);
        await client.sync();
        await client.execute('select * from grown');
        await client.execute(`alter table grown add column b default 'B'`);
        await client.sync();
        return { ...(await client.execute('select * from grown')).rows[0] };
      }),
    ],
  },
  {
    id: 'columns-on-server',
    call: '`select *` on a server behind a change of the schema, in a transaction that has read no table yet, or in the same moment',
    stock: 'the names from before it, and each value under the name of another column; or the server fails',
    ours: 'the names that the columns have',
    reason:
      'each value stands under its own name: our request looks at the schema first, and alone it is a transaction',
    targets: servers,
    applies: ({ call, stock, ours }) => has(call, 'schema of a server') && 'value' in stock && 'value' in ours,
    provoke: [
      directed('columns turned round', ['execute', 'schema of a server'], async (root) => {
        const { $client: client } = root;
        await client.executeMultiple(`create table turned (p, q); insert into turned values ('P', 'Q')`);
        const transaction = await client.transaction('read');
        await transaction.execute('select 1');
        const turn = ['drop table turned', 'create table turned (q, p)', `insert into turned values ('Q', 'P')`];
        await client.batch(turn, 'write');
        const { rows } = await transaction.execute('select * from turned');
        transaction.close();
        return { ...rows[0] };
      }),
    ],
  },
  {
    id: 'returning-on-replica',
    call: '`rowsAffected` and `lastInsertRowid` of a write with `returning` on a replica',
    stock: '0 and undefined',
    ours: 'as its server says',
    reason: 'the write runs there',
    targets: ['replica'],
    applies: ({ stock, ours }) => 'value' in stock && 'value' in ours && alikeButCounts(stock.value, ours.value),
    provoke: [
      directed('insert returning', ['raw'], (root) =>
        root.run(sql`insert into tags (title) values ('more') returning id`),
      ),
    ],
  },
  {
    id: 'negative-zero-on-replica',
    call: '-0, returned by a write on a replica',
    stock: '-0',
    ours: '0, as its server answers',
    reason: 'the write runs there',
    targets: ['replica'],
    applies: ({ stock, ours }) => 'value' in stock && 'value' in ours && alikeButCountsAndSign(stock.value, ours.value),
    provoke: [directed('-0', ['raw'], (root) => root.get(sql`insert into loose (a) values (${-0}) returning a`))],
  },
  {
    id: 'integer-out-of-range',
    call: 'reading an integer past 2^53',
    stock: 'RangeError, and a write that returns it stays written',
    ours: 'DatabaseError INTEGER_OUT_OF_RANGE with a hint; locally the write that returned it is rolled back',
    reason: 'an error with a code, and no row of a call that failed',
    targets: everywhere,
    effect: 'rows',
    applies: ({ stock, ours }) => failedWith(stock, 'RangeError') && failedWith(ours, 'INTEGER_OUT_OF_RANGE'),
    provoke: [directed('a large integer', ['execute'], (root) => root.$client.execute('select 9007199254740993 as a'))],
  },
  {
    id: 'number-out-of-range',
    call: 'binding NaN, an infinite number, or a bigint past 64 bits',
    stock: 'RangeError',
    ours: 'TypeError that names the place',
    reason: 'one kind of error for every value that cannot be bound',
    targets: everywhere,
    applies: ({ stock, ours }) => failedWith(stock, 'RangeError') && failedWith(ours, 'TypeError'),
    provoke: [
      execute([Number.NaN]),
      execute([Number.POSITIVE_INFINITY]),
      execute([2n ** 63n]),
      directed('through drizzle', ['raw'], (root) => root.run(sql`select ${Number.NEGATIVE_INFINITY}`)),
    ],
  },
  {
    id: 'no-value',
    call: 'binding an object, a function, a symbol, or a view of bytes that is no Uint8Array',
    stock: 'Error of the driver without a code; TypeError for a server',
    ours: 'TypeError that names the place',
    reason: 'one kind of error for every value that cannot be bound',
    targets: ['file', ':memory:', 'replica'],
    applies: ({ call, stock, ours }) =>
      has(call, 'no value') && failedWith(stock, 'Error') && failedWith(ours, 'TypeError'),
    provoke: [{ a: 1 }, () => 1, new Map(), new DataView(new ArrayBuffer(8)), new Float64Array(1)].map((value) =>
      directed('no value', ['execute', 'no value'], (root) =>
        root.$client.execute({ sql: 'select ? as a', args: [value as never] }),
      ),
    ),
  },
  {
    id: 'floats-as-bytes',
    call: 'binding a Float32Array or a Uint8ClampedArray',
    stock: 'its bytes locally; for a server a text of its numbers',
    ours: 'TypeError that names the place',
    reason: 'the same on every target; `new Uint8Array(floats.buffer)` are the bytes of a vector',
    targets: everywhere,
    effect: 'rows',
    applies: ({ call, stock, ours }) => has(call, 'floats') && 'value' in stock && failedWith(ours, 'TypeError'),
    provoke: [new Float32Array([1, 0.5]), new Uint8ClampedArray([1, 2])].map((value) =>
      directed('floats', ['execute', 'floats'], (root) =>
        root.$client.execute({ sql: 'select ? as a', args: [value as never] }),
      ),
    ),
  },
  {
    id: 'invalid-date',
    call: 'binding an invalid Date',
    stock: 'NULL locally; a server answers with an error, and a WebSocket is closed',
    ours: 'TypeError that names the place',
    reason: 'what is bound is what is stored',
    targets: everywhere,
    effect: 'rows',
    applies: ({ call, ours }) => has(call, 'invalid date') && failedWith(ours, 'TypeError'),
    provoke: [
      directed('an invalid date', ['execute', 'invalid date'], (root) =>
        root.$client.execute({ sql: 'select ? as a', args: [new Date(Number.NaN)] }),
      ),
    ],
  },
  {
    id: 'bytes-filled-anew',
    call: 'bytes or a list of values that are changed before the call is awaited',
    stock: 'the values at the time at which the statement runs, which is later (not so in `client.transaction`)',
    ours: 'those of the call; of a query in `db.batch` as on stock',
    reason: 'a call that waits for others runs with its own values',
    targets: ['file', ':memory:'],
    effect: 'rows',
    applies: ({ call }) => has(call, 'bytes filled anew'),
    provoke: [
      directed('bytes filled anew', ['execute', 'bytes filled anew'], (root) => {
        const bytes = new Uint8Array([1]);
        const called = root.$client.execute({ sql: 'select hex(?) as a', args: [bytes] });
        bytes[0] = 9;
        return called;
      }),
    ],
  },
  {
    id: 'text-with-nul',
    call: 'binding a text with a NUL character',
    stock: 'stored; locally it is cut off at the NUL when it is read',
    ours: 'TypeError that names the place',
    reason: 'what is bound is what comes back',
    targets: everywhere,
    effect: 'rows',
    applies: ({ call, stock, ours }) => has(call, 'text with NUL') && 'value' in stock && failedWith(ours, 'TypeError'),
    provoke: [
      directed('a NUL', ['execute', 'text with NUL'], (root) =>
        root.$client.execute({ sql: 'select ? as a', args: ['a\0b'] }),
      ),
    ],
  },
  {
    id: 'lone-surrogate',
    call: 'binding a text with a lone surrogate',
    stock: 'stored with U+FFFD in its place; a server answers with an error, and a WebSocket is closed',
    ours: 'TypeError that names the place',
    reason: 'what is bound is what comes back',
    targets: everywhere,
    effect: 'rows',
    applies: ({ call, ours }) => has(call, 'lone surrogate') && failedWith(ours, 'TypeError'),
    provoke: [
      directed('a lone surrogate', ['execute', 'lone surrogate'], (root) =>
        root.$client.execute({ sql: 'select ? as a', args: ['\ud800'] }),
      ),
    ],
  },
  {
    id: 'boolean-on-server',
    call: 'a boolean, bound by hand where no column decides its type',
    stock: 'INTEGER on a server, REAL locally',
    ours: 'REAL everywhere: `1.0`',
    reason: 'one behaviour on all targets; the columns of drizzle are not concerned, which bind 0 and 1',
    targets: servers,
    applies: ({ call, stock, ours }) => has(call, 'boolean') && 'value' in stock && 'value' in ours,
    provoke: [
      directed('typeof', ['execute', 'boolean'], (root) =>
        root.$client.execute({ sql: 'select typeof(?) as t', args: [true] }),
      ),
    ],
  },
];

function saysNoObject(outcome: Outcome): boolean {
  const error = 'error' in outcome ? outcome.error : undefined;
  return error instanceof Error && /undefined or null/.test(String(error.cause));
}
