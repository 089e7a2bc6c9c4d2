// Files that are hard to cut into statements. statements.test.ts has the ordinary ones, like-sqlite.test.ts random ones.
import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { splitStatements } from '../src/sql/statements.js';

const split = (sql: string): string[] => splitStatements(sql, 'x.sql').map((statement) => statement.sql);

describe('nothing to run', () => {
  test.each([
    ['an empty file', ''],
    ['white space, a byte order mark, lone carriage returns', '\uFEFF \t\r\n\f\r \r\n'],
    ['comments', '-- one\r\n/* two;\r\n-- three */ -- four; */'],
    ['breakpoints', '--> statement-breakpoint\r\n--> statement-breakpoint\n--> statement-breakpoint'],
    ['semicolons', ';;\n; ;'],
    ['a comment without a character', '/**/'],
    ['a comment that is nothing but the mark', '/*--> statement-breakpoint*/'],
  ])('in %s', (_, sql) => {
    expect(split(sql)).toEqual([]);
  });
});

describe('comments', () => {
  test('do not nest: the first end ends them', () => {
    expect(split('/* a /* b */ SELECT 1; /*/ SELECT 2; */ SELECT 3')).toEqual(['SELECT 1', 'SELECT 3']);
  });

  test('are not begun inside strings and names, nor ended by quotes', () => {
    const sql = `SELECT '/*', "--", [--], \`/*\` FROM a`;
    expect(split(`${sql}; -- it's\nSELECT 2; /* "x; */ SELECT 3`)).toEqual([sql, 'SELECT 2', 'SELECT 3']);
  });

  test('are told from minus, arrows and slashes', () => {
    expect(split(`SELECT a - -1, b->'$.c', d->>'e;', 4/2 FROM t; SELECT 2`)).toHaveLength(2);
  });

  test('that never end are refused, because all behind them would not run', () => {
    expect(() => split('SELECT 1;\r\n\r\n/* SELECT 2;\nSELECT 3;')).toThrow(
      'x.sql has a comment on line 3 that is never closed',
    );
    expect(() => split('SELECT 1 /*/')).toThrow('x.sql has a comment on line 1 that is never closed');
  });

  test('that only a carriage return ends are refused, because SQLite reads on', () => {
    expect(() => split('SELECT 1;\r-- why\rSELECT 2;')).toThrow(
      'x.sql has a comment on line 2 that ends with a carriage return alone',
    );
    expect(split('SELECT 1;\rSELECT 2 -- why\r\n;-- end\r')).toEqual(['SELECT 1', 'SELECT 2']);
  });
});

test('a NUL is refused wherever it stands, because SQLite reads no further', () => {
  for (const sql of ["SELECT 1;\nSELECT 'a\0b'", 'SELECT 1;\n-- \0', 'SELECT 1\n\0;SELECT 2'])
    expect(() => split(sql)).toThrow('x.sql has a NUL character on line 2');
});

test.each(["'", '"', '`', '['])('a quote %s that never ends is refused with its line', (quote) => {
  expect(() => split(`SELECT 1;\r\nSELECT ${quote}a; SELECT 2;\n--> statement-breakpoint\n`)).toThrow(
    'x.sql has a quote on line 2 that is never closed',
  );
});

describe('a breakpoint', () => {
  test('ends a statement with or without white space and semicolon around it', () => {
    for (const between of [
      '--> statement-breakpoint',
      ';--> statement-breakpoint\r\n',
      '\r\n--> statement-breakpoint;',
      '\n--> statement-breakpoint--> statement-breakpoint\n',
      ' -- said --> statement-breakpoint ',
    ])
      expect(split(`SELECT 1${between}SELECT 2`)).toEqual(['SELECT 1', 'SELECT 2']);
  });

  test('inside a string, a name or a comment of slashes is text: drizzle cuts there, and fails', () => {
    const sql = `INSERT INTO "--> statement-breakpoint" VALUES ('--> statement-breakpoint', 1 /* --> statement-breakpoint */)`;
    expect(split(`${sql};SELECT 2`)).toEqual([sql, 'SELECT 2']);
  });

  test('inside the body of a trigger cuts it, as drizzle does, and what is left is refused', () => {
    expect(() =>
      split('CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;\n--> statement-breakpoint\nSELECT 2; END;'),
    ).toThrow('x.sql contains END on line 3, which cannot run inside a migration');
  });

  test('is a comment when it is written otherwise', () => {
    expect(split('SELECT 1;\n-->statement-breakpoint\nSELECT 2\n--> Statement-Breakpoint\n, 3')).toHaveLength(2);
  });
});

