// Custom SQL after which a view or a trigger does not work: SQLite takes it without a word.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMigration, generateMigration } from '../../src/generate.js';
import { makeProject, type Project } from './project.js';

let project: Project;
const view = 'CREATE VIEW w AS SELECT name FROM models';
const triggerOfAbsent = 'CREATE TRIGGER tr AFTER INSERT ON models BEGIN UPDATE models SET absent = 1; END';

beforeEach(async () => {
  project = await makeProject();
  await createMigration(project.folder, {
    name: 'start',
    upSql: 'CREATE TABLE models (id integer PRIMARY KEY, name text)',
  });
});
afterEach(() => project[Symbol.asyncDispose]());

test.each([
  ['makes a view of what is not there', 'CREATE VIEW v AS SELECT absent FROM models', 'view v'],
  ['takes a table from under a view', 'DROP TABLE models', 'view v'],
  ['takes a table from under another view of that', 'DROP TABLE models', 'view w'],
  ['makes a trigger that writes what is not there', triggerOfAbsent, 'trigger tr'],
  [
    'makes a trigger of a view that writes what is not there',
    `${view}; ${triggerOfAbsent.replace('AFTER', 'INSTEAD OF').replace('models', 'w')}`,
    'trigger tr',
  ],
])('custom SQL is refused when it %s', async (_, upSql, named) => {
  const views = 'CREATE VIEW v AS SELECT name FROM models; CREATE VIEW w AS SELECT * FROM v;';
  if (upSql.startsWith('DROP')) await createMigration(project.folder, { name: 'views', upSql: views });
  const before = await project.files();
  await expect(createMigration(project.folder, { name: 'x', upSql })).rejects.toThrow(
    new RegExp(`After x.sql .*the ${named} does not work: .*\\[MIGRATION_UNPROVEN\\].*cc-migrate create`),
  );
  expect(await project.files()).toEqual(before);
});

test('custom SQL is none the worse for a view that did not work before it', async () => {
  await createMigration(project.folder, { name: 'old', upSql: 'SELECT 1;' });
  await writeFile(join(project.folder, '0001_old.sql'), 'CREATE VIEW old AS SELECT absent FROM models;');
  const made = await createMigration(project.folder, {
    name: 'x',
    upSql: 'CREATE VIEW v AS SELECT name FROM models',
  });
  expect(made.down).toBe('generated');
});

test('custom SQL may take a table with the views over it', async () => {
  const upSql =
    'DROP VIEW v; DROP TABLE models; CREATE TABLE models (id integer); CREATE VIEW v AS SELECT id FROM models';
  await createMigration(project.folder, { name: 'views', upSql: 'CREATE VIEW v AS SELECT name FROM models' });
  expect((await createMigration(project.folder, { name: 'x', upSql })).version).toBe('0002_x');
});

test('what calls functions of the application stays while the schema code goes on', async () => {
  const code = `export const models = sqliteTable('models', { id: integer('id').primaryKey(), name: text('name') });`;
  await using other = await makeProject();
  await other.code(code);
  await generateMigration({ cwd: other.cwd, name: 'code' });
  await createMigration(other.folder, { name: 'own', upSql: 'SELECT 1;' });
  await writeFile(
    join(other.folder, '0001_own.sql'),
    `CREATE VIEW sorted AS SELECT sort_name(name) AS name FROM models;
CREATE TRIGGER named AFTER INSERT ON models WHEN NOT is_blank(new.name)
BEGIN UPDATE models SET name = sort_name(name) WHERE id = new.id; END;
CREATE TRIGGER forgotten AFTER DELETE ON models BEGIN SELECT forget(old.id); END;`,
  );
  await other.code(code.replace(`text('name')`, `text('name'), size: integer('size')`));
  const { upSql, notes } = await generateMigration({ cwd: other.cwd, name: 'size' });
  expect(upSql).toBe('ALTER TABLE `models` ADD `size` integer;\n');
  expect(notes).toEqual(['The proof could not put rows into models: its checks or triggers refused them']);
});
