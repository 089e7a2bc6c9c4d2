// Text whose bytes are no UTF-8, as old databases hold and as CAST makes it: the driver ends the process when such a text reaches
// JavaScript, so that no proof may read one as it is. And what is written to a view, which is as hard to see.
import { expect, test } from 'vitest';
import { verifyFolder } from '../../src/care.js';
import { writeMissingDowns } from '../../src/generate.js';
import { makeScratch } from '../scratch.js';

const rebuild = `CREATE TABLE n (id integer PRIMARY KEY, s text); INSERT INTO n SELECT id, CAST(s AS TEXT) FROM t;
DROP TABLE t; ALTER TABLE n RENAME TO t;`;

test('a migration that makes text of bytes is drafted and verified', async () => {
  await using scratch = await makeScratch();
  await scratch.write([
    { tag: '0000_bytes', up: 'CREATE TABLE t (id integer PRIMARY KEY, s blob);', down: null },
    { tag: '0001_text', up: rebuild, down: null },
  ]);
  const written = await writeMissingDowns(scratch.folder);
  expect(written.map(({ kind }) => kind)).toEqual(['generated', 'generated']);
  const { ok, migrations } = await verifyFolder(scratch.folder);
  expect({ ok, faults: migrations.flatMap(({ faults }) => faults) }).toEqual({ ok: true, faults: [] });
});

test('a database with such text, also as a key, is verified, measured and migrated', async () => {
  await using scratch = await makeScratch();
  const start = 'CREATE TABLE t (k text PRIMARY KEY NOT NULL, s text, gone text) WITHOUT ROWID;';
  await scratch.write([
    { tag: '0000_start', up: start, down: 'DROP TABLE t;' },
    { tag: '0001_less', up: 'ALTER TABLE t DROP COLUMN gone;', down: 'ALTER TABLE t ADD gone text;' },
  ]);
  const { migrations, run } = await scratch.open();
  await migrations.applyMigrations({ steps: 1 });
  await run(
    `INSERT INTO t VALUES (CAST(x'4dfc6c6c6572' AS TEXT), CAST(x'ff' AS TEXT), CAST(x'fe' AS TEXT)), ('b', 'é', NULL)`,
  );
  const plan = await migrations.plan({ measure: true });
  expect(plan.migrations.flatMap(({ losses }) => losses)).toMatchObject([{ table: 't', column: 'gone', rows: 1 }]);
  const verified = await migrations.verify();
  expect(verified.migrations.flatMap(({ faults }) => faults)).toEqual([]);
  await migrations.applyMigrations({ allowDataLoss: ['t.gone'] });
});

test('what is written to a view is left to a person to undo, as to the table behind it', async () => {
  await using scratch = await makeScratch();
  const view = `CREATE TABLE t (id integer PRIMARY KEY, s text); CREATE VIEW v AS SELECT * FROM t;
CREATE TRIGGER gone INSTEAD OF DELETE ON v BEGIN DELETE FROM t WHERE id = old.id; END;`;
  await scratch.write([
    { tag: '0000_view', up: view, down: null },
    { tag: '0001_less', up: 'DELETE FROM v WHERE id = 1;', down: null },
  ]);
  const written = await writeMissingDowns(scratch.folder);
  expect(written.map(({ kind }) => kind)).toEqual(['generated', 'draft']);
});
