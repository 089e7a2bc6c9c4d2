// The commands that write files, as people give them.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Surroundings } from '../../src/command-line/commands.js';
import { runProgram } from '../../src/program.js';
import { makeProject, type Project } from './project.js';

const here = process.cwd();
const models = `export const models = sqliteTable('models', {
  id: integer('id').primaryKey({ autoIncrement: true }), name: text('name').notNull(), size: integer('size'),
});`;
let project: Project;
let out: string[];
let err: string[];

beforeEach(async () => {
  project = await makeProject();
  await project.code(models);
  process.chdir(project.cwd);
});
afterEach(async () => {
  process.chdir(here);
  await project[Symbol.asyncDispose]();
});

async function run(args: readonly string[], choose: Surroundings['choose'] = null): Promise<number> {
  out = [];
  err = [];
  return await runProgram(args, {
    version: '1.2.3',
    env: {},
    print: (text) => out.push(text),
    warn: (text) => err.push(text),
    ask: null,
    choose,
  });
}

test('generate writes, says whose statements they are and what they cost, and does nothing the second time', async () => {
  expect(await run(['generate', '--name', 'start'])).toBe(0);
  expect(out.join('\n')).toBe(`Wrote 0000_start
  drizzle/0000_start.sql
  drizzle/0000_start.down.sql
  drizzle/meta/0000_snapshot.json
  drizzle/meta/_journal.json
drizzle-kit's statements, proven both ways
  taking it back takes what models holds`);
  expect(await run(['generate', '--json'])).toBe(0);
  expect(JSON.parse(out.join('\n'))).toMatchObject({ version: null, files: [], upSql: null });
});

describe('a rename', () => {
  beforeEach(async () => {
    await run(['generate', '--name', 'start']);
    await project.code(models.replace(`name: text('name')`, `title: text('title')`));
  });

  test('without a terminal ends with 3, names the flags and writes nothing', async () => {
    const before = await project.files();
    expect(await run(['generate'])).toBe(3);
    expect(err.join('\n')).toContain('Add --rename models.name=title if it was renamed, or --drop models.name');
    expect(await run(['generate', '--json'], () => Promise.resolve('1'))).toBe(3);
    expect(JSON.parse(out.join('\n'))).toMatchObject({ error: { code: 'MIGRATION_QUESTION' } });
    expect(await project.files()).toEqual(before);
  });

  test('on a terminal is asked for', async () => {
    const asked: unknown[] = [];
    const choose = (question: string, options: readonly string[]) => {
      asked.push(question, options);
      return Promise.resolve(options[1] ?? '');
    };
    expect(await run(['generate'], choose)).toBe(0);
    expect(asked).toEqual([
      'What became of the column models.name?',
      ['models.name is dropped', 'models.name was renamed to title'],
    ]);
    expect(await project.read('0001_changes.sql')).toContain('RENAME COLUMN');
  });

  test('is answered by --rename or --drop', async () => {
    expect(await run(['generate', '--dry-run', '--rename', 'models.name=title'])).toBe(0);
    expect(out.join('\n')).toContain('ALTER TABLE "models" RENAME COLUMN "name" TO "title";');
    expect(await run(['generate', '--drop', 'models.name'])).toBe(0);
    expect(out.join('\n')).toContain('applying it takes what models.name holds');
  });

  test('that fits nothing ends with 1', async () => {
    expect(await run(['generate', '--rename', 'models.nam=title'])).toBe(1);
    expect(err.join('\n')).toContain('fits nothing that is gone');
  });
});

test('create takes SQL from files, drafts the way back, and ends with 3 where a part is left to write', async () => {
  await run(['generate', '--name', 'start']);
  await writeFile(join(project.cwd, 'log.sql'), 'CREATE TABLE log (line text);');
  expect(await run(['create', '--name', 'log', '--up', 'log.sql'])).toBe(0);
  expect(await project.read('0001_log.down.sql')).toContain('DROP TABLE "log"');
  await writeFile(join(project.cwd, 'lower.sql'), 'UPDATE models SET name = lower(name);');
  expect(await run(['create', '--name', 'lower', '--up', 'lower.sql'])).toBe(3);
  expect(out.join('\n')).toContain('Still to be undone by hand: UPDATE models');
  expect(await run(['generate', '--missing-downs'])).toBe(3);
  expect(await run(['generate', '--irreversible', '0002_lower', '--json'])).toBe(0);
  expect(JSON.parse(out.join('\n'))).toMatchObject([{ version: '0002_lower', kind: 'irreversible' }]);
  expect(await run(['generate', '--missing-downs'])).toBe(0);
  expect(out).toEqual(['Every migration has its down file']);
  expect(await run(['generate', '--missing-downs', '--name', 'x'])).toBe(1);
  expect(await run(['create'])).toBe(1);
  expect(err.join('\n')).toContain(`required option '--name <name>'`);
});
