// Data steps marked cc:chunk: cut into transactions of so many rows, on every kind of target.
import { targets, testsOn } from '@cc/testkit/targets';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { MigrationStepProgress } from '../src/index.js';
import { chunksOf } from '../src/sql/chunk.js';
import { splitStatements } from '../src/sql/statements.js';
import { codeOf, makeScratch, type Opened, overtaken, type Scratch, type Written } from './scratch.js';

const base: Written = {
  tag: '0000_items',
  up: `CREATE TABLE items (id integer PRIMARY KEY, name text NOT NULL, code text, size integer NOT NULL DEFAULT 0);
CREATE TABLE words (word text PRIMARY KEY, lower text) WITHOUT ROWID;
CREATE TABLE log (n integer);`,
  down: 'DROP TABLE log; DROP TABLE words; DROP TABLE items;',
};
const irreversible = '-- cc:down irreversible\n';

/** A migration behind `base`. */
const chunked = (up: string, down = irreversible): readonly Written[] => [base, { tag: '0001_fill', up, down }];

const fill = `-- cc:chunk 10
UPDATE items SET code = upper(name) -- as before
WHERE code IS NULL OR code = '' -- whichever`;

const insertItems = `INSERT INTO items (name) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 95) SELECT 'item ' || i FROM c`;
const countItems = `SELECT count(*) AS n, count(code) AS filled FROM items`;

let scratch: Scratch;
let opened: Opened;

async function begin(target: (typeof targets)[number]): Promise<void> {
  const made = await makeScratch(target);
  onTestFinished(() => made[Symbol.asyncDispose]());
  scratch = made;
  await scratch.write([base]);
  opened = await scratch.open();
  await opened.migrations.applyMigrations();
  await opened.run(insertItems);
}

