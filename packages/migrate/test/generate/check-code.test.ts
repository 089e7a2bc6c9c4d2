// check beside the schema code.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkFolder } from '../../src/check/check.js';
import { generateMigration } from '../../src/generate.js';
import { makeProject, type Project } from './project.js';

const code = (more: string) =>
  `export const models = sqliteTable('models', { id: integer('id').primaryKey(), name: text('name')${more} });`;
let project: Project;

beforeEach(async () => {
  project = await makeProject();
  await project.code(code(''));
  await generateMigration({ cwd: project.cwd, name: 'start' });
});
afterEach(() => project[Symbol.asyncDispose]());

test('a view that others make may leave the schema code, because generate has nothing to write for it', async () => {
  await project.code(`${code(`, size: integer('size')`)}
export const big = sqliteView('big', { id: integer('id') }).existing();`);
  await generateMigration({ cwd: project.cwd, name: 'size' });
  await project.code(code(`, size: integer('size')`));
  expect((await checkFolder(project.folder, { code: { cwd: project.cwd } })).problems).toEqual([]);
});

test('schema code that no migration follows is a problem, and names what differs', async () => {
  const check = () => checkFolder(project.folder, { code: { cwd: project.cwd } });
  expect((await check()).problems).toEqual([]);
  await project.code(
    `${code(`, size: integer('size')`)}\nexport const tags = sqliteTable('tags', { name: text('name') });`,
  );
  expect((await check()).problems).toEqual([
    {
      kind: 'code_drift',
      version: 'schema code',
      message: 'The schema code has changed since the last migration: models differs, tags is new',
      hint: 'Write the next migration: cc-migrate generate',
    },
  ]);
  expect((await checkFolder(project.folder)).problems).toEqual([]);
  await expect(checkFolder(project.folder, { code: { cwd: project.cwd, config: 'nope.ts' } })).rejects.toThrow(
    'MIGRATION_SCHEMA_CODE',
  );
});
