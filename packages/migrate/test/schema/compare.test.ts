// Two schemas are the same when SQLite treats them the same, however they are spelled; every other difference has a sentence.
import { openTransactionManager } from '@cc/tx';
import { describe, expect, test } from 'vitest';
import { compareSchemas } from '../../src/schema/compare-schemas.js';
import { readSchema } from '../../src/schema/read-schema.js';
import type { Schema } from '../../src/schema/schema.js';

async function schemaOf(...statements: string[]): Promise<Schema> {
  await using transactions = await openTransactionManager({ url: ':memory:' });
  using lease = await transactions.getConnection();
  for (const sql of statements) await lease.client.execute(sql);
  return await readSchema(lease.client);
}

const parent = 'CREATE TABLE p (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, name text)';

describe('the same', () => {
  test.each<[string, string[], string[]]>([
    [
      'quotes, case, comments and white space',
      ['CREATE TABLE `t` (`a` integer PRIMARY KEY NOT NULL, b text DEFAULT \'X y\' CHECK ("t"."b" <> \'\'))'],
      [
        'create table "t"(\n"a" INTEGER primary key not null, -- key\n[b] TEXT default \'X y\', constraint c check (b <> \'\'))',
      ],
    ],
    [
      'a foreign key at its column and at the table',
      [parent, 'CREATE TABLE c (p integer REFERENCES p(id) ON DELETE CASCADE)'],
      [
        parent,
        'CREATE TABLE c (p integer, CONSTRAINT x FOREIGN KEY (p) REFERENCES p(id) ON UPDATE no action ON DELETE cascade)',
      ],
    ],
    [
      'a column renamed by SQLite',
      [
        'CREATE TABLE t (a text CHECK (a > 0))',
        'CREATE INDEX i ON t (a) WHERE a > 1',
        'ALTER TABLE t RENAME COLUMN a TO b',
      ],
      ['CREATE TABLE t (`b` text CHECK (`b` > 0))', 'CREATE INDEX i ON t (b) WHERE b > 1'],
    ],
    [
      'a table renamed by SQLite',
      ['CREATE TABLE x (a, CHECK ("x"."a" > 0))', 'CREATE VIEW v AS SELECT a FROM x', 'ALTER TABLE x RENAME TO t'],
      ['CREATE TABLE `t` (a, CHECK (`t`.`a` > 0))', 'CREATE VIEW v AS SELECT a FROM t'],
    ],
    [
      'an added column',
      ['CREATE TABLE t (a, CHECK (a > 0))', 'ALTER TABLE t ADD b text DEFAULT 1 NOT NULL'],
      ['CREATE TABLE t (a, b text DEFAULT 1 NOT NULL, CHECK (a > 0))'],
    ],
    [
      'keys that say what holds anyway',
      ['CREATE TABLE t (a text NOT NULL PRIMARY KEY ASC, b text COLLATE nocase, UNIQUE (b ASC, a))'],
      ['CREATE TABLE t (a text NOT NULL, b text COLLATE nocase, CONSTRAINT u UNIQUE (`b`, a), PRIMARY KEY (a))'],
    ],
    [
      'a full-text table',
      [parent, 'CREATE VIRTUAL TABLE f USING fts5(name, content=\'p\', content_rowid="id")'],
      [parent, "CREATE VIRTUAL TABLE IF NOT EXISTS `f` USING FTS5(name, content = p, content_rowid = 'id')"],
    ],
  ])('%s', async (_, a, b) => {
    expect(compareSchemas(await schemaOf(...a), await schemaOf(...b))).toEqual([]);
  });
});

