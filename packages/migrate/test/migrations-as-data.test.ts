// Migrations as data: a module that cc-migrate bundle writes does to a database what its folder does.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { targets } from '@cc/testkit/targets';
import { openTransactionManager } from '@cc/tx';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMigrationManager, type MigrationData, type MigrationManager } from '../src/index.js';
import { runProgram } from '../src/program.js';
import { firstOf, library, makeScratch, type Opened, openedOn, type Scratch } from './scratch.js';

let scratch: Scratch;
afterEach(() => scratch[Symbol.asyncDispose]());

async function run(...args: string[]): Promise<{ readonly code: number; readonly said: string }> {
  const said: string[] = [];
  const print = (text: string): void => void said.push(text);
  const surroundings = { version: '1', env: {}, print, warn: print, progress: null, ask: null, choose: null };
  const code = await runProgram([...args, '--folder', scratch.folder], surroundings);
  return { code, said: said.join('\n') };
}

let modules = 0;

/** What the module exports that `cc-migrate bundle` writes now. */
async function bundled(ending = 'mjs'): Promise<readonly MigrationData[]> {
  modules += 1;
  const out = join(scratch.path, `migrations-${modules}.${ending}`);
  expect(await run('bundle', '--out', out)).toMatchObject({ code: 0 });
  const { migrations } = (await import(/* @vite-ignore */ pathToFileURL(out).href)) as {
    readonly migrations: readonly MigrationData[];
  };
  return migrations;
}

/** The manager of `opened` with its migrations as data. */
async function byData({ transactions }: Opened): Promise<MigrationManager> {
  return createMigrationManager(transactions, { migrations: await bundled() });
}

const recorded = ({ rows }: Opened): Promise<Record<string, unknown>[]> =>
  rows('SELECT hash, created_at FROM __drizzle_migrations ORDER BY created_at');

const log = ({ rows }: Opened): Promise<Record<string, unknown>[]> =>
  rows('SELECT version, direction, hash, down_sql FROM __cc_migrations ORDER BY rowid');

describe.each(targets)('on %s', (target) => {
  beforeEach(async () => {
    scratch = await makeScratch(target);
    await scratch.write(library);
  });

  test('up and down, half by folder and half by data, leave what the folder alone leaves', async () => {
    await using memory = await openTransactionManager({ url: ':memory:' });
    const alone = openedOn(memory, scratch.folder);
    await alone.migrations.applyMigrations();
    const whole = await alone.schema();
    await alone.migrations.rollbackMigration({ steps: 2 });
    await alone.migrations.applyMigrations();

    const opened = await scratch.open();
    const data = await byData(opened);
    await opened.migrations.applyMigrations({ steps: 1 });
    expect((await data.status()).applied.map(({ version }) => version)).toEqual(['0000_tables']);
    expect(await data.plan()).toEqual(await opened.migrations.plan());
    await data.applyMigrations();
    expect(await opened.schema()).toEqual(whole);
    await data.rollbackMigration({ steps: 1 });
    await opened.migrations.rollbackMigration({ steps: 1 });
    await data.applyMigrations({ steps: 1 });
    await opened.migrations.applyMigrations();

    expect(await opened.schema()).toEqual(whole);
    expect(await recorded(opened)).toEqual(await recorded(alone));
    expect(await log(opened)).toEqual(await log(alone));
    const { migrations } = opened;
    expect(await data.status()).toEqual(await migrations.status());
    expect(await data.history()).toEqual(await migrations.history());
    expect(await data.plan({ direction: 'down' })).toEqual(await migrations.plan({ direction: 'down' }));
    expect(await data.diff()).toEqual({ current: '0002_weight', differences: [], problems: [] });
  });
});

