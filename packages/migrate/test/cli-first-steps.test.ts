// What the pages tell newcomers to type, as it stands there: the five minutes of the README, and splitting a table.
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject } from './generate/project.js';

const root = join(import.meta.dirname, '..');
const program = join(root, 'dist', 'cli.js');

function run(line: string, cwd: string): void {
  const { CC_DATABASE_URL: _, ...env } = process.env;
  const args = line.replace(/\s*#.*/, '').split(/\s+/);
  const { status, stderr } = spawnSync(process.execPath, [program, ...args.slice(args.indexOf('cc-migrate') + 1)], {
    cwd,
    encoding: 'utf8',
    env,
  });
  expect({ line, status, stderr }).toEqual({ line, status: 0, stderr: expect.any(String) });
}

function sql(cwd: string, statement: string): void {
  const script = `require('@libsql/client').createClient({ url: 'file:app.db', timeout: 60_000 }).execute(process.argv[1])`;
  const { status } = spawnSync(process.execPath, ['-e', script, statement], { cwd, encoding: 'utf8' });
  expect(status).toBe(0);
}

async function blocks(path: string, heading: string, language: string): Promise<readonly string[]> {
  const [, rest = ''] = (await readFile(path, 'utf8')).split(`\n## ${heading}\n`);
  const [section = ''] = rest.split('\n## ');
  return [...section.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(([, block = '']) => block);
}

test('the five minutes of the README run in an empty folder', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'cc-five-'));
  try {
    // In place of npm install: the packages themselves.
    for (const name of ['drizzle-kit', 'drizzle-orm', '@libsql/client', '@cc/tx']) {
      await mkdir(join(cwd, 'node_modules', name, '..'), { recursive: true });
      await symlink(join(root, 'node_modules', name), join(cwd, 'node_modules', name), 'junction');
    }
    await symlink(root, join(cwd, 'node_modules/@cc/migrate'), 'junction');
    const [block = ''] = await blocks(join(root, 'README.md'), 'From nothing to up and down in five minutes', 'sh');
    const lines = block.split('\n').filter((line) => line.startsWith('npx '));
    expect(lines).toHaveLength(5);
    // status ends with 2 where something is pending, and nothing is.
    for (const line of lines) run(line, cwd);
    // A folder behind it is a module to Node 22 and later.
    const tested = spawnSync(process.execPath, ['--test'], { cwd, encoding: 'utf8' });
    expect({ status: tested.status, said: tested.stdout }).toMatchObject({ status: 0 });
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});

test('a table is split with its data as the page says', async () => {
  await using project = await makeProject(`dbCredentials: { url: 'file:app.db' }`);
  const { cwd } = project;
  const people = `export const people = sqliteTable('people', { id: integer('id').primaryKey(), name: text('name'), street: text('street'), city: text('city') });`;
  await project.code(people);
  run('cc-migrate generate --name people', cwd);
  run('cc-migrate up', cwd);
  const page = join(root, '..', '..', 'docs', 'migrations.md');
  const [move = '', unmove = ''] = await blocks(page, 'Splitting a table with its data', 'sql');
  await writeFile(join(cwd, 'move.sql'), move);
  await writeFile(join(cwd, 'unmove.sql'), unmove);
  sql(
    cwd,
    `INSERT INTO people (name, street, city) VALUES ('Ada', 'Main', 'Ulm'), ('Bob', NULL, NULL), ('Cy', NULL, 'Bonn')`,
  );
  await project.code(`${people}
export const addresses = sqliteTable('addresses', { personId: integer('person_id'), street: text('street'), city: text('city') });`);
  const [block = ''] = await blocks(page, 'Splitting a table with its data', 'sh');
  const lines = block.split('\n').filter((line) => line !== '');
  expect(lines).toHaveLength(3);
  for (const line of lines) run(line, cwd);
  run('cc-migrate redo --yes', cwd);
  run('cc-migrate down --yes', cwd);
});
