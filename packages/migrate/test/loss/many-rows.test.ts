// Rows by the ten thousand: what is compared is found by a key, or by an index that SQLite makes. Where it read all of one table
// for each row of the other, a case would take minutes instead of a moment.
import { expect, test } from 'vitest';
import { makeScratch } from '../scratch.js';
import { type Kind, lossesIn, refusalOf } from './judged.js';

const rows = (columns: string): string =>
  `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20000) INSERT INTO t SELECT ${columns} FROM c;`;

const kinds: readonly Kind[] = [
  {
    name: 'rows with a key that are archived and deleted',
    before: `CREATE TABLE t (id integer PRIMARY KEY, v text); CREATE TABLE old (no integer PRIMARY KEY, id integer, v text);
INSERT INTO old VALUES (1, 7, 'v7'); ${rows(`i, 'v' || i`)}`,
    up: 'INSERT INTO old (id, v) SELECT id, v FROM t WHERE id <> 7; DELETE FROM t;',
    loses: ['t (1)'],
  },
  {
    name: 'rows without a key that are archived and deleted',
    before: `CREATE TABLE t (v text, w text); CREATE TABLE old (v text, w text); ${rows(`'v' || (i / 2), NULL`)}`,
    up: 'INSERT INTO old SELECT * FROM t; DELETE FROM t;',
    loses: [],
  },
  {
    name: 'values that change in every row',
    before: `CREATE TABLE t (id text PRIMARY KEY NOT NULL, v text); ${rows(`'k' || i, 'v' || i`)}`,
    up: 'UPDATE t SET v = upper(v);',
    loses: ['t.v (20000)'],
  },
];

test.each(kinds)('$name', async (kind) => {
  await using scratch = await makeScratch();
  const opened = await scratch.open();
  expect(lossesIn(await refusalOf(opened, scratch.folder, kind))).toEqual(kind.loses);
});
