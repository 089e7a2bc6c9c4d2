// Rows without a value in a column that becomes NOT NULL: plan says what becomes of them, and says nothing that is not so.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeScratch, type Scratch } from './scratch.js';

const parts = `CREATE TABLE parts (id integer PRIMARY KEY, name text, size integer);
INSERT INTO parts VALUES (1, 'gear', NULL), (2, NULL, 7);`;
const altered = 'ALTER TABLE parts ALTER COLUMN size TO size integer NOT NULL;';
const rebuilt = (
  columns: string,
): string => `CREATE TABLE __new_parts (id integer PRIMARY KEY, name text, size integer NOT NULL);
INSERT INTO __new_parts (id, name, size) SELECT ${columns} FROM parts; DROP TABLE parts; ALTER TABLE __new_parts RENAME TO parts;`;
const fill = 'UPDATE parts SET size = 0 WHERE size IS NULL;';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
});
afterEach(() => scratch[Symbol.asyncDispose]());

test.each([
  ['an ALTER COLUMN', [altered], 'not_null', false],
  ['a rebuild that copies the column as it is', [rebuilt('id, name, size')], 'not_null', false],
  ['a rebuild that copies what * is', [rebuilt('*')], 'not_null', false],
  ['a rebuild that gives a value', [rebuilt('id, name, coalesce(size, 0)')], 'filled', true],
  ['rows that are filled before', [`${fill} ${altered}`], null, true],
  ['rows that an earlier migration fills', [fill, altered], null, true],
  ['rows that an earlier migration deletes', ['DELETE FROM parts WHERE size IS NULL;', altered], null, true],
] as const)('plan tells of %s', async (_, pending, kind, runs) => {
  const first = { tag: '0000_parts', up: parts, down: null };
  const later = pending.map((up, at) => ({ tag: `000${at + 1}_next`, up, down: '-- cc:down irreversible' }));
  await scratch.write([first]);
  const { migrations } = await scratch.open();
  await migrations.applyMigrations();
  await scratch.write([first, ...later]);
  const { migrations: planned } = await migrations.plan();
  const told = planned.flatMap(({ warnings }) => warnings).filter((each) => /not_null|filled/.test(each.kind));
  expect(told).toEqual(kind === null ? [] : [expect.objectContaining({ kind, table: 'parts', rows: 1 })]);
  const ran = migrations.applyMigrations({ allowDataLoss: ['parts'] }).then(
    () => true,
    () => false,
  );
  expect(await ran).toBe(runs);
});
