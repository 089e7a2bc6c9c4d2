// Two commands write migrations at once: what was proven behind one folder is not written into another.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMigration, generateMigration } from '../../src/generate.js';
import { makeProject, type Project } from './project.js';

const changed = { code: 'MIGRATION_LOCK_LOST', recoverable: true };

async function begun(prefix = 'index'): Promise<Project> {
  const project = await makeProject(`migrations: { prefix: '${prefix}' }`);
  await project.code(
    `export const parts = sqliteTable('parts', { id: integer('id').primaryKey(), name: text('name') });`,
  );
  await generateMigration({ cwd: project.cwd, name: 'start', now: () => 1_700_000_000_000 });
  await project.code(
    `export const parts = sqliteTable('parts', { id: integer('id').primaryKey(), title: text('title') });`,
  );
  return project;
}

test.each(['index', 'unix'])(
  'what another command wrote while generate asked is not built upon (%s)',
  async (prefix) => {
    await using project = await begun(prefix);
    const options = {
      name: 'other',
      upSql: 'CREATE TABLE other (x);',
      prefix: prefix === 'unix' ? 'unix' : 'index',
    } as const;
    const ask = async (): Promise<string> => {
      await createMigration(project.folder, options);
      return 'title';
    };
    await expect(generateMigration({ cwd: project.cwd, name: 'mine', ask })).rejects.toMatchObject({
      ...changed,
      message: expect.stringMatching(/Another command changed .*drizzle.*Nothing was written.*run it again/i),
    });
    const files = await project.files();
    expect(files.filter((file) => file.includes('mine'))).toEqual([]);
    expect(files.filter((file) => file.endsWith('other.sql'))).toHaveLength(1);
    const { version } = await generateMigration({ cwd: project.cwd, name: 'mine', ask: async () => 'title' });
    expect(version).toMatch(/_mine$/);
  },
);

test.each(['unix', 'timestamp', 'supabase'] as const)(
  'two of one second have names of their own (%s)',
  async (prefix) => {
    await using project = await begun(prefix);
    const now = (): number => 1_700_000_000_000;
    for (const name of ['first', 'second'])
      await createMigration(project.folder, { name, upSql: `CREATE TABLE ${name} (x);`, prefix, now });
    const files = await project.files();
    expect(files.filter((file) => /(?:start|first|second)\.sql$/.test(file))).toHaveLength(3);
    expect(new Set(files.filter((file) => file.endsWith('_snapshot.json'))).size).toBe(3);
  },
);

test('nor is a file that was edited while create tried its SQL', async () => {
  await using project = await begun();
  const path = join(project.folder, '0000_start.sql');
  const now = (): number => {
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n--> statement-breakpoint\nCREATE TABLE other (x);`);
    return 1_700_000_001_000;
  };
  const before = await project.files();
  const options = { name: 'mine', upSql: 'CREATE TABLE other (x);', now };
  await expect(createMigration(project.folder, options)).rejects.toMatchObject(changed);
  expect(await project.files()).toEqual(before);
});
