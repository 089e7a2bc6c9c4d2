// Foreign keys are counted only where statements could break one. The judge is SQLite's own check behind the same statements on a
// stock client: what it finds must be refused, and what it does not find must run.
import { targets, testsOn } from '@cc/testkit/targets';
import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { splitStatements } from '../src/sql/statements.js';
import { codeOf, makeScratch } from './scratch.js';

const tables = `CREATE TABLE p (id integer PRIMARY KEY, code text UNIQUE, n integer, twice integer AS (n * 2) STORED UNIQUE, plain text);
CREATE TABLE c (id integer PRIMARY KEY, p REFERENCES p, code text REFERENCES p (code), base integer, twice integer AS (base) REFERENCES p (twice), plain text);
CREATE TABLE heard (id integer PRIMARY KEY, v text); CREATE TABLE own (id text PRIMARY KEY ON CONFLICT REPLACE, boss REFERENCES own);
CREATE TRIGGER deaf AFTER UPDATE ON heard BEGIN DELETE FROM p WHERE id = 2; END;
INSERT INTO p (id, code, n, plain) VALUES (1, 'a', 1, 'x'), (2, 'b', 2, 'y'), (3, 'z', 9, 'free');
INSERT INTO c (id, p, code, base, plain) VALUES (1, 1, 'a', 2, 'x'), (2, 2, 'b', 4, 'y');
INSERT INTO heard VALUES (1, 'v'); INSERT INTO own VALUES ('a', NULL), ('b', 'a'), ('c', NULL);`;

const ups = [
  `UPDATE p SET plain = 'same' || id`,
  `UPDATE c SET plain = 'same'; ALTER TABLE c ADD COLUMN more text; CREATE INDEX more ON c (more)`,
  'ALTER TABLE c DROP COLUMN plain',
  `UPDATE p SET code = 'other' WHERE id = 1`,
  `UPDATE p SET "ID" = 7 WHERE id = 1`,
  'UPDATE p SET rowid = 7 WHERE id = 1',
  'UPDATE p SET id = 7 WHERE id = 3',
  'UPDATE p SET n = 50 WHERE id = 1',
  'UPDATE c SET base = 77 WHERE id = 1',
  `UPDATE c SET (plain, p) = ('x', 99) WHERE id = 1`,
  'UPDATE main.c SET "P" = 99 WHERE id = 1',
  'WITH x AS (SELECT 99 AS n) UPDATE c SET p = (SELECT n FROM x) WHERE id = 1',
  `UPDATE heard SET v = 'w'`,
  `UPDATE own SET id = 'a' WHERE id = 'c'`,
  `UPDATE own SET boss = 'nobody' WHERE id = 'c'`,
  `UPDATE OR REPLACE p SET code = 'b' WHERE id = 3`,
  `UPDATE p SET plain = c.plain FROM c WHERE c.p = p.id`,
  'ALTER TABLE c ADD COLUMN other integer DEFAULT 99 REFERENCES p (id)',
  'DELETE FROM p WHERE id = 3',
  'DELETE FROM p WHERE id = 1',
  `INSERT INTO c (id, p) VALUES (9, 99)`,
];

describe.each(targets)('a migration on %s', (target) => {
  const test = testsOn(target);
  test.each(ups)('is refused only where it leaves a key that points nowhere: %s', async (up) => {
    const judge = createClient({ url: ':memory:' });
    const texts = (sql: string): string[] => splitStatements(sql, 'judge').map((statement) => statement.sql);
    await judge.migrate(texts(tables));
    await judge.migrate(texts(up));
    const broken = (await judge.execute('PRAGMA foreign_key_check')).rows.length;
    judge.close();
    await using scratch = await makeScratch(target);
    const first = { tag: '0000_first', up: tables, down: null };
    await scratch.write([first]);
    const { migrations, rows } = await scratch.open();
    await migrations.applyMigrations();
    await scratch.write([first, { tag: '0001_up', up, down: '-- cc:down irreversible' }]);
    const applying = migrations.applyMigrations({ allowDataLoss: true });
    if (broken === 0) await applying;
    else expect(await codeOf(applying)).toBe('MIGRATION_FOREIGN_KEY');
    expect(await rows('SELECT * FROM pragma_foreign_key_check')).toEqual([]);
  });
});

test('a table that is renamed to be made anew is told that it took the keys to it along, and how it keeps them', async () => {
  await using scratch = await makeScratch();
  const first = `CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE c (p REFERENCES p);
INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);`;
  const made = (name: string): string => `CREATE TABLE ${name} (id integer PRIMARY KEY, CHECK (id > 0))`;
  const write = (up: string): Promise<void> =>
    scratch.write([
      { tag: '0000_first', up: first, down: null },
      { tag: '0001_anew', up, down: '-- cc:down irreversible' },
    ]);
  const { migrations, rows } = await scratch.open();
  await write(`ALTER TABLE p RENAME TO p_old; ${made('p')}; INSERT INTO p SELECT id FROM p_old; DROP TABLE p_old;`);
  await expect(migrations.applyMigrations()).rejects.toMatchObject({
    code: 'MIGRATION_FOREIGN_KEY',
    message: expect.stringContaining('1 row of c, which refers to p_old'),
    hint: expect.stringMatching(
      /takes the foreign keys to it along, here to p_old, .* under another name, copy the rows/,
    ),
  });
  // As it says.
  await write(`${made('p_new')}; INSERT INTO p_new SELECT id FROM p; DROP TABLE p; ALTER TABLE p_new RENAME TO p;`);
  await migrations.applyMigrations();
  expect(await rows(`SELECT "table" FROM pragma_foreign_key_list('c')`)).toEqual([{ table: 'p' }]);

  await scratch.write([
    { tag: '0000_first', up: first, down: null },
    { tag: '0001_anew', up: 'DROP TABLE p;', down: '-- cc:down irreversible' },
  ]);
  const other = await scratch.open({ url: `${scratch.url}-2` });
  await expect(other.migrations.applyMigrations({ allowDataLoss: true })).rejects.toMatchObject({
    hint: expect.stringContaining('repair or delete those rows'),
  });
});
