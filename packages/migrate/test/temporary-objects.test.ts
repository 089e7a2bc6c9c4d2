// What a migration makes for itself only: TEMP objects end with it, and hide no table of the database.
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { codeOf, makeScratch, type Opened, type Scratch, type Written } from './scratch.js';

const base: Written = {
  tag: '0000_base',
  up: 'CREATE TABLE t (id integer PRIMARY KEY, v text); CREATE TABLE u (a);',
  down: 'DROP TABLE u; DROP TABLE t;',
};
const rest = (...files: readonly string[]): readonly Written[] => [
  base,
  ...files.map((up, index) => ({ tag: `000${index + 1}_next`, up, down: 'SELECT 1;' })),
];

let scratch: Scratch;
let opened: Opened;

beforeEach(async () => {
  scratch = await makeScratch();
  onTestFinished(() => scratch[Symbol.asyncDispose]());
  await scratch.write([base]);
  opened = await scratch.open();
  await opened.migrations.applyMigrations();
  await opened.run(`INSERT INTO t VALUES (41, 'x')`);
});

describe('a TEMP object that hides a table is refused', () => {
  test.each([
    ['a table', 'CREATE TEMP TABLE t AS SELECT * FROM main.t; DELETE FROM main.t'],
    ['a table, by its schema', 'CREATE TABLE IF NOT EXISTS "TEMP".[T] (id, v); UPDATE main.t SET v = NULL'],
    ['a view', `CREATE TEMPORARY VIEW t AS SELECT 41 AS id, 'x' AS v; DELETE FROM main.t`],
    ['a virtual table', 'CREATE VIRTUAL TABLE temp.t USING fts5(v)'],
    ["drizzle's table", 'CREATE TEMP TABLE __drizzle_migrations (id, hash, created_at)'],
    ['our table', 'CREATE TEMP TABLE __cc_migrations AS SELECT * FROM main.__cc_migrations'],
  ])('%s', async (_, up) => {
    await scratch.write(rest(up));
    const { migrations } = await opened.migrations.plan();
    expect(migrations[0]?.problems).toMatchObject([{ kind: 'statement' }]);
    const refused = opened.migrations.applyMigrations();
    expect(await codeOf(refused)).toBe('MIGRATION_STATEMENT');
    await expect(refused).rejects.toThrow(
      /0001_next\.sql makes a temporary \w+ \w+ on line 1, which hides the table of that name/,
    );
    expect(await opened.rows('SELECT * FROM t')).toEqual([{ id: 41, v: 'x' }]);
  });

  test('also in a way back, and one that an earlier migration of the call makes', async () => {
    const hides = 'CREATE TEMP TABLE later (a); INSERT INTO main.later VALUES (1)';
    await scratch.write(rest('CREATE TABLE later (a)', hides));
    expect(await codeOf(opened.migrations.applyMigrations())).toBe('MIGRATION_STATEMENT');
    expect(await opened.rows('SELECT * FROM later')).toEqual([]);
    await scratch.write([{ ...base, down: 'CREATE TEMP TABLE t (a); DROP TABLE main.t' }]);
    expect(await codeOf(opened.migrations.rollbackMigration({ targetVersion: null }))).toBe('MIGRATION_STATEMENT');
  });
});

describe('a TEMP object ends with its migration', () => {
  test('a table does not take the rows that the next one writes', async () => {
    await scratch.write(rest('CREATE TEMP TABLE x AS SELECT 1 AS a', 'CREATE TABLE x (a); INSERT INTO x VALUES (5)'));
    await opened.migrations.applyMigrations();
    expect(await opened.rows('SELECT a FROM x')).toEqual([{ a: 5 }]);
  });

  test('a trigger does not fire in the next one', async () => {
    const watching = 'CREATE TEMP TRIGGER g AFTER INSERT ON u BEGIN DELETE FROM u; END;';
    await scratch.write(rest(watching, 'INSERT INTO u VALUES (6)'));
    await opened.migrations.applyMigrations();
    expect(await opened.rows('SELECT a FROM u')).toEqual([{ a: 6 }]);
  });

  test('one that the migration itself has dropped, or made twice, is no matter', async () => {
    const twice = `CREATE TEMP TABLE k AS SELECT * FROM t; DELETE FROM t; INSERT INTO t SELECT * FROM k;
DROP TABLE k; CREATE TEMP VIEW K AS SELECT 1; CREATE TEMP TABLE "a ""b" (c);`;
    await scratch.write(rest(twice, 'CREATE TABLE k (a); CREATE TABLE "a ""b" (c); INSERT INTO "a ""b" VALUES (1)'));
    const { current } = await opened.migrations.applyMigrations();
    expect(current).toBe('0002_next');
    expect(await opened.rows('SELECT * FROM "a ""b"')).toEqual([{ c: 1 }]);
  });
});
