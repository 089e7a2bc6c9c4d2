// The rows on which migrations are tried: how many a table takes whose CHECKs, keys and triggers name nearly every column.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSchema } from '../src/schema/read-schema.js';
import { openScratch, type ScratchDatabase } from '../src/scratch/scratch-database.js';
import { seedRows } from '../src/scratch/seed-rows.js';

let scratch: ScratchDatabase;

beforeEach(async () => {
  scratch = await openScratch();
});

afterEach(() => scratch[Symbol.asyncDispose]());

/** Rows in `table` after seeding, and the tables that are told to have none. */
async function seeded(table: string, hostile: boolean): Promise<{ rows: number; unseeded: readonly string[] }> {
  const unseeded = await seedRows(scratch, await readSchema(scratch.connection), { hostile });
  const { rows } = await scratch.connection.execute(`SELECT count(*) AS n FROM ${table}`);
  return { rows: Number(rows[0]?.['n']), unseeded };
}

const models = `CREATE TABLE models (
  seq integer PRIMARY KEY AUTOINCREMENT NOT NULL, id text NOT NULL UNIQUE, name text NOT NULL, note text, format text NOT NULL,
  size integer NOT NULL CHECK (size >= 0), rating integer, status text NOT NULL, error text, path text NOT NULL,
  CHECK ("models"."rating" IS NULL OR rating BETWEEN 0 AND 5),
  CONSTRAINT known CHECK (("status" = 'unparsed') = (error IS NOT NULL)),
  CHECK (CASE status WHEN 'unparsed' THEN length(error) > 0 ELSE status IN ('parsed', 'pending') END)
)`;
const trigger = `CREATE TRIGGER noted AFTER INSERT ON models BEGIN
  INSERT INTO log VALUES (new.id, new.name, new.note, new.format, new.size, new.rating, new.status, new.error, new.path);
END`;
const log = 'CREATE TABLE log (id, name, note, format, size, rating, status, error, path)';

test.each([
  { hostile: false, rows: 3 },
  { hostile: true, rows: 10 },
])('a table of many CHECKs takes all of them, hostile: $hostile', async ({ hostile, rows }) => {
  await scratch.run([models, log, trigger]);
  expect(await seeded('models', hostile)).toEqual({ rows, unseeded: [] });
});

test('what no CHECK names stays as it was to be', async () => {
  await scratch.run([models, log]);
  await seeded('models', true);
  const { rows } = await scratch.connection.execute('SELECT format FROM models');
  expect(rows.map(({ format }) => format)).toContain('É\n漢🙂');
});

test('CHECKs that have columns in common are met together, those over a key by the others', async () => {
  await scratch.run([
    `CREATE TABLE t (id integer PRIMARY KEY, a text, b text, c text, CHECK (a = 'one' OR b = 'two'), CHECK (b = 'three' OR c = 'four'),
      CHECK (c <> 'four' OR a IS NULL), CHECK (id > 0 OR a = 'below'))`,
  ]);
  expect(await seeded('t', true)).toEqual({ rows: 10, unseeded: [] });
});

test('one that no row fits is told, in bounded time', async () => {
  await scratch.run([
    `CREATE TABLE t (${'abcdefghij'.replaceAll(/./g, '$& text NOT NULL, ')} CHECK (a || b || c || d || e || f || g || h || i || j = 'no' AND length(a) > 1000))`,
  ]);
  expect(await seeded('t', true)).toEqual({ rows: 0, unseeded: ['t'] });
});

test('a CHECK that fails on some of its values, or names no column, is met by trying', async () => {
  await scratch.run([
    `CREATE TABLE documents (body text NOT NULL CHECK (json_extract(body, '$') IS NOT 7))`,
    `CREATE TABLE counted (n integer CHECK (rowid > 0 AND n IN (41, 43)))`,
  ]);
  expect(await seeded('documents', false)).toEqual({ rows: 3, unseeded: [] });
  // The rows from before are there as well.
  expect(await seeded('counted', false)).toEqual({ rows: 6, unseeded: [] });
});
