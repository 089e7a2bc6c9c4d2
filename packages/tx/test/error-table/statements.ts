// What a statement can do wrong: constraints and SQL. Each row runs on every driver that takes the statement.
import type { ConstraintDetails, DatabaseErrorType } from '../../src/errors.js';
import type { Value } from './drivers.js';
import type { Driver } from './failure.js';

/** A value that must not come back in any message. */
export const secret = 'do-not-tell';

/** A statement that fails. */
export interface StatementFailure {
  readonly what: string;
  readonly on: readonly Driver[];
  readonly type: DatabaseErrorType;
  readonly code: string;
  readonly recoverable?: boolean;
  readonly constraint?: ConstraintDetails;
  readonly statement: string;
  readonly values: readonly Value[];
  /** drizzle cannot get it wrong. */
  readonly notInDrizzle?: true;
}

/** What the rows stand on. */
export const tables: readonly string[] = [
  'create table items (id integer primary key, name text unique, a integer, b integer)',
  'create unique index items_a_b on items (a, b)',
  'create table labels (text text)',
  'create unique index labels_lower on labels (lower(text))',
  'create table keyed (key text primary key) without rowid',
  'create table plain (a)',
  'create table sized (size integer not null)',
  `create table checked (size integer constraint size_positive check (size > 0), kind text check (kind <> 'bad'))`,
  'create table parts (item integer references items (id))',
  'create table typed (size integer) strict',
  'create table guarded (a)',
  `create trigger guarded_insert before insert on guarded begin select raise(abort, 'closed on sundays'); end`,
  'create virtual table words using fts5 (body)',
  `insert into items values (1, '${secret}', 1, 1)`,
  `insert into labels values ('${secret}')`,
  `insert into keyed values ('${secret}')`,
  'insert into plain (rowid, a) values (1, 1)',
  `insert into words (rowid, body) values (1, 'text')`,
];

const files = ['libsql', 'client'] as const;
const servers = ['http', 'ws'] as const;
const all = [...files, ...servers, 'replica'] as const;
const withCodes = [...files, 'replica'] as const;

const broken = (
  kind: ConstraintDetails['kind'],
  table: string | null,
  columns: readonly string[],
  name: string | null = null,
): ConstraintDetails => ({ kind, table, columns, name });

const constraints: readonly Omit<StatementFailure, 'type'>[] = [
  {
    what: 'a second equal value in a unique column',
    on: all,
    code: 'SQLITE_CONSTRAINT_UNIQUE',
    constraint: broken('unique', 'items', ['name']),
    statement: 'insert into items (name) values (?)',
    values: [secret],
  },
  {
    what: 'a second equal pair under a unique index',
    on: all,
    code: 'SQLITE_CONSTRAINT_UNIQUE',
    constraint: broken('unique', 'items', ['a', 'b']),
    statement: 'insert into items (name, a, b) values (?, 1, 1)',
    values: [`${secret}!`],
  },
  {
    what: 'a second equal value under a unique index on an expression',
    on: all,
    code: 'SQLITE_CONSTRAINT_UNIQUE',
    constraint: broken('unique', null, [], 'labels_lower'),
    statement: 'insert into labels values (?)',
    values: [secret],
  },
  {
    what: 'a second equal primary key',
    on: withCodes,
    code: 'SQLITE_CONSTRAINT_PRIMARYKEY',
    constraint: broken('primary_key', 'keyed', ['key']),
    statement: 'insert into keyed values (?)',
    values: [secret],
  },
  {
    what: 'a second equal primary key, which servers do not tell from a unique column',
    on: servers,
    code: 'SQLITE_CONSTRAINT_UNIQUE',
    constraint: broken('unique', 'keyed', ['key']),
    statement: 'insert into keyed values (?)',
    values: [secret],
  },
  {
    what: 'a second equal rowid',
    on: all,
    code: 'SQLITE_CONSTRAINT_ROWID',
    constraint: broken('primary_key', 'plain', ['rowid']),
    statement: 'insert into plain (rowid, a) values (1, ?)',
    values: [secret],
  },
  {
    what: 'a second equal rowid in a full-text table',
    on: [...files, ...servers],
    code: 'SQLITE_CONSTRAINT',
    constraint: broken('primary_key', null, []),
    statement: 'insert into words (rowid, body) values (1, ?)',
    values: [secret],
  },
  {
    what: 'a second equal rowid in a full-text table',
    on: ['replica'],
    code: 'SQLITE_CONSTRAINT_PRIMARYKEY',
    constraint: broken('primary_key', null, []),
    statement: 'insert into words (rowid, body) values (1, ?)',
    values: [secret],
  },
  {
    what: 'no value for a NOT NULL column',
    on: all,
    code: 'SQLITE_CONSTRAINT_NOTNULL',
    constraint: broken('not_null', 'sized', ['size']),
    statement: 'insert into sized values (nullif(?, ?))',
    values: [secret, secret],
  },
  {
    what: 'a failed CHECK that has a name',
    on: all,
    code: 'SQLITE_CONSTRAINT_CHECK',
    constraint: broken('check', null, [], 'size_positive'),
    statement: 'insert into checked (size, kind) values (-1, ?)',
    values: [secret],
  },
  {
    what: 'a failed CHECK without a name',
    on: all,
    code: 'SQLITE_CONSTRAINT_CHECK',
    constraint: broken('check', null, [], `kind <> 'bad'`),
    statement: 'insert into checked (kind) values (substr(?, 1, 0) || ?)',
    values: [secret, 'bad'],
  },
  {
    what: 'a foreign key that points nowhere',
    on: all,
    code: 'SQLITE_CONSTRAINT_FOREIGNKEY',
    constraint: broken('foreign_key', null, []),
    statement: 'insert into parts values (length(?))',
    values: [secret],
  },
  {
    what: 'RAISE() in a trigger',
    on: all,
    code: 'SQLITE_CONSTRAINT_TRIGGER',
    constraint: broken('trigger', null, [], 'closed on sundays'),
    statement: 'insert into guarded values (?)',
    values: [secret],
  },
  {
    what: 'a value of another type in a STRICT table',
    on: all,
    code: 'SQLITE_CONSTRAINT_DATATYPE',
    constraint: broken('datatype', 'typed', ['size']),
    statement: 'insert into typed values (?)',
    values: [secret],
  },
  {
    what: 'a text as integer primary key',
    on: all,
    code: 'SQLITE_MISMATCH',
    constraint: broken('datatype', null, []),
    statement: 'insert into items (id) values (?)',
    values: [secret],
  },
  {
    what: 'a text or blob past the limit of the database',
    on: all,
    code: 'SQLITE_TOOBIG',
    statement: 'select zeroblob(2000000000 + length(?))',
    values: [secret],
  },
  {
    what: 'a bound text or blob past the limit of the server',
    on: servers,
    code: 'SQLITE_TOOBIG',
    statement: 'select length(?)',
    values: [secret.repeat(Math.ceil(6_000_000 / secret.length))],
  },
  {
    what: 'an answer past the limit of the server',
    on: servers,
    code: 'RESPONSE_TOO_LARGE',
    statement: 'select ? || hex(zeroblob(1000000))',
    values: [secret],
  },
];

