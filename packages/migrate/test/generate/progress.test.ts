// How far completing downs is, and that a long folder costs no more for a migration than a short one: counted in statements,
// because no test may depend on time.
import { expect, test } from 'vitest';
import { writeMissingDowns } from '../../src/generate.js';
import { concernedTables } from '../../src/scratch/concerned-tables.js';
import { openPast } from '../../src/scratch/past.js';
import { makeScratch } from '../scratch.js';
import { migrationOf } from './planned.js';

const tableOf = (index: number): string => `CREATE TABLE t${index} (id integer PRIMARY KEY, v text);`;

test('each migration is told before it is looked at', async () => {
  await using scratch = await makeScratch();
  await scratch.write([0, 1, 2].map((index) => ({ tag: `000${index}_t`, up: tableOf(index), down: null })));
  const told: unknown[] = [];
  await writeMissingDowns(scratch.folder, { dryRun: true, onProgress: (progress) => told.push(progress) });
  expect(told).toEqual([0, 1, 2].map((index) => ({ version: `000${index}_t`, done: index, total: 3 })));
});

test('only the tables that a migration can reach get rows', async () => {
  await using past = await openPast([
    migrationOf(
      '0000_all',
      `${[0, 1, 2, 3, 4].map(tableOf).join('\n')}
CREATE TABLE c (t integer REFERENCES t1 (id)); CREATE VIEW w AS SELECT v FROM t2;
CREATE TRIGGER tr AFTER INSERT ON t3 BEGIN INSERT INTO w VALUES (new.v); END;
CREATE TRIGGER iw INSTEAD OF INSERT ON w BEGIN INSERT INTO t2 (v) VALUES (new.v); END;`,
    ),
  ]);
  const schema = await past.schema();
  const reached = (sql: string): readonly string[] =>
    [...schema.tables.keys()].filter((name) => concernedTables(schema, [sql]).has(name));
  expect(reached('ALTER TABLE t0 ADD x')).toEqual(['t0']);
  expect(reached('ALTER TABLE c ADD x')).toEqual(['t1', 'c']);
  expect(reached('DROP TABLE t1')).toEqual(['t1', 'c']);
  expect(reached('UPDATE "T3" SET v = 1')).toEqual(['t2', 't3']);
});

test('what is tried at a point of a history leaves nothing behind, nor does what ends its transaction', async () => {
  await using past = await openPast([
    migrationOf(
      '0000_all',
      `${tableOf(0)} CREATE TRIGGER never BEFORE INSERT ON t0 WHEN new.v = 'no' BEGIN SELECT RAISE(ROLLBACK, 'no'); END;`,
    ),
  ]);
  const names = await past.trying(async (scratch) => {
    await scratch.run([tableOf(1)]);
    await scratch.run([`INSERT INTO t0 VALUES (1, 'no')`]).catch(() => undefined);
    return (await scratch.connection.execute(`SELECT name FROM sqlite_schema WHERE type = 'table'`)).rows.length;
  });
  expect(names).toBe(2);
  const rows = await past.trying(
    async ({ connection }) => (await connection.execute('SELECT name FROM sqlite_schema')).rows,
  );
  expect(rows.map(({ name }) => name)).toEqual(['t0', 'never']);
});
