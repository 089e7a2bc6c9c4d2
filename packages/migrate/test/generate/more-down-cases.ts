// Ways back of migrations of virtual tables, whose rows SQLite keeps in tables beside them; of names that a way back would use,
// and that somebody has taken; and of TEMP objects. Read by downs.test.ts.
import type { DownCase } from './down-cases.js';

const search = `CREATE VIRTUAL TABLE notes USING fts5(title, body UNINDEXED, tokenize = 'porter ascii');`;
const noteRows = [`INSERT INTO notes VALUES ('one', 'first'), ('two', NULL)`];

export const virtualDownCases: readonly DownCase[] = [
  {
    name: 'a full-text table with text of its own gets another name',
    before: [search],
    up: 'ALTER TABLE notes RENAME TO pages;',
    rows: noteRows,
    kind: 'generated',
  },
  {
    name: 'the same, named with its schema, and another takes its name',
    before: [search],
    up: `ALTER TABLE main.notes RENAME TO pages; ${search}`,
    rows: noteRows,
    kind: 'generated',
  },
  {
    name: 'a table of boxes gets another name, beside a column that does',
    before: [
      'CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1); CREATE TABLE parts (id integer PRIMARY KEY, name text);',
    ],
    up: 'ALTER TABLE boxes RENAME TO bounds; ALTER TABLE parts RENAME COLUMN name TO title;',
    rows: ['INSERT INTO boxes VALUES (1, 0, 1)', `INSERT INTO parts VALUES (1, 'bolt')`],
    kind: 'generated',
  },
  {
    name: 'a full-text table is dropped and made anew: what it held is gone, and said',
    before: [search],
    up: `DROP TABLE notes; ${search.replace('body UNINDEXED', 'body')}`,
    rows: noteRows,
    kind: 'generated',
    losses: ['notes'],
    rowsReturn: false,
  },
];

const parts = 'CREATE TABLE parts (id integer PRIMARY KEY NOT NULL, a text, b text);';
const partRows = [`INSERT INTO parts VALUES (1, 'x', 'y')`];

export const takenDownCases: readonly DownCase[] = [
  {
    name: 'a rebuild beside a table that has the name of its draft',
    before: [`${parts} CREATE TABLE __new_parts (id integer PRIMARY KEY, z text); CREATE TABLE "___NEW_parts" (z);`],
    up: `CREATE TABLE draft (id integer PRIMARY KEY NOT NULL, a text DEFAULT 'a', b text); INSERT INTO draft SELECT * FROM parts;
DROP TABLE parts; ALTER TABLE draft RENAME TO parts;`,
    rows: [...partRows, `INSERT INTO __new_parts VALUES (1, 'kept')`],
    kind: 'generated',
  },
  {
    name: 'columns trade their names beside one that has the name between',
    before: [parts.replace('b text', 'b text, "__OLD_a" text, "__old_b" text')],
    up: `ALTER TABLE parts RENAME COLUMN a TO c; ALTER TABLE parts RENAME COLUMN b TO a; ALTER TABLE parts RENAME COLUMN c TO b;`,
    rows: [`INSERT INTO parts VALUES (1, 'x', 'y', 'z', 'w')`],
    kind: 'generated',
  },
  {
    name: 'tables trade their names beside one that has the name between',
    before: [`${parts} CREATE TABLE bolts (id integer); CREATE TABLE __old_parts (z); CREATE TABLE __old_bolts (z);`],
    up: 'ALTER TABLE parts RENAME TO c; ALTER TABLE bolts RENAME TO parts; ALTER TABLE c RENAME TO bolts;',
    rows: partRows,
    kind: 'generated',
  },
  {
    name: 'TEMP objects that the migration leaves to be taken away',
    before: [parts],
    up: 'CREATE TEMP TABLE kept AS SELECT 1 AS n; CREATE TEMP VIEW seen AS SELECT * FROM parts; ALTER TABLE parts ADD c text;',
    rows: partRows,
    kind: 'generated',
  },
];
