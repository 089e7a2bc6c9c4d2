// Views and triggers that do not work behind a migration: SQLite takes them without a word and tells when they are used, so the
// migration is refused before COMMIT. What was broken before it, or is mended in the same call, stops nothing.
import { type TargetName, targets } from '@cc/testkit/targets';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf, makeScratch, type Opened, type Scratch, type Written } from './scratch.js';

const start: Written = {
  tag: '0000_start',
  up: `CREATE TABLE t (id integer PRIMARY KEY, a text, k text UNIQUE); CREATE TABLE log (id integer PRIMARY KEY, x text);
CREATE VIEW v AS SELECT id, a FROM t;
CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.id, new.a); END;
CREATE TRIGGER iv INSTEAD OF INSERT ON v BEGIN INSERT INTO t (id, a) VALUES (new.id, new.a); END;
CREATE TABLE counted (k text PRIMARY KEY, n integer);
CREATE TRIGGER up AFTER UPDATE OF a ON t BEGIN INSERT INTO counted VALUES (new.a, 1) ON CONFLICT (k) DO UPDATE SET n = n + 1; END;`,
  down: 'DROP VIEW v; DROP TABLE t; DROP TABLE log; DROP TABLE counted;',
};

const next = (up: string, down = 'SELECT 1;'): Written => ({ tag: '0001_next', up, down });

let scratch: Scratch;
let opened: Opened;

async function begin(target: TargetName): Promise<void> {
  scratch = await makeScratch(target);
  await scratch.write([start]);
  opened = await scratch.open();
  await opened.migrations.applyMigrations();
}
afterEach(() => scratch[Symbol.asyncDispose]());

async function up(...more: readonly Written[]): Promise<unknown> {
  await scratch.write([start, ...more]);
  return await opened.migrations.applyMigrations().catch((error: unknown) => error);
}

describe('a migration is refused that', () => {
  beforeEach(() => begin('file'));

  test.each([
    [
      'makes a view of what is not there',
      'CREATE VIEW w AS\nSELECT absent FROM t;',
      'view w',
      /no such column: absent \(0001_next\.sql, line 1\)/,
    ],
    [
      'makes a view of what only its text says',
      'CREATE VIEW w (one, two) AS SELECT id FROM t;',
      'view w',
      /expected 2 columns/,
    ],
    [
      'makes a view with a function that nothing has',
      'CREATE VIEW w AS SELECT nofn(a) FROM t;',
      'view w',
      /no such function/,
    ],
    [
      'makes a trigger that writes what is not there',
      'SELECT 1;\nCREATE TRIGGER z AFTER DELETE ON t BEGIN DELETE FROM nowhere; END;',
      'trigger z',
      /nowhere \(0001_next\.sql, line 2\)/,
    ],
    [
      'takes a table from under a view',
      'CREATE TABLE u (id integer); DROP TABLE log; DROP TABLE t;',
      'view v',
      /no such table/,
    ],
    [
      'adds a column to a table that a trigger fills without naming columns',
      'ALTER TABLE log ADD y text;',
      'trigger tr',
      /3 columns/,
    ],
    [
      'takes the index that an upsert of a trigger needs',
      'DROP TABLE counted; CREATE TABLE counted (k text, n integer);',
      'trigger up',
      /ON CONFLICT/,
    ],
    [
      'takes a trigger by which another writes a view',
      'CREATE TRIGGER z AFTER INSERT ON log BEGIN INSERT INTO v (a) VALUES (new.x); END; DROP TRIGGER iv;',
      'trigger z',
      /cannot modify v/,
    ],
    [
      'makes a view that reads two columns of one name',
      'CREATE TABLE o (b text); CREATE VIEW w AS SELECT b FROM t, o; ALTER TABLE t ADD b text;',
      'view w',
      /ambiguous/,
    ],
  ])('%s', async (_, sql, named, why) => {
    const before = await opened.rows('SELECT name, sql FROM sqlite_schema ORDER BY name');
    const error = await up(next(sql));
    expect(error).toMatchObject({ code: 'MIGRATION_BROKEN_OBJECT' });
    expect(String(error)).toContain(`Behind 0001_next (up) the ${named} does not work: `);
    expect(String(error)).toMatch(why);
    expect(await opened.rows('SELECT name, sql FROM sqlite_schema ORDER BY name')).toEqual(before);
    expect((await opened.migrations.status()).pending).toHaveLength(1);
  });
});

