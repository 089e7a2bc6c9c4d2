// Rows of another table that are equal by chance to rows that go: only those that a copy brought say that nothing is lost.
import { describe, expect, test } from 'vitest';
import { makeScratch } from '../scratch.js';
import { type Kind, lossesIn, refusalOf } from './judged.js';

const two = (rest = ''): string => `CREATE TABLE a (id integer PRIMARY KEY, active integer);
CREATE TABLE b (id integer PRIMARY KEY, active integer${rest});
INSERT INTO a VALUES (1, 1), (2, 1); INSERT INTO b (id, active) VALUES (1, 1), (2, 1), (3, 0);`;
const keyed = `CREATE TABLE a (x text, n text, PRIMARY KEY (x, n)) WITHOUT ROWID; CREATE TABLE b (n text PRIMARY KEY NOT NULL);
INSERT INTO a VALUES ('a', '1'), ('a', '2'); INSERT INTO b VALUES ('1'), ('2'), ('3');`;

const kinds: readonly Kind[] = [
  {
    name: 'a table that goes, of which one row was copied under another key',
    before: two(),
    up: 'INSERT INTO a SELECT id + 100, active FROM b WHERE id > 2; DROP TABLE b;',
    loses: ['b (3)'],
  },
  {
    name: 'a table that goes, of which the row was copied that was not there',
    before: two(),
    up: 'INSERT INTO a SELECT id, active FROM b WHERE id = 3; DROP TABLE b;',
    loses: ['b (2)'],
  },
  {
    name: 'rows that are deleted, of which one was copied',
    before: two(),
    up: 'INSERT INTO a SELECT id, active FROM b WHERE id = 3; DELETE FROM b;',
    loses: ['b (2)'],
  },
  {
    name: 'rows that are deleted, of which one was copied into a table that was renamed',
    before: two(),
    up: 'ALTER TABLE a RENAME TO c; INSERT INTO c (id, active) SELECT id, active FROM b WHERE id = 3; ALTER TABLE c RENAME TO d; DELETE FROM b;',
    loses: ['b (2)'],
  },
  {
    name: 'a column that goes, of which one value was copied',
    before: two(),
    up: 'INSERT INTO a SELECT id, active FROM b WHERE id = 3; ALTER TABLE b DROP COLUMN active;',
    loses: ['b.active (2)'],
  },
  {
    name: 'two tables that go into a third, one of them in part',
    before: two(),
    up: `CREATE TABLE m (kind text, id integer, active integer); INSERT INTO m SELECT 'a', id, active FROM a;
INSERT INTO m SELECT 'b', id, active FROM b WHERE id = 3; DROP TABLE a; DROP TABLE b;`,
    loses: ['b (2)'],
  },
  {
    name: 'two tables that go into a third',
    before: two(),
    up: `CREATE TABLE m (kind text, id integer, active integer); INSERT INTO m SELECT 'b', id, active FROM b;
INSERT INTO m SELECT 'a', id, active FROM a; DROP TABLE b; DROP TABLE a;`,
    loses: [],
  },
  {
    name: 'a table that is made of one and filled from another in part',
    before: two(),
    up: `CREATE TABLE m AS SELECT 'a' AS kind, id, active FROM a; INSERT INTO m SELECT 'b', id, active FROM b WHERE id = 3;
DROP TABLE a; DROP TABLE b;`,
    loses: ['b (2)'],
  },
  {
    name: 'rows that are copied in two steps, and one between them',
    before: two(),
    up: `DELETE FROM a; INSERT INTO a SELECT * FROM b WHERE id = 1; INSERT INTO a VALUES (2, 1);
INSERT INTO a SELECT * FROM b WHERE id = 3; DROP TABLE b;`,
    loses: ['b (1)'],
  },
  {
    name: 'a copy that leaves a row which is there already as it stands',
    before: two(),
    up: 'INSERT OR IGNORE INTO a SELECT * FROM b; DROP TABLE b;',
    loses: [],
  },
  {
    name: 'a copy that leaves, by ON CONFLICT, a row which is there already',
    before: two(),
    up: 'INSERT INTO a SELECT * FROM b WHERE true ON CONFLICT DO NOTHING; DELETE FROM b;',
    loses: [],
  },
  {
    name: 'a table without rowids that held equal keys',
    before: keyed,
    up: `INSERT INTO a SELECT 'b', n FROM b WHERE n > '2'; DROP TABLE b;`,
    loses: ['b (2)'],
  },
  {
    name: 'a table without rowids that got them all',
    before: keyed,
    up: `INSERT INTO a SELECT 'b', n FROM b; DELETE FROM b;`,
    loses: [],
  },
  {
    name: 'rows without a key, of which one was copied',
    before: `CREATE TABLE a (v text); CREATE TABLE b (v text); INSERT INTO a VALUES ('x'), ('y'); INSERT INTO b VALUES ('x'), ('z');`,
    up: `INSERT INTO a SELECT v FROM b WHERE v = 'z'; DELETE FROM b;`,
    loses: ['b (1)'],
  },
  {
    name: 'a table without a key that goes, of which one row was copied',
    before: `CREATE TABLE a (v text); CREATE TABLE b (v text); INSERT INTO a VALUES ('x'), ('y'); INSERT INTO b VALUES ('x'), ('z');`,
    up: `INSERT INTO a SELECT v FROM b WHERE v = 'z'; DROP TABLE b;`,
    loses: ['b (1)'],
  },
];

