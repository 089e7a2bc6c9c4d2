// A history of which an old file no longer runs: refused by file, line and next command, and no obstacle once it is settled.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openTransactionManager } from '@cc/tx';
import { createClient } from '@libsql/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkFolder, verifyFolder } from '../../src/care.js';
import { createMigration, generateMigration, settleHistory, writeMissingDowns } from '../../src/generate.js';
import { createMigrationManager } from '../../src/index.js';
import { runProgram } from '../../src/program.js';
import { codeOf } from '../scratch.js';
import { makeProject, type Project } from './project.js';

const models = `export const models = sqliteTable('models', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  name: text('name').notNull(),
  loud: text('loud').generatedAlwaysAs(sql\`upper(name)\`, { mode: 'stored' }),
});
export const tags = sqliteTable('tags', { name: text('name').notNull().unique() });`;
const trigger = 'CREATE TRIGGER named AFTER INSERT ON models BEGIN INSERT INTO tags (name) VALUES (new.name); END';
let project: Project;

/** A project whose second migration needs double-quoted strings, and a database that was made with them. */
beforeEach(async () => {
  project = await makeProject();
  await project.code(models);
  await generateMigration({ cwd: project.cwd, name: 'start' });
  await createMigration(project.folder, { name: 'old', upSql: `INSERT INTO tags VALUES ('x');`, irreversible: true });
  await createMigration(project.folder, { name: 'trigger', upSql: `${trigger};` });
  await writeFile(join(project.folder, '0001_old.sql'), `SELECT 1;\n\nINSERT INTO tags VALUES ("x");\n`);
  await writeFile(join(project.folder, '0001_old.down.sql'), '-- cc:down irreversible\n');
  const client = createClient({ url: project.url });
  await client.executeMultiple(`${await project.read('0000_start.sql')}; INSERT INTO tags VALUES ('x'); ${trigger};`);
  client.close();
});
afterEach(() => project[Symbol.asyncDispose]());

async function withManager<T>(work: (manager: ReturnType<typeof createMigrationManager>) => Promise<T>): Promise<T> {
  await using transactions = await openTransactionManager({ url: project.url });
  return await work(createMigrationManager(transactions, { folder: project.folder }));
}

test('what replays it is refused with the file, the line, the statement and the next command', async () => {
  const said =
    /0001_old\.sql does not run on a database without rows: .*"?x"? \(line 3: INSERT INTO tags …\).*cc-migrate settle/s;
  await project.code(models.replace('unique()', 'unique(), kind: text()'));
  await expect(generateMigration({ cwd: project.cwd })).rejects.toThrow(said);
  expect(await codeOf(generateMigration({ cwd: project.cwd }))).toBe('MIGRATION_REPLAY');
  await expect(createMigration(project.folder, { name: 'more', upSql: 'SELECT 1;' })).rejects.toThrow(said);
  await expect(writeMissingDowns(project.folder, { versions: ['0002_trigger'] })).resolves.toEqual([]);
  await expect(verifyFolder(project.folder)).rejects.toThrow(said);
  await expect(withManager((manager) => manager.baseline())).rejects.toThrow(said);
  expect((await checkFolder(project.folder)).problems).toContainEqual(
    expect.objectContaining({
      kind: 'replay',
      version: '0001_old',
      hint: expect.stringContaining('cc-migrate settle'),
    }),
  );
});

test('settled, it stands in the way of nothing', async () => {
  const settled = await settleHistory(project.folder, { cwd: project.cwd });
  expect(settled).toMatchObject({ version: '0001_old', notes: [] });
  expect(await settleHistory(project.folder, { cwd: project.cwd })).toMatchObject({ version: null });
  expect((await checkFolder(project.folder)).problems).toEqual([]);
  expect((await verifyFolder(project.folder)).ok).toBe(true);

  expect(await withManager((manager) => manager.baseline())).toMatchObject({ version: '0002_trigger' });
  expect((await withManager((manager) => manager.diff())).differences).toEqual([]);

  await project.code(models.replace('unique()', 'unique(), kind: text()'));
  const made = await generateMigration({ cwd: project.cwd, name: 'kind' });
  expect(made).toMatchObject({ version: '0003_kind', reasons: [] });
  expect((await createMigration(project.folder, { name: 'more', upSql: 'CREATE INDEX k ON tags (kind);' })).down).toBe(
    'generated',
  );
  expect((await withManager((manager) => manager.applyMigrations())).current).toBe('0004_more');
  expect((await withManager((manager) => manager.diff())).differences).toEqual([]);
  expect((await withManager((manager) => manager.verify({ steps: 2 }))).ok).toBe(true);
  expect((await withManager((manager) => manager.rollbackMigration({ steps: 2 }))).current).toBe('0002_trigger');
  const kit = join(project.cwd, 'node_modules/drizzle-kit/bin.cjs');
  for (const [command, answer] of [
    ['generate', 'No schema changes'],
    ['check', `Everything's fine`],
  ] as const)
    expect((await promisify(execFile)(process.execPath, [kit, command], { cwd: project.cwd })).stdout).toContain(
      answer,
    );
});

test('the base holds what custom SQL made before it, and what the snapshot says', async () => {
  const { baseSql } = await settleHistory(project.folder, { cwd: project.cwd, targetVersion: '0002' });
  const client = createClient({ url: ':memory:' });
  await client.executeMultiple(baseSql ?? '');
  const shown = async (at: typeof client) =>
    (
      await at.execute(
        `SELECT type, name FROM sqlite_schema WHERE sql IS NOT NULL AND name <> 'sqlite_sequence' ORDER BY 1, 2`,
      )
    ).rows;
  const real = createClient({ url: project.url });
  expect(await shown(client)).toEqual(await shown(real));
  expect(await readFile(join(project.folder, '0002_trigger.base.sql'), 'utf8')).toBe(baseSql);
  real.close();
});

test('the base holds what custom SQL made in a file that also controls transactions', async () => {
  await writeFile(
    join(project.folder, '0001_old.sql'),
    'COMMIT;\nPRAGMA journal_mode = WAL;\nBEGIN;\nCREATE INDEX by_name ON models (name);\nCOMMIT;\n',
  );
  const { version, baseSql } = await settleHistory(project.folder, { cwd: project.cwd });
  expect(version).toBe('0001_old');
  expect(baseSql).toContain('CREATE INDEX by_name ON models (name)');
});

test('the command names the file, and a dry run writes nothing', async () => {
  const lines: string[] = [];
  const run = (...args: string[]) =>
    runProgram(['settle', '--folder', project.folder, ...args], {
      version: '0',
      env: {},
      print: (text) => void lines.push(text),
      warn: (text) => void lines.push(text),
      ask: null,
    });
  expect(await run('--dry-run')).toBe(0);
  expect(lines.join('\n')).toContain('Would write 0001_old.base.sql:\n-- cc:base 0001_old');
  expect(await project.files()).not.toContain('0001_old.base.sql');
  expect(await run()).toBe(0);
  expect(lines.at(-1)).toContain('0001_old.base.sql: the replay starts behind 0001_old');
  expect(await run('--to', '7')).toBe(1);
  expect(lines.at(-1)).toContain(`'7' is no version here`);
});
