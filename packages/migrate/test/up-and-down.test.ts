import { targets, testsOn } from '@cc/testkit/targets';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { firstOf, library, makeScratch, type Scratch } from './scratch.js';

describe.each(targets)('up and down on %s', (target) => {
  const test = testsOn(target);
  let scratch: Scratch;

  beforeEach(async () => {
    scratch = await makeScratch(target);
    await scratch.write(library);
  });
  afterEach(() => scratch[Symbol.asyncDispose]());

  const versionsOf = ({ migrations }: { readonly migrations: readonly { readonly version: string }[] }): string[] =>
    migrations.map(({ version }) => version);

  test('up, down and up again give the same schema', async () => {
    const { migrations, schema } = await scratch.open();
    expect(await schema()).toEqual([]);

    expect(versionsOf(await migrations.applyMigrations())).toEqual(['0000_tables', '0001_search', '0002_weight']);
    const whole = await schema();
    expect(whole.map(({ name }) => name)).toContain('parts_fts_insert');

    const down = await migrations.rollbackMigration({ targetVersion: null });
    expect(versionsOf(down)).toEqual(['0002_weight', '0001_search', '0000_tables']);
    expect(down.current).toBeNull();
    expect(await schema()).toEqual([]);

    expect((await migrations.applyMigrations()).current).toBe('0002_weight');
    expect(await schema()).toEqual(whole);
  });

  test('every step down gives the schema from before its step up', async () => {
    const { migrations, schema } = await scratch.open();
    const before: unknown[] = [];
    for (const _ of library) {
      before.push(await schema());
      await migrations.applyMigrations({ steps: 1 });
    }
    for (const expected of before.reverse()) {
      await migrations.rollbackMigration();
      expect(await schema()).toEqual(expected);
    }
    expect(await migrations.getCurrentVersion()).toBeNull();
  });

  test('triggers and the full-text index work, also for rows that were there before', async () => {
    const { migrations, run, rows } = await scratch.open();
    await migrations.applyMigrations({ steps: 1 });
    await run(`INSERT INTO parts (name) VALUES ('old bolt')`);
    await migrations.applyMigrations();
    await run(`INSERT INTO parts (name) VALUES ('new bolt')`);
    expect(await rows(`SELECT rowid FROM parts_fts WHERE parts_fts MATCH 'bolt' ORDER BY rowid`)).toEqual([
      { rowid: 1 },
      { rowid: 2 },
    ]);
  });

  test('versions are given by name or by number, and none is behind the first', async () => {
    const { migrations } = await scratch.open();
    expect(versionsOf(await migrations.applyMigrations({ targetVersion: '0001' }))).toEqual([
      '0000_tables',
      '0001_search',
    ]);
    expect(versionsOf(await migrations.applyMigrations({ targetVersion: '0000_tables' }))).toEqual([]);
    expect(versionsOf(await migrations.applyMigrations({ targetVersion: '2' }))).toEqual(['0002_weight']);
    expect(versionsOf(await migrations.rollbackMigration({ targetVersion: '0' }))).toEqual([
      '0002_weight',
      '0001_search',
    ]);
    expect(await migrations.getCurrentVersion()).toBe('0000_tables');
    expect(versionsOf(await migrations.rollbackMigration({ steps: Infinity }))).toEqual(['0000_tables']);
    expect(versionsOf(await migrations.rollbackMigration())).toEqual([]);
  });

  test('a dry run names what would run and writes nothing', async () => {
    const { migrations, rows, schema } = await scratch.open();
    expect(await migrations.applyMigrations({ dryRun: true, steps: 2 })).toEqual({
      direction: 'up',
      dryRun: true,
      backup: null,
      current: null,
      migrations: [
        { version: '0000_tables', durationMs: null, warnings: [] },
        { version: '0001_search', durationMs: null, warnings: [] },
      ],
    });
    expect(await schema()).toEqual([]);
    expect(await rows(`SELECT name FROM sqlite_schema WHERE name LIKE '\\_\\_%' ESCAPE '\\'`)).toEqual([]);
  });

  test('history tells every run in order', async () => {
    const { migrations } = await scratch.open();
    await migrations.applyMigrations({ steps: 2 });
    await migrations.rollbackMigration();
    await migrations.applyMigrations({ steps: 1 });
    const history = await migrations.history();
    expect(history.map(({ direction, version }) => `${direction} ${version}`)).toEqual([
      'up 0000_tables',
      'up 0001_search',
      'down 0001_search',
      'up 0001_search',
    ]);
    expect(history.every(({ at, durationMs }) => at instanceof Date && durationMs !== null && durationMs >= 0)).toBe(
      true,
    );
  });

  test('a call tells of each migration how long it took, as history does', async () => {
    const { migrations } = await scratch.open();
    const took: unknown[] = [];
    for (let i = 0; i < 2; i += 1) {
      took.push(...(await migrations.applyMigrations({ steps: 1 })).migrations);
      took.push(...(await migrations.rollbackMigration()).migrations);
    }
    const history = await migrations.history();
    expect(took).toMatchObject(history.map(({ version, durationMs }) => ({ version, durationMs })));
    expect(took).not.toContainEqual(expect.objectContaining({ durationMs: null }));
  });

  test('two migrations of one text are both taken back by one call', async () => {
    const { migrations, rows } = await scratch.open();
    const again = { up: 'INSERT INTO t VALUES (1)', down: 'DELETE FROM t WHERE rowid = (SELECT max(rowid) FROM t)' };
    const made = { tag: '0000_made', up: 'CREATE TABLE t (n integer)', down: 'DROP TABLE t' };
    await scratch.write([made, { tag: '0001_one', ...again }, { tag: '0002_other', ...again }]);
    await migrations.applyMigrations();
    const undone = await migrations.rollbackMigration({ targetVersion: '0000_made', allowDataLoss: true });
    expect([versionsOf(undone), undone.current]).toEqual([['0002_other', '0001_one'], '0000_made']);
    expect(await rows('SELECT n FROM t')).toEqual([]);
  });

  test('an older checkout goes down by the stored text', async () => {
    const { migrations, schema } = await scratch.open();
    await migrations.applyMigrations({ steps: 1 });
    const before = await schema();
    await migrations.applyMigrations();
    await scratch.write(firstOf(1));
    expect(versionsOf(await migrations.rollbackMigration({ targetVersion: '0000_tables' }))).toEqual([
      '0002_weight',
      '0001_search',
    ]);
    expect(await schema()).toEqual(before);
    expect((await migrations.status()).problems).toEqual([]);
  });

  test('a down file mended after the up is the one that runs', async () => {
    const [first] = library;
    if (!first) throw new Error('library is empty');
    const { migrations, schema } = await scratch.open();
    await scratch.write([{ ...first, down: 'DROP TABLE no_such_table;' }]);
    await migrations.applyMigrations();
    await expect(migrations.rollbackMigration()).rejects.toThrow('no_such_table');
    await scratch.write([first]);
    await migrations.rollbackMigration();
    expect(await schema()).toEqual([]);
  });

  test('a comment-only file, CRLF, and statements without breakpoints apply', async () => {
    const { migrations, rows } = await scratch.open();
    await scratch.write([
      { tag: '0000_empty', up: '-- Custom SQL migration file, put your code below! --', down: '-- nothing to undo' },
      { tag: '0001_two', up: 'CREATE TABLE a (x);\r\nCREATE TABLE b (x);\r\n', down: 'DROP TABLE b;\r\nDROP TABLE a;' },
    ]);
    await migrations.applyMigrations();
    expect(await rows(`SELECT name FROM sqlite_schema WHERE name IN ('a', 'b') ORDER BY name`)).toHaveLength(2);
    await migrations.rollbackMigration({ steps: 2 });
    expect(await migrations.getCurrentVersion()).toBeNull();
  });
});