const m = `CREATE TABLE a (k text PRIMARY KEY, v text); CREATE TABLE m (k text PRIMARY KEY, v text);
INSERT INTO a VALUES ('1', 'x'), ('2', 'y'); INSERT INTO m VALUES ('9', 'm');`;

/** Copies out of what WITH names. */
const named: readonly Kind[] = [
  {
    name: 'a table that goes on by way of WITH',
    before: m,
    up: 'WITH q (k, v) AS (SELECT k, v FROM a) INSERT INTO m (v, k) SELECT q.v AS vv, q.k FROM q; DROP TABLE a;',
    loses: [],
  },
  {
    name: 'a table that goes on by way of a star of WITH, in part',
    before: m,
    up: `WITH RECURSIVE q AS MATERIALIZED (SELECT * FROM a WHERE k > '1') INSERT INTO m SELECT * FROM q; DROP TABLE a;`,
    loses: ['a (1)'],
  },
  {
    name: 'rows that are archived by WITH under the name of their table',
    before: m,
    up: 'WITH a AS (SELECT * FROM main.a) INSERT INTO m SELECT * FROM a; DELETE FROM a;',
    loses: [],
  },
];

describe.each(['file', 'http'] as const)('measured on %s:', (target) => {
  test.each(target === 'file' ? [...kinds, ...named] : kinds.slice(2, 7))('$name', async (kind) => {
    await using scratch = await makeScratch(target);
    const opened = await scratch.open();
    expect([...lossesIn(await refusalOf(opened, scratch.folder, kind))].sort()).toEqual([...kind.loses].sort());
    const left = await opened.rows(`SELECT name FROM sqlite_schema WHERE name LIKE '\\_\\_cc\\_before%' ESCAPE '\\'`);
    expect(left).toEqual([]);
  });
});

test('a migration finds the number of the row that it has put in, whatever is noted of the rows that it copies', async () => {
  await using scratch = await makeScratch();
  await scratch.write([
    {
      tag: '0000_tables',
      up: `CREATE TABLE old (id integer PRIMARY KEY, name text); INSERT INTO old VALUES (21, 'p');
CREATE TABLE parts (id integer PRIMARY KEY, name text, behind integer); INSERT INTO parts VALUES (10, 'r', 0);
CREATE TABLE notes (part_id integer);`,
      down: null,
    },
    {
      tag: '0001_moved',
      up: `INSERT INTO parts VALUES (15, 's', 0); INSERT INTO parts SELECT id, name, last_insert_rowid() FROM old;
INSERT INTO notes VALUES (last_insert_rowid()); DROP TABLE old;`,
      down: '-- cc:down irreversible',
    },
  ]);
  const { migrations, rows } = await scratch.open();
  // Alone, the second one finds rows that are not of its call, and they are measured.
  await migrations.applyMigrations({ steps: 1 });
  await migrations.applyMigrations();
  expect(await rows('SELECT id, behind FROM parts WHERE id > 20')).toEqual([{ id: 21, behind: 15 }]);
  expect(await rows('SELECT part_id FROM notes')).toEqual([{ part_id: 21 }]);
});
