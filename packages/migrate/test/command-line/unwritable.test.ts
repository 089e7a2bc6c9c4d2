// Places in which nothing can be written: each command names the file and what to do, and leaves nothing behind.
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from '../../src/program.js';
import { makeProject, type Project } from '../generate/project.js';

const here = process.cwd();
let project: Project;
let said: string;

beforeEach(async () => {
  project = await makeProject();
  await project.code(`export const parts = sqliteTable('parts', { id: integer('id').primaryKey() });`);
  process.chdir(project.cwd);
});
afterEach(async () => {
  process.chdir(here);
  await project[Symbol.asyncDispose]();
});

async function run(line: string): Promise<number> {
  said = '';
  const print = (text: string): void => void (said += `${text}\n`);
  return await runProgram(line.split(' '), { version: '', env: {}, print, warn: print, ask: null });
}

test('a module in a folder that is not there, and a folder below a file, are refused by name', async () => {
  expect(await run('create --name first')).toBe(0);
  expect(await run('bundle --out nowhere/m.ts')).toBe(1);
  expect(said).toMatch(/nowhere\/m\.ts cannot be written: ENOENT \[MIGRATION_FOLDER\].*mkdir -p .*nowhere/);
  for (const command of ['create --name x', 'generate']) {
    expect(await run(`${command} --folder package.json/drizzle`)).toBe(1);
    expect(said).toContain('[MIGRATION_FOLDER]');
    expect(said).not.toContain('.draft');
  }
  await mkdir('m.ts');
  expect(await run('bundle --out m.ts')).toBe(1);
  expect(said).toContain('m.ts cannot be written: EISDIR');
  expect((await readdir('.')).filter((name) => name.endsWith('.draft'))).toEqual([]);
});

test.runIf(process.platform !== 'win32' && process.getuid?.() !== 0)('a folder that is read-only is, too', async () => {
  expect(await run('create --name first')).toBe(0);
  const before = await project.files();
  for (const folder of ['drizzle', 'drizzle/meta']) await chmod(folder, 0o500);
  try {
    for (const command of ['create --name x', 'generate', 'drop --yes --no-url']) {
      expect(await run(command)).toBe(1);
      expect(said).toMatch(/drizzle\/.* cannot be written: EACCES \[MIGRATION_READ_ONLY\]/);
    }
  } finally {
    for (const folder of ['drizzle', 'drizzle/meta']) await chmod(folder, 0o700);
  }
  expect(await project.files()).toEqual(before);
});

test('a statement that does not run is named also when it is a SELECT', async () => {
  expect(await run('create --name first')).toBe(0);
  await writeFile('drizzle/0000_first.sql', 'SELECT 1;\nSELECT parts.id FROM parts;');
  expect(await run('verify --no-url')).not.toBe(0);
  expect(said).toContain('no such table: parts (line 2: SELECT …)');
});
