// A foreign key that refers to no key of its parent: SQLite can check none of the database's keys then. What was there before
// must not lock it, and a migration that makes one is told what is missing.
import { targets, testsOn } from '@cc/testkit/targets';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { codeOf, makeScratch, type Opened, type Scratch, type Written } from './scratch.js';

const start: Written = {
  tag: '0000_start',
  up: 'CREATE TABLE p (id integer PRIMARY KEY, email text); CREATE TABLE q (id integer PRIMARY KEY, p integer REFERENCES p (id));',
  down: 'DROP TABLE q; DROP TABLE p;',
};
const mismatch = 'CREATE TABLE "c" (id integer PRIMARY KEY, p text REFERENCES p (email))';
const note: Written = { tag: '0001_note', up: 'ALTER TABLE p ADD note text;', down: 'ALTER TABLE p DROP COLUMN note;' };
const mending: Written = {
  tag: '0002_mend',
  up: 'CREATE UNIQUE INDEX p_email ON p (email);',
  down: 'DROP INDEX p_email;',
};

describe.each(targets)('a foreign key to no key on %s', (target) => {
  const test = testsOn(target);
  let scratch: Scratch;
  let opened: Opened;

  beforeEach(async () => {
    scratch = await makeScratch(target);
    await scratch.write([start]);
    opened = await scratch.open();
    await opened.migrations.applyMigrations();
  });
  afterEach(() => scratch[Symbol.asyncDispose]());

  test('that was there before blocks no migration, nor the one that mends it, nor the ways back', async () => {
    await opened.run(mismatch);
    await scratch.write([start, note, mending]);
    expect((await opened.migrations.applyMigrations()).current).toBe('0002_mend');
    // The pragma is prepared from the schema that its connection knows, which a replica's reader brings up to date as it reads.
    await opened.rows('SELECT email FROM p');
    expect(await opened.rows('PRAGMA foreign_key_check')).toEqual([]);
    expect((await opened.migrations.rollbackMigration({ steps: 2 })).current).toBe('0000_start');
    await expect(opened.rows('SELECT * FROM pragma_foreign_key_check')).rejects.toThrow('foreign key mismatch');
  });

  test('does not hide rows of other tables that refer to nothing', async () => {
    await opened.run(mismatch);
    await scratch.write([start, { tag: '0001_orphan', up: 'INSERT INTO q VALUES (1, 77);', down: 'DELETE FROM q;' }]);
    expect(await codeOf(opened.migrations.applyMigrations())).toBe('MIGRATION_FOREIGN_KEY');
    expect(await opened.rows('SELECT count(*) AS n FROM q')).toEqual([{ n: 0 }]);
  });

  test('that a migration makes and a later one of the call mends is no obstacle', async () => {
    const child: Written = { tag: '0001_child', up: `${mismatch};`, down: 'DROP TABLE "c";' };
    const filled: Written = { ...note, up: `${note.up} INSERT INTO "c" VALUES (1, 'a');`, tag: '0002_note' };
    const mended: Written = { ...mending, tag: '0003_mend', up: `INSERT INTO p VALUES (1, 'a', NULL); ${mending.up}` };
    await scratch.write([start, child, filled, mended]);
    expect((await opened.migrations.applyMigrations()).current).toBe('0003_mend');
    expect(await opened.rows('PRAGMA foreign_key_check')).toEqual([]);
  });

  test('is told with the statement that makes it, and not with the columns of a sound one', async () => {
    const up = `CREATE TABLE sound (p integer REFERENCES p (id));\n${mismatch};`;
    await scratch.write([start, { tag: '0001_child', up, down: 'DROP TABLE "c"; DROP TABLE sound;' }]);
    await expect(opened.migrations.applyMigrations()).rejects.toThrow(
      'foreign key of c that refers to no key of p: there is no unique index on p ("email") (0001_child.sql, line 2: CREATE TABLE "c")',
    );
  });

  test('that a later migration makes anew under another name is refused', async () => {
    const child: Written = { tag: '0001_child', up: `${mismatch};`, down: 'DROP TABLE "c";' };
    const renamed: Written = {
      tag: '0002_rename',
      up: 'ALTER TABLE c RENAME TO d;',
      down: 'ALTER TABLE d RENAME TO c;',
    };
    await scratch.write([start, child, renamed]);
    expect(await codeOf(opened.migrations.applyMigrations())).toBe('MIGRATION_FOREIGN_KEY');
    expect(await opened.rows(`SELECT name FROM sqlite_schema WHERE name IN ('c', 'd')`)).toEqual([]);
  });

  test('that a migration makes is refused with child, parent and the index that is missing', async () => {
    await scratch.write([start, { tag: '0001_child', up: `${mismatch};`, down: 'DROP TABLE "c";' }]);
    const running = opened.migrations.applyMigrations();
    await expect(running).rejects.toThrow(
      '0001_child (up) would leave a foreign key of c that refers to no key of p: there is no unique index on p ("email") (0001_child.sql, line 1: CREATE TABLE "c") [MIGRATION_FOREIGN_KEY] in up 0001_child. Nothing of it is in the database. Make the index in 0001_child.sql: CREATE UNIQUE INDEX … ON "p" ("email")',
    );
    expect(await opened.rows(`SELECT name FROM sqlite_schema WHERE name = 'c'`)).toEqual([]);
  });
});
