// plan with `measure` on a migration that fails: what it says is what up would say.
import { expect, test } from 'vitest';
import { makeScratch } from './scratch.js';

const before = `CREATE TABLE t (id integer PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'x'), (2, 'x');
CREATE TRIGGER noted AFTER INSERT ON t BEGIN INSERT INTO nowhere VALUES (1); END;`;

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
  const { migrations } = await scratch.open();
  await migrations.applyMigrations({ steps: 1 });
  const messageOf = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'nothing',
      (error: unknown) => String(error),
    );
  const measured = await messageOf(migrations.plan({ measure: true }));
  expect(measured).toContain(`(0001_wrong.sql, line ${line}) [MIGRATION_FAILED]`);
  expect(measured).toBe(await messageOf(migrations.applyMigrations()));
});
