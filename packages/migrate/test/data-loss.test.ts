import { targets, testsOn } from '@cc/testkit/targets';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { codeOf, library, makeScratch, type Opened, type Scratch } from './scratch.js';

describe.each(targets)('data loss on %s', (target) => {
  const test = testsOn(target);
  let scratch: Scratch;
  let opened: Opened;

  beforeEach(async () => {
    scratch = await makeScratch(target);
    await scratch.write(library);
    opened = await scratch.open();
    await opened.migrations.applyMigrations();
  });
  afterEach(() => scratch[Symbol.asyncDispose]());

  const addRows = (): Promise<void> =>
    opened.run(
      `INSERT INTO parts (name) VALUES ('bolt'), ('nut')`,
      `INSERT INTO notes (part_id, body, stars) VALUES (1, 'long', 5), (2, 'small', 0)`,
    );

  test('a down that drops tables with rows is refused before anything runs, and says how many', async () => {
    await addRows();
    await opened.run('UPDATE notes SET stars = 0');
    const before = await opened.schema();
    await expect(opened.migrations.rollbackMigration({ steps: 3 })).rejects.toThrow(
      'Taking back 0000_tables would lose data: table notes (2 rows) such as rowid = 1, table parts (2 rows) such as id = 1 [MIGRATION_DATA_LOSS]',
    );
    expect(await opened.schema()).toEqual(before);
    expect(await opened.migrations.getCurrentVersion()).toBe('0002_weight');
  });

  test('a down that drops a column is refused where rows hold more than its default', async () => {
    await addRows();
    await expect(opened.migrations.rollbackMigration()).rejects.toThrow('column notes.stars (1 row)');
    await opened.run('UPDATE notes SET stars = 0');
    expect((await opened.migrations.rollbackMigration()).current).toBe('0001_search');
  });

  test('allowDataLoss takes the rows away', async () => {
    await addRows();
    await opened.migrations.rollbackMigration({ targetVersion: null, allowDataLoss: true });
    expect(await opened.schema()).toEqual([]);
  });

  test('the row that is named is found by what the message says, whatever its key is', async () => {
    const odd = { tag: '0003_odd', up: 'CREATE TABLE odd (k text PRIMARY KEY) WITHOUT ROWID', down: 'DROP TABLE odd' };
    await scratch.write([...library, odd]);
    await opened.migrations.applyMigrations();
    for (const key of [`'it''s'`, `''`, `CAST(x'61006200' AS TEXT)`, `CAST(x'FFC3' AS TEXT)`]) {
      await opened.run('DELETE FROM odd', `INSERT INTO odd VALUES (${key})`);
      await expect(opened.migrations.rollbackMigration()).rejects.toThrow(`table odd (1 row) such as k = ${key} [`);
    }
    await opened.run('DELETE FROM odd', `INSERT INTO odd VALUES ('${'ä'.repeat(300)}')`);
    await expect(opened.migrations.rollbackMigration()).rejects.toThrow(`such as k = '${'ä'.repeat(59)} [`);
  });

  test('empty tables and full-text tables over other tables are no data', async () => {
    await opened.run(`INSERT INTO parts (name) VALUES ('bolt')`);
    expect((await opened.migrations.rollbackMigration({ steps: 2 })).current).toBe('0000_tables');
    await opened.run('DELETE FROM parts');
    expect((await opened.migrations.rollbackMigration()).current).toBeNull();
  });

  test('a full-text table with text of its own is data', async () => {
    await scratch.write([
      ...library,
      { tag: '0003_own', up: 'CREATE VIRTUAL TABLE own USING fts5(body)', down: 'DROP TABLE own' },
    ]);
    await opened.migrations.applyMigrations();
    await opened.run(`INSERT INTO own VALUES ('text')`);
    expect(await codeOf(opened.migrations.rollbackMigration())).toBe('MIGRATION_DATA_LOSS');
  });

  test('an up that drops what holds rows is refused as well', async () => {
    await addRows();
    await scratch.write([...library, { tag: '0003_drop', up: 'DROP TABLE notes', down: null }]);
    expect(await codeOf(opened.migrations.applyMigrations())).toBe('MIGRATION_DATA_LOSS');
    expect((await opened.migrations.plan()).migrations).toMatchObject([
      { version: '0003_drop', losses: [{ table: 'notes', column: null, rows: 2 }], problems: [{ kind: 'data_loss' }] },
    ]);
    await opened.migrations.applyMigrations({ allowDataLoss: true });
  });

  test('a rebuild that copies its rows loses only the columns it leaves out', async () => {
    const rebuild = (columns: string) => `PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE \`__new_notes\` (\`part_id\` integer NOT NULL${columns === 'part_id' ? '' : ', `body` text'}, CONSTRAINT c CHECK (part_id > 0));
--> statement-breakpoint
INSERT INTO \`__new_notes\`(${columns}) SELECT ${columns} FROM \`notes\`;--> statement-breakpoint
DROP TABLE \`notes\`;--> statement-breakpoint
ALTER TABLE \`__new_notes\` RENAME TO \`notes\`;--> statement-breakpoint
PRAGMA foreign_keys=ON;`;
    await addRows();
    await opened.run('UPDATE notes SET stars = 0');
    await scratch.write([...library, { tag: '0003_lossy', up: rebuild('part_id'), down: null }]);
    await expect(opened.migrations.applyMigrations()).rejects.toThrow('lose data: column notes.body (2 rows)');
    await scratch.write([...library, { tag: '0003_copy', up: rebuild('part_id, body'), down: null }]);
    await opened.migrations.applyMigrations();
    expect(await opened.rows('SELECT count(*) AS n FROM notes')).toEqual([{ n: 2 }]);
  });
});