describe('another', () => {
  test.each<[string, string[], string[], string]>([
    [
      'type',
      ['CREATE TABLE t (a text)'],
      ['CREATE TABLE t (a integer)'],
      'table t: column a is text instead of integer',
    ],
    [
      'default',
      ["CREATE TABLE t (a text DEFAULT 'X')"],
      ["CREATE TABLE t (a text DEFAULT 'x')"],
      "table t: column a is text default 'X' instead of text default 'x'",
    ],
    [
      'collation',
      ['CREATE TABLE t (a text COLLATE nocase)'],
      ['CREATE TABLE t (a text)'],
      'column a is text collate nocase instead of text',
    ],
    [
      'generated expression',
      ['CREATE TABLE t (a, b AS (a + 1))'],
      ['CREATE TABLE t (a, b AS (a + 2))'],
      'column b is no type virtual as ( a + 1 ) instead of no type virtual as ( a + 2 )',
    ],
    ['order', ['CREATE TABLE t (a, b)'], ['CREATE TABLE t (b, a)'], 'columns stand in another order'],
    [
      'key',
      ['CREATE TABLE t (a, b, PRIMARY KEY (a, b))'],
      ['CREATE TABLE t (a, b, PRIMARY KEY (b, a))'],
      'primary key a, b instead of b, a',
    ],
    [
      'mark',
      ['CREATE TABLE t (a integer PRIMARY KEY)'],
      ['CREATE TABLE t (a integer PRIMARY KEY AUTOINCREMENT)'],
      'AUTOINCREMENT false instead of true',
    ],
    [
      'rule',
      [parent, 'CREATE TABLE c (p REFERENCES p(id))'],
      [parent, 'CREATE TABLE c (p REFERENCES p(id) ON DELETE CASCADE)'],
      'foreign key (p) to p(id) on update no action on delete cascade is missing',
    ],
    [
      'deferral',
      [parent, 'CREATE TABLE c (p REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED)'],
      [parent, 'CREATE TABLE c (p REFERENCES p(id))'],
      'clauses',
    ],
    [
      'check',
      ['CREATE TABLE t (a CHECK (a > 0))'],
      ['CREATE TABLE t (a CHECK (a >= 0))'],
      'checks ( a > 0 ) instead of ( a >= 0 )',
    ],
    [
      'unique constraint',
      ['CREATE TABLE t (a, b, UNIQUE (a, b))'],
      ['CREATE TABLE t (a, b)'],
      'unique constraints a, b instead of none',
    ],
    [
      'collation in a unique constraint',
      ['CREATE TABLE t (a, b, UNIQUE (a COLLATE nocase, b))'],
      ['CREATE TABLE t (a, b, UNIQUE (a, b))'],
      'clauses unique ( a collate nocase , b ) instead of none',
    ],
    [
      'order in a key',
      ['CREATE TABLE t (a, b, PRIMARY KEY (a, b DESC))'],
      ['CREATE TABLE t (a, b, PRIMARY KEY (a, b))'],
      'clauses primary key ( a , b desc ) instead of none',
    ],
    [
      'key that is the rowid',
      ['CREATE TABLE t (a integer PRIMARY KEY DESC)'],
      ['CREATE TABLE t (a integer PRIMARY KEY)'],
      'clauses a primary key desc instead of none',
    ],
    [
      'option',
      ['CREATE TABLE t (a integer PRIMARY KEY) STRICT, WITHOUT ROWID'],
      ['CREATE TABLE t (a integer PRIMARY KEY) WITHOUT ROWID'],
      'options strict, without rowid instead of without rowid',
    ],
    ['table', ['CREATE TABLE a (x)'], ['CREATE TABLE b (x)'], 'table b is missing'],
    [
      'uniqueness',
      ['CREATE TABLE t (a)', 'CREATE INDEX i ON t (a)'],
      ['CREATE TABLE t (a)', 'CREATE UNIQUE INDEX i ON t (a)'],
      'index i: ( a ) instead of unique ( a )',
    ],
    [
      'index table',
      ['CREATE TABLE t (a)', 'CREATE TABLE u (a)', 'CREATE INDEX i ON t (a)'],
      ['CREATE TABLE t (a)', 'CREATE TABLE u (a)', 'CREATE INDEX i ON u (a)'],
      'index i: it is on t instead of u',
    ],
    [
      'string in a trigger',
      ['CREATE TABLE t (a)', "CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 'A'; END"],
      ['CREATE TABLE t (a)', "CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 'a'; END"],
      'trigger g',
    ],
  ])('%s', async (_, a, b, message) => {
    const found = compareSchemas(await schemaOf(...a), await schemaOf(...b)).map((each) => each.message);
    expect(found.join('\n')).toContain(message);
  });

  test('order counts only where it is asked for', async () => {
    const [a, b] = [await schemaOf('CREATE TABLE t (a, b)'), await schemaOf('CREATE TABLE t (b, a)')];
    expect(compareSchemas(a, b, { columnOrder: false })).toEqual([]);
  });
});

test('names that differ in case beyond ASCII are two, as to SQLite', async () => {
  const both = await schemaOf('CREATE TABLE "É" ("Ü" text, "ü" text)', 'CREATE TABLE "é" (id integer PRIMARY KEY)');
  expect([...both.tables.keys()].toSorted()).toEqual(['É', 'é']);
  const one = await schemaOf('CREATE TABLE "É" ("Ü" text)', 'CREATE TABLE "é" (id integer PRIMARY KEY)');
  expect(compareSchemas(both, one).length).toBeGreaterThan(0);
});

test('what libSQL keeps beside a vector index is no part of the schema', async () => {
  const { tables, indexes } = await schemaOf(
    'CREATE TABLE t (id integer PRIMARY KEY, e F32_BLOB(3))',
    'CREATE INDEX t_e ON t (libsql_vector_idx(e))',
    'CREATE TABLE libsql_mine (id integer PRIMARY KEY)',
    'CREATE TABLE __cc_mine (id integer PRIMARY KEY)',
  );
  expect([...tables.keys()].toSorted()).toEqual(['__cc_mine', 'libsql_mine', 't']);
  expect([...indexes.keys()]).toEqual(['t_e']);
});
