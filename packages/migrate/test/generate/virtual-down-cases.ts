// Ways back of migrations of virtual tables, whose rows SQLite keeps in tables beside them. Read by downs.test.ts.
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