describe.each(targets)('slices on %s', (target) => {
  const test = testsOn(target);
  beforeEach(() => begin(target));

  test('change every row, tell how many after each slice, and record the migration once', async () => {
    await scratch.write(chunked(fill));
    const heard: MigrationStepProgress[] = [];
    const { current, migrations } = await opened.migrations.applyMigrations({
      onProgress: (done) => {
        if (!done.waiting) heard.push(done);
      },
    });
    expect([current, migrations]).toMatchObject(['0001_fill', [{ version: '0001_fill' }]]);
    expect(await opened.rows(countItems)).toEqual([{ n: 95, filled: 95 }]);
    expect(await opened.rows('SELECT count(*) AS n FROM __drizzle_migrations')).toEqual([{ n: 2 }]);
    expect(await opened.rows('SELECT version FROM __cc_migrations')).toHaveLength(2);
    const slices = heard.filter(({ rows }) => rows !== null).map(({ rows }) => rows);
    expect(slices).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 95]);
    expect(heard.at(-1)).toMatchObject({ statement: 1, statements: 1, rows: null, step: 1, steps: 1 });
    expect(await opened.migrations.history()).toHaveLength(2);
  });

  test('run on a table without rowids by its key, and delete', async () => {
    await opened.run(`INSERT INTO words (word) SELECT name FROM items`);
    await scratch.write(
      chunked(`-- cc:chunk 40
UPDATE words SET lower = lower(word) WHERE lower IS NULL;
--> statement-breakpoint
-- Only the first ones.
-- cc:chunk 7
DELETE FROM items AS i WHERE i.id <= 20`),
    );
    await opened.migrations.applyMigrations({ allowDataLoss: ['items'] });
    expect(await opened.rows('SELECT count(*) AS n, count(lower) AS lower FROM words')).toEqual([{ n: 95, lower: 95 }]);
    expect(await opened.rows('SELECT count(*) AS n FROM items')).toEqual([{ n: 75 }]);
  });

  test('take no step when their rows would come up again, and say so', async () => {
    await scratch.write(chunked(`-- cc:chunk 10\nUPDATE items SET size = size + 1 WHERE size < 5`));
    const failing = opened.migrations.applyMigrations({ allowDataLoss: ['items.size'] });
    await expect(failing).rejects.toThrow(/A slice of 10 rows would come up again \[MIGRATION_STATEMENT\]/);
    expect(await opened.rows('SELECT sum(size) AS n FROM items')).toEqual([{ n: 0 }]);
    expect(await opened.migrations.getCurrentVersion()).toBe('0000_items');
    expect(await opened.rows('SELECT version FROM __cc_migrations')).toHaveLength(1);
  });

  test('run beside a table that is called as the copy of a slice is', async () => {
    await opened.run('CREATE TABLE __cc_before_0 AS SELECT 7 AS n');
    await scratch.write(chunked(fill));
    await opened.migrations.applyMigrations();
    expect(await opened.rows(countItems)).toEqual([{ n: 95, filled: 95 }]);
    expect(await opened.rows('SELECT n FROM __cc_before_0')).toEqual([{ n: 7 }]);
  });

  test('are refused where they may replace rows of other slices', async () => {
    await opened.run('CREATE UNIQUE INDEX one_size ON items (size) WHERE size > 0');
    await scratch.write(chunked(`-- cc:chunk 10\nUPDATE OR REPLACE items SET size = 1 WHERE size = 0`));
    const failing = opened.migrations.applyMigrations();
    await expect(failing).rejects.toThrow(/it may replace rows of items that are in no slice \[MIGRATION_STATEMENT\]/);
    expect(await opened.rows('SELECT count(*) AS n FROM items')).toEqual([{ n: 95 }]);
  });

  test('say that what triggers change elsewhere is not measured', async () => {
    await opened.run(
      'CREATE TRIGGER told AFTER UPDATE ON items BEGIN UPDATE words SET lower = NULL; INSERT INTO words VALUES (new.id, NULL); END',
    );
    await scratch.write(chunked(fill));
    const [planned] = (await opened.migrations.plan()).migrations;
    expect(planned?.warnings.filter(({ kind }) => kind === 'unmeasured')).toMatchObject([{ table: 'words' }]);
    await opened.run('DROP TRIGGER told');
    const [again] = (await opened.migrations.plan()).migrations;
    expect(again?.warnings.filter(({ kind }) => kind === 'unmeasured')).toEqual([]);
  });

  test('of a way back that ends in the middle are told, keep all else from running, and go on', async () => {
    await scratch.write(chunked(fill, '-- cc:chunk 10\nUPDATE items SET code = NULL WHERE code IS NOT NULL'));
    const { migrations } = opened;
    await migrations.applyMigrations();
    await opened.run(
      `CREATE TRIGGER stop BEFORE UPDATE ON items WHEN new.id = 35 BEGIN SELECT RAISE(ABORT, 'no room'); END`,
    );
    const before = await migrations.history();
    await expect(migrations.rollbackMigration({ allowDataLoss: true })).rejects.toThrow('no room');
    expect(await opened.rows(countItems)).toEqual([{ n: 95, filled: 65 }]);
    const told = { current: '0001_fill', problems: [{ kind: 'half_back', version: '0001_fill' }] };
    expect(await migrations.status()).toMatchObject(told);
    expect(await codeOf(migrations.applyMigrations())).toBe('MIGRATION_HALF_BACK');
    await expect(migrations.rollbackMigration({ allowDataLoss: true })).rejects.toThrow('no room');
    expect(await migrations.status()).toMatchObject(told);
    expect(await migrations.history()).toEqual(before);
    await opened.run('DROP TRIGGER stop');
    await migrations.rollbackMigration({ allowDataLoss: true });
    expect(await opened.rows(countItems)).toEqual([{ n: 95, filled: 0 }]);
    expect(await migrations.status()).toMatchObject({ current: '0000_items', problems: [] });
    expect(await opened.rows('SELECT direction FROM __cc_migrations ORDER BY run')).toEqual(
      ['up', 'up', 'down'].map((direction) => ({ direction })),
    );
    await migrations.applyMigrations();
    expect(await migrations.status()).toMatchObject({ current: '0001_fill', problems: [] });
    expect(await opened.rows(countItems)).toEqual([{ n: 95, filled: 95 }]);
  });

  test('that fail leave the slices before them, stay pending, and go on where they were', async () => {
    await opened.run(
      `CREATE TRIGGER stop BEFORE UPDATE ON items WHEN new.id = 35 BEGIN SELECT RAISE(ABORT, 'no room'); END`,
    );
    await scratch.write(chunked(fill));
    await expect(opened.migrations.applyMigrations()).rejects.toThrow(
      /^0001_fill \(up\) failed behind 3 slices that stay: .*no room/,
    );
    expect(await opened.rows(countItems)).toEqual([{ n: 95, filled: 30 }]);
    const { pending, problems } = await opened.migrations.status();
    expect([pending.map(({ version }) => version), problems]).toEqual([['0001_fill'], []]);
    await opened.run('DROP TRIGGER stop', `UPDATE items SET code = 'kept' WHERE id = 1`);
    await opened.migrations.applyMigrations();
    expect(await opened.rows(countItems)).toEqual([{ n: 95, filled: 95 }]);
    expect(await opened.rows('SELECT code FROM items WHERE id = 1')).toEqual([{ code: 'kept' }]);
  });

  test('do not leave a foreign key pointing nowhere', async () => {
    await scratch.write([
      base,
      { tag: '0001_notes', up: 'CREATE TABLE notes (item integer REFERENCES items(id))', down: 'DROP TABLE notes' },
      { tag: '0002_clean', up: '-- cc:loss items\n-- cc:chunk 10\nDELETE FROM items WHERE id > 5', down: irreversible },
    ]);
    await opened.migrations.applyMigrations({ steps: 1 });
    await opened.run('INSERT INTO notes VALUES (50)');
    await expect(opened.migrations.applyMigrations()).rejects.toMatchObject({
      code: 'MIGRATION_FOREIGN_KEY',
      hint: expect.stringMatching(/^Before it failed, \d+ slices ran and stay: the next run goes on/),
    });
    // Up to the slice that would have taken it.
    expect(await opened.rows('SELECT count(*) AS n FROM items WHERE id <= 50')).toEqual([{ n: 10 }]);
    await opened.run('DELETE FROM notes');
    expect((await opened.migrations.applyMigrations()).current).toBe('0002_clean');
  });

  test.each([
    ['integers that JavaScript does not hold', 'id integer PRIMARY KEY', '1152921504606846978 + i'],
    ['negative integers to the last', 'id integer PRIMARY KEY', '-9223372036854775807 - 1 + i'],
    ['integers of any size without rowids', 'id integer PRIMARY KEY', '(1 << 55) * (i - 10)', 'WITHOUT ROWID'],
    [
      'texts with a NUL',
      'id text PRIMARY KEY',
      `CAST('A' || char(0) || (i / 2) || char(0) || i AS text)`,
      'WITHOUT ROWID',
    ],
    ['texts that are not UTF-8', 'id text PRIMARY KEY', `CAST(CAST(x'ff41' AS text) || i AS text)`, 'WITHOUT ROWID'],
    [
      'an empty text, and others',
      'id text PRIMARY KEY',
      `substr('abcdefghijklmnopqrstuvw', 1, i - 1)`,
      'WITHOUT ROWID',
    ],
    ['texts that ignore case', 'id text COLLATE NOCASE PRIMARY KEY', `char(i + 64 + 32 * (i % 2))`, 'WITHOUT ROWID'],
    [
      'blobs, an empty one, too',
      'id blob PRIMARY KEY',
      `CASE i WHEN 1 THEN x'' ELSE CAST(char(0, i) AS blob) END`,
      'WITHOUT ROWID',
    ],
    [
      'reals to both infinities',
      'id real PRIMARY KEY',
      'CASE i WHEN 1 THEN -9e999 WHEN 10 THEN 9e999 WHEN 11 THEN 1e308 ELSE i / 3.0 END',
      'WITHOUT ROWID',
    ],
    [
      'values of every type',
      'id PRIMARY KEY',
      `CASE i % 4 WHEN 0 THEN i WHEN 1 THEN '' || i WHEN 2 THEN CAST(i AS blob) ELSE i + 0.5 END`,
      'WITHOUT ROWID',
    ],
    [
      'several columns',
      'id, b text NOT NULL, PRIMARY KEY (id, b)',
      `CASE i % 2 WHEN 0 THEN '0' ELSE 0 END`,
      'WITHOUT ROWID',
      `'x' || char(0) || i`,
    ],
  ])('go by keys that are %s', async (_, columns, key, options = '', second = '') => {
    const numbers = 'WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20)';
    await opened.run(
      `CREATE TABLE keyed (done integer, ${columns}) ${options}`,
      `INSERT INTO keyed (id${second && ', b'}) ${numbers} SELECT ${key}${second && `, ${second}`} FROM c`,
    );
    await scratch.write(chunked('-- cc:chunk 3\nUPDATE keyed SET done = 1 WHERE done IS NULL'));
    const heard: (number | null)[] = [];
    await opened.migrations.applyMigrations({ onProgress: (told) => heard.push(told.waiting ? -1 : told.rows) });
    expect(await opened.rows('SELECT count(*) AS n, sum(done) AS done FROM keyed')).toEqual([{ n: 20, done: 20 }]);
    expect(heard.filter((rows) => rows !== null)).toEqual([3, 6, 9, 12, 15, 18, 20, 20]);
  });

  test('go down as they go up', async () => {
    await scratch.write(chunked(fill, '-- cc:chunk 30\nUPDATE items SET code = NULL WHERE code IS NOT NULL'));
    await opened.migrations.applyMigrations();
    await opened.migrations.rollbackMigration({ allowDataLoss: ['items.code'] });
    expect(await opened.rows(countItems)).toEqual([{ n: 95, filled: 0 }]);
  });

  test('are undone when they lose what nobody agreed to, and say what', async () => {
    await opened.run(`UPDATE items SET code = 'old' WHERE id IN (12, 15)`);
    await scratch.write(chunked(`-- cc:chunk 10\nUPDATE items SET code = 'new' WHERE code IS NOT 'new'`));
    await expect(opened.migrations.applyMigrations()).rejects.toThrow('column items.code (2 rows) such as id = 12');
    expect(await opened.rows(`SELECT count(*) AS n FROM items WHERE code = 'new'`)).toEqual([{ n: 10 }]);
    await opened.migrations.applyMigrations({ allowDataLoss: ['items.code'] });
    expect(await opened.rows(`SELECT count(*) AS n FROM items WHERE code = 'new'`)).toEqual([{ n: 95 }]);
  });
});

