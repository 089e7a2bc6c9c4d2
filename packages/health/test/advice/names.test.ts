// Tables and columns whose names are like something else: another table in another case, a keyword, two lines.
import { expect, test } from 'vitest';
import { analyzeQuery } from '../../src/advice/analyze-query.js';
import { openDatabase } from '../database.js';

const tables = [
  'create table Ärzte (id integer primary key, Größe int, größe2 int)',
  'create table ärzte (id integer primary key, other int)',
  'create table "from" (id integer primary key, "order" int)',
  'create table "order" (id integer primary key, person int)',
  'create table people (id integer primary key, age int)',
  'create table "two\nlines" (id integer primary key, "a\nb" int)',
];

const statements: readonly (readonly [sql: string, fullScans: readonly string[], index: string])[] = [
  ['select * from Ärzte where Größe = ?', ['Ärzte'], 'ON "Ärzte" ("Größe")'],
  ['select * from Ärzte where größe2 = ?', ['Ärzte'], 'ON "Ärzte" ("größe2")'],
  ['select * from ärzte where OTHER = ?', ['ärzte'], 'ON "ärzte" (other)'],
  ['select * from people where age = ?', ['people'], 'ON people (age)'],
  ['select * from "from" where "order" = ?', ['from'], 'ON "from" ("order")'],
  [
    'select id from people where id in (select person from "order" where person = ?) order by id',
    ['order'],
    'ON "order" (person)',
  ],
  ['select * from "two\nlines" where "a\nb" = ?', ['two\nlines'], 'ON "two\nlines" ("a\nb")'],
];

test.each(statements)('%j is told by its own table, and gets an index of it', async (sql, fullScans, index) => {
  const { manager } = await openDatabase();
  for (const table of tables) await manager.db.run(table);
  for (const table of ['Ärzte', 'ärzte', '"from"', '"order"', 'people', '"two\nlines"']) {
    const others = table === 'Ärzte' ? ', value' : '';
    await manager.db.run(`insert into ${table} select value, value${others} from generate_series(1, 4000)`);
  }
  const analysis = await analyzeQuery(manager, { sql, parameterSets: [[1], [2], [3]] });
  expect(analysis.fullScans).toEqual(fullScans);
  expect(analysis.advice.map((advice) => advice.sql)).toEqual([expect.stringContaining(index)]);
  await manager.db.run(analysis.advice[0]?.sql ?? '');
});
