import { targets } from '@cc/testkit/targets';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf, library, makeScratch, overtaken, type Scratch } from './scratch.js';

// A database in memory has one runner.
const shared = targets.filter((target) => target !== ':memory:');

describe.each(shared)('two runners on %s', (target) => {
  let scratch: Scratch;

  beforeEach(async () => {
    scratch = await makeScratch(target);
    await scratch.write(library);
  });
  afterEach(() => scratch[Symbol.asyncDispose]());

  const versionsOf = ({ migrations }: { readonly migrations: readonly { readonly version: string }[] }): string[] =>
    migrations.map(({ version }) => version);

  test('the loser of a race reads again and applies what is left', async () => {
    const [mine, other] = [await scratch.open(), await scratch.open()];
    const slow = overtaken(mine.transactions, scratch.folder, () => other.migrations.applyMigrations({ steps: 1 }));
    expect(versionsOf(await slow.applyMigrations())).toEqual(['0001_search', '0002_weight']);
    expect(await mine.rows('SELECT count(*) AS n FROM __drizzle_migrations')).toEqual([{ n: 3 }]);
  });

  test('two calls to go one step down go one step down', async () => {
    const [mine, other] = [await scratch.open(), await scratch.open()];
    await mine.migrations.applyMigrations();
    const slow = overtaken(mine.transactions, scratch.folder, () => other.migrations.rollbackMigration());
    expect(versionsOf(await slow.rollbackMigration())).toEqual([]);
    expect(await mine.migrations.getCurrentVersion()).toBe('0001_search');
  });

  test('a rollback does not touch what was applied on top meanwhile', async () => {
    const [mine, other] = [await scratch.open(), await scratch.open()];
    await mine.migrations.applyMigrations({ steps: 2 });
    const slow = overtaken(mine.transactions, scratch.folder, () => other.migrations.applyMigrations());
    expect(await codeOf(slow.rollbackMigration())).toBe('MIGRATION_LOCK_LOST');
    expect(await mine.migrations.getCurrentVersion()).toBe('0002_weight');
  });

  test('applying stops when the ground is taken away meanwhile', async () => {
    const [mine, other] = [await scratch.open(), await scratch.open()];
    await mine.migrations.applyMigrations({ steps: 1 });
    const slow = overtaken(mine.transactions, scratch.folder, () => other.migrations.rollbackMigration());
    expect(await codeOf(slow.applyMigrations())).toBe('MIGRATION_LOCK_LOST');
    expect(await mine.migrations.getCurrentVersion()).toBeNull();
  });

  test('a plan is made again when the tables that it counts change under it', async () => {
    const [mine, other] = [await scratch.open(), await scratch.open()];
    await mine.migrations.applyMigrations();
    const rival = () => other.migrations.rollbackMigration();
    const slow = overtaken(mine.transactions, scratch.folder, rival, /pragma_table_list/);
    expect(versionsOf(await slow.rollbackMigration())).toEqual([]);
    expect(await mine.migrations.getCurrentVersion()).toBe('0001_search');
  });

  test('rows are counted again inside the transaction', async () => {
    const [mine, other] = [await scratch.open(), await scratch.open()];
    await mine.migrations.applyMigrations();
    await mine.run(`INSERT INTO parts (name) VALUES ('bolt')`);
    const late = () => other.run(`INSERT INTO notes (part_id, body, stars) VALUES (1, 'late', 3)`);
    const migrations = overtaken(mine.transactions, scratch.folder, late);
    await expect(migrations.rollbackMigration()).rejects.toThrow('column notes.stars (1 row)');
    expect(await mine.rows('SELECT stars FROM notes')).toEqual([{ stars: 3 }]);
  });

  test('many managers at once on one file apply each migration once', async () => {
    const opened = await Promise.all(Array.from({ length: 4 }, () => scratch.open()));
    const results = await Promise.all([...opened, ...opened].map(({ migrations }) => migrations.applyMigrations()));
    expect(results.flatMap(versionsOf).toSorted()).toEqual(['0000_tables', '0001_search', '0002_weight']);
    expect(new Set(results.map(({ current }) => current))).toEqual(new Set(['0002_weight']));
  });
});
