// Configurations and schema code that print, end the process or keep it from ending: the command answers all the same.
import { rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runProgram } from '../../src/program.js';
import { makeProject, type Project } from '../generate/project.js';

const here = process.cwd();
const parts = `export const parts = sqliteTable('parts', { id: integer('id').primaryKey(), name: text('name') });`;
const config = `{ dialect: 'sqlite', schema: './schema.ts', out: './sql', dbCredentials: { url: 'parts.db' }, tablesFilter: '!__cc_*' }`;
let project: Project;
let out: string;
let err: string;

beforeEach(async () => {
  project = await makeProject();
  await project.code(parts);
  process.chdir(project.cwd);
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.chdir(here);
  await project[Symbol.asyncDispose]();
});

async function run(...args: string[]): Promise<number> {
  [out, err] = ['', ''];
  const print = (text: string): void => void (out += `${text}\n`);
  const warn = (text: string): void => void (err += `${text}\n`);
  return await runProgram(args, { version: '1.2.3', env: {}, print, warn, ask: null });
}

async function configure(code: string, name = 'drizzle.config.ts'): Promise<void> {
  await rm('drizzle.config.ts');
  await writeFile(name, code);
}

describe('a configuration', () => {
  test.each([
    ['calls process.exit()', 'process.exit(0);'],
    ['calls it and catches all errors', 'try { process.exit(); } catch {}'],
  ])('that %s is refused by its name', async (_, code) => {
    await configure(`${code} export default ${config};`);
    expect(await run('status', '--json')).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'MIGRATION_CONFIG' } });
    expect(err).toContain('drizzle.config.ts ends the program: it calls process.exit()');
    expect(await run('status', '--no-config', '--url', 'file:parts.db', '--folder', 'sql')).toBe(1);
  });

  test('that prints as dotenv does prints to standard error', async () => {
    const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const write: unknown = Reflect.get(process.stdout, 'write');
    await configure(`process.stdout.write('[dotenv] injecting'); module.exports = ${config};`, 'drizzle.config.cjs');
    expect(await run('create', '--name', 'first', '--json')).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ version: '0000_first' });
    expect(stderr.mock.calls.flat()).toContain('[dotenv] injecting');
    expect(stdout.mock.calls.flat()).not.toContain('[dotenv] injecting');
    expect(Reflect.get(process.stdout, 'write')).toBe(write);
  });

  test('that goes to another folder takes nobody along', async () => {
    await configure(`process.chdir('/'); export default ${config};`);
    expect(await run('create', '--name', 'first')).toBe(0);
    expect(process.cwd()).toBe(project.cwd);
  });
});

test('schema code that keeps drizzle-kit from ending is read', async () => {
  await configure(`export default ${config};`);
  await project.code(`${parts} setInterval(() => undefined, 1_000);`);
  expect(await run('generate', '--name', 'parts')).toBe(0);
  expect(out).toContain('0000_parts');
}, 600_000);
