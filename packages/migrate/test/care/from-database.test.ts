// Adopting a database that another tool made: its own statements become the first migration, and everything else works from
// there. The judges are drizzle-kit pull as it is, and a stock client.
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openTransactionManager } from '@cc/tx';
import { createClient } from '@libsql/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { showBaseline } from '../../src/command-line/show-care.js';
import { createMigration, generateMigration, writeMissingDowns } from '../../src/generate.js';
import { createMigrationManager } from '../../src/index.js';
import { makeProject, type Project } from '../generate/project.js';
import { makeScratch } from '../scratch.js';

const made: Readonly<Record<string, readonly string[]>> = {
  Knex: [
    'CREATE TABLE `knex_migrations` (`id` integer not null primary key autoincrement, `name` varchar(255), `batch` integer, `migration_time` datetime)',
    'CREATE TABLE `knex_migrations_lock` (`index` integer not null primary key autoincrement, `is_locked` integer)',
    'CREATE TABLE `users` (`id` integer not null primary key autoincrement, `name` varchar(255), `born` datetime default CURRENT_TIMESTAMP, `age` integer check (age > 0))',
    'CREATE UNIQUE INDEX `users_name_unique` on `users` (`name`)',
  ],
  Prisma: [
    'CREATE TABLE "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)',
    'CREATE TABLE "User" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "email" TEXT NOT NULL, "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, "price" DECIMAL NOT NULL)',
    'CREATE TABLE "Post" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "authorId" INTEGER NOT NULL, CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User" ("id") ON DELETE RESTRICT ON UPDATE CASCADE)',
    'CREATE UNIQUE INDEX "User_email_key" ON "User"("email")',
  ],
  Rails: [
    'CREATE TABLE "schema_migrations" ("version" varchar NOT NULL PRIMARY KEY)',
    'CREATE TABLE "ar_internal_metadata" ("key" varchar NOT NULL PRIMARY KEY, "value" varchar, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL)',
    'CREATE TABLE "users" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" varchar(40), "active" boolean DEFAULT TRUE NOT NULL, "created_at" datetime(6) NOT NULL)',
    'CREATE INDEX "index_users_on_name" ON "users" ("name")',
  ],
};

let project: Project;
beforeEach(async () => {
  project = await makeProject(`dbCredentials: { url: 'file:./app.db' }`);
});
afterEach(() => project[Symbol.asyncDispose]());

async function ask(...statements: readonly string[]): Promise<unknown> {
  const client = createClient({ url: project.url });
  try {
    let rows: unknown;
    for (const sql of statements) rows = (await client.execute(sql)).rows.map((row) => ({ ...row }));
    return rows;
  } finally {
    client.close();
  }
}

/**
 * As the guide says: pull, keep the schema code, mend what drizzle-kit has wrong in it (an import that it forgets when all
 * text has a length, the CHECKs that it gives to every table), and generate the first migration of it.
 */
async function begin(): Promise<void> {
  const kit = join(project.cwd, 'node_modules/drizzle-kit/bin.cjs');
  await promisify(execFile)(process.execPath, [kit, 'pull'], { cwd: project.cwd });
  const [head = '', ...tables] = (await readFile(join(project.folder, 'schema.ts'), 'utf8')).split('export const ');
  const imports = /import \{[^}]*\btext\b/.test(head) ? head : head.replace('import { ', 'import { text, ');
  const mended = tables.map((table) => (table.startsWith('users ') ? table : table.replace(/check\(.*\),/, '')));
  await writeFile(join(project.cwd, 'schema.ts'), [imports, ...mended].join('export const '));
  await rm(project.folder, { recursive: true });
  await generateMigration({ cwd: project.cwd, name: 'start' });
}

