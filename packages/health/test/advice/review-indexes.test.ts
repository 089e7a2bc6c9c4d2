import { placeIn, type TargetName, targets } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { analyzeQuery } from '../../src/advice/analyze-query.js';
import { captureParameters } from '../../src/advice/captured-parameters.js';
import { reviewIndexes } from '../../src/advice/review-indexes.js';

const schema = [
  'create table makers (id integer primary key)',
  'create table parts (id integer primary key, maker integer references makers (id), name text, kind text, size integer)',
  'create unique index parts_once on parts (name, kind)',
  'create index parts_name on parts (name)',
  'create index parts_kind on parts (kind)',
  'create index parts_kind_again on parts (kind)',
  'create index parts_kind_size on parts (kind, size desc)',
  'create index parts_maker on parts (maker)',
  'create index parts_size on parts (size)',
  'create index parts_large on parts (size) where size > 1000',
  'create index parts_lower on parts (lower(name))',
];

describe.each(targets)('on %s', (name: TargetName) => {
  test('doubled and unused indexes are named; unique, partial and foreign-key ones are not doubted', async () => {
    const manager = await openTransactionManager(await placeIn(await temporaryFolder(), name));
    onTestFinished(() => manager.close({ drainMs: 0 }));
    for (const statement of schema) await manager.db.run(statement);
    const doubled = await reviewIndexes(manager);
    expect(doubled.map(({ name: index, fault, message }) => `${fault} ${index}: ${message}`).sort()).toEqual([
      'doubled parts_kind: parts_kind_size begins with the same columns',
      'doubled parts_kind_again: parts_kind begins with the same columns',
      'doubled parts_name: parts_once begins with the same columns',
    ]);
    const queries = [{ sql: 'select id from parts where lower(name) = ?' }, { sql: 'select gone from nowhere' }];
    const all = await reviewIndexes(manager, queries);
    expect(all.map(({ name: index, fault }) => `${fault} ${index}`).sort()).toEqual([
      'doubled parts_kind',
      'doubled parts_kind_again',
      'doubled parts_name',
      'unused parts_kind_size',
      'unused parts_size',
    ]);
    const size = all.find(({ name: index }) => index === 'parts_size');
    expect(size).toMatchObject({ sql: 'DROP INDEX "parts_size"', message: 'None of the 1 statements given uses it' });
    expect(size?.bytes).toBeGreaterThan(0);
    expect(size?.command).toContain("'CREATE INDEX parts_size on parts (size);' > down.sql");
    for (const { sql: drop } of all) await manager.db.run(drop);
    expect(await reviewIndexes(manager, queries)).toEqual([]);
  });
});

async function reviewed(script: string, query: string): Promise<readonly string[]> {
  const manager = await openTransactionManager({ url: ':memory:' });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  const lease = await manager.getConnection();
  await lease.client.executeMultiple(script);
  lease.release();
  const found = await reviewIndexes(manager, [{ sql: query, parameterSets: [] }]);
  return found.map(({ name, fault }) => `${fault} ${name}`);
}

test('what stands in for a doubled index that is used is not called unused: both would go', async () => {
  const table = 'create table parts (id integer primary key, name text, kind text, size integer);';
  const one = 'create index parts_kind on parts (kind);';
  const two = 'create index parts_kind_size on parts (kind, size, name);';
  const query = "select id from parts where kind = 'a'";
  expect(await reviewed(`${table} ${one} ${two}`, query)).toEqual(['doubled parts_kind']);
  expect(await reviewed(`${table} ${two}`, query)).toEqual([]);
  expect(await reviewed(`${table} ${one} ${two}`, 'select * from parts where id = 1')).toEqual([
    'doubled parts_kind',
    'unused parts_kind_size',
  ]);
});

test.each([
  ['a LEFT JOIN goes through', 'select m.id, p.size from makers m left join parts p where m.id < 3'],
  ['the right side of IN is taken from', 'select count(*) from makers where age in (select size from parts)'],
])('an index that %s is used', async (_, query) => {
  const script = `create table makers (id integer primary key, age integer);
    create table parts (id integer primary key, name text, size integer);
    create index parts_size on parts (size); create index parts_name on parts (name);
    insert into makers (age) select value from generate_series(1, 50);
    insert into parts (size) select value from generate_series(1, 50);`;
  expect(await reviewed(script, query)).toEqual(['unused parts_name']);
});

