// The database against what its migrations make of an empty one: every difference has a sentence.
import { targets, testsOn } from '@cc/testkit/targets';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { codeOf, firstOf, library, makeScratch, type Opened, type Scratch } from '../scratch.js';

describe.each(targets)('diff on %s', (target) => {
  const test = testsOn(target);
  let scratch: Scratch;
  let opened: Opened;

  beforeEach(async () => {
    scratch = await makeScratch(target);
    await scratch.write(library);
    opened = await scratch.open();
  });
  afterEach(() => scratch[Symbol.asyncDispose]());

  const messages = async (): Promise<readonly string[]> =>
    (await opened.migrations.diff()).differences.map(({ message }) => message);

  test('a migrated database does not differ, however far it is migrated', async () => {
    expect(await opened.migrations.diff()).toEqual({ current: null, differences: [], problems: [] });
    for (const { tag } of library) {
      await opened.migrations.applyMigrations({ steps: 1 });
      expect(await opened.migrations.diff()).toEqual({ current: tag, differences: [], problems: [] });
    }
    expect(await opened.rows(`SELECT name FROM sqlite_schema WHERE name LIKE '%scratch%'`)).toEqual([]);
  });

  test('bookkeeping and statistics of SQLite are no difference', async () => {
    await opened.migrations.applyMigrations();
    await opened.run('CREATE TABLE __cc_outcomes (x)', `INSERT INTO parts (name) VALUES ('bolt')`);
    if (opened.transactions.capabilities.sessionStatements) await opened.run('ANALYZE');
    expect(await messages()).toEqual([]);
  });

  test('nor are the tables of D1 and of Litestream, and baseline takes a database that has them', async () => {
    await opened.migrations.applyMigrations();
    await opened.run(
      'CREATE TABLE _cf_KV (key text PRIMARY KEY, value blob) WITHOUT ROWID',
      'CREATE TABLE _litestream_seq (id integer PRIMARY KEY, seq integer)',
      'CREATE TABLE _litestream_lock (id integer)',
    );
    expect(await messages()).toEqual([]);
    await opened.run('DELETE FROM __drizzle_migrations', 'DELETE FROM __cc_migrations');
    expect((await opened.migrations.baseline()).version).toBe(library.at(-1)?.tag);
    await opened.run('CREATE TABLE _cf_notes (x)');
    expect(await messages()).toEqual(['table _cf_notes is not expected']);
  });

  test('what was changed by hand is named', async () => {
    await opened.migrations.applyMigrations();
    await opened.run(
      'DROP INDEX idx_parts_name',
      'DROP TRIGGER parts_fts_delete',
      'CREATE TABLE by_hand (x)',
      'ALTER TABLE notes ADD colour text',
    );
    expect(await messages()).toEqual([
      'table notes: column colour is not expected',
      'table by_hand is not expected',
      'index idx_parts_name is missing',
      'trigger parts_fts_delete is missing',
    ]);
  });

  test('the order of columns counts', async () => {
    await opened.migrations.applyMigrations();
    await opened.run(
      'CREATE TABLE other (body text NOT NULL, part_id integer NOT NULL, stars integer DEFAULT 0 NOT NULL, FOREIGN KEY (part_id) REFERENCES parts (id) ON DELETE CASCADE)',
      'DROP TABLE notes',
      'ALTER TABLE other RENAME TO notes',
    );
    expect(await messages()).toEqual(['table notes: columns stand in another order']);
  });

  test('a pending migration is no difference, and its objects made by hand are', async () => {
    await opened.migrations.applyMigrations({ steps: 2 });
    await opened.run('ALTER TABLE notes ADD stars integer DEFAULT 0 NOT NULL');
    expect(await messages()).toEqual(['table notes: column stars is not expected']);
  });

  test('an edited migration is compared as its file is now, and the answer says so', async () => {
    await opened.migrations.applyMigrations();
    await scratch.write(
      library.map((each) => (each.tag === '0002_weight' ? { ...each, up: each.up.replace('stars', 'points') } : each)),
    );
    const { differences, problems } = await opened.migrations.diff();
    expect(differences.map(({ message }) => message)).toEqual([
      'table notes: column points is missing; column stars is not expected',
    ]);
    expect(problems.map(({ kind }) => kind)).toEqual(['edited']);
  });

  test('nothing can be compared when an applied migration is not in the folder', async () => {
    await opened.migrations.applyMigrations();
    await scratch.write(firstOf(2));
    const diff = opened.migrations.diff();
    await expect(diff).rejects.toThrow('0002_weight is applied and the folder does not have it: nothing says');
    expect(await codeOf(diff)).toBe('MIGRATION_MISSING');
  });

  test('a file that does not run on an empty database is named', async () => {
    await scratch.write([
      ...firstOf(1),
      { tag: '0001_rows', up: 'INSERT INTO absent VALUES (1)', down: '-- cc:down irreversible' },
    ]);
    await opened.migrations.applyMigrations({ steps: 1 });
    await opened.run('CREATE TABLE absent (x)');
    await opened.migrations.applyMigrations();
    const diff = opened.migrations.diff();
    await expect(diff).rejects.toThrow('0001_rows.sql does not run on a database without rows: no such table: absent');
    expect(await codeOf(diff)).toBe('MIGRATION_REPLAY');
  });
});
