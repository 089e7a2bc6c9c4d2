// drizzle-kit push and pull on a migrated database with rows: the tablesFilter of drizzle.config.ts keeps both away from the
// full-text index and the bookkeeping of migrations. Without it, push plans to drop them.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { afterEach, beforeEach, expect, it } from 'vitest';
import config from '../drizzle.config.js';
import { migrationsFolder } from '../src/index.js';

const here = join(import.meta.dirname, '..');
const migrate = join(here, '..', 'migrate', 'dist', 'cli.js');
const kit = join(dirname(createRequire(import.meta.url).resolve('drizzle-kit')), 'bin.cjs');
let place: string;
let path: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'cc-kit-'));
  path = join(place, 'library.db');
  const url = pathToFileURL(path).href;
  const args = [migrate, 'up', '--url', url, '--folder', migrationsFolder];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  query(`insert into models (id, name, format, file_name, file_path, file_hash, file_size, created_at, updated_at)
    values ('a', 'Gear', 'stl', 'gear.stl', '/gear.stl', 'h', 1, 1, 1)`);
  await symlink(join(here, 'node_modules'), join(place, 'node_modules'), 'junction');
});
afterEach(() => rm(place, { recursive: true, force: true }));

function query(sql: string): unknown[][] {
  const database = new Database(path);
  try {
    const statement = database.prepare(sql);
    return statement.columns().length === 0 ? (statement.run(), []) : (statement.raw(true).all() as unknown[][]);
  } finally {
    database.close();
  }
}

/** What the filter protects, with all that is in it. */
const protectedRows = (): unknown[] => [
  query(
    `select name, sql from sqlite_schema where name like 'models\\_fts%' escape '\\' or name like '\\_\\_%' escape '\\' order by name`,
  ),
  ...['__cc_migrations', '__drizzle_migrations', 'models_fts_data', 'models_fts_docsize', 'models_fts_config'].map(
    (table) => query(`select * from ${table}`),
  ),
  query(`select rowid from models_fts where models_fts match 'gear'`),
];

/** Runs drizzle-kit with the configuration of this package on the database, `changes` made to it. */
async function run(command: string, args: readonly string[], changes: object = {}): Promise<string> {
  const url = pathToFileURL(path).href;
  const schema = [config.schema ?? []].flat().map((file) => join(here, file));
  const settings = { ...config, schema, out: join(place, 'out'), dbCredentials: { url }, verbose: true, ...changes };
  await writeFile(join(place, 'drizzle.config.mjs'), `export default ${JSON.stringify(settings)}`);
  const ended = spawnSync(process.execPath, [kit, command, '--config', 'drizzle.config.mjs', ...args], {
    cwd: place,
    encoding: 'utf8',
    input: '',
  });
  return ended.stdout + ended.stderr;
}

const ours = /models_fts|__cc_|__drizzle/;

it('push, also by force, plans and does nothing to the index and the bookkeeping', async () => {
  const before = protectedRows();
  const output = await run('push', ['--force']);
  expect(output).toContain('You are about to execute');
  expect(output).not.toMatch(ours);
  expect(protectedRows()).toEqual(before);
});

it('without the filter push would drop them', async () => {
  const output = await run('push', [], { tablesFilter: [] });
  expect(output).toContain('DROP TABLE `models_fts`');
  expect(output).toContain('DROP TABLE `__cc_migrations`');
});

it('pull makes no tables of them', async () => {
  const before = protectedRows();
  await run('pull', []);
  const made = await Promise.all(
    (await readdir(join(place, 'out')))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFile(join(place, 'out', name), 'utf8')),
  );
  expect(made.join('\n')).toContain('sqliteTable("models"');
  expect(made.join('\n')).not.toMatch(ours);
  expect(protectedRows()).toEqual(before);
});
