// The same configuration for `drizzle-kit generate` and for ours, side by side: what both write is the same, or ours says why not.
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from '../../src/program.js';
import { makeProject, type Project } from '../generate/project.js';

const here = process.cwd();
const table = (name: string): string => `import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
export const ${name} = sqliteTable('${name}', { id: integer().primaryKey(), ofKind: text() }, (t) => [index('${name}_k').on(t.ofKind)]);\n`;
let project: Project;
let out: string;
let err: string;

beforeEach(async () => {
  project = await makeProject();
  await rm(join(project.cwd, 'drizzle.config.ts'));
});
afterEach(async () => {
  process.chdir(here);
  delete process.env['CC_TEST_OUT'];
  await project[Symbol.asyncDispose]();
});

async function run(...args: string[]): Promise<number> {
  [out, err] = ['', ''];
  const print = (text: string): void => void (out += `${text}\n`);
  const warn = (text: string): void => void (err += `${text}\n`);
  return await runProgram(args, { version: '', env: process.env, print, warn, ask: null });
}

/** Puts the files into two folders, and says what each tool wrote beside them. */
async function both(files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const given = { 'schema.ts': table('parts'), ...files };
  const kits = join(project.cwd, 'kit');
  const ours = join(project.cwd, 'ours');
  for (const [name, text] of Object.entries(given)) {
    await mkdir(dirname(join(kits, name)), { recursive: true });
    await writeFile(join(kits, name), text);
  }
  await cp(kits, ours, { recursive: true });
  const kit = join(here, 'packages/migrate/node_modules/drizzle-kit/bin.cjs');
  for (const name of ['one', 'two']) {
    await promisify(execFile)(process.execPath, [kit, 'generate', '--name', name, ...args], { cwd: kits });
    process.chdir(ours);
    expect({ code: await run('generate', '--name', name, ...args), err }).toEqual({ code: 0, err: '' });
    for (const cwd of [kits, ours])
      await writeFile(join(cwd, 'schema.ts'), table('parts').replace('text()', `text(), size: integer()`));
  }
  return { kit: await written(kits, given), ours: await written(ours, given) };
}

/** Paths and texts, with what is of the moment and of the layout left out. */
async function written(cwd: string, given: object): Promise<Readonly<Record<string, unknown>>> {
  const names = (await readdir(cwd, { recursive: true, withFileTypes: true }))
    .filter((each) => each.isFile() && !each.name.endsWith('.down.sql'))
    .map((each) => join(each.parentPath, each.name).slice(cwd.length + 1));
  const texts = names
    .filter((name) => !(name in given))
    .map(async (name) => {
      const text = (await readFile(join(cwd, name), 'utf8')).replaceAll(/\b\d{10,14}(?=\D)/g, 'TIME');
      return [
        name.replace(/\d{10,14}/, 'TIME'),
        name.endsWith('_snapshot.json') ? tablesIn(text) : text.replaceAll(/\s+/g, ''),
      ];
    });
  return Object.fromEntries(await Promise.all(texts));
}

function tablesIn(text: string): unknown {
  const { id: _, prevId: __, ...rest }: Record<string, unknown> = JSON.parse(text.replaceAll('TIME', '0'));
  return rest;
}

const configOf = (values: string): Readonly<Record<string, string>> => ({
  'drizzle.config.ts': `export default { dialect: 'sqlite', schema: './schema.ts', ${values} };\n`,
});

test.each<[string, Readonly<Record<string, string>>, ...string[]]>([
  [
    'takes from .env what the environment does not say',
    { ...configOf('out: process.env.CC_TEST_OUT'), '.env': '# where\nexport CC_TEST_OUT="from env" # here\n' },
  ],
  [
    'takes .env with a byte order mark',
    { ...configOf('out: process.env.CC_TEST_OUT'), '.env': '\uFEFFCC_TEST_OUT=marked\n' },
  ],
  [
    'starts paths in the current folder, also of a configuration elsewhere',
    {
      'conf/drizzle.config.ts': `import { out } from './out'; export default { dialect: 'turso', schema: ['./schema.ts', './db/**/*.ts'], out };\n`,
      'conf/out.ts': `export const out = './sql/';\n`,
      'db/deep/tags.ts': table('tags'),
    },
    '--config',
    'conf/drizzle.config.ts',
  ],
  [
    'takes JSON with a byte order mark',
    { 'drizzle.config.json': '\uFEFF{ "default": { "dialect": "sqlite", "schema": "schema.ts", "out": "json" } }' },
  ],
  [
    'asks a configuration that is an instance, and goes round in a circle',
    {
      'drizzle.config.ts': `class Config { dialect = 'sqlite'; self = this; big = 5n; get schema() { return './schema.ts'; } get out() { return './asked'; } }
export default new Config();\n`,
    },
  ],
  ['writes no breakpoints where there shall be none', configOf(`breakpoints: false, casing: 'snake_case'`)],
  ['writes migrations.js for expo', configOf(`driver: 'expo', out: 'sql'`)],
  [
    'writes migrations.js for durable objects',
    configOf(`driver: 'durable-sqlite', migrations: { prefix: 'index', schema: 's' }`),
  ],
  [
    'leaves alone what is of push, pull and other databases',
    configOf(
      `verbose: true, strict: true, entities: { roles: true }, introspect: { casing: 'preserve' }, schemaFilter: ['public'], extensionsFilters: ['postgis'], tablesFilter: ['!parts'], dbCredentials: {}, sql: false, more: 1`,
    ),
  ],
])('%s', async (_, files, ...args) => {
  const { kit, ours } = await both(files, ...args);
  expect(ours).toEqual(kit);
  expect(Object.keys(kit).filter((name) => name.endsWith('.sql'))).toHaveLength(2);
});

