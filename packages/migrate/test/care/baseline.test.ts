// Adopting a database: only a schema that the migrations make can be recorded, and nothing runs.
import { targets, testsOn } from '@cc/testkit/targets';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { codeOf, firstOf, library, makeScratch, type Opened, overtaken, type Scratch } from '../scratch.js';

describe.each(targets)('baseline on %s', (target) => {
  const test = testsOn(target);
  let scratch: Scratch;
  let opened: Opened;

  beforeEach(async () => {
    scratch = await makeScratch(target);
    await scratch.write(library);
    opened = await scratch.open();
  });
  afterEach(() => scratch[Symbol.asyncDispose]());

  /** Makes what the first `count` migrations make, as somebody without migrations would, with a row. */
  async function build(count: number): Promise<void> {
    using lease = await opened.transactions.getConnection();
    for (const { up } of firstOf(count)) await lease.client.executeMultiple(up);
    await lease.client.execute(`INSERT INTO parts (name) VALUES ('bolt')`);
  }

  const unrecorded = async (): Promise<unknown> =>
    opened.rows(`SELECT name FROM sqlite_schema WHERE name LIKE '\\_\\_%' ESCAPE '\\'`);

  test('records what the schema is, runs nothing, and migrations go on from there', async () => {
    await build(2);
    const before = await opened.schema();
    expect(await opened.migrations.baseline({ targetVersion: '1' })).toEqual({
      version: '0001_search',
      dryRun: false,
      recorded: ['0000_tables', '0001_search'],
      alsoFits: [],
      reordered: [],
      rewritten: null,
      differences: [],
    });
    expect(await opened.schema()).toEqual(before);
    expect(await opened.rows('SELECT name FROM parts')).toEqual([{ name: 'bolt' }]);
    const { applied, pending, problems } = await opened.migrations.status();
    expect(applied).toMatchObject([
      { version: '0000_tables', kind: 'baseline', appliedAt: null, durationMs: null, wayBack: 'ready' },
      { version: '0001_search', kind: 'baseline' },
    ]);
    expect([pending.map(({ version }) => version), problems]).toEqual([['0002_weight'], []]);
    expect(await opened.migrations.history()).toMatchObject([
      { version: '0000_tables', direction: 'up', kind: 'baseline', durationMs: null, at: expect.any(Date) },
      { version: '0001_search', direction: 'up', kind: 'baseline' },
    ]);
    expect((await opened.migrations.applyMigrations()).migrations).toMatchObject([{ version: '0002_weight' }]);
    expect((await opened.migrations.diff()).differences).toEqual([]);
  });

  test('what was adopted can be taken back', async () => {
    await build(3);
    await opened.migrations.baseline();
    await opened.migrations.rollbackMigration({ targetVersion: '0000' });
    expect(await opened.migrations.getCurrentVersion()).toBe('0000_tables');
    expect((await opened.migrations.diff()).differences).toEqual([]);
  });

  test.each([1, 2, 3])('without a version it finds the newest that fits: %i', async (count) => {
    await build(count);
    expect((await opened.migrations.baseline()).version).toBe(library[count - 1]?.tag);
  });

  test('versions that differ only in rows are named, because the schema cannot tell them apart', async () => {
    await scratch.write([
      ...firstOf(2),
      { tag: '0002_rows', up: `INSERT INTO parts (name) VALUES ('nut')`, down: null },
      { tag: '0003_weight', up: library[2]?.up ?? '', down: null },
    ]);
    await build(2);
    expect(await opened.migrations.baseline({ dryRun: true })).toMatchObject({
      version: '0002_rows',
      alsoFits: ['0001_search'],
    });
    expect(await opened.migrations.baseline({ targetVersion: '0001' })).toMatchObject({
      version: '0001_search',
      alsoFits: [],
    });
  });

  test('columns in another order are accepted, and said', async () => {
    await opened.run('CREATE TABLE pushed (b text, a integer)');
    const up = 'CREATE TABLE pushed (a integer, b text)';
    await scratch.write([{ tag: '0000_pushed', up, down: null }]);
    const answer = { version: '0000_pushed', reordered: ['pushed'] };
    expect(await opened.migrations.baseline({ dryRun: true })).toMatchObject(answer);
    expect(await opened.migrations.baseline({ targetVersion: '0000' })).toMatchObject(answer);
    expect((await opened.migrations.status()).current).toBe('0000_pushed');
  });

  test('a dry run compares and writes nothing', async () => {
    await build(2);
    expect(await opened.migrations.baseline({ dryRun: true })).toMatchObject({ version: '0001_search', dryRun: true });
    expect(await unrecorded()).toEqual([]);
  });

  test('another schema than that of the version is refused with every difference', async () => {
    await build(2);
    const call = opened.migrations.baseline({ targetVersion: '0002' });
    await expect(call).rejects.toThrow(
      'The schema of the database is not that of 0002_weight:\n  table notes: column stars is missing',
    );
    expect(await codeOf(call)).toBe('MIGRATION_DRIFT');
    expect(await unrecorded()).toEqual([]);
  });

  test('a schema of no version is refused with the differences from the nearest', async () => {
    await build(2);
    await opened.run('ALTER TABLE parts ADD colour text');
    const call = opened.migrations.baseline();
    await expect(call).rejects.toThrow(
      'that of no migration. Nearest is 0001_search:\n  table parts: column colour is not expected',
    );
    expect(await codeOf(call)).toBe('MIGRATION_DRIFT');
  });

  test('a database under migrations, an empty one and an unknown version are refused', async () => {
    expect(await codeOf(opened.migrations.baseline())).toBe('MIGRATION_DRIFT');
    await expect(opened.migrations.baseline()).rejects.toThrow('The database is empty');
    await build(1);
    await expect(opened.migrations.baseline({ targetVersion: '7' })).rejects.toThrow(
      `targetVersion '7' is no version here. Known: 0000_tables, 0001_search, 0002_weight`,
    );
    const wrong: object = { tragetVersion: '0000' };
    await expect(opened.migrations.baseline(wrong)).rejects.toThrow(`did you mean 'targetVersion'`);
    await opened.migrations.baseline();
    const again = opened.migrations.baseline();
    await expect(again).rejects.toThrow('0000_tables is applied already');
    expect(await codeOf(again)).toBe('MIGRATION_APPLIED');
  });

  // Nobody else reaches a database in memory.
  if (target !== ':memory:') {
    test('with somebody else at work, of two at once one records, and the other finds it done', async () => {
      await build(2);
      const other = await scratch.open();
      const slow = overtaken(opened.transactions, scratch.folder, () => other.migrations.baseline());
      expect(await codeOf(slow.baseline())).toBe('MIGRATION_APPLIED');
      expect(await opened.rows('SELECT count(*) AS n FROM __drizzle_migrations')).toEqual([{ n: 2 }]);
      expect(await opened.rows('SELECT count(*) AS n FROM __cc_migrations')).toEqual([{ n: 2 }]);
    });

    test('with somebody else at work a schema that changes between the comparison and the record is compared again', async () => {
      await build(2);
      const slow = overtaken(opened.transactions, scratch.folder, async () => {
        const other = await scratch.open();
        await other.run('DROP INDEX idx_parts_name');
      });
      await expect(slow.baseline()).rejects.toThrow('index idx_parts_name is missing');
      expect(await opened.rows('SELECT count(*) AS n FROM sqlite_schema WHERE name = ' + `'__cc_migrations'`)).toEqual([
        { n: 0 },
      ]);
    });
  }
});
