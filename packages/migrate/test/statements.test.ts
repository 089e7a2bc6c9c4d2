import { describe, expect, test } from 'vitest';
import { splitStatements } from '../src/sql/statements.js';

const split = (sql: string): string[] => splitStatements(sql, 'x.sql').map((statement) => statement.sql);

describe('splitting a file into statements', () => {
  test('ends them at semicolons and at breakpoints, with or without both', () => {
    expect(split('SELECT 1;--> statement-breakpoint\nSELECT 2\n--> statement-breakpoint\nSELECT 3; SELECT 4')).toEqual([
      'SELECT 1',
      'SELECT 2',
      'SELECT 3',
      'SELECT 4',
    ]);
  });

  test('goes on behind a breakpoint on the same line, as drizzle does', () => {
    expect(split('SELECT 1 -- why --> statement-breakpoint SELECT 2')).toEqual(['SELECT 1', 'SELECT 2']);
  });

  test('drops comments, empty chunks and foreign key pragmas', () => {
    expect(split('-- Custom SQL migration file, put your code below! --')).toEqual([]);
    expect(split('\uFEFF;;\r\n/* a; */ ; -- b;\r\n')).toEqual([]);
    expect(split('PRAGMA foreign_keys=OFF;--> statement-breakpoint\nSELECT 1;\nPRAGMA foreign_keys=ON;')).toEqual([
      'SELECT 1',
    ]);
    expect(split('/* before */ SELECT /* inside; */ 1 -- after\n;')).toEqual(['SELECT /* inside; */ 1']);
  });

  test('keeps semicolons, quotes and marks inside strings and names', () => {
    const sql = `INSERT INTO "a;b" VALUES ('it''s; --> statement-breakpoint', \`c;\`\`d\`, [e;f], x'00', '/*')`;
    expect(split(`${sql};\nSELECT 2`)).toEqual([sql, 'SELECT 2']);
  });

  test('keeps the whole body of a trigger, CASE … END included', () => {
    const trigger = `CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN
      UPDATE a SET b = CASE WHEN new.b = 'END' THEN 1 ELSE 2 END;
      -- END;
      SELECT RAISE(ABORT, ';');
    END`;
    expect(split(`${trigger};\r\nSELECT 1;`)).toEqual([trigger, 'SELECT 1']);
    expect(split(trigger.toLowerCase())).toEqual([trigger.toLowerCase()]);
  });

  test('takes a table named trigger and an empty trigger name for what they are', () => {
    expect(split('CREATE TABLE trigger_log (a); CREATE TABLE "trigger" (a); SELECT 1')).toHaveLength(3);
  });

  test.each([
    ...['BEGIN', 'commit', 'End', 'ROLLBACK TO s', 'SAVEPOINT s', 'release s'],
    ...["ATTACH 'a.db' AS a", 'DETACH a', 'VACUUM'],
    ...['PRAGMA journal_mode = WAL', 'pragma main.synchronous', 'PRAGMA writable_schema = 1'],
  ])('refuses %s by name and line', (sql) => {
    expect(() => split(`SELECT 1;\r\n/* x\n */ ${sql};`)).toThrow(
      /x\.sql contains [A-Z]+( \w+)? on line 3, which cannot run inside a migration/,
    );
  });

  test('keeps pragmas that are fields of the schema or only read', () => {
    expect(split('PRAGMA user_version = 5; PRAGMA main.table_info(t); PRAGMA foreign_key_check')).toHaveLength(3);
  });

  test('takes a no-break space for a part of a word, as SQLite does', () => {
    expect(split('BEGIN\u00A0; SELECT 1')).toEqual(['BEGIN\u00A0', 'SELECT 1']);
  });

  test.each([
    ['SELECT ?', 'the parameter ?'],
    ['UPDATE t SET a = ?12', 'the parameter ?12'],
    ['SELECT 1;\nDELETE FROM t WHERE a = :name', 'the parameter :name on line 2'],
    ['SELECT @a', 'the parameter @a'],
    ['SELECT $a', 'the parameter $a'],
    ['DROP TABLE __cc_migrations', 'would drop __cc_migrations on line 1'],
    ['DROP TABLE IF EXISTS main."__CC_migrations"', 'would drop __CC_migrations'],
    ['SELECT 1;\nDROP TABLE __drizzle_migrations', 'would drop __drizzle_migrations on line 2'],
    ['ALTER TABLE __drizzle_migrations RENAME TO old', 'would change __drizzle_migrations'],
    ['ALTER TABLE main.__cc_migrations ADD x', 'would change __cc_migrations'],
    ['DELETE FROM __drizzle_migrations', 'would delete rows of __drizzle_migrations on line 1'],
    ['INSERT OR REPLACE INTO main."__cc_migrations" SELECT 1', 'would write into __cc_migrations'],
    ['UPDATE OR IGNORE __drizzle_migrations SET hash = 1', 'would write into __drizzle_migrations'],
    [
      'WITH a AS (SELECT 1) DELETE FROM main.__drizzle_migrations',
      'would delete rows of __drizzle_migrations on line 1',
    ],
    ['WITH a(b) AS (SELECT 1) INSERT INTO __cc_migrations SELECT b FROM a', 'would write into __cc_migrations'],
    [
      'CREATE TRIGGER t AFTER INSERT ON __drizzle_migrations BEGIN DELETE FROM u; END',
      'would put a trigger on __drizzle_migrations',
    ],
    [
      'CREATE UNIQUE INDEX IF NOT EXISTS main.i ON "__cc_migrations" (version)',
      'would put an index on __cc_migrations',
    ],
  ])('refuses %j', (sql, why) => {
    expect(() => split(sql)).toThrow(why);
  });

  test.each(['DROP TABLE journal', 'ALTER TABLE "Journal" RENAME TO old', 'DELETE FROM main.JOURNAL'])(
    'refuses %j where migrations are recorded there',
    (sql) => {
      expect(() => splitStatements(sql, 'x.sql', 'journal')).toThrow('which records the migrations themselves');
      expect(split(sql)).toEqual([sql]);
    },
  );

  test.each([
    'INSERT INTO t SELECT * FROM __drizzle_migrations',
    'DELETE FROM t WHERE a IN (SELECT hash FROM __drizzle_migrations)',
    'DROP VIEW __drizzle_migrations_seen',
  ])('takes %j for what it is', (sql) => {
    expect(split(sql)).toEqual([sql]);
  });

  test('takes for no parameter what stands in a string, a name or a comment', () => {
    const sql = `SELECT ':a', "?", [@b], \`$c\` /* ?1 */, a$b, x->>'$.d'`;
    expect(split(sql)).toEqual([sql]);
  });

  test('refuses a quote that is never closed, and names its line', () => {
    expect(() => split("SELECT 1;\n\nSELECT 'abc")).toThrow('x.sql has a quote on line 3 that is never closed');
  });
});