test('numbers nothing without a prefix, and still tells one snapshot from the next', async () => {
  process.chdir(project.cwd);
  await project.code(table('parts').replace(/^import.*\n/, ''));
  await writeFile(
    'drizzle.config.ts',
    configOf(`migrations: { prefix: 'none' }, dbCredentials: { url: 'a.db' }`)['drizzle.config.ts'] ?? '',
  );
  expect({ code: await run('generate', '--name', 'one'), err }).toEqual({ code: 0, err: '' });
  await project.code(table('tags').replace(/^import.*\n/, ''));
  expect({ code: await run('generate', '--name', 'two', '--drop', 'parts'), err }).toEqual({ code: 0, err: '' });
  expect(await run('generate', '--name', 'three')).toBe(0);
  expect(out).toContain('No schema changes');
  expect(await run('create', '--name', 'four')).toBe(0);
  expect({ code: await run('up'), err: err.includes('MIGRATION') }).toEqual({ code: 0, err: false });
});

test('keeps migrations.js and the breakpoints in create and drop, too', async () => {
  process.chdir(project.cwd);
  await writeFile('drizzle.config.ts', configOf(`driver: 'expo', breakpoints: false`)['drizzle.config.ts'] ?? '');
  expect(await run('create', '--name', 'first')).toBe(0);
  expect(out).toContain('drizzle/migrations.js');
  expect(await run('create', '--name', 'second')).toBe(0);
  expect(await project.read('migrations.js')).toContain(`import m0001 from './0001_second.sql';`);
  expect(JSON.parse(await project.read('meta/_journal.json'))).toMatchObject({
    entries: [{ breakpoints: false }, { breakpoints: false }],
  });
  expect(await run('drop', '--yes', '--no-url')).toBe(0);
  expect(await project.read('migrations.js')).not.toContain('second');
});

test.each([
  ['() => ({})', 'drizzle.config.ts exports a function', `export default { dialect: 'sqlite', … }`],
  [`Promise.resolve({ dialect: 'sqlite' })`, 'drizzle.config.ts exports a promise', 'export default {'],
  [`{ dialect: 'sqlite', breakpoints: 'no' }`, `breakpoints of drizzle.config.ts cannot be 'no'`, 'breakpoints: true'],
  [`{ dialect: 'sqlite', driver: 'pglite' }`, `driver of drizzle.config.ts cannot be 'pglite'`, `driver: 'expo'`],
  [`{ dialect: 'sqlite', verbose: 1 }`, 'verbose of drizzle.config.ts cannot be a number', 'verbose: true'],
  [`{ dialect: 'sqlite' }`, 'drizzle.config.ts names no schema', `schema: './src/schema.ts'`],
  [`{ dialect: 'sqlite', schema: [] }`, 'drizzle.config.ts names no schema', `schema: './src/schema.ts'`],
  [
    `{ dialect: 'sqlite', schema: './schema.ts', schemaFilter: 5 }`,
    'schemaFilter',
    'Mend the schema code or the configuration',
  ],
])('refuses %s by name', async (exported, reason, hint) => {
  process.chdir(project.cwd);
  await writeFile('schema.ts', table('parts'));
  await writeFile('drizzle.config.ts', `export default ${exported};\n`);
  expect(await run('generate')).toBe(1);
  expect(err).toContain(reason);
  expect(err).toContain(hint);
  expect(err).not.toContain('ZodError');
  expect(err).not.toContain('cc-migrate-kit-');
});

test('says what a driver without a url needs, and that generate needs a configuration', async () => {
  process.chdir(project.cwd);
  await writeFile(
    'drizzle.config.ts',
    configOf(`driver: 'd1-http', dbCredentials: { token: 'SECRET' }`)['drizzle.config.ts'] ?? '',
  );
  expect(await run('status')).toBe(1);
  expect(err).toMatch(/driver: 'd1-http'.*--url/);
  expect(err).not.toContain('SECRET');
  expect(await run('generate', '--no-config')).toBe(1);
  expect(err).toContain('--no-config');
});

test.each([
  ['asks .env for the database', undefined, 'env.db'],
  ['asks the environment first', 'file:given.db', 'given.db'],
])('%s', async (_, given, asked) => {
  if (given !== undefined) process.env['CC_TEST_OUT'] = given;
  process.chdir(project.cwd);
  await writeFile(
    'drizzle.config.ts',
    configOf('dbCredentials: { url: process.env.CC_TEST_OUT! }')['drizzle.config.ts'] ?? '',
  );
  await writeFile('.env', 'CC_TEST_OUT=file:env.db\n');
  await run('create', '--name', 'first');
  expect(await run('plan', '--json')).toBe(0);
  expect(err).toContain(`no file ${asked} `);
});
