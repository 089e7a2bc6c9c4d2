// The db: scripts of this package, and the static check `migrations` that CI runs on its folder, also where it must fail.
import { spawnSync } from 'node:child_process';
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { migrationsFolder } from '../src/index.js';
import { migrations, rows } from './scratch.js';

const root = join(import.meta.dirname, '..', '..', '..');
const here = join(root, 'packages', 'schema');
let place: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'cc-schema-'));
});
afterEach(() => rm(place, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly output: string;
}

function node(args: readonly string[], env: Readonly<Record<string, string>> = {}): Ended {
  const { CC_DATABASE_URL: _, ...rest } = process.env;
  const ended = spawnSync(process.execPath, args, { cwd: here, encoding: 'utf8', env: { ...rest, ...env } });
  return { status: ended.status, output: ended.stdout + ended.stderr };
}

it('db:check, db:verify, db:migrate and db:rollback do what they say', async () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    await readFile(join(here, 'package.json'), 'utf8'),
  );
  const database = { CC_DATABASE_URL: pathToFileURL(join(place, 'library.db')).href };
  const script = (name: string, ...more: string[]): Ended => {
    const [program, ...args] = (scripts[name] ?? '').split(' ');
    expect(program).toBe('node');
    return node([...args, ...more], database);
  };
  const last = migrations.at(-1);
  expect(script('db:check')).toMatchObject({
    status: 0,
    output: expect.stringContaining(`${migrations.length} migrations, nothing wrong\n`),
  });
  expect(script('db:migrate')).toMatchObject({ status: 0, output: expect.stringContaining(`Current: ${last}`) });
  expect(script('db:verify')).toMatchObject({ status: 0, output: expect.stringContaining(`${last}  ok`) });
  expect(script('db:rollback')).toMatchObject({ status: 3, output: expect.stringContaining('Add --yes') });
  expect(script('db:rollback', '--yes')).toMatchObject({
    status: 0,
    output: expect.stringContaining(`Took back ${last}`),
  });
});

it('a library with rows goes down to its tables and up again, and nobody has to agree to what is worked out anew', () => {
  const file = join(place, 'library.db');
  const database = { CC_DATABASE_URL: pathToFileURL(file).href };
  const program = (...args: string[]): Ended =>
    node([join(root, 'scripts', 'cc-migrate.mjs'), ...args, '--folder', migrationsFolder], database);
  expect(program('up').status).toBe(0);
  const opened = new Database(file);
  onTestFinished(() => void opened.close());
  opened.exec(`INSERT INTO models (id, name, format, file_name, file_path, file_hash, file_size, created_at, updated_at) VALUES ('a', 'Gear', 'stl', 'a', '/a', 'h', 1, 1, 1);
INSERT INTO tags (key, name) VALUES ('print', 'Print');
INSERT INTO model_tags (tag_id, model_seq) VALUES (1, 1)`);
  // Enough for counters that are there, and models that wait to be counted.
  opened.exec(`WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
    INSERT INTO models (id, name, format, file_name, file_path, file_hash, file_size, created_at, updated_at)
    SELECT i, 'Gear', 'stl', 'a', '/' || i, 'h' || i, 1, 1, 1 FROM n`);
  const derived = (): unknown[] =>
    rows(opened, 'SELECT m.tags_text, t.model_count FROM models m, tags t WHERE m.seq = 1');
  expect(derived()).toEqual([['Print', 1]]);
  expect(program('down', '--to', '0000_tables', '--yes').output).toContain('Took back 0001_search');
  expect(derived()).toEqual([['', 0]]);
  expect(program('up')).toMatchObject({ status: 0 });
  expect(derived()).toEqual([['Print', 1]]);
});

describe('the static check', () => {
  const check = (folder: string): Ended => node([join(root, 'scripts', 'checks', 'migrations.mjs'), folder]);

  // The check itself runs on the whole folder; what it refuses shows on two migrations as well, and in less time.
  async function firstTwo(): Promise<string> {
    const folder = join(place, 'migrations');
    await cp(migrationsFolder, folder, {
      recursive: true,
      filter: (path) => path === migrationsFolder || /meta$|_journal\.json$|000[01]_[^/\\]*$/.test(path),
    });
    const journal = join(folder, 'meta', '_journal.json');
    const { entries, ...head } = JSON.parse(await readFile(journal, 'utf8'));
    await writeFile(journal, JSON.stringify({ ...head, entries: entries.slice(0, 2) }));
    return folder;
  }

  it('passes on a folder that is well', async () => {
    const folder = await firstTwo();
    expect(check(folder)).toMatchObject({ status: 0, output: expect.stringContaining('nothing wrong') });
  });

  it.each<[string, string, (folder: string) => Promise<void>]>([
    [
      'a down file that is missing',
      '0001_search.down.sql does not exist',
      (folder) => rm(join(folder, '0001_search.down.sql')),
    ],
    [
      'a down file that leaves something behind',
      'does not lead back to the schema before 0000_tables',
      (folder) => writeFile(join(folder, '0000_tables.down.sql'), 'DROP TABLE saved_searches;'),
    ],
    [
      'a migration that the journal does not name',
      '0009_lost.sql belongs to no migration of the journal',
      (folder) => writeFile(join(folder, '0009_lost.sql'), 'SELECT 1;'),
    ],
    [
      'a migration that does not run',
      '0001_search.sql does not run',
      (folder) => appendFile(join(folder, '0001_search.sql'), '\n--> statement-breakpoint\nDROP TABLE nowhere;'),
    ],
  ])('fails on %s', async (_, said, spoil) => {
    const folder = await firstTwo();
    await spoil(folder);
    expect(check(folder)).toMatchObject({ status: 1, output: expect.stringContaining(said) });
  });
});