describe.each(targets.filter((name) => name !== ':memory:'))('slices of two runners on %s', (target) => {
  beforeEach(() => begin(target));

  test('handle each row, and record the migration once', async () => {
    await scratch.write(chunked(fill));
    const others = [await scratch.open(), await scratch.open()];
    const results = await Promise.all([opened, ...others].map(({ migrations }) => migrations.applyMigrations()));
    expect(results.flatMap(({ migrations }) => migrations)).toHaveLength(1);
    expect(results.map(({ current }) => current)).toEqual(['0001_fill', '0001_fill', '0001_fill']);
    expect(await opened.rows(countItems)).toEqual([{ n: 95, filled: 95 }]);
  });

  test('stop when another runner has gone elsewhere', async () => {
    await scratch.write(chunked(fill));
    const other = await scratch.open();
    const slow = overtaken(opened.transactions, scratch.folder, () =>
      other.migrations.rollbackMigration({ allowDataLoss: true }),
    );
    expect(await codeOf(slow.applyMigrations())).toBe('MIGRATION_LOCK_LOST');
    expect(await opened.migrations.getCurrentVersion()).toBeNull();
  });
});

describe('a chunked file', () => {
  beforeEach(() => begin('file'));

  test(`is run by drizzle's own migrator as it is`, async () => {
    await scratch.write(chunked(`${fill};\n--> statement-breakpoint\n-- cc:chunk 5\nDELETE FROM items WHERE id > 90;`));
    const client = createClient({ url: scratch.url });
    await migrate(drizzle(client), { migrationsFolder: scratch.folder });
    client.close();
    expect(await opened.rows(countItems)).toEqual([{ n: 90, filled: 90 }]);
    expect(await opened.migrations.status()).toMatchObject({ current: '0001_fill', pending: [], problems: [] });
  });

  test('shows its slices in the plan', async () => {
    await scratch.write(chunked(fill));
    expect((await opened.migrations.plan()).migrations).toMatchObject([{ slices: [10], problems: [] }]);
  });

  test.each([
    [
      'a view',
      'CREATE VIEW v AS SELECT id, code FROM items',
      '-- cc:chunk 5\nUPDATE v SET code = 1 WHERE code IS NULL',
    ],
    ['its key set', 'SELECT 1', '-- cc:chunk 5\nUPDATE items SET id = id + 100 WHERE id < 100'],
    ['its rowid set', 'SELECT 1', '-- cc:chunk 5\nUPDATE log SET rowid = n WHERE rowid <> n'],
    [
      'its hidden rowid',
      'CREATE TABLE h (rowid, _rowid_, oid)',
      '-- cc:chunk 5\nUPDATE h SET oid = 1 WHERE oid IS NULL',
    ],
  ])('that cannot be cut because of %s is refused before anything runs', async (_, before, up) => {
    await opened.run(before);
    await scratch.write(chunked(up));
    expect(await codeOf(opened.migrations.applyMigrations())).toBe('MIGRATION_STATEMENT');
    expect((await opened.migrations.plan()).migrations).toMatchObject([{ problems: [{ kind: 'statement' }] }]);
  });
});

