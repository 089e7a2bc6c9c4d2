// Tables and columns whose names are like something else: another table in another case, a keyword, two lines, a column of
// another table.
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

const shared: readonly (readonly [sql: string, values: number])[] = [
  ['select id from people where age in (select age from guests where id < 20)', 0],
  ['select id from people where age = ? union all select id from guests where id = ?', 2],
  ['select t.id from people t where t.age in (select t.age from guests t where t.id < ?)', 1],
  ['select id from guests where exists (select 1 from people where age = guests.age) and id > ?', 1],
  ['delete from people where age in (select age from guests where id < 20) or (age = 5)', 0],
];

test.each(shared)(
  '%j compares a column of the table of its own query, although another has one of that name',
  async (sql, values) => {
    const { manager } = await openDatabase();
    for (const [table, rows] of [
      ['people', 4000],
      ['guests', 400],
    ] as const) {
      await manager.db.run(`create table ${table} (id integer primary key, age int)`);
      await manager.db.run(`insert into ${table} select value, value from generate_series(1, ${rows})`);
    }
    const parameterSets =
      values === 0 ? undefined : [1, 2, 3].map((value) => Array.from({ length: values }, () => value));
    const { advice, message } = await analyzeQuery(manager, { sql, parameterSets });
    expect([message, ...advice.map((one) => one.sql)]).toEqual([
      expect.any(String),
      'CREATE INDEX idx_people_age ON people (age)',
    ]);
  },
);
