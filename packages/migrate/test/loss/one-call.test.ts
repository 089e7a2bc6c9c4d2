// Several migrations in one call: what one of them put elsewhere, a later one may not lose as something that the call made.
import { expect, test } from 'vitest';
import { makeScratch } from '../scratch.js';
import { lossesIn } from './judged.js';

const before = `CREATE TABLE t (id integer PRIMARY KEY, name text, x integer); INSERT INTO t VALUES (1, 'a', 10), (2, 'b', 20);`;
const archive = 'CREATE TABLE archive (id integer PRIMARY KEY, name text, x integer);';

test.each([
  {
    name: 'a column that was copied beside itself goes, and then its copy',
    ups: [
      'ALTER TABLE t ADD title text; UPDATE t SET title = name; ALTER TABLE t DROP COLUMN name;',
      'ALTER TABLE t DROP COLUMN title;',
    ],
    loses: ['t.title (2)'],
  },
  {
    name: 'rows are archived and deleted, and then the archive goes',
    ups: [
      `${archive} INSERT INTO archive SELECT * FROM t WHERE x = 10; DELETE FROM t WHERE x = 10;`,
      'DROP TABLE archive;',
    ],
    loses: ['archive (1)'],
  },
  {
    name: 'rows are archived and stay, and then the archive goes',
    ups: [`${archive} INSERT INTO archive SELECT * FROM t WHERE x = 10;`, 'DROP TABLE archive;'],
    loses: [],
  },
  {
    name: 'an added column takes values from a table that goes, and then goes itself',
    ups: [
      'CREATE TABLE b (id integer PRIMARY KEY); INSERT INTO b SELECT id FROM t; ALTER TABLE b ADD name text; UPDATE b SET name = (SELECT name FROM t WHERE t.id = b.id); ALTER TABLE t DROP COLUMN name;',
      'ALTER TABLE b DROP COLUMN name;',
    ],
    loses: ['b.name (2)'],
  },
  {
    name: 'an old table takes the values of another that goes in an added column, and then loses that',
    before: 'CREATE TABLE u (id integer PRIMARY KEY); INSERT INTO u VALUES (1), (2);',
    ups: [
      'ALTER TABLE u ADD name text; ALTER TABLE u ADD x integer; UPDATE u SET (name, x) = (SELECT name, x FROM t WHERE t.id = u.id); DROP TABLE t;',
      'ALTER TABLE u DROP COLUMN name;',
    ],
    loses: ['u.name (2)'],
  },
  {
    name: 'a column is emptied with a yes, and then goes',
    ups: ['-- cc:loss t.name\nUPDATE t SET name = NULL;', 'ALTER TABLE t DROP COLUMN name;'],
    loses: [],
  },
  {
    name: 'a column is emptied with a yes, called otherwise, and then goes',
    ups: [
      '-- cc:loss t.name\nUPDATE t SET name = NULL; ALTER TABLE t RENAME COLUMN name TO title; ALTER TABLE t RENAME TO u;',
      'ALTER TABLE u DROP COLUMN title;',
    ],
    loses: [],
  },
  {
    name: 'a column is emptied in part with a yes, and then goes',
    ups: ['-- cc:loss t.name\nUPDATE t SET name = NULL WHERE id = 1;', 'ALTER TABLE t DROP COLUMN name;'],
    loses: ['t.name (1)'],
  },
  {
    name: 'another column is emptied with a yes, and then the first goes',
    ups: ['-- cc:loss t.x\nUPDATE t SET x = NULL;', 'ALTER TABLE t DROP COLUMN name;'],
    loses: ['t.name (2)'],
  },
  {
    name: 'a table is emptied with a yes, and then goes',
    ups: ['-- cc:loss t\nDELETE FROM t;', 'SELECT 1;', 'DROP TABLE t;'],
    loses: [],
  },
  {
    name: 'a table is emptied with a yes, filled anew, and then goes',
    ups: [`-- cc:loss t\nDELETE FROM t;`, `INSERT INTO t VALUES (9, 'z', 90);`, 'DROP TABLE t;'],
    loses: ['t (1)'],
  },
  {
    name: 'rows are deleted with a yes, and then a column goes that others hold',
    ups: ['-- cc:loss t\nDELETE FROM t WHERE id = 1;', 'ALTER TABLE t DROP COLUMN x;'],
    loses: ['t.x (1)'],
  },
  {
    name: 'a column is added with a default and filled',
    ups: ['ALTER TABLE t ADD n integer NOT NULL DEFAULT 0;', 'UPDATE t SET n = x * 2;'],
    loses: [],
  },
  {
    name: 'a column gets another name, and then goes',
    ups: ['ALTER TABLE t RENAME COLUMN name TO title;', 'ALTER TABLE t DROP COLUMN title;'],
    loses: ['t.title (2)'],
  },
  {
    name: 'a table gets another name, and then goes',
    ups: ['ALTER TABLE t RENAME TO parts;', 'DROP TABLE parts;'],
    loses: ['parts (2)'],
  },
  {
    name: 'table and column get the names of others, and then a column goes',
    ups: [
      'ALTER TABLE t RENAME TO u; CREATE TABLE t (id integer PRIMARY KEY, name text); ALTER TABLE u RENAME COLUMN x TO y; ALTER TABLE u RENAME COLUMN name TO x;',
      'ALTER TABLE u DROP COLUMN x;',
    ],
    loses: ['u.x (2)'],
  },
])('$name', async ({ before: more = '', ups, loses }) => {
  await using scratch = await makeScratch('file');
  const first = { tag: '0000_before', up: `${before} ${more}`, down: '-- cc:down irreversible' };
  await scratch.write([first]);
  const opened = await scratch.open();
  await opened.migrations.applyMigrations();
  const later = ups.map((up, index) => ({ tag: `000${index + 1}_next`, up, down: '-- cc:down irreversible' }));
  await scratch.write([first, ...later]);
  const said = await opened.migrations.applyMigrations().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  expect(lossesIn(said)).toEqual(loses);
  if (loses.length === 0) return;
  // What is told is what a yes must name, and no more than that.
  const agreed = loses.map((name) => name.replace(/ \(\d+\)$/, ''));
  expect((await opened.migrations.applyMigrations({ allowDataLoss: agreed })).current).toBe(later.at(-1)?.tag);
});