describe.each(targets.filter((name) => name !== ':memory:'))('on %s', (target) => {
  beforeEach(() => begin(target));

  test('a migration is refused before anything of it stays', async () => {
    const before = await opened.schema();
    const error = await up(next('ALTER TABLE log ADD y text; CREATE VIEW w AS SELECT nofn(a) FROM t;'));
    expect(error).toMatchObject({ code: 'MIGRATION_BROKEN_OBJECT' });
    expect(String(error)).toMatch(/the view w does not work: no such function: nofn \(0001_next\.sql, line 1\)/);
    expect(String(error)).toMatch(/the trigger tr does not work: table log has 3 columns/);
    expect(await opened.schema()).toEqual(before);
    expect((await opened.migrations.status()).pending).toHaveLength(1);
  });

  test('a trigger of a view that writes what is gone counts as well', async () => {
    const error = await up(
      next(
        'DROP VIEW v; CREATE VIEW v AS SELECT id FROM t; CREATE TRIGGER iv INSTEAD OF UPDATE ON v BEGIN UPDATE t SET gone = 1; END;',
      ),
    );
    expect(String(error)).toMatch(/the trigger iv does not work: no such column: gone \(0001_next\.sql, line 1\)/);
  });

  test('a trigger with a function that nothing has is no less broken', async () => {
    const error = await up(next('CREATE TRIGGER z AFTER DELETE ON t BEGIN UPDATE log SET x = nofn(old.a); END;'));
    expect(String(error)).toMatch(/the trigger z does not work: no such function: nofn .*MIGRATION_BROKEN_OBJECT/);
  });

  test('looking whether triggers work leaves no trace, not even of a number that AUTOINCREMENT would give out', async () => {
    const numbered = `CREATE TABLE n (id integer PRIMARY KEY AUTOINCREMENT, a text);
CREATE TRIGGER ni AFTER INSERT ON n BEGIN INSERT INTO log (x) VALUES (new.a); END;
CREATE TRIGGER nu AFTER UPDATE ON t BEGIN INSERT INTO n (a) VALUES (new.a); END;
CREATE TRIGGER nd AFTER DELETE ON t BEGIN INSERT INTO n (a) VALUES (old.a); END;`;
    const marks = async () => await opened.rows(`SELECT name FROM sqlite_sequence WHERE name = 'n'`);
    await up(next(numbered));
    expect(await marks()).toEqual([]);
    // What is looked at when one of them does not work, neither.
    expect(await up(next(numbered), { tag: '0002_bad', up: 'ALTER TABLE log ADD y text;', down: null })).toMatchObject({
      code: 'MIGRATION_BROKEN_OBJECT',
    });
    expect(await marks()).toEqual([]);
  });

  test('what was broken before blocks nothing, and what is newly broken beside it does', async () => {
    await opened.run('CREATE VIEW old AS SELECT absent FROM t');
    await opened.run('CREATE TRIGGER older AFTER DELETE ON t BEGIN DELETE FROM nowhere; END');
    const tables: Written = next(
      'CREATE VIEW fine AS SELECT id FROM t; CREATE TABLE gone (id integer); DROP TABLE gone;',
      'DROP VIEW fine;',
    );
    expect(await up(tables)).toMatchObject({ current: '0001_next' });
    const bad: Written = { tag: '0002_bad', up: 'CREATE VIEW w AS SELECT absent FROM log;', down: 'DROP VIEW w;' };
    const error = await up(tables, bad);
    expect(String(error)).toMatch(
      /Behind 0002_bad \(up\) the view w does not work: no such column: absent \(0002_bad\.sql, line 1\) \[/,
    );
    expect(await up(tables)).toMatchObject({ current: '0001_next' });
    expect(await opened.migrations.rollbackMigration()).toMatchObject({ current: '0000_start' });
  });

  test('what a later migration of the call mends is no obstacle, and without it is one', async () => {
    const breaking = next('ALTER TABLE log ADD y text;', 'ALTER TABLE log DROP COLUMN y;');
    const mending: Written = {
      tag: '0002_mend',
      up: 'DROP TRIGGER tr; CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log (x) VALUES (new.a); END;',
      down: 'DROP TRIGGER tr; CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.id, new.a); END;',
    };
    expect(await up(breaking)).toMatchObject({ code: 'MIGRATION_BROKEN_OBJECT' });
    expect(await up(breaking, mending)).toMatchObject({ current: '0002_mend' });
    // The way back leads to where it did not work, as the folder says.
    expect(await opened.migrations.rollbackMigration()).toMatchObject({ current: '0001_next' });
    expect(await opened.migrations.rollbackMigration()).toMatchObject({ current: '0000_start' });
  });

  test('a way back that breaks what worked is refused', async () => {
    await up(next('CREATE TABLE more (id integer); CREATE VIEW w AS SELECT id FROM more;', 'DROP TABLE more;'));
    expect(await codeOf(opened.migrations.rollbackMigration())).toBe('MIGRATION_BROKEN_OBJECT');
    expect(await opened.rows('SELECT * FROM w')).toEqual([]);
  });
});
