// A migration that fails: plan with `measure` says what up would say, and up tells a failure before a loss.
import { expect, test } from 'vitest';
import { makeScratch } from './scratch.js';

const before = `CREATE TABLE t (id integer PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'x'), (2, 'x');`;
// No migration makes one like that.
const noted = 'CREATE TRIGGER noted AFTER INSERT ON t BEGIN INSERT INTO nowhere VALUES (1); END';

test.each([
  ['does not read', 'CREATE TABLE q (a);\nCREAT TABLE r (a);', 2],
  ['the rows refuse', '-- Once.\nCREATE UNIQUE INDEX tu ON t (v);', 2],
  ['a trigger breaks', 'ALTER TABLE t RENAME COLUMN v TO w;', 1],
])('plan --measure names file and line of a statement that %s, as up does', async (_, up, line) => {
  await using scratch = await makeScratch();
  await scratch.write([
    { tag: '0000_before', up: before, down: null },
    { tag: '0001_wrong', up, down: null },
  ]);
  const { migrations, run } = await scratch.open();
  await migrations.applyMigrations({ steps: 1 });
  await run(noted);
  const messageOf = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'nothing',
      (error: unknown) => String(error),
    );
  const measured = await messageOf(migrations.plan({ measure: true }));
  expect(measured).toContain(`(0001_wrong.sql, line ${line}) [MIGRATION_FAILED]`);
  expect(measured).toBe(await messageOf(migrations.applyMigrations()));
});

test('a statement that fails behind one that loses values is told, and not the loss that nobody can see', async () => {
  await using scratch = await makeScratch();
  const rebuild = `CREATE TABLE n (id integer PRIMARY KEY, v integer); INSERT INTO n SELECT id, v FROM t; DROP TABLE t;
ALTER TABLE n RENAME TO t; CREATE UNIQUE INDEX tu ON t (v);`;
  await scratch.write([
    { tag: '0000_before', up: before, down: null },
    { tag: '0001_wrong', up: rebuild, down: null },
  ]);
  const { migrations, rows, run } = await scratch.open();
  await migrations.applyMigrations({ steps: 1 });
  await run(noted);
  await expect(migrations.applyMigrations()).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining('UNIQUE constraint failed: t.v (0001_wrong.sql, line 2)'),
  });
  expect(await rows('SELECT v FROM t')).toEqual([{ v: 'x' }, { v: 'x' }]);
});
