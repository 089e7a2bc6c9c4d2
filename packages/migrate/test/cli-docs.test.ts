// The command lines of docs/migrations.md about looking after folder and database, run as they stand there: each in the
// scene that its section tells of, and none is left out.
import { spawnSync } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeSound } from './care/sound-folder.js';
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

function run(line: string, more: readonly string[] = []): Ended {
  expect(line).toMatch(/^cc-migrate /);
  const args = [...line.split(/\s+/).slice(1), ...more];
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
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
function sql(statements: string): void {
  const { status, stderr } = spawnSync(process.execPath, ['-e', script, join(cwd, 'app.db'), statements], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
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
      const { status, stderr } = run(line);
      if (status !== 0) throw new Error(`${line}: ${stderr}`);
    }
  });
  afterEach(() => project[Symbol.asyncDispose]());

  test('every command ends well in order, and with 2 after the change that it is there to find', async () => {
    const lines = commandsUnder('Checking in CI');
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(run(line)).toMatchObject({ status: 0, stderr: '' });
    const [check = '', verify = '', checkDatabase = '', verifyDatabase = '', diff = ''] = lines;

    await project.code(`export const parts = sqliteTable('parts', { id: integer('id').primaryKey() });`);
    expect(run(check)).toMatchObject({ status: 2, stdout: expect.stringContaining('parts differs') });
    expect(run(check, ['--no-code'])).toMatchObject({ status: 0 });
    expect(run(check, ['--config', 'drizzle.config.ts'])).toMatchObject({ status: 2 });
    await cp(project.folder, join(cwd, 'other'), { recursive: true });
    expect(run(check, ['--folder', 'other'])).toMatchObject({ status: 0 });
    expect(run(check, ['--folder', 'other', '--config', 'drizzle.config.ts'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('give --folder too'),
    });

    sql('alter table parts add by_hand text');
    expect(run(diff)).toMatchObject({ status: 2, stdout: expect.stringContaining('column by_hand is not expected') });
    await writeFile(join(project.folder, '0000_parts.down.sql'), 'SELECT 1;');
    expect(run(verify)).toMatchObject({ status: 2 });
    expect(run(verifyDatabase)).toMatchObject({ status: 2 });
    await writeFile(
      join(project.folder, '0000_parts.sql'),
      'CREATE TABLE parts (id integer PRIMARY KEY, name text) STRICT;',
    );
    expect(run(checkDatabase, ['--no-code'])).toMatchObject({
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
    expect(run('cc-migrate up')).toMatchObject({ status: 0 });
    sql('drop table __cc_migrations');
    expect(run(completes)).toMatchObject({ status: 0 });
    expect(run(status)).toMatchObject({ status: 0, stdout: expect.stringContaining(`by drizzle's migrator`) });
    expect(run('cc-migrate down --yes')).toMatchObject({ status: 0 });

    const forget = 'drop table __drizzle_migrations; drop table __cc_migrations';
    sql(forget);
    expect(run(look)).toMatchObject({ status: 0, stdout: expect.stringContaining('Would be at: 0001_search') });
    expect(run(adopt)).toMatchObject({ status: 0, stdout: expect.stringContaining('Current: 0001_search') });
    expect(run(adopt)).toMatchObject({ status: 3 });
    sql(forget);
    expect(run(named)).toMatchObject({ status: 2, stderr: expect.stringContaining('not that of 0000_tables') });
    sql('drop trigger parts_fts_insert; drop trigger parts_fts_delete; drop table parts_fts');
    expect(run(named)).toMatchObject({ status: 0 });
    expect(run('cc-migrate up')).toMatchObject({ status: 0 });
    // What it writes is tested with folders of other tools; this folder has more than one migration.
    sql(forget);
    expect(run(rewrite)).toMatchObject({ status: 1, stderr: expect.stringContaining('one migration') });
  });

  test('When journal and database disagree', async () => {
    const lines = commandsUnder('When journal and database disagree');
    expect(lines).toHaveLength(5);
    const [status = '', diff = '', look = '', mend = '', journal = ''] = lines;
    expect(run('cc-migrate up')).toMatchObject({ status: 0 });
    await writeSound(scratch, [
      ...library.map((each, index) => (index === 2 ? { ...each, up: `${each.up}\n-- later` } : each)),
      { tag: '0003_more', up: 'CREATE TABLE more (x);', down: 'DROP TABLE more;', when: 5 },
    ]);
    expect(run(status)).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('was edited after it was applied'),
    });
    expect(run(diff)).toMatchObject({ status: 0 });
    expect(run(look)).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('Would be mended:\n  edited: 0002_weight'),
    });
    expect(run(mend)).toMatchObject({ status: 3, stderr: expect.stringContaining('Add --yes') });
    expect(run(mend, ['--yes'])).toMatchObject({ status: 2, stdout: expect.stringContaining('Left for people') });
    expect(run(journal, ['--yes'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`'when' of 0003_more rises`),
    });
    expect(run('cc-migrate up')).toMatchObject({ status: 0 });
    expect(run(status)).toMatchObject({ status: 0 });
    sql('create table by_hand (x)');
    expect(run(diff)).toMatchObject({ status: 2 });
    expect(run(mend)).toMatchObject({ status: 2, stderr: expect.stringContaining('table by_hand is not expected') });
  });

  test('The rollback plan', async () => {
    const lines = commandsUnder('The rollback plan');
    expect(lines).toHaveLength(5);
    const [verify = '', release = '', back = '', restore = '', status = ''] = lines;
    expect(run('cc-migrate up --steps 2')).toMatchObject({ status: 0 });
    sql(`insert into parts (name) values ('bolt')`);
    expect(run(verify)).toMatchObject({ status: 0 });
    expect(run(release)).toMatchObject({ status: 0 });
    sql(`insert into parts (name) values ('nut')`);

    expect(run(back)).toMatchObject({ status: 3, stderr: expect.stringContaining('Add --yes') });
    expect(run(back, ['--yes'])).toMatchObject({ status: 0, stdout: expect.stringContaining('Took back 0002_weight') });

    expect(run(restore)).toMatchObject({ status: 3 });
    expect(run(restore, ['--yes'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Current: 0001_search'),
    });
    await writeSound(scratch, firstOf(2));
    expect(run(status)).toMatchObject({ status: 0 });
  });
});
