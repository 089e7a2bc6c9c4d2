// A database with a virtual table of a module that is not loaded here, as an application with extensions leaves it: migrations of
// its other tables run as ever.
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeScratch, type Opened, type Scratch, type Written } from './scratch.js';

const start: Written = {
  tag: '0000_start',
  up: 'CREATE TABLE t (id integer PRIMARY KEY, a text);',
  down: 'DROP TABLE t;',
};
const rebuild: Written = {
  tag: '0001_rebuild',
  up: `CREATE TABLE new_t (id integer PRIMARY KEY, a text NOT NULL, b text UNIQUE); INSERT INTO new_t (id, a) SELECT id, a FROM t;
DROP TABLE t; ALTER TABLE new_t RENAME TO t; CREATE TABLE c (t integer REFERENCES t (id)); CREATE VIEW v AS SELECT a FROM t;`,
  down: `DROP VIEW v; DROP TABLE c; CREATE TABLE old_t (id integer PRIMARY KEY, a text); INSERT INTO old_t SELECT id, a FROM t;
DROP TABLE t; ALTER TABLE old_t RENAME TO t;`,
};
let scratch: Scratch;
let opened: Opened;

beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write([start]);
  opened = await scratch.open();
  await opened.migrations.applyMigrations();
  await opened.run(`INSERT INTO t VALUES (1, 'x')`);
  await opened.transactions.close();
  const database = new Database(fileURLToPath(scratch.url));
  database.exec(`PRAGMA writable_schema = 1;
INSERT INTO sqlite_schema VALUES ('table', 'vectors', 'vectors', 0, 'CREATE VIRTUAL TABLE vectors USING vec0(e float[3])');
CREATE TABLE vectors_rowids (id integer); CREATE INDEX vectors_ids ON vectors_rowids (id);`);
  database.close();
  opened = await scratch.open();
});
afterEach(() => scratch[Symbol.asyncDispose]());

test('plan, up, down, diff and verify run, and losses are measured', async () => {
  await scratch.write([start, rebuild]);
  const { migrations } = opened;
  await expect(opened.rows('SELECT * FROM vectors')).rejects.toThrow('no such module');
  expect((await migrations.plan({ direction: 'up' })).migrations).toMatchObject([{ losses: [], problems: [] }]);
  expect(await migrations.applyMigrations()).toMatchObject({ current: '0001_rebuild' });
  // What no replay can make is compared with nothing; the table that begins like it is taken for one of its own.
  expect((await migrations.diff()).differences).toEqual([]);
  expect(await migrations.verify({ steps: 1 })).toMatchObject({ ok: true });
  expect(await migrations.rollbackMigration()).toMatchObject({ current: '0000_start' });
  await scratch.write([start, { tag: '0001_gone', up: 'ALTER TABLE t DROP COLUMN a;', down: null }]);
  await expect(migrations.applyMigrations()).rejects.toThrow('column t.a (1 row)');
  expect(await opened.rows('SELECT * FROM t')).toEqual([{ id: 1, a: 'x' }]);
});