describe('a manager with data', () => {
  beforeEach(async () => {
    scratch = await makeScratch();
    await scratch.write(library);
  });

  test('records what drizzle-orm records, and takes turns with it', async () => {
    const opened = await scratch.open();
    const client = createClient({ url: scratch.url });
    const drizzleMigrates = (): Promise<void> => migrate(drizzle(client), { migrationsFolder: scratch.folder });
    const data = await byData(opened);
    await scratch.write(firstOf(1));
    await drizzleMigrates();
    await scratch.write(library);
    await data.applyMigrations();
    const rows = await recorded(opened);
    await drizzleMigrates();
    client.close();
    expect(await recorded(opened)).toEqual(rows);
    expect(rows).toHaveLength(3);
  });

  test('verifies, adopts and mends as with the folder', async () => {
    const opened = await scratch.open();
    const data = await byData(opened);
    expect(await data.verify()).toMatchObject({ ok: true });
    await data.applyMigrations();
    const rows = await recorded(opened);
    await opened.run('DELETE FROM __drizzle_migrations', 'DELETE FROM __cc_migrations');
    expect(await data.baseline()).toMatchObject({ version: '0002_weight' });
    expect(await recorded(opened)).toEqual(rows);
    await opened.run('UPDATE __drizzle_migrations SET created_at = created_at + 1 WHERE created_at % 2000 = 0');
    expect((await data.repair()).actions.map(({ kind }) => kind)).toContain('renumbered');
    expect(await recorded(opened)).toEqual(rows);
  });

  test('refuses what needs the folder', async () => {
    const data = await byData(await scratch.open());
    const needs = (what: string): unknown =>
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(`${what} needs the folder`) });
    await expect(data.check()).rejects.toEqual(needs('check'));
    await expect(data.generateMigration()).rejects.toEqual(needs('generateMigration'));
    await expect(data.createMigration({ name: 'x' })).rejects.toEqual(needs('createMigration'));
    await expect(data.repair({ journal: true })).rejects.toEqual(needs('repair of the journal'));
  });

  test('refuses data that is not whole, and a text that is not that of its hash', async () => {
    const { transactions } = await scratch.open();
    const [first, ...rest] = await bundled();
    const opening = (migrations: unknown) => () =>
      createMigrationManager(transactions, { migrations: migrations as readonly MigrationData[] });
    expect(opening([{ ...first, upSql: `${first?.upSql} ` }, ...rest])).toThrow(/0000_tables.*cc-migrate bundle again/);
    expect(opening([first, { ...rest[0], downSql: undefined }])).toThrow(/migrations\[1\] needs/);
    expect(opening('migrations.ts')).toThrow(TypeError);
    expect(() => createMigrationManager(transactions, { folder: 'x', migrations: [] } as never)).toThrow(/not both/);
  });
});

describe('cc-migrate bundle', () => {
  beforeEach(async () => {
    scratch = await makeScratch();
    await scratch.write(library);
  });

  test('writes TypeScript and JavaScript that hold every byte of the files', async () => {
    const odd = { tag: '0003_odd', up: 'SELECT \'`${x}\\\u2028 ä 😀\';\r\n-- "end"', down: null };
    await scratch.write([...library, odd]);
    const typed = await bundled('ts');
    expect(typed).toEqual(await bundled('mjs'));
    expect(typed.map(({ version }) => version)).toEqual(['0000_tables', '0001_search', '0002_weight', '0003_odd']);
    expect(typed.at(-1)).toMatchObject({ upSql: odd.up, downSql: null });
    const [first] = library;
    expect(typed[0]).toMatchObject({ upSql: first?.up, downSql: first?.down });
  });

  test('--check writes nothing, and tells a module that is no longer what the folder says', async () => {
    const out = join(scratch.path, 'migrations.ts');
    expect(await run('bundle', '--out', out, '--check')).toMatchObject({ code: 2 });
    await expect(readFile(out)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await run('bundle', '--out', out)).code).toBe(0);
    expect(await run('bundle', '--out', out, '--check')).toMatchObject({ code: 0 });
    await writeFile(join(scratch.folder, '0000_tables.sql'), 'SELECT 1;');
    expect(await run('bundle', '--out', out, '--check')).toMatchObject({ code: 2 });
    expect((await run('bundle', '--out', out, '--check')).said).toContain('run cc-migrate bundle');
  });

  test('refuses a file that is no module', async () => {
    expect(await run('bundle', '--out', 'migrations.sql')).toMatchObject({ code: 1 });
  });
});
