import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { targets, testsOn } from '@cc/testkit/targets';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { codeOf, firstOf, library, makeScratch, type Scratch, type Written } from './scratch.js';

describe.each(targets)('status on %s', (target) => {
  const test = testsOn(target);
  let scratch: Scratch;

  beforeEach(async () => {
    scratch = await makeScratch(target);
    await scratch.write(library);
  });
  afterEach(() => scratch[Symbol.asyncDispose]());

  /** Kinds of problems, after `change` and on a database with the first two migrations of the library. */
  async function problemsAfter(
    migrations: readonly Written[],
  ): Promise<{ kinds: string[]; refusal: string; schemaKept: boolean }> {
    const opened = await scratch.open();
    await scratch.write(library);
    await opened.migrations.applyMigrations({ steps: 2 });
    const before = await opened.schema();
    await scratch.write(migrations);
    const { problems } = await opened.migrations.status();
    return {
      kinds: problems.map(({ kind, version }) => `${kind} ${version}`),
      refusal: await codeOf(opened.migrations.applyMigrations()),
      schemaKept: JSON.stringify(await opened.schema()) === JSON.stringify(before),
    };
  }

  const [tables, search, weight] = library as [Written, Written, Written];
  const at = (migration: Written, when: number): Written => ({ ...migration, when });

  test('a database without tables has everything pending, and reading leaves it so', async () => {
    const { migrations, rows, schema } = await scratch.open();
    const status = await migrations.status();
    expect(status).toMatchObject({ current: null, applied: [], problems: [] });
    expect(status.pending.map(({ version, wayBack }) => [version, wayBack])).toEqual([
      ['0000_tables', 'ready'],
      ['0001_search', 'ready'],
      ['0002_weight', 'ready'],
    ]);
    expect(await migrations.getCurrentVersion()).toBeNull();
    expect(await migrations.history()).toEqual([]);
    await migrations.plan();
    expect(await schema()).toEqual([]);
    expect(await rows(`SELECT name FROM sqlite_schema WHERE name LIKE '\\_\\_%' ESCAPE '\\'`)).toEqual([]);
  });

  test('applied and pending stand side by side, with what can be taken back', async () => {
    const { migrations } = await scratch.open();
    await scratch.write([tables, { ...search, down: null }, { ...weight, down: null }]);
    await migrations.applyMigrations({ steps: 2 });
    const status = await migrations.status();
    expect(status.current).toBe('0001_search');
    expect(status.applied).toMatchObject([
      { version: '0000_tables', createdAt: 1_700_000_000_000, wayBack: 'ready', durationMs: expect.any(Number) },
      {
        version: '0001_search',
        wayBack: 'none',
        appliedAt: expect.any(Date),
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(status.pending).toMatchObject([{ version: '0002_weight', wayBack: 'none' }]);
  });

  test('an edited file is refused', async () => {
    expect(await problemsAfter([{ ...tables, up: `${tables.up}\n-- later` }, search, weight])).toEqual({
      kinds: ['edited 0000_tables'],
      refusal: 'MIGRATION_EDITED',
      schemaKept: true,
    });
  });

  test('a file with other line endings is the same file', async () => {
    const { migrations } = await scratch.open();
    await migrations.applyMigrations();
    await scratch.write(library.map((migration) => ({ ...migration, up: migration.up.replaceAll('\n', '\r\n') })));
    expect((await migrations.status()).problems).toEqual([]);
  });

  test('a missing migration is refused', async () => {
    expect(await problemsAfter([tables, at(weight, 1_700_000_009_000)])).toEqual({
      kinds: ['missing 0001_search'],
      refusal: 'MIGRATION_MISSING',
      schemaKept: true,
    });
  });

  test('a database of another project is told as that, and not to be taken back', async () => {
    const { migrations } = await scratch.open();
    await migrations.applyMigrations({ steps: 2 });
    const other: Written = at({ ...weight, tag: '0000_other' }, 1_700_000_009_000);
    await scratch.write([other]);
    const { problems } = await migrations.status();
    const hints = problems.filter(({ kind }) => kind === 'missing').map(({ hint }) => hint);
    expect(hints).toHaveLength(2);
    for (const hint of hints) {
      expect(hint).toMatch(/another project's: name the right one \(--url, --folder\)/);
      expect(hint).not.toContain('down');
    }
    // With one migration in common it is a checkout of the same project.
    await scratch.write([tables, { ...other, tag: '0001_other' }]);
    expect((await migrations.status()).problems).toContainEqual(
      expect.objectContaining({ kind: 'missing', hint: expect.stringContaining('cc-migrate down') }),
    );
  });

  test('a migration that is older than an applied one is refused', async () => {
    expect(await problemsAfter([tables, at(weight, 1_700_000_000_500), at(search, 1_700_000_001_000)])).toEqual({
      kinds: ['out_of_order 0002_weight'],
      refusal: 'MIGRATION_OUT_OF_ORDER',
      schemaKept: true,
    });
  });

  test('a migration that moved to another time is refused, not applied twice', async () => {
    expect(await problemsAfter([tables, at(search, 1_700_000_005_000), at(weight, 1_700_000_006_000)])).toEqual({
      kinds: ['renumbered 0001_search'],
      refusal: 'MIGRATION_RENUMBERED',
      schemaKept: true,
    });
  });

  test('a journal whose times do not grow is refused', async () => {
    const { kinds, refusal } = await problemsAfter([
      tables,
      search,
      at(weight, 1_700_000_003_000),
      at({ ...weight, tag: '0003' }, 1_700_000_002_000),
    ]);
    expect(kinds).toEqual(['journal_order 0003']);
    expect(refusal).toBe('MIGRATION_JOURNAL_ORDER');
  });

  test('a migration that the database holds twice is refused', async () => {
    const { migrations, run } = await scratch.open();
    await migrations.applyMigrations({ steps: 1 });
    await run('INSERT INTO __drizzle_migrations (hash, created_at) SELECT hash, created_at FROM __drizzle_migrations');
    expect((await migrations.status()).problems).toMatchObject([{ kind: 'duplicate', version: '0000_tables' }]);
    expect(await codeOf(migrations.applyMigrations())).toBe('MIGRATION_DUPLICATE');
    expect(await codeOf(migrations.rollbackMigration())).toBe('MIGRATION_DUPLICATE');
  });

  test('several problems are counted in the message, and each says what to do', async () => {
    const { migrations } = await scratch.open();
    await migrations.applyMigrations({ steps: 2 });
    await scratch.write(firstOf(0));
    await expect(migrations.applyMigrations()).rejects.toThrow(
      '0000_tables is applied, but the folder does not have it (and 1 more, which cc-migrate status names) [MIGRATION_MISSING] in applyMigrations. Use the checkout that has it',
    );
  });

  test('a folder without journal, with a broken one, or without a file is refused by name', async () => {
    const { migrations } = await scratch.open();
    await rename(join(scratch.folder, '0001_search.sql'), join(scratch.folder, 'elsewhere.sql'));
    await expect(migrations.status()).rejects.toThrow(
      /0001_search\.sql is in the journal and does not exist \[MIGRATION_FOLDER\]/,
    );
    await writeFile(join(scratch.folder, 'meta', '_journal.json'), '<<<<<<< HEAD');
    await expect(migrations.status()).rejects.toThrow(
      /_journal\.json is not JSON: line 1 begins a conflict of a merge \[MIGRATION_FOLDER\]/,
    );
    await rename(join(scratch.folder, 'meta'), join(scratch.folder, 'other'));
    await expect(migrations.status()).rejects.toThrow(
      /_journal\.json does not exist, and 0000_tables\.sql is in no journal \[MIGRATION_FOLDER\]/,
    );
  });

  test('a journal cannot lead out of its folder', async () => {
    const { migrations } = await scratch.open();
    await writeFile(join(scratch.path, 'outside.sql'), 'CREATE TABLE outside (x)');
    const entries = [{ idx: 0, version: '6', when: 1, tag: '../outside', breakpoints: true }];
    await writeFile(join(scratch.folder, 'meta', '_journal.json'), JSON.stringify({ entries }));
    expect(await codeOf(migrations.applyMigrations())).toBe('MIGRATION_FOLDER');
  });
});
