// Ours, drizzle-orm's migrator and drizzle-kit take turns on one folder and one database.
import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { targets } from '@cc/testkit/targets';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { firstOf, library, makeScratch, type Opened, type Scratch } from './scratch.js';

let scratch: Scratch;
afterEach(() => scratch[Symbol.asyncDispose]());

/** drizzle-orm's migrator over its own client. */
async function drizzleMigrate(): Promise<void> {
  const client = createClient({ url: scratch.url });
  try {
    await migrate(drizzle(client), { migrationsFolder: scratch.folder });
  } finally {
    client.close();
  }
}

const versions = async ({ migrations }: Opened): Promise<string[]> =>
  (await migrations.status()).applied.map(({ version }) => version);

// Its client has no database in memory to share, and writes to a replica's server.
describe.each(targets.filter((target) => target !== ':memory:' && target !== 'replica'))(
  'drizzle-orm on %s',
  (target) => {
    beforeEach(async () => {
      scratch = await makeScratch(target);
    });

    test.each([
      ['its own client', drizzleMigrate],
      ['our db', ({ transactions }: Opened) => migrate(transactions.db, { migrationsFolder: scratch.folder })],
    ])('takes turns with ours over %s', async (_, drizzleMigrates) => {
      const opened = await scratch.open();
      await scratch.write(firstOf(1));
      await drizzleMigrates(opened);
      expect((await opened.migrations.status()).applied).toMatchObject([
        { version: '0000_tables', appliedAt: null, wayBack: 'ready' },
      ]);

      await scratch.write(firstOf(2));
      await opened.migrations.applyMigrations();
      await scratch.write(library);
      await drizzleMigrates(opened);
      expect(await versions(opened)).toEqual(['0000_tables', '0001_search', '0002_weight']);
      const whole = await opened.schema();

      await opened.migrations.rollbackMigration();
      await drizzleMigrates(opened);
      expect(await opened.schema()).toEqual(whole);
      const { problems, pending } = await opened.migrations.status();
      expect([problems, pending]).toEqual([[], []]);
    });

    test('makes the same schema and the same rows as ours', async () => {
      const [theirs, ours] = [await scratch.open(), await scratch.open({ url: ':memory:' })];
      await scratch.write(library);
      await drizzleMigrate();
      await ours.migrations.applyMigrations();
      expect(await ours.schema()).toEqual(await theirs.schema());
      const rows = 'SELECT hash, created_at FROM __drizzle_migrations ORDER BY created_at';
      expect(await ours.rows(rows)).toEqual(await theirs.rows(rows));
      const table = `SELECT name, type, "notnull", pk FROM pragma_table_info('__drizzle_migrations')`;
      expect(await ours.rows(table)).toEqual(await theirs.rows(table));
    });

    test('leaves its runs in the history without a time, before ours on top of them', async () => {
      const opened = await scratch.open();
      await scratch.write(firstOf(1));
      await drizzleMigrate();
      await scratch.write(library);
      await opened.migrations.applyMigrations();
      const history = await opened.migrations.history();
      expect(history.map(({ version, at }) => [version, at !== null])).toEqual([
        ['0000_tables', false],
        ['0001_search', true],
        ['0002_weight', true],
      ]);
    });

    test('an edited file of its is not taken back by a down file that may not fit', async () => {
      const opened = await scratch.open();
      await scratch.write(library);
      await drizzleMigrate();
      await scratch.write(
        library.map((each) => (each.tag === '0002_weight' ? { ...each, up: `${each.up}\n-- x` } : each)),
      );
      await expect(opened.migrations.rollbackMigration()).rejects.toThrow('belongs to an edited one');
    });
  },
);

describe('drizzle-kit', () => {
  beforeEach(async () => {
    scratch = await makeScratch();
  });

  const run = promisify(execFile);
  const require = createRequire(import.meta.url);
  const bin = join(dirname(require.resolve('drizzle-kit')), 'bin.cjs');
  const kit = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, [bin, ...args, '--config', 'drizzle.config.mjs'], { cwd: scratch.path })).stdout;

  const writeTables = (columns: string): Promise<void> =>
    writeFile(
      join(scratch.path, 'tables.ts'),
      `import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
export const parts = sqliteTable('parts', { id: integer('id').primaryKey(), ${columns} });`,
    );

  test('generates, applies, and takes turns with ours', async () => {
    const config = { dialect: 'sqlite', schema: './tables.ts', out: './drizzle', dbCredentials: { url: scratch.url } };
    await writeFile(join(scratch.path, 'drizzle.config.mjs'), `export default ${JSON.stringify(config)}`);
    await symlink(join(import.meta.dirname, '..', 'node_modules'), join(scratch.path, 'node_modules'), 'junction');
    const opened = await scratch.open();
    const { migrations } = opened;

    await writeTables(`name: text('name').notNull()`);
    await kit('generate', '--name', 'tables');
    await kit('migrate');
    expect((await migrations.status()).current).toBe('0000_tables');

    // A type change is a rebuild, written with pragmas and breakpoints.
    await writeTables(`name: integer('name').notNull()`);
    await kit('generate', '--name', 'retype');
    await writeFile(join(scratch.folder, '0001_retype.down.sql'), rebuildBack);
    expect(await readFile(join(scratch.folder, '0001_retype.sql'), 'utf8')).toContain('PRAGMA foreign_keys=OFF');
    const before = await opened.schema();
    await migrations.applyMigrations();

    await kit('generate', '--custom', '--name', 'search');
    await writeFile(join(scratch.folder, '0002_search.sql'), 'CREATE VIRTUAL TABLE parts_fts USING fts5(name);');
    await writeFile(join(scratch.folder, '0002_search.down.sql'), 'DROP TABLE parts_fts;');
    await kit('migrate');
    expect(await versions(opened)).toEqual(['0000_tables', '0001_retype', '0002_search']);

    await migrations.rollbackMigration({ steps: 2 });
    expect((await opened.schema()).map(({ name }) => name)).toEqual(before.map(({ name }) => name));
    await kit('migrate');
    expect(await kit('check')).toContain(`Everything's fine`);
    expect(await migrations.status()).toMatchObject({ current: '0002_search', pending: [], problems: [] });
  });
});

const rebuildBack = `CREATE TABLE \`__old_parts\` (\`id\` integer PRIMARY KEY NOT NULL, \`name\` text NOT NULL);
--> statement-breakpoint
INSERT INTO \`__old_parts\` SELECT id, name FROM \`parts\`;
--> statement-breakpoint
DROP TABLE \`parts\`;
--> statement-breakpoint
ALTER TABLE \`__old_parts\` RENAME TO \`parts\`;
`;