test.each(Object.entries(made))(
  'a database of %s is adopted with its own statements, and goes on',
  async (_, statements) => {
    await ask(...statements);
    const schema = `SELECT type, name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY rowid`;
    const before = await ask(schema);
    await begin();
    await using transactions = await openTransactionManager({ url: project.url });
    const manager = createMigrationManager(transactions, { folder: project.folder });
    const generated = await project.read('0000_start.sql');
    const rewritten = join(project.folder, '0000_start.sql');
    const dry = await manager.baseline({ fromDatabase: true, dryRun: true });
    expect(dry).toMatchObject({ version: '0000_start', recorded: ['0000_start'], rewritten });
    expect(dry.differences.map(({ message }) => message).join('\n')).toMatch(/ is (?:varchar|datetime)/);
    expect(await project.read('0000_start.sql')).toBe(generated);
    expect(await manager.baseline({ fromDatabase: true })).toEqual({ ...dry, dryRun: false });
    expect(await ask(schema)).toEqual(before);
    expect((await manager.diff()).differences).toEqual([]);
    await writeMissingDowns(project.folder);
    expect((await manager.status()).problems).toEqual([]);
    expect((await manager.check()).problems).toEqual([]);
    expect((await manager.verify()).ok).toBe(true);
    expect((await generateMigration({ cwd: project.cwd })).version).toBeNull();
    const code = join(project.cwd, 'schema.ts');
    await writeFile(
      code,
      `${await readFile(code, 'utf8')}\nexport const added = sqliteTable('added', { id: integer('id') });`,
    );
    await generateMigration({ cwd: project.cwd, name: 'added' });
    await manager.applyMigrations();
    await manager.rollbackMigration({ targetVersion: '0000' });
    expect(await ask(schema)).toEqual(before);
  },
);

test('a database elsewhere is made as the adopted one is', async () => {
  await ask(...(made['Knex'] ?? []));
  await begin();
  await using transactions = await openTransactionManager({ url: project.url });
  await createMigrationManager(transactions, { folder: project.folder }).baseline({ fromDatabase: true });
  await writeMissingDowns(project.folder);
  await using other = await openTransactionManager({ url: ':memory:' });
  const fresh = createMigrationManager(other, { folder: project.folder });
  await fresh.applyMigrations();
  expect((await fresh.diff()).differences).toEqual([]);
  const tables = `SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'users'`;
  using lease = await other.getConnection();
  expect((await lease.client.execute(tables)).rows.map((row) => ({ ...row }))).toEqual(await ask(tables));
});

test('the folder as drizzle-kit pull leaves it, its SQL in a comment, will do', async () => {
  await ask(...(made['Rails'] ?? []));
  const kit = join(project.cwd, 'node_modules/drizzle-kit/bin.cjs');
  await promisify(execFile)(process.execPath, [kit, 'pull'], { cwd: project.cwd });
  await using transactions = await openTransactionManager({ url: project.url });
  const manager = createMigrationManager(transactions, { folder: project.folder });
  await manager.baseline({ fromDatabase: true });
  expect((await manager.diff()).differences).toEqual([]);
  expect((await manager.check()).problems.map(({ kind }) => kind)).not.toContain('statement');
});

test('a full-text table, which drizzle-kit pull takes for plain ones, stays what it is while the code goes on', async () => {
  await ask(
    'CREATE TABLE notes (id INTEGER PRIMARY KEY NOT NULL, title TEXT NOT NULL)',
    `CREATE VIRTUAL TABLE notes_text USING fts5(title, content='notes', content_rowid='id')`,
    'CREATE TRIGGER notes_new AFTER INSERT ON notes BEGIN INSERT INTO notes_text (rowid, title) VALUES (new.id, new.title); END',
    `INSERT INTO notes VALUES (1, 'a gear')`,
  );
  await begin();
  const code = await readFile(join(project.cwd, 'schema.ts'), 'utf8');
  expect(code).toContain('sqliteTable("notes_text_data"');
  const write = (text: string): Promise<void> => writeFile(join(project.cwd, 'schema.ts'), text);
  await using transactions = await openTransactionManager({ url: project.url });
  const manager = createMigrationManager(transactions, { folder: project.folder });
  expect(
    showBaseline(await manager.baseline({ fromDatabase: true }))
      .split('\n')
      .slice(3, -1),
  ).toEqual([
    'The schema code does not know of this, or not as it is, and it stays:',
    '  virtual table notes_text is not expected',
    '  trigger notes_new is not expected',
  ]);
  await writeMissingDowns(project.folder);
  const before = await ask(`SELECT name, sql FROM sqlite_schema WHERE name LIKE 'notes%' ORDER BY name`);
  const grown = `${code}\nexport const added = sqliteTable('added', { id: integer('id') });`;
  await write(grown);
  const made = await generateMigration({ cwd: project.cwd, name: 'added' });
  expect(made.upSql).not.toContain('notes');
  // Whoever takes them out of the code, because they are no tables of it, drops nothing.
  const kept = grown.split('export const ').filter((table) => !table.startsWith('notesText'));
  await write(kept.join('export const '));
  const { losses } = await generateMigration({ cwd: project.cwd, name: 'taken_out' });
  expect(losses).toEqual({ up: [], down: [] });
  await manager.applyMigrations();
  expect(await ask(`SELECT name, sql FROM sqlite_schema WHERE name LIKE 'notes%' ORDER BY name`)).toEqual(before);
  expect(await ask(`SELECT rowid AS id FROM notes_text WHERE notes_text MATCH 'gear'`)).toEqual([{ id: 1 }]);
  expect((await manager.verify({ steps: 2 })).ok).toBe(true);
});