test('a vector index, and what libSQL keeps for it, is not doubted: no plan names it', async () => {
  const script = `create table places (id integer primary key, at F32_BLOB(3));
    create index nearby on places (libsql_vector_idx(at));`;
  expect(await reviewed(script, "select id from vector_top_k('nearby', vector32('[1,2,3]'), 5)")).toEqual([]);
  expect(await reviewed(script, 'select at from places')).toEqual([]);
});

test('indexes of tables that a trigger works on are not called unused: no plan shows what it does', async () => {
  const script = `create table parts (id integer primary key, name text);
    create table "Part Log" (part integer, at integer); create table others (a integer, b integer);
    create index log_part on "Part Log" (part); create index others_b on others (b); create index parts_name on parts (name);
    create trigger parts_gone after delete on parts begin delete from "part log" where part = old.id; end;`;
  expect(await reviewed(script, 'delete from parts where id = 1')).toEqual(['unused others_b', 'unused parts_name']);
});

test('an index that a view, a trigger or a statement asks for by name is not doubted: without it they fail', async () => {
  const script = `create table parts (id integer primary key, name text, kind text, size integer);
    create index one on parts (name); create index two on parts (name, kind);
    create index three on parts (kind); create index four on parts (kind, size);
    create index five on parts (size); create index six on parts (size, name);
    create view named as select id from parts indexed by ONE where name = 'a';
    create trigger gone after delete on parts begin select id from parts indexed by "three" where kind = old.kind; end;`;
  expect(await reviewed(script, 'select id from parts /* so */ indexed by five where size = 1')).toEqual([]);
  expect(await reviewed(script, 'select id from parts where size = 1')).toEqual(['doubled five']);
});

test('of two collations that differ in the case of their name one is the other', async () => {
  const script = `create table parts (id integer primary key, name text, kind text);
    create index short on parts (name collate nocase); create index long on parts (name collate NOCASE, kind);`;
  expect(await reviewed(script, "select id from parts where name = 'a' collate nocase")).toEqual(['doubled short']);
});

const parts = sqliteTable('parts', { id: integer('id').primaryKey(), name: text('name'), size: integer('size') });

test('values that drizzle bound are kept by statement, few and short, and prove an index', async () => {
  const capture = captureParameters({ maxSets: 4, maxValueLength: 20 });
  const manager = await openTransactionManager({ url: ':memory:', logger: capture });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  await manager.db.run('create table parts (id integer primary key, name text, size integer)');
  await manager.db.run("insert into parts (name, size) select 'part ' || value, value from generate_series(1, 5000)");
  for (const size of [1, 2, 2, 3, 4, 5]) await manager.db.select().from(parts).where(sql`${parts.size} = ${size}`);
  await manager.db
    .select()
    .from(parts)
    .where(sql`${parts.name} = ${'x'.repeat(21)}`);
  const statement = 'select "id", "name", "size" from "parts" where "parts"."size" = ?';
  const query = capture.find(statement);
  expect(query?.parameterSets).toEqual([[2], [3], [4], [5]]);
  expect(capture.queries().every(({ sql: kept }) => !kept.includes('"parts"."name" = ?'))).toBe(true);
  const { advice } = await analyzeQuery(manager, query ?? { sql: '' });
  expect(advice).toMatchObject([{ sql: 'CREATE INDEX idx_parts_size ON parts (size)' }]);
  capture.clear();
  expect(capture.find(statement)).toBeNull();
});

test('statements beyond the limit and values that cannot be bound are not kept, and nothing throws', () => {
  const capture = captureParameters({ maxStatements: 2 });
  for (const table of ['a', 'b', 'c']) capture.logQuery(`select * from ${table} where x = ?`, [1n]);
  capture.logQuery('select * from a where x = ?', [{ not: 'bound' }]);
  capture.logQuery('select * from a where x in (?, ?)', [null, true]);
  // @ts-expect-error a wrong caller
  capture.logQuery(undefined, 3);
  expect(capture.queries()).toEqual([
    { sql: 'select * from a where x = ?', parameterSets: [[1n]] },
    { sql: 'select * from b where x = ?', parameterSets: [[1n]] },
  ]);
  expect(JSON.stringify(capture)).toBe('{}');
  expect(() => captureParameters({ maxSets: 0 })).toThrow(TypeError);
  expect(() => captureParameters({ maxset: 1 } as object)).toThrow(/did you mean 'maxSets'/);
});
