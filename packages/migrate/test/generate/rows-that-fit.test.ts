// Tables that take few of the rows which a proof makes up: a way back is drafted and proven for each all the same.
import { expect, test } from 'vitest';
import { verifyFolder } from '../../src/care.js';
import { writeMissingDowns } from '../../src/generate.js';
import { makeScratch } from '../scratch.js';

const tables = {
  'a key of bytes': 'CREATE TABLE t (id blob PRIMARY KEY NOT NULL, v text)',
  'unique columns without a type': 'CREATE TABLE t (u UNIQUE, v blob UNIQUE NOT NULL)',
  'a generated column of JSON': `CREATE TABLE t (id integer PRIMARY KEY, j text, n text AS (json_extract(j, '$.n')))`,
  'an index over JSON': `CREATE TABLE t (id integer PRIMARY KEY, j text NOT NULL); CREATE INDEX ti ON t (json_extract(j, '$.n'))`,
  'a trigger that reads JSON': `CREATE TABLE l (x); CREATE TABLE t (id integer PRIMARY KEY, j text);
CREATE TRIGGER tt AFTER INSERT ON t BEGIN INSERT INTO l SELECT value FROM json_each(new.j); END`,
  'a check of JSON': `CREATE TABLE t (id integer PRIMARY KEY, j text CHECK (json_extract(j, '$.a') IS NULL))`,
  'an index over a number that overflows':
    'CREATE TABLE t (id integer PRIMARY KEY, n integer); CREATE INDEX ti ON t (abs(n - 9))',
};

test.each(Object.entries(tables))('%s is proven with rows', async (_, before) => {
  await using scratch = await makeScratch();
  await scratch.write([
    { tag: '0000_before', up: before, down: null },
    { tag: '0001_added', up: 'ALTER TABLE t ADD z integer', down: null },
  ]);
  const written = await writeMissingDowns(scratch.folder);
  expect(written.map(({ kind, notes }) => ({ kind, notes }))).toEqual([
    { kind: 'generated', notes: [] },
    { kind: 'generated', notes: [] },
  ]);
  const { migrations } = await verifyFolder(scratch.folder);
  expect(migrations.flatMap(({ faults, warnings }) => [...faults, ...warnings])).toEqual([]);
});