test('a virtual table that the code names from now on, to be queried, is not made once more', async () => {
  await project.code(`export const notes = sqliteTable('notes', { title: text('title') });`);
  await generateMigration({ cwd: project.cwd, name: 'start' });
  await createMigration(project.folder, {
    name: 'search',
    upSql: `CREATE VIRTUAL TABLE notes_text USING fts5(title, content='notes');`,
  });
  await project.code(`export const notes = sqliteTable('notes', { title: text('title') });
export const notesText = sqliteTable('notes_text', { rank: real('rank'), title: text('title') });
export const notesTextOther = sqliteTable('notes_text_other', { id: integer('id') });`);
  const made = await generateMigration({ cwd: project.cwd, name: 'named' });
  expect(made.notes).toContain('notes_text is a virtual table: it stays as SQL of your own makes it');
  expect(made.upSql).toMatch(/CREATE TABLE `notes_text_other`/);
  expect(made.upSql).not.toMatch(/CREATE TABLE `notes_text`/);
});

test('columns that the code adds and drops leave the rest of a table as the other tool made it', async () => {
  await ask(
    'CREATE TABLE people (id integer PRIMARY KEY, boss bigint REFERENCES people (id) DEFERRABLE INITIALLY DEFERRED, email varchar(99) COLLATE NOCASE NOT NULL UNIQUE, born datetime, fax varchar, CHECK (length(email) > 2))',
    `INSERT INTO people VALUES (1, NULL, 'Ada@a.org', '1815-12-10', 'none')`,
  );
  await begin();
  await using transactions = await openTransactionManager({ url: project.url });
  const manager = createMigrationManager(transactions, { folder: project.folder });
  await manager.baseline({ fromDatabase: true });
  await writeMissingDowns(project.folder);
  const shape = `SELECT sql FROM sqlite_schema WHERE name = 'people'`;
  const [before] = (await ask(shape)) as { sql: string }[];
  const code = join(project.cwd, 'schema.ts');
  const text = await readFile(code, 'utf8');
  await writeFile(
    code,
    text.replace(/\n\tfax: .*/, `\n\tphone: text('phone'),\n\tmate: integer('mate').references(() => people.id),`),
  );
  const made = await generateMigration({ cwd: project.cwd, name: 'phone', drops: ['people.fax'] });
  expect(made.notes).toEqual([]);
  await manager.applyMigrations({ allowDataLoss: ['people.fax'] });
  const sql = ((await ask(shape)) as { sql: string }[])[0]?.sql ?? '';
  expect(sql).toMatch(
    /DEFERRABLE INITIALLY DEFERRED.*varchar\(99\) COLLATE NOCASE NOT NULL UNIQUE, born datetime.*CHECK/s,
  );
  expect(sql).toMatch(/`phone` text.*`mate` integer REFERENCES/s);
  expect(sql).not.toContain('fax');
  await manager.rollbackMigration();
  const back = (await ask(shape)) as { sql: string }[];
  expect(back[0]?.sql.replaceAll(/["\s]/g, '')).toBe(before?.sql.replaceAll(/["\s]/g, ''));
});

test('needs a folder with one migration that is applied nowhere', async () => {
  await using scratch = await makeScratch();
  await scratch.write([0, 1].map((index) => ({ tag: `000${index}_t`, up: `CREATE TABLE t${index} (id)`, down: null })));
  const { migrations, run } = await scratch.open();
  await run('CREATE TABLE t0 (id varchar)');
  await expect(migrations.baseline({ fromDatabase: true })).rejects.toThrow('The folder has 2 migrations');
  await expect(migrations.baseline({ fromDatabase: true, targetVersion: '0000' })).rejects.toThrow('not both');
  await scratch.write([{ tag: '0000_t', up: 'CREATE TABLE t0 (id)', down: null }]);
  await expect(migrations.baseline()).rejects.toThrow('cc-migrate baseline --from-database');
  await migrations.baseline({ fromDatabase: true });
  await expect(migrations.baseline({ fromDatabase: true })).rejects.toThrow('0000_t is applied already');
});
