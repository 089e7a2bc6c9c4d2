// Two branches with a migration each, merged by git: what is advised is done to the letter, by the lines of docs/migrations.md.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ccMigrateHere, type EndedHere } from '../cc-migrate-here.js';
import { makeProject, type Project } from '../generate/project.js';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/migrations.md'), 'utf8');
const [, section = ''] = page.split('\n## When two branches are merged\n');
const [, block = ''] = /```sh\n([^]*?)```/.exec(section) ?? [];
const lines = block
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((line) => line !== '');

const table = (name: string): string =>
  `export const ${name} = sqliteTable('${name}', { id: integer('id').primaryKey() });\n`;
const journal = join('drizzle', 'meta', '_journal.json');
let project: Project;

const cc = (line: string): Promise<EndedHere> => ccMigrateHere(line.split(' '), project.cwd, 'file:app.db');

async function done(line: string): Promise<void> {
  const { status, stderr } = await cc(line);
  if (status !== 0) throw new Error(`${line} ended with ${status}: ${stderr}`);
}

function git(...args: readonly string[]): void {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'core.autocrlf=false'];
  execFileSync('git', [...who, ...args], { cwd: project.cwd, stdio: 'pipe' });
}

/** `mine` has its migration applied to the database of this checkout; `main` has another one of the same number. */
beforeEach(async () => {
  project = await makeProject();
  const { cwd } = project;
  await writeFile(join(cwd, '.gitignore'), 'node_modules\n*.db*\n');
  await project.code(table('parts'));
  git('init', '--quiet', '--initial-branch=main');
  for (const [branch, name] of [
    ['main', 'parts'],
    ['mine', 'mine'],
    ['main', 'theirs'],
  ] as const) {
    if (name !== 'parts') git('checkout', '--quiet', ...(branch === 'mine' ? ['-b'] : []), branch);
    const schema = await readFile(join(cwd, 'schema.ts'), 'utf8');
    const [imports = '', ...rest] = schema.split(/(?<=sqlite-core';\n)/);
    if (name === 'mine') await appendFile(join(cwd, 'schema.ts'), table(name));
    if (name === 'theirs') await writeFile(join(cwd, 'schema.ts'), [imports, table(name), ...rest].join(''));
    await done(`generate --name ${name}`);
    if (branch === 'mine') await done('up');
    git('add', '.');
    git('commit', '--quiet', '--message', name);
  }
});
afterEach(() => project[Symbol.asyncDispose]());

/** Where `main` itself went wrong, a commit of it stands in its place. */
async function followThePage(main = 'main'): Promise<void> {
  for (const line of lines.map((each) => each.replace('checkout main', `checkout ${main}`))) {
    if (line.startsWith('cc-migrate ')) await done(line.slice('cc-migrate '.length));
    else git(...line.split(' ').slice(1));
  }
}

test.each([
  ['mine', 'main'],
  ['main', 'mine'],
])('on %s, merging %s, the page leads to a sound folder, and rows that are there stay', async (here, other) => {
  const client = createClient({ url: project.url });
  await client.execute('INSERT INTO mine (id) VALUES (7)');
  git('checkout', '--quiet', here);
  expect(() => git('merge', other)).toThrow(/CONFLICT|failed/);
  const status = await cc('status');
  expect(status).toMatchObject({ status: 1, stderr: expect.stringMatching(/is not JSON: line \d+ begins a conflict/) });
  expect(status.stderr).toContain('docs/migrations.md, When two branches are merged');
  await followThePage();
  git('add', '.');
  git('commit', '--quiet', '--message', 'merged');
  expect(await cc('check --no-url')).toMatchObject({ status: 0 });
  expect(await cc('verify --no-url')).toMatchObject({ status: 0 });
  // Mine came out with the same text, and this database has it already.
  expect((await cc('status')).stdout).toContain('cc-migrate repair');
  await cc('repair --yes');
  expect(await cc('up --allow-out-of-order')).toMatchObject({ status: 0 });
  expect(await cc('status')).toMatchObject({ status: 0 });
  expect(await cc('diff')).toMatchObject({ status: 0 });
  const { rows } = await client.execute('SELECT id FROM mine');
  expect(rows.map(({ id }) => id)).toEqual([7]);
  client.close();
});

test('what one branch left behind when both entries were kept is told, and the page leads out of it', async () => {
  expect(() => git('merge', 'mine')).toThrow(/CONFLICT|failed/);
  const text = await readFile(join(project.cwd, journal), 'utf8');
  const side = (which: 'ours' | 'theirs'): { entries: object[] } => {
    const kept = which === 'ours' ? '$1' : '$2';
    return JSON.parse(text.replace(/<<<<<<< .*\n([^]*?)=======\n([^]*?)>>>>>>> .*\n/g, kept)) as { entries: object[] };
  };
  const both = { ...side('ours'), entries: [...side('ours').entries, ...side('theirs').entries.slice(-1)] };
  await writeFile(join(project.cwd, journal), JSON.stringify(both));
  expect(await cc('check --no-url')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /0001_snapshot\.json is not JSON: line 2 begins a conflict.*When two branches are merged/,
    ),
  });
  git('checkout', '--theirs', '--', 'drizzle/meta/0001_snapshot.json');
  git('add', '.');
  git('commit', '--quiet', '--message', 'kept both');
  const told = await cc('check --no-url');
  expect(told.stdout).toMatch(/two branches were merged.*When two branches are merged/);
  expect(told.stdout).not.toContain('drizzle-kit drop');
  const refused = await cc('drop --yes --no-url');
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('When two branches are merged') });
  // That would take back everything in the folder that was not committed, and leave what is wrong.
  expect(refused.stderr).not.toMatch(/git checkout -- /);
  const tip = spawnSync('git', ['rev-parse', 'HEAD^1'], { cwd: project.cwd, encoding: 'utf8' }).stdout.trim();
  await followThePage(tip);
});

test('a journal that is damaged otherwise is told with what the parser says, and what taking the committed one costs', async () => {
  await writeFile(join(project.cwd, journal), '{ "entries": [ { "idx": 0 }, ] }');
  expect(await cc('status')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /_journal\.json is not JSON: Unexpected token.*git checkout -- \S*_journal\.json.*cc-migrate check then names the files/,
    ),
  });
});
