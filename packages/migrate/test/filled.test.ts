// A column that becomes NOT NULL without a default, from the schema code to the rows on disk: what is written into rows that
// have no value is said by generate, plan and up, with how many, and is what a second reader finds there.

import { openTransactionManager } from '@cc/tx';
import { createClient } from '@libsql/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateMigration } from '../src/generate.js';
import { createMigrationManager, type MigrationManager } from '../src/index.js';
import { makeProject, type Project } from './generate/project.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project[Symbol.asyncDispose]());

const table = (columns: string): string =>
  `export const models = sqliteTable('models', { id: integer().primaryKey(), ${columns} });`;

/** Generates from one schema to the next, with `rows` between, and gives `work` the database that has the second one pending. */
async function between(
  [before, after]: readonly [before: string, after: string],
  rows: readonly string[],
  work: (manager: MigrationManager, notes: readonly string[]) => Promise<void>,
): Promise<void> {
  const { cwd, folder, url } = project;
  await project.code(table(before));
  await generateMigration({ cwd });
  await using transactions = await openTransactionManager({ url });
  const manager = createMigrationManager(transactions, { folder });
  await manager.applyMigrations();
  using lease = await transactions.getConnection();
  for (const row of rows) await lease.client.execute(row);
  lease.release();
  await project.code(table(after));
  await work(manager, (await generateMigration({ cwd })).notes);
}

async function stored(sql: string): Promise<unknown> {
  const client = createClient({ url: project.url });
  try {
    return (await client.execute(sql)).rows.map((row) => Object.values(row));
  } finally {
    client.close();
  }
}

const filled = async (manager: MigrationManager): Promise<unknown> =>
  (await manager.plan()).migrations.flatMap(({ warnings }) => warnings.filter(({ kind }) => kind === 'filled'));

test('a new NOT NULL column is filled in every row, and generate, plan and up say so', async () => {
  const rows = [`INSERT INTO models (id, name) VALUES (1, 'a'), (2, NULL)`];
  await between(
    ['name: text()', 'name: text(), stars: integer().notNull(), code: text().notNull()'],
    rows,
    async (manager, notes) => {
      expect(notes.join('\n')).toContain('models.stars is NOT NULL without a default: rows that are there get 0');
      expect(notes.join('\n')).toContain(`models.code is NOT NULL without a default: rows that are there get ''`);
      const warnings = [
        {
          table: 'models',
          rows: 2,
          message: expect.stringMatching(/writes a value into models\.stars of 2 rows that have none: it is NOT NULL$/),
        },
        {
          table: 'models',
          rows: 2,
          message: expect.stringMatching(/writes a value into models\.code of 2 rows that have none/),
        },
      ];
      expect(await filled(manager)).toMatchObject(warnings);
      const [ran] = (await manager.applyMigrations()).migrations;
      expect(ran?.warnings.filter(({ kind }) => kind === 'filled')).toMatchObject(warnings);
      expect(await stored('SELECT id, name, stars, code FROM models')).toEqual([
        [1, 'a', 0, ''],
        [2, null, 0, ''],
      ]);
    },
  );
});

test('without rows nothing is filled, and nothing is said', async () => {
  await between(['name: text()', 'name: text(), stars: integer().notNull()'], [], async (manager) => {
    expect(await filled(manager)).toEqual([]);
    await manager.applyMigrations();
  });
});

test('a new NOT NULL column that is unique takes one row', async () => {
  const rows = [`INSERT INTO models (id, name) VALUES (1, 'a')`];
  await between(['name: text()', 'name: text(), code: text().notNull().unique()'], rows, async (manager, notes) => {
    expect(notes.join('\n')).toContain('because it is unique, too, this fails from two rows on');
    expect(await filled(manager)).toMatchObject([{ table: 'models', rows: 1 }]);
    await manager.applyMigrations();
    expect(await stored('SELECT id, name, code FROM models')).toEqual([[1, 'a', '']]);
  });
});

test('a new NOT NULL column that is unique fails from two rows on, and leaves every row as it was', async () => {
  const rows = [`INSERT INTO models (id, name) VALUES (1, 'a'), (2, 'b')`];
  await between(['name: text()', 'name: text(), code: text().notNull().unique()'], rows, async (manager, notes) => {
    expect(notes.join('\n')).toContain('add it without NOT NULL, fill it, and make it NOT NULL in a migration behind');
    expect(await filled(manager)).toMatchObject([{ table: 'models', rows: 2 }]);
    await expect(manager.applyMigrations()).rejects.toThrow(/UNIQUE constraint failed.*\[MIGRATION_FAILED\]/);
    expect(await stored('SELECT * FROM models')).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    expect((await manager.status()).pending).toHaveLength(1);
  });
});

test('a column that is there and becomes NOT NULL stops at a row without a value, and says how many there are', async () => {
  const rows = [`INSERT INTO models (id, name) VALUES (1, 'a'), (2, NULL), (3, NULL)`];
  await between(['name: text()', 'name: text().notNull()'], rows, async (manager) => {
    await expect(manager.applyMigrations()).rejects.toThrow(/NOT NULL constraint failed/);
    expect(await stored('SELECT * FROM models')).toEqual([
      [1, 'a'],
      [2, null],
      [3, null],
    ]);
  });
});

test('NULL that becomes a default is said, and only where there is any', async () => {
  const rows = [`INSERT INTO models (id, name) VALUES (1, 'a'), (2, NULL), (3, NULL)`];
  await between(['name: text()', `name: text().notNull().default('none')`], rows, async (manager, notes) => {
    expect(notes.join('\n')).toContain(`NULL in models.name becomes 'none'`);
    expect(notes.join('\n')).not.toContain('come out changed');
    expect(await filled(manager)).toMatchObject([{ table: 'models', rows: 2 }]);
    await manager.applyMigrations();
    expect(await stored('SELECT id, name FROM models')).toEqual([
      [1, 'a'],
      [2, 'none'],
      [3, 'none'],
    ]);
  });
});

test('a column that becomes NOT NULL and of another type is said to change in both ways', async () => {
  await between(['name: text()', `name: integer().notNull().default(5)`], [], (_, notes) => {
    expect(notes.join('\n')).toContain('NULL in models.name becomes 5');
    expect(notes.join('\n')).toContain('models.name: values that its new shape does not hold');
    return Promise.resolve();
  });
});