describe('reading marks', () => {
  const chunks = (sql: string) => chunksOf(splitStatements(sql, 'x.sql'), () => 'x.sql');

  test('gives the parts of a statement', () => {
    const sql = `-- cc:chunk 500\nUPDATE OR IGNORE main."items" AS i SET (a, "B") = (SELECT 1, 2 FROM x WHERE y), c = CASE WHEN d IS NOT DISTINCT FROM 1 THEN 2 END\nWHERE b IS NULL -- end`;
    expect(chunks(sql)).toEqual([
      {
        rows: 500,
        head: expect.stringMatching(/^UPDATE OR IGNORE main\."items" AS i SET [^]* END\n$/),
        condition: ' b IS NULL',
        from: 'main."items" AS i',
        table: 'items',
        alias: 'i',
        assigned: ['a', 'b', 'c'],
      },
    ]);
    expect(chunks('--cc:chunk 5\r\nDELETE FROM t WHERE x')).toMatchObject([{ rows: 5, assigned: null, alias: 't' }]);
    expect(chunks('-- cc:chunky\nSELECT 1; /* -- cc:chunk 5 */ SELECT 2')).toBeNull();
  });

  test.each([
    ['-- cc:chunk 5\nUPDATE t SET a = 1', 'it has no WHERE'],
    ['-- cc:chunk 5\nINSERT INTO t SELECT 1', 'it is no UPDATE or DELETE'],
    ['-- cc:chunk 5\nWITH c AS (SELECT 1) DELETE FROM t WHERE a', 'it is no UPDATE or DELETE'],
    ['-- cc:chunk 5\nUPDATE t SET a = 1 FROM u WHERE a IS NULL', 'it has FROM'],
    ['-- cc:chunk 5\nDELETE FROM t WHERE a RETURNING b', 'it has RETURNING'],
    ['-- cc:chunk 5\nDELETE FROM t WHERE a ORDER BY b LIMIT 5', 'it has ORDER'],
    ['-- cc:chunk 5\nDELETE FROM t INDEXED BY i WHERE a', 'its table has more than a name'],
    ['-- cc:chunk 5\nUPDATE t SET a = 1 WHERE b = 2', 'its WHERE does not look at what it sets (a), so it never ends'],
    ['-- cc:chunk 5\nDELETE FROM t WHERE a; UPDATE t SET a = 1 WHERE a IS NULL', 'is not marked cc:chunk, and others'],
    ['-- cc:chunk\nDELETE FROM t WHERE a', 'does not say how many rows'],
    ['-- cc:chunk 0\nDELETE FROM t WHERE a', 'does not say how many rows'],
    ['-- cc:chunk 5 rows\nDELETE FROM t WHERE a', 'does not say how many rows'],
    ['DELETE FROM t -- cc:chunk 5\nWHERE a', 'a mark cc:chunk on line 1 that stands inside a statement'],
    ['-- cc:chunk 5\n-- cc:chunk 6\nDELETE FROM t WHERE a', 'line 2 that follows another one'],
    ['DELETE FROM t WHERE a;\n-- cc:chunk 5\n', 'line 2 that stands before no statement'],
    ['-- cc:chunk 5\n--> statement-breakpoint\nDELETE FROM t WHERE a', 'stands before no statement'],
  ])('refuses %j: %s', (sql, reason) => {
    expect(() => chunks(sql)).toThrow(reason);
  });
});
