// drizzle-kit and cc-migrate take turns on one folder and one database: generating, applying, taking back.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateMigration, writeMissingDowns } from '../../src/generate.js';
import { createMigrationManager, type MigrationManager } from '../../src/index.js';
import { compareSchemas } from '../../src/schema/compare-schemas.js';
import { readSchema } from '../../src/schema/read-schema.js';
import type { Schema } from '../../src/schema/schema.js';
import { makeProject, type Project } from './project.js';

let project: Project;
let transactions: TransactionManager;
let migrations: MigrationManager;

beforeEach(async () => {
  project = await makeProject(`dbCredentials: { url: 'file:app.db' }, tablesFilter: ['!*_fts*', '!__cc_*']`);
  transactions = await openTransactionManager({ url: project.url });
  migrations = createMigrationManager(transactions, { folder: project.folder });
});
afterEach(async () => {
  await transactions.close();
  await project[Symbol.asyncDispose]();
});

const drizzleKit = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(project.cwd, 'node_modules/drizzle-kit/bin.cjs'), ...args], {
    cwd: project.cwd,
  });
const generate = (name: string, renames: readonly string[] = []) =>
  generateMigration({ cwd: project.cwd, name, renames });

async function schema(): Promise<Schema> {
  using lease = await transactions.getConnection({ mode: 'read' });
  return await readSchema(lease.client);
}

async function rows(sql: string): Promise<unknown[]> {
  using lease = await transactions.getConnection();
  return (await lease.client.execute(sql)).rows.map((row) => ({ ...row }));
}

const table = (columns: string): string => `export const models = sqliteTable('models', {
  id: integer('id').primaryKey({ autoIncrement: true }), ${columns}
});`;

test('eight turns, and the same schema every time a version is come back to', async () => {
  await project.code(table(`name: text('name').notNull()`));
  await drizzleKit('generate', '--name', 'theirs');
  await drizzleKit('migrate');
  await rows(`INSERT INTO models (name) VALUES ('bolt'), ('nut')`);
  const first = await schema();

  await project.code(table(`title: text('title').notNull(), size: integer('size').notNull().default(1)`));
  await generate('ours', ['models.name=title']);
  expect((await migrations.applyMigrations()).current).toBe('0001_ours');
  const second = await schema();

  await project.code(table(`title: text('title').notNull(), size: text('size').notNull().default('1')`));
  await drizzleKit('generate', '--name', 'theirs');
  await writeMissingDowns(project.folder);
  await drizzleKit('migrate');
  const third = await schema();
  expect((await migrations.status()).problems).toEqual([]);

  await migrations.rollbackMigration();
  expect(compareSchemas(await schema(), second)).toEqual([]);
  await drizzleKit('migrate');
  expect(compareSchemas(await schema(), third)).toEqual([]);

  await migrations.rollbackMigration({ steps: 2 });
  expect(compareSchemas(await schema(), first)).toEqual([]);
  await migrations.applyMigrations({ steps: 1 });
  await drizzleKit('migrate');
  expect(compareSchemas(await schema(), third)).toEqual([]);
  expect(await rows('SELECT title, size FROM models ORDER BY id')).toEqual([
    { title: 'bolt', size: '1' },
    { title: 'nut', size: '1' },
  ]);

  expect((await drizzleKit('generate')).stdout).toContain('No schema changes');
  expect((await drizzleKit('check')).stdout).toContain(`Everything's fine`);
  expect((await migrations.status()).problems).toEqual([]);
});
