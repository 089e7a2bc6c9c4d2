// drizzle's table under another name (migrations.table of drizzle.config.*): read and written wherever the usual one is. The
// judges are drizzle-orm's own migrator with that name, and the rows on disk.
import { targets } from '@cc/testkit/targets';
import { openTransactionManager } from '@cc/tx';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { afterEach, describe, expect, test } from 'vitest';
import { createMigrationManager, type MigrationManager } from '../src/index.js';
import { firstOf, library, makeScratch, type Opened, type Scratch } from './scratch.js';

let scratch: Scratch;
afterEach(() => scratch[Symbol.asyncDispose]());

const migrationsTable = 'My migrations';
const quoted = '"My migrations"';

async function opened(): Promise<Opened & { readonly named: MigrationManager }> {
  const all = await scratch.open();
  return { ...all, named: createMigrationManager(all.transactions, { folder: scratch.folder, migrationsTable }) };
}

async function drizzleMigrates(table = migrationsTable): Promise<void> {
  const client = createClient({ url: scratch.url });
  try {
    await migrate(drizzle(client), { migrationsFolder: scratch.folder, migrationsTable: table });
  } finally {
    client.close();
  }
}

describe.each(targets)('on %s', (target) => {
  test('every call reads and writes the table of that name', async () => {
    scratch = await makeScratch(target);
    await scratch.write(library);
    const { named, rows, run } = await opened();
    await named.applyMigrations();
    const recorded = (): Promise<unknown> => rows(`SELECT hash, created_at FROM ${quoted} ORDER BY created_at`);
    expect(await recorded()).toHaveLength(3);
    expect(await rows(`SELECT name FROM sqlite_schema WHERE name = '__drizzle_migrations'`)).toEqual([]);
    expect(await named.diff()).toMatchObject({ differences: [], problems: [] });
    expect(await named.rollbackMigration()).toMatchObject({ current: '0001_search' });
    expect(await recorded()).toHaveLength(2);
    expect((await named.status()).pending.map(({ version }) => version)).toEqual(['0002_weight']);
    await named.applyMigrations();
    const before = await recorded();
    await run(`UPDATE ${quoted} SET created_at = created_at + 1 WHERE created_at % 2000 = 0`);
    expect((await named.status()).problems.map(({ kind }) => kind)).toContain('renumbered');
    await named.repair();
    expect(await recorded()).toEqual(before);
    await run(`DELETE FROM ${quoted}`, 'DELETE FROM __cc_migrations');
    expect(await named.baseline()).toMatchObject({ version: '0002_weight' });
    expect(await recorded()).toEqual(before);
  });
});

describe('on file', () => {
  test('a file that drops it is refused, and nothing of the file runs', async () => {
    scratch = await makeScratch();
    await scratch.write([
      { tag: '0000_drop', up: `CREATE TABLE t (id integer); DROP TABLE ${quoted};`, down: '-- cc:down irreversible' },
    ]);
    const { named, rows } = await opened();
    await expect(named.applyMigrations()).rejects.toThrow(
      '0000_drop.sql would drop My migrations on line 1, which records the migrations themselves [MIGRATION_STATEMENT]',
    );
    expect(await rows(`SELECT name FROM sqlite_schema WHERE name = 't'`)).toEqual([]);
  });

  test(`takes turns with drizzle's own migrator`, async () => {
    scratch = await makeScratch();
    await scratch.write(firstOf(1));
    await drizzleMigrates();
    await scratch.write(library);
    const { named, rows } = await opened();
    expect((await named.status()).applied.map(({ kind }) => kind)).toEqual(['drizzle']);
    expect(await named.verify()).toMatchObject({ ok: true });
    await named.applyMigrations({ steps: 1 });
    await drizzleMigrates();
    expect(await named.status()).toMatchObject({ current: '0002_weight', pending: [], problems: [] });
    expect(await named.diff()).toMatchObject({ differences: [] });
    await named.rollbackMigration({ targetVersion: null });
    expect(await rows(`SELECT name FROM sqlite_schema WHERE name = 'parts'`)).toEqual([]);
    await drizzleMigrates();
    expect(await named.status()).toMatchObject({ current: '0002_weight', problems: [] });
  });

  test('a folder that is recorded in another table is not applied, adopted or mended a second time', async () => {
    scratch = await makeScratch();
    await scratch.write(library);
    await drizzleMigrates();
    const { migrations, rows } = await opened();
    const { problems, applied } = await migrations.status();
    expect([applied, problems]).toMatchObject([
      [],
      [{ kind: 'other_table', message: expect.stringContaining(migrationsTable) }],
    ]);
    const refused = { code: 'MIGRATION_OTHER_TABLE', hint: expect.stringContaining('migrationsTable') };
    await expect(migrations.applyMigrations()).rejects.toMatchObject(refused);
    await expect(migrations.rollbackMigration()).rejects.toMatchObject(refused);
    await expect(migrations.baseline()).rejects.toMatchObject(refused);
    await expect(migrations.repair()).rejects.toMatchObject(refused);
    expect(await rows(`SELECT name FROM sqlite_schema WHERE name LIKE '\\_\\_%' ESCAPE '\\'`)).toEqual([]);
  });

  test('the table of somebody else in the same database stands in nobody’s way', async () => {
    scratch = await makeScratch();
    await scratch.write([{ tag: '0000_other', up: 'CREATE TABLE other (x);', down: null, when: 1 }]);
    await drizzleMigrates('theirs');
    await scratch.write(library);
    const { migrations } = await opened();
    expect(await migrations.applyMigrations()).toMatchObject({ current: '0002_weight' });
  });

  test('a table that is none of drizzle’s migrator is refused by name', async () => {
    scratch = await makeScratch();
    await scratch.write(library);
    const { migrations, transactions } = await opened();
    await migrations.applyMigrations();
    const wrong = createMigrationManager(transactions, { folder: scratch.folder, migrationsTable: 'Parts' });
    for (const call of [() => wrong.status(), () => wrong.applyMigrations(), () => wrong.baseline()])
      await expect(call()).rejects.toMatchObject({
        code: 'MIGRATION_CONFIG',
        message: expect.stringContaining('The table Parts'),
      });
  });
});

test.each(['', 5, null, '__cc_migrations', 'sqlite_x'])('%j is no name for it', async (name) => {
  scratch = await makeScratch();
  await using transactions = await openTransactionManager({ url: ':memory:' });
  expect(() =>
    createMigrationManager(transactions, { folder: scratch.folder, migrationsTable: name as string }),
  ).toThrow(/migrationsTable/);
});