const wrong = (what: string, statement: string, values: readonly Value[], on: readonly Driver[] = all) => ({
  ...{ what, on, statement, values },
  code: 'SQLITE_ERROR',
});

const tooMany = Array<string>(32_767).fill(secret);

const statements: readonly Omit<StatementFailure, 'type'>[] = [
  wrong('SQL that cannot be parsed', 'selec ?', [secret]),
  wrong('a missing table', 'select * from missing_table where a = ?', [secret]),
  wrong('a missing column', 'select missing_column from items where name = ?', [secret]),
  wrong('a missing function', 'select missing_function(?)', [secret]),
  wrong('a missing collation', 'select * from items order by name collate missing_collation', []),
  wrong('a text without a statement', '-- nothing', [], [...files, ...servers]),
  wrong('a search text that FTS5 cannot read', 'select * from words where words match ?', [`(${secret}`]),
  wrong('a search text that names a missing column', 'select * from words where words match ?', [`"${secret}" : x`]),
  wrong('a JSON path that is none', `select json_extract('{}', ?)`, [`$${secret}[`]),
  wrong('conditions chained or nested a thousand deep', `select ? where ${Array(1_001).fill('1 = 1').join(' or ')}`, [
    secret,
  ]),
  wrong('brackets nested a hundred deep', `select ?, ${'('.repeat(101)}1${')'.repeat(101)}`, [secret]),
  wrong('more than 500 selects in one UNION', `select ?${' union all select 1'.repeat(500)}`, [secret]),
  wrong('more than 32,766 values', `select 1 where 1 in (${tooMany.map(() => '?').join()})`, tooMany),
  {
    what: 'two statements in one text (files run the first one only)',
    on: servers,
    code: 'SQL_MANY_STATEMENTS',
    statement: 'select ?; select 2',
    values: [secret],
  },
  {
    what: 'fewer values than placeholders (files bind NULL)',
    on: servers,
    code: 'ARGS_INVALID',
    statement: 'select ?, ?',
    values: [secret],
    notInDrizzle: true,
  },
  {
    what: 'a statement that servers do not take: VACUUM, ATTACH, most pragmas',
    on: [...servers, 'replica'],
    code: 'UNSUPPORTED_STATEMENT',
    statement: 'vacuum',
    values: [],
  },
];

/** Every statement that fails, by type. */
export const statementFailures: readonly StatementFailure[] = [
  ...constraints.map((failure) => ({ type: 'constraint' as const, ...failure })),
  ...statements.map((failure) => ({ type: 'syntax' as const, ...failure })),
  {
    what: 'COMMIT of a transaction that is no more',
    on: [...files, ...servers],
    type: 'aborted',
    code: 'TRANSACTION_LOST',
    recoverable: true,
    statement: 'commit',
    values: [],
  },
  {
    what: 'an integer past 2^53 in an answer',
    on: ['client', ...servers, 'replica'],
    type: 'unknown',
    code: 'INTEGER_OUT_OF_RANGE',
    statement: 'select 9223372036854775807, ?',
    values: [secret],
  },
];
