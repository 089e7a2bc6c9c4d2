// The command lines of docs/migrations.md about looking after folder and database, run as they stand there: each in the
// scene that its section tells of, and none is left out. Where a file is taken away, in a process of its own.
import { spawnSync } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeSound } from './care/sound-folder.js';
import { ccMigrateHere } from './cc-migrate-here.js';
import { makeProject, type Project } from './generate/project.js';
import { firstOf, library, makeScratch, type Scratch } from './scratch.js';

const root = join(import.meta.dirname, '..', '..', '..');
const program = join(import.meta.dirname, '..', 'dist', 'cli.js');
const page = await readFile(join(root, 'docs', 'migrations.md'), 'utf8');

/** The lines of the shell blocks under a heading, without their comments. */
function commandsUnder(heading: string): readonly string[] {
  const [, rest = ''] = page.split(`\n## ${heading}\n`);
  const [section = ''] = rest.split('\n## ');
  return [...section.matchAll(/```sh\n([^]*?)```/g)]
    .flatMap(([, block = '']) => block.split('\n'))
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let cwd: string;

function argumentsOf(line: string, more: readonly string[]): readonly string[] {
  expect(line).toMatch(/^cc-migrate /);
  return [...line.split(/\s+/).slice(1), ...more];
}

const run = (line: string, more: readonly string[] = []): Promise<Ended> =>
  ccMigrateHere(argumentsOf(line, more), cwd, 'file:app.db');

function runAlone(line: string, more: readonly string[] = []): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...argumentsOf(line, more)], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, CC_DATABASE_URL: 'file:app.db' },
  });
  return { status, stdout, stderr };
}

const script = `const { createClient } = require('@libsql/client');
const client = createClient({ url: 'file:' + process.argv[1], timeout: 60_000 });
client.executeMultiple(process.argv[2]).then(() => client.close());`;

/** Runs SQL in a process of its own: restore wants the file for itself. */
function sqlAlone(statements: string): void {
  const { status, stderr } = spawnSync(process.execPath, ['-e', script, join(cwd, 'app.db'), statements], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
}

async function sql(statements: string): Promise<void> {
  const client = createClient({ url: pathToFileURL(join(cwd, 'app.db')).href });
  await client.executeMultiple(statements);
  client.close();
}

describe('Checking in CI', () => {
  let project: Project;
  beforeEach(async () => {
    project = await makeProject();
    cwd = project.cwd;
    await project.code(
      `export const parts = sqliteTable('parts', { id: integer('id').primaryKey(), name: text('name') });`,
    );
    for (const line of ['cc-migrate generate --name parts', 'cc-migrate up']) {
      const { status, stderr } = await run(line);
      if (status !== 0) throw new Error(`${line}: ${stderr}`);
    }
  });
  afterEach(() => project[Symbol.asyncDispose]());

  test('every command ends well in order, and with 2 after the change that it is there to find', async () => {
    const lines = commandsUnder('Checking in CI');
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(await run(line)).toMatchObject({ status: 0, stderr: '' });
    const [check = '', verify = '', checkDatabase = '', verifyDatabase = '', diff = ''] = lines;

    await project.code(`export const parts = sqliteTable('parts', { id: integer('id').primaryKey() });`);
    expect(await run(check)).toMatchObject({ status: 2, stdout: expect.stringContaining('parts differs') });
    expect(await run(check, ['--no-code'])).toMatchObject({ status: 0 });
    expect(await run(check, ['--config', 'drizzle.config.ts'])).toMatchObject({ status: 2 });
    await cp(project.folder, join(cwd, 'other'), { recursive: true });
    expect(await run(check, ['--folder', 'other'])).toMatchObject({ status: 0 });
    expect(await run(check, ['--folder', 'other', '--config', 'drizzle.config.ts'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('give --folder too'),
    });

    await sql('alter table parts add by_hand text');
    expect(await run(diff)).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('column by_hand is not expected'),
    });
    await writeFile(join(project.folder, '0000_parts.down.sql'), 'SELECT 1;');
    expect(await run(verify)).toMatchObject({ status: 2 });
    expect(await run(verifyDatabase)).toMatchObject({ status: 2 });
    await writeFile(
      join(project.folder, '0000_parts.sql'),
      'CREATE TABLE parts (id integer PRIMARY KEY, name text) STRICT;',
    );
    expect(await run(checkDatabase, ['--no-code'])).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('0000_parts.sql was edited after it was applied'),
    });
  });
});

