// The examples of docs/migrations.md that make or open something, run as they stand there; apps on the built packages.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ccMigrateHere } from './cc-migrate-here.js';
import { makeProject, type Project } from './generate/project.js';

const root = join(import.meta.dirname, '..');
const page = await readFile(join(root, '..', '..', 'docs', 'migrations.md'), 'utf8');
let project: Project;

beforeEach(async () => {
  project = await makeProject(`dbCredentials: { url: 'file:app.db' }, tablesFilter: ['!__cc_*']`);
  await mkdir(join(project.cwd, 'node_modules/@cc'));
  await symlink(root, join(project.cwd, 'node_modules/@cc/migrate'), 'junction');
  await symlink(join(root, 'node_modules/@cc/tx'), join(project.cwd, 'node_modules/@cc/tx'), 'junction');
});
afterEach(() => project[Symbol.asyncDispose]());

function section(heading: string): string {
  const [, rest = ''] = page.split(`\n## ${heading}\n`);
  return rest.split('\n## ')[0] ?? '';
}

function blocks(heading: string, language: string): readonly string[] {
  return [...section(heading).matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(
    ([, code = '']) => code,
  );
}

const commandsOf = (block: string): readonly string[] =>
  block
    .split('\n')
    .map((line) => line.replace(/\s*#.*/, '').trim())
    .filter((line) => line !== '');

async function run(line: string): Promise<number> {
  const { status, stderr } = await ccMigrateHere(line.split(/\s+/).slice(1), project.cwd);
  expect({ line, stderr: status === 0 || status === 2 ? '' : stderr }).toEqual({ line, stderr: '' });
  return status;
}

const models = (columns: string): Promise<void> =>
  project.code(`export const models = sqliteTable('models', { id: integer('id').primaryKey()${columns} });`);

async function sql(...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = createClient({ url: project.url });
  let rows: Record<string, unknown>[] = [];
  for (const each of statements) rows = (await client.execute(each)).rows.map((row) => ({ ...row }));
  client.close();
  return rows;
}

test('no heading stands twice, and none is empty', () => {
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
  expect(new Set(headings).size).toBe(headings.length);
  for (const heading of headings) expect([heading, section(heading).trim() === '']).toEqual([heading, false]);
});

test('the daily commands run one after the other', async () => {
  await models('');
  expect(await run('cc-migrate generate --name start')).toBe(0);
  expect(await run('cc-migrate up')).toBe(0);
  await models(`, rating: integer('rating')`);
  const [block = ''] = blocks('The daily commands', 'sh');
  const lines = commandsOf(block);
  expect(lines.length).toBeGreaterThan(10);
  // The last one takes back what goto has left in the folder.
  for (const line of lines) expect([line, await run(line)]).toEqual([line, 0]);
});

test('expand, move and contract keep every row, and each step goes back on its own', async () => {
  await models(`, name: text('name')`);
  await run('cc-migrate generate --name start');
  await run('cc-migrate up');
  await sql(`INSERT INTO models (name) VALUES ('Gear'), ('Bolt'), (NULL)`);
  await models(`, name: text('name'), title: text('title')`);
  await run('cc-migrate generate --name expand');
  await writeFile(
    join(project.cwd, 'move.sql'),
    '-- cc:chunk 5000\nUPDATE models SET title = name WHERE title IS NULL AND name IS NOT NULL;',
  );
  await writeFile(join(project.cwd, 'unmove.sql'), '-- cc:loss models.title\nUPDATE models SET title = NULL;');
  await run('cc-migrate create --name move --up move.sql --down unmove.sql');
  await run('cc-migrate up');
  await run('cc-migrate down --yes');
  await run('cc-migrate up');
  await models(`, title: text('title')`);
  await run('cc-migrate generate --name contract --drop models.name');
  await run('cc-migrate up --allow-data-loss models.name');
  expect(await sql('SELECT title FROM models ORDER BY id')).toEqual([
    { title: 'Gear' },
    { title: 'Bolt' },
    { title: null },
  ]);
  expect(await run('cc-migrate down --yes')).toBe(0);
});

test('programs that open the same new database at once all open it', async () => {
  await models(`, name: text('name')`);
  await run('cc-migrate generate --name start');
  const [code = ''] = blocks('An app that migrates itself', 'ts');
  await writeFile(
    join(project.cwd, 'app.mjs'),
    `${code}\nconsole.log((await migrations.status()).current);\nawait transactions.close();\n`,
  );
  const apps = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['app.mjs'], { cwd: project.cwd, stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const said = await Promise.all(
    apps.map(async (app) => {
      let text = '';
      app.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      const [code] = await once(app, 'close');
      return [code, text.trim()];
    }),
  );
  expect(said).toEqual(apps.map(() => [0, '0000_start']));
  expect(await sql('SELECT count(*) AS n FROM __cc_migrations')).toEqual([{ n: 1 }]);
});

test('a bundle is written and checked', async () => {
  await models('');
  await run('cc-migrate generate --name start');
  const [block = ''] = blocks('Bundled apps', 'sh');
  for (const line of commandsOf(block)) expect([line, await run(line)]).toEqual([line, 0]);
  expect(await readFile(join(project.cwd, 'migrations.ts'), 'utf8')).toContain('0000_start');
});

test('custom SQL, and a history that no longer runs', async () => {
  await models(`, name: text('name')`);
  await run('cc-migrate generate --name start');
  await writeFile(join(project.cwd, 'search.sql'), 'CREATE INDEX models_name ON models (lower(name));');
  const [block = ''] = blocks('Custom SQL', 'sh');
  const [create = '', complete = ''] = commandsOf(block);
  expect([await run(create), await run(complete), await run('cc-migrate up')]).toEqual([0, 0, 0]);
  await rm(join(project.folder, '0000_start.down.sql'));
  await writeFile(
    join(project.folder, '0000_start.sql'),
    `CREATE TABLE models (id integer PRIMARY KEY, name text DEFAULT "x"); INSERT INTO nowhere VALUES (1);`,
  );
  const [settle = ''] = blocks('When an old migration no longer runs', 'sh');
  const [look = '', write = ''] = commandsOf(settle);
  expect([await run(look), await run(write)]).toEqual([0, 0]);
  await models(`, name: text('name'), size: integer('size')`);
  expect(await run('cc-migrate generate --name size')).toBe(0);
});