describe('a trigger', () => {
  const body = (text: string): string => `CREATE TRIGGER t AFTER INSERT ON a BEGIN\n${text}\nEND`;

  test.each([
    ['CASE … END before each semicolon', body('UPDATE a SET b = CASE WHEN b THEN CASE b WHEN 1 THEN 2 END END;')],
    [
      'CASE … END in a condition',
      `CREATE TRIGGER t AFTER UPDATE ON a WHEN CASE new.b WHEN 1 THEN 1 END BEGIN SELECT 1; END`,
    ],
    ['END as a column', body('SELECT end FROM a; SELECT a.end, "END", [END], `end` FROM a AS end;')],
    ['END in a string or comment of its own', body(`SELECT 'x'; /* END; */ SELECT ';'; -- END;\n SELECT '; END;';`)],
    ['keywords as names', `CREATE TRIGGER "begin" AFTER INSERT ON "end" BEGIN SELECT 1; END`],
    ['BEGIN as its bare name', `CREATE TRIGGER begin AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END`],
    ['comments between its words', '/**/CREATE/* */TRIGGER--\nt AFTER INSERT ON a BEGIN SELECT 1;/**/END'.slice(4)],
    ['IF NOT EXISTS and a schema', `CREATE TRIGGER IF NOT EXISTS main.t AFTER DELETE ON a BEGIN DELETE FROM a; END`],
    ['INSTEAD OF on a view', `create trigger t instead of insert on v begin insert into a values (new.b); end`],
    ['TEMP', `CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END`],
    ['TEMPORARY', `CREATE TEMPORARY TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END`],
    ['EXPLAIN', `EXPLAIN CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END`],
    ['EXPLAIN QUERY PLAN', `EXPLAIN QUERY PLAN CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END`],
    ['CRLF', body('SELECT 1;\r\nSELECT 2;\r\n').replaceAll('\n', '\r\n')],
  ])('is one statement: %s', async (_, sql) => {
    for (const after of [';\r\nSELECT 9', ' ; SELECT 9;', '\n--> statement-breakpoint\nSELECT 9'])
      expect(split(`SELECT 0;${sql}${after}`)).toEqual(['SELECT 0', sql, 'SELECT 9']);
    // It is what it is taken for: SQLite accepts it as one statement.
    const client = createClient({ url: ':memory:' });
    await client.executeMultiple('CREATE TABLE a (b, end); CREATE TABLE "end" (b); CREATE VIEW v AS SELECT b FROM a');
    await client.execute(sql);
    client.close();
  });

  test('without its END takes the rest of the file along, and SQLite says so', () => {
    expect(split('CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2;')).toHaveLength(1);
  });
});

test('names that look like statements are none', () => {
  const sql = 'CREATE TABLE commit (end integer, "begin" text, savepoint, vacuum, trigger)';
  expect(split(`${sql}; CREATE INDEX trigger ON commit (end); SELECT end FROM commit`)).toHaveLength(3);
});

describe('refused', () => {
  test.each([
    ...['BEGIN', 'BEGIN IMMEDIATE', 'COMMIT', 'END', 'END TRANSACTION', 'ROLLBACK', 'ROLLBACK TO s'],
    ...['SAVEPOINT s', 'RELEASE s', "ATTACH 'a.db' AS a", 'DETACH a', 'VACUUM', "VACUUM INTO 'a.db'"],
  ])('%s, wherever it stands', (sql) => {
    const [keyword] = sql.split(' ');
    const message = `x.sql contains ${keyword ?? ''} on line 3, which cannot run inside a migration`;
    expect(() => split(`SELECT 1;\n\n${sql};`)).toThrow(message);
    expect(() => split(`SELECT 1\n--> statement-breakpoint\n/* x */${sql.toLowerCase()} `)).toThrow(message);
    expect(() => split(`CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;\n\n${sql}`)).toThrow(message);
  });

  // What SQLite 3.45.1 does with them inside a transaction: nothing without a word (journal_mode, page_size, auto_vacuum,
  // encoding), an error (synchronous, wal_checkpoint), or a change of the one connection that outlives the migration.
  test.each([
    ...['journal_mode = WAL', 'page_size = 8192', 'auto_vacuum = 1', "encoding = 'UTF-16'"],
    ...['synchronous = OFF', 'wal_checkpoint(TRUNCATE)'],
    ...['writable_schema = ON', 'schema_version = 7', 'ignore_check_constraints = 1', 'legacy_alter_table = ON'],
    ...['query_only = 1', 'recursive_triggers = 1', 'cache_size = 10', 'busy_timeout(10)', 'no_such_pragma = 1'],
  ])('PRAGMA %s', (sql) => {
    const [name] = /^\w+/.exec(sql) ?? [];
    const message = `x.sql contains PRAGMA ${name ?? ''} on line 2, which cannot run inside a migration`;
    for (const text of [`PRAGMA ${sql}`, `pragma main.${sql}`, `PRAGMA "${name ?? ''}"${sql.slice(name?.length)}`])
      expect(() => split(`SELECT 1;\r\n${text};`)).toThrow(message);
  });

  test('not pragmas that ask, or that are fields of the database', () => {
    const sql = ['PRAGMA user_version = 3', 'PRAGMA table_info(foreign_keys)', 'pragma main.integrity_check(1)'];
    expect(split(sql.join(';'))).toEqual(sql);
  });

  test('not EXPLAIN, which runs nothing', () => {
    expect(split('EXPLAIN COMMIT; EXPLAIN QUERY PLAN SELECT 1')).toHaveLength(2);
  });

  test('PRAGMA legacy_alter_table is left out where it says what holds anyway, in every spelling', () => {
    const off = ['= OFF', '=0', "= 'off'", '(false)', '= No', ''];
    expect(split(`${off.map((each) => `PRAGMA main.legacy_alter_table ${each};`).join('')} SELECT 1`)).toEqual([
      'SELECT 1',
    ]);
    for (const on of ['= ON', '(1)', '= yes', '= 2', "= 'true'"])
      expect(() => split(`PRAGMA legacy_alter_table${on}`)).toThrow('contains PRAGMA legacy_alter_table on line 1');
  });

  test('PRAGMA foreign_keys and defer_foreign_keys are left out in every spelling', () => {
    expect(
      split('PRAGMA foreign_keys=OFF;pragma main . "foreign_keys" (0); PRAGMA defer_foreign_keys = ON; SELECT 1'),
    ).toEqual(['SELECT 1']);
  });
});