describe('with a folder of custom migrations', () => {
  let scratch: Scratch;
  beforeEach(async () => {
    scratch = await makeScratch();
    cwd = scratch.path;
    await writeSound(scratch, library);
  });
  afterEach(() => scratch[Symbol.asyncDispose]());

  test('Adopting an existing database', async () => {
    const lines = commandsUnder('Adopting an existing database');
    expect(lines).toHaveLength(6);
    const [completes = '', status = '', look = '', adopt = '', named = '', rewrite = ''] = lines;

    // What drizzle's migrator leaves: its own table, and a folder without downs.
    await writeSound(
      scratch,
      library.map((migration) => ({ ...migration, down: null })),
    );
    expect(await run('cc-migrate up')).toMatchObject({ status: 0 });
    await sql('drop table __cc_migrations');
    expect(await run(completes)).toMatchObject({ status: 0 });
    expect(await run(status)).toMatchObject({ status: 0, stdout: expect.stringContaining(`by drizzle's migrator`) });
    expect(await run('cc-migrate down --yes')).toMatchObject({ status: 0 });

    const forget = 'drop table __drizzle_migrations; drop table __cc_migrations';
    await sql(forget);
    expect(await run(look)).toMatchObject({ status: 0, stdout: expect.stringContaining('Would be at: 0001_search') });
    expect(await run(adopt)).toMatchObject({ status: 0, stdout: expect.stringContaining('Current: 0001_search') });
    expect(await run(adopt)).toMatchObject({ status: 3 });
    await sql(forget);
    expect(await run(named)).toMatchObject({ status: 2, stderr: expect.stringContaining('not that of 0000_tables') });
    await sql('drop trigger parts_fts_insert; drop trigger parts_fts_delete; drop table parts_fts');
    expect(await run(named)).toMatchObject({ status: 0 });
    expect(await run('cc-migrate up')).toMatchObject({ status: 0 });
    // What it writes is tested with folders of other tools; this folder has more than one migration.
    await sql(forget);
    expect(await run(rewrite)).toMatchObject({ status: 1, stderr: expect.stringContaining('one migration') });
  });

  test('When journal and database disagree', async () => {
    const lines = commandsUnder('When journal and database disagree');
    expect(lines).toHaveLength(5);
    const [status = '', diff = '', look = '', mend = '', journal = ''] = lines;
    expect(await run('cc-migrate up')).toMatchObject({ status: 0 });
    await writeSound(scratch, [
      ...library.map((each, index) => (index === 2 ? { ...each, up: `${each.up}\n-- later` } : each)),
      { tag: '0003_more', up: 'CREATE TABLE more (x);', down: 'DROP TABLE more;', when: 5 },
    ]);
    expect(await run(status)).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('was edited after it was applied'),
    });
    expect(await run(diff)).toMatchObject({ status: 0 });
    expect(await run(look)).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('Would be mended:\n  edited: 0002_weight'),
    });
    expect(await run(mend)).toMatchObject({ status: 3, stderr: expect.stringContaining('Add --yes') });
    expect(await run(mend, ['--yes'])).toMatchObject({ status: 2, stdout: expect.stringContaining('Left for people') });
    expect(await run(journal, ['--yes'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`'when' of 0003_more rises`),
    });
    expect(await run('cc-migrate up')).toMatchObject({ status: 0 });
    expect(await run(status)).toMatchObject({ status: 0 });
    await sql('create table by_hand (x)');
    expect(await run(diff)).toMatchObject({ status: 2 });
    expect(await run(mend)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('table by_hand is not expected'),
    });
  });

  test('The rollback plan', async () => {
    const lines = commandsUnder('The rollback plan');
    expect(lines).toHaveLength(5);
    const [verify = '', release = '', back = '', restore = '', status = ''] = lines;
    expect(runAlone('cc-migrate up --steps 2')).toMatchObject({ status: 0 });
    sqlAlone(`insert into parts (name) values ('bolt')`);
    expect(runAlone(verify)).toMatchObject({ status: 0 });
    expect(runAlone(release)).toMatchObject({ status: 0 });
    sqlAlone(`insert into parts (name) values ('nut')`);

    expect(runAlone(back)).toMatchObject({ status: 3, stderr: expect.stringContaining('Add --yes') });
    expect(runAlone(back, ['--yes'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Took back 0002_weight'),
    });

    expect(runAlone(restore)).toMatchObject({ status: 3 });
    expect(runAlone(restore, ['--yes'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Current: 0001_search'),
    });
    await writeSound(scratch, firstOf(2));
    expect(runAlone(status)).toMatchObject({ status: 0 });
  });
});
