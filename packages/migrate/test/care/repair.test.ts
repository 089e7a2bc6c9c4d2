// Mending what is recorded: each fault of the journal, only where the schema proves it, and never a row of data.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { targets, testsOn } from '@cc/testkit/targets';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import {
  codeOf,
  firstOf,
  library,
  makeScratch,
  type Opened,
  overtaken,
  type Scratch,
  type Written,
} from '../scratch.js';

describe.each(targets)('repair on %s', (target) => {
  const test = testsOn(target);
  let scratch: Scratch;
  let opened: Opened;
  const [tables, search, weight] = library as [Written, Written, Written];
  const at = (migration: Written, when: number): Written => ({ ...migration, when });
  const t0 = 1_700_000_000_000;

  beforeEach(async () => {
    scratch = await makeScratch(target);
    await scratch.write(library);
    opened = await scratch.open();
  });
  afterEach(() => scratch[Symbol.asyncDispose]());

  const ledger = (): Promise<unknown> =>
    opened.rows('SELECT hash, created_at FROM __drizzle_migrations ORDER BY created_at, rowid');
  const kinds = async (): Promise<string[]> =>
    (await opened.migrations.repair()).actions.map(({ kind, version }) => `${kind} ${version}`);

  const repairs = async (): Promise<string[]> =>
    (await opened.migrations.history())
      .filter(({ kind }) => kind === 'repair')
      .map(({ repaired, version }) => `${repaired} ${version}`);

  /** Everything that is not bookkeeping: schema and rows. */
  async function data(): Promise<unknown> {
    return [await opened.schema(), await opened.rows('SELECT * FROM parts'), await opened.rows('SELECT * FROM notes')];
  }

  /** Repairs, and checks that the data stayed, that nothing is left to mend, and that the history tells it. */
  async function mends(expected: readonly string[]): Promise<void> {
    const before = await data();
    expect(await opened.migrations.repair({ dryRun: true })).toMatchObject({ dryRun: true, problems: [] });
    expect(await repairs()).toEqual([]);
    expect(await kinds()).toEqual(expected);
    expect(await data()).toEqual(before);
    expect((await opened.migrations.status()).problems).toEqual([]);
    expect((await opened.migrations.diff()).differences).toEqual([]);
    expect(await repairs()).toEqual(expected);
    expect(await kinds()).toEqual([]);
  }

  describe('mends', () => {
    beforeEach(async () => {
      await opened.migrations.applyMigrations();
      await opened.run(`INSERT INTO parts (name) VALUES ('bolt')`, `INSERT INTO notes VALUES (1, 'long', 3)`);
    });

    test('nothing where nothing is wrong', () => mends([]));

    test('a migration that is recorded twice', async () => {
      const before = await ledger();
      await opened.run(
        'INSERT INTO __drizzle_migrations (hash, created_at) SELECT hash, created_at FROM __drizzle_migrations',
      );
      await mends(['duplicate 0000_tables', 'duplicate 0001_search', 'duplicate 0002_weight']);
      expect(await ledger()).toEqual(before);
    });

    test('a migration that is recorded under two times', async () => {
      await opened.run(
        `INSERT INTO __drizzle_migrations (hash, created_at) SELECT hash, created_at + 5 FROM __drizzle_migrations WHERE created_at = ${t0}`,
      );
      await mends(['duplicate 0000_tables']);
    });

    test('a migration whose time in the folder changed', async () => {
      await scratch.write([tables, search, at(weight, t0 + 9_000)]);
      await mends(['renumbered 0002_weight']);
      expect((await opened.migrations.rollbackMigration({ allowDataLoss: true })).migrations).toMatchObject([
        { version: '0002_weight' },
      ]);
    });

    test('a migration whose file was edited without another outcome; its way back is the new one', async () => {
      await scratch.write([
        tables,
        search,
        { ...weight, up: `${weight.up}\n-- later`, down: `-- later\n${weight.down}` },
      ]);
      await mends(['edited 0002_weight']);
      const { applied } = await opened.migrations.status();
      expect(applied.at(-1)).toMatchObject({
        kind: 'repair',
        appliedAt: expect.any(Date),
        durationMs: expect.any(Number),
      });
      await scratch.write(firstOf(2));
      await opened.migrations.rollbackMigration({ allowDataLoss: true });
      expect(await opened.rows('SELECT down_sql FROM __cc_migrations ORDER BY run DESC LIMIT 1')).toEqual([
        { down_sql: `-- later\n${weight.down}` },
      ]);
    });

    test('a migration that is recorded, not in the folder and not in the schema', async () => {
      await opened.run('ALTER TABLE notes DROP COLUMN stars');
      await scratch.write(firstOf(2));
      await mends(['missing 0002_weight']);
      await scratch.write(library);
      expect((await opened.migrations.applyMigrations()).migrations).toMatchObject([{ version: '0002_weight' }]);
    });

    test('migrations that are in the schema and not recorded', async () => {
      await opened.run(`DELETE FROM __drizzle_migrations WHERE created_at > ${t0}`);
      await mends(['unrecorded 0001_search', 'unrecorded 0002_weight']);
    });

    test('a database whose record is lost as a whole', async () => {
      await opened.run('DROP TABLE __drizzle_migrations', 'DROP TABLE __cc_migrations');
      await mends(['unrecorded 0000_tables', 'unrecorded 0001_search', 'unrecorded 0002_weight']);
    });

    test('a migration that was generated anew under the same name', async () => {
      await scratch.write([tables, search, at({ ...weight, up: `${weight.up}\n-- anew` }, t0 + 7_000)]);
      await mends(['missing 0002_weight', 'unrecorded 0002_weight']);
    });

    test('several faults at once', async () => {
      await opened.run(
        `INSERT INTO __drizzle_migrations (hash, created_at) SELECT hash, created_at FROM __drizzle_migrations WHERE created_at = ${t0}`,
        `DELETE FROM __drizzle_migrations WHERE created_at = ${t0 + 2_000}`,
      );
      await scratch.write([tables, { ...search, up: `${search.up}-- later` }, weight]);
      await mends(['duplicate 0000_tables', 'edited 0001_search', 'unrecorded 0002_weight']);
    });
  });

  test('a pending migration that only writes rows stays pending: the schema does not show it', async () => {
    await scratch.write([tables, { tag: '0001_rows', up: `INSERT INTO parts (name) VALUES ('nut')`, down: null }]);
    await opened.migrations.applyMigrations({ steps: 1 });
    expect(await kinds()).toEqual([]);
    expect((await opened.migrations.status()).pending).toHaveLength(1);
  });

  test('columns in the order of a late migration are accepted as they ran', async () => {
    const late: Written = { tag: '0001_late', up: 'ALTER TABLE notes ADD colour text', down: null, when: t0 + 1_000 };
    const stars = at({ ...weight, tag: '0002_stars' }, t0 + 2_000);
    await scratch.write([tables, stars]);
    await opened.migrations.applyMigrations();
    await scratch.write([tables, late, stars]);
    await opened.migrations.applyMigrations({ allowOutOfOrder: true });
    expect((await opened.migrations.diff()).differences.map(({ message }) => message)).toEqual([
      'table notes: columns stand in another order',
    ]);
    await scratch.write([{ ...tables, up: `${tables.up}\n-- later` }, late, stars]);
    expect(await kinds()).toEqual(['edited 0000_tables']);
  });

  describe('refuses', () => {
    const refusal = async (...parts: readonly string[]): Promise<void> => {
      const before = await ledger();
      const repair = opened.migrations.repair();
      for (const part of parts) await expect(repair).rejects.toThrow(part);
      expect(await codeOf(repair)).toBe('MIGRATION_DRIFT');
      expect(await ledger()).toEqual(before);
    };

    beforeEach(() => opened.migrations.applyMigrations());

    test('to drop the record of a missing migration that the schema has', async () => {
      await scratch.write(firstOf(2));
      await refusal(
        'The schema is not what would be recorded after the repair:\n  table notes: column stars is not expected',
        'use the checkout that made it',
      );
    });

    test('to accept an edited file that would have made something else', async () => {
      await scratch.write([tables, search, { ...weight, up: weight.up.replace('DEFAULT 0', 'DEFAULT 1') }]);
      await refusal('column stars is integer not null default 0 instead of integer not null default 1');
    });

    test('a schema that was changed by hand, also when nothing else is wrong', async () => {
      await opened.run('CREATE TABLE by_hand (x)');
      await refusal(
        'What is recorded agrees with the folder, and the schema does not:\n  table by_hand is not expected',
      );
    });

    test('to record a migration that is there in part', async () => {
      await opened.run(
        `DELETE FROM __drizzle_migrations WHERE created_at > ${t0}`,
        'ALTER TABLE notes DROP COLUMN stars',
        'DROP TRIGGER parts_fts_delete',
      );
      await refusal('is not expected');
    });
  });

  // Nobody else reaches a database in memory.
  if (target !== ':memory:') {
    test('with somebody else at work the loser of a race looks again', async () => {
      await opened.migrations.applyMigrations();
      await opened.run(`DELETE FROM __drizzle_migrations WHERE created_at > ${t0}`);
      const other = await scratch.open();
      const slow = overtaken(opened.transactions, scratch.folder, () => other.migrations.repair());
      expect((await slow.repair()).actions).toEqual([]);
      expect(await opened.rows('SELECT count(*) AS n FROM __drizzle_migrations')).toEqual([{ n: 3 }]);
    });

    test('with somebody else at work a schema that changes between the comparison and the record stops the repair', async () => {
      await opened.migrations.applyMigrations();
      await opened.run(`DELETE FROM __drizzle_migrations WHERE created_at > ${t0 + 1_000}`);
      const other = await scratch.open();
      const slow = overtaken(opened.transactions, scratch.folder, () => other.run('CREATE TABLE by_hand (x)'));
      expect(await codeOf(slow.repair())).toBe('MIGRATION_DRIFT');
      expect(await opened.rows('SELECT count(*) AS n FROM __drizzle_migrations')).toEqual([{ n: 2 }]);
    });
  }

  describe('the journal of the folder', () => {
    const journal = (): Promise<string> => readFile(join(scratch.folder, 'meta', '_journal.json'), 'utf8');
    const more: Written = { tag: '0003_more', up: 'CREATE TABLE more (x)', down: 'DROP TABLE more' };

    beforeEach(() => opened.migrations.applyMigrations({ steps: 2 }));

    test('is not written unless asked', async () => {
      await scratch.write([tables, search, at(weight, t0 + 500), at(more, t0 + 400)]);
      const before = await journal();
      const { problems, raised } = await opened.migrations.repair();
      expect(raised).toEqual([]);
      expect(problems.map(({ kind }) => kind)).toContain('journal_order');
      expect(await journal()).toBe(before);
    });

    test('gets times that grow, for migrations that this database does not have', async () => {
      await scratch.write([tables, search, at(weight, t0 + 500), at(more, t0 + 400)]);
      const dry = await opened.migrations.repair({ journal: true, dryRun: true });
      expect(dry.raised).toEqual([
        { version: '0002_weight', from: t0 + 500, to: t0 + 1_001 },
        { version: '0003_more', from: t0 + 400, to: t0 + 1_002 },
      ]);
      const before = await journal();
      expect(await opened.migrations.repair({ journal: true })).toEqual({ ...dry, dryRun: false, problems: [] });
      expect(await journal()).toBe(
        before.replace(String(t0 + 500), String(t0 + 1_001)).replace(String(t0 + 400), String(t0 + 1_002)),
      );
      expect((await opened.migrations.applyMigrations()).migrations).toHaveLength(2);
    });

    test('keeps the times of applied migrations', async () => {
      await scratch.write([at(search, t0 + 1_000), at(tables, t0), weight]);
      const { raised, problems } = await opened.migrations.repair({ journal: true });
      expect(raised).toEqual([]);
      expect(problems.map(({ kind, version }) => `${kind} ${version}`)).toEqual(['journal_order 0000_tables']);
    });

    test('is raised before a migration that is in the schema is recorded under its new time', async () => {
      await scratch.write([tables, search, at(weight, t0 + 500)]);
      await opened.run('ALTER TABLE `notes` ADD `stars` integer DEFAULT 0 NOT NULL');
      expect(await opened.migrations.repair({ journal: true })).toMatchObject({
        actions: [{ kind: 'unrecorded', version: '0002_weight' }],
        raised: [{ to: t0 + 1_001 }],
        problems: [],
      });
      expect((await opened.migrations.status()).problems).toEqual([]);
    });

    test('that is broken stops the repair', async () => {
      await writeFile(join(scratch.folder, 'meta', '_journal.json'), '<<<<<<< HEAD');
      expect(await codeOf(opened.migrations.repair({ journal: true }))).toBe('MIGRATION_FOLDER');
    });
  });
});
