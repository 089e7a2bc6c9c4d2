// A project as a person has it: a configuration, commands without flags, init, drop, and what is refused by name.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../../src/program.js';
import { makeProject, type Project } from '../generate/project.js';

const here = process.cwd();
const parts = `export const parts = sqliteTable('parts', { id: integer('id').primaryKey(), name: text('name') });`;
let project: Project;
let out: string;
let err: string;

beforeEach(async () => {
  project = await makeProject();
  await project.code(parts);
  process.chdir(project.cwd);
});
afterEach(async () => {
  process.chdir(here);
  await project[Symbol.asyncDispose]();
});

async function run(...args: string[]): Promise<number> {
  [out, err] = ['', ''];
  return await runProgram(args, {
    version: '1.2.3',
    env: {},
    print: (text) => {
      out += `${text}\n`;
    },
    warn: (text) => {
      err += `${text}\n`;
    },
    ask: null,
  });
}

async function configure(values: string, name = 'drizzle.config.ts'): Promise<void> {
  await rm('drizzle.config.ts');
  await writeFile(name, `export default { dialect: 'sqlite', schema: './schema.ts', ${values} };\n`);
}

describe('a configuration', () => {
  test.each(['ts', 'mts', 'js', 'mjs'])(
    'drizzle.config.%s says folder, names and database to every command',
    async (ending) => {
      await configure(
        `out: './sql', dbCredentials: { url: 'parts.db' }, migrations: { prefix: 'unix' }, tablesFilter: '!__cc_*'`,
        `drizzle.config.${ending}`,
      );
      expect(await run('create', '--name', 'more')).toBe(0);
      expect(out).toMatch(/Wrote \d{10}_more/);
      expect(await run('drop', '--yes')).toBe(0);
      expect(await run('generate', '--name', 'parts')).toBe(0);
      expect(out).toMatch(/Wrote \d{10}_parts\n {2}sql\//);
      expect(await run('status')).toBe(2);
      expect(existsSync('parts.db')).toBe(false);
      for (const command of ['up', 'status', 'check', 'verify', 'plan', 'diff', 'history'])
        expect({ command, code: await run(command), err }).toEqual({ command, code: 0, err: '' });
      expect(existsSync('parts.db')).toBe(true);
      expect(await run('status', '--url', 'file:other.db')).toBe(2);
      expect(existsSync('other.db')).toBe(false);
      expect(await run('status', '--folder', 'nowhere')).toBe(1);
      expect(await run('status', '--no-config')).toBe(1);
      expect(await run('down', '--yes')).toBe(0);
    },
  );

  test('is JSON too', async () => {
    await rm('drizzle.config.ts');
    const config = { dialect: 'sqlite', schema: './schema.ts', out: 'sql', dbCredentials: { url: 'file:a.db' } };
    await writeFile('drizzle.config.json', JSON.stringify(config));
    expect(await run('generate')).toBe(0);
    expect(await run('up')).toBe(0);
    expect(existsSync('a.db')).toBe(true);
  });

  test.each([
    ["out: new URL('file:///here')", 'out of drizzle.config.ts cannot be an object', `Write out: './drizzle'`],
    ['out: 5', 'out of drizzle.config.ts cannot be a number', `Write out: './drizzle'`],
    [
      `dbCredentials: { url: '' }`,
      'dbCredentials.url of drizzle.config.ts cannot be empty',
      `Write url: 'file:./app.db'`,
    ],
    ['tablesFilter: 5, dbCredentials: {}', 'tablesFilter of drizzle.config.ts', `Write tablesFilter: ['!__cc_*']`],
    [`casing: 'snake'`, `casing of drizzle.config.ts cannot be 'snake'`, `casing: 'snake_case'`],
    [`migrations: { prefix: 'x' }`, `migrations.prefix of drizzle.config.ts cannot be 'x'`, `prefix: 'index'`],
    [`migrations: { table: '' }`, 'migrations.table of drizzle.config.ts cannot be empty', `'__drizzle_migrations'`],
    [`dialect: 'postgresql'`, `dialect of drizzle.config.ts cannot be 'postgresql'`, `dialect: 'sqlite'`],
    ['...nobody', 'drizzle.config.ts cannot be read: nobody is not defined', 'Mend the file'],
  ])('with %s is refused by name, with what to write', async (values, reason, hint) => {
    await configure(values);
    expect(await run('status')).toBe(1);
    expect(err).toContain(reason);
    expect(err).toContain(hint);
    expect(err).toContain('[MIGRATION_CONFIG]');
    // Flags win, and what is not needed stops nobody.
    expect(await run('history', '--url', ':memory:', '--folder', 'drizzle')).toBe(1);
    expect(err).not.toContain('MIGRATION_CONFIG] in status');
    expect(err).toContain('[MIGRATION_FOLDER]');
  });

  test('without a url says where to write one, and keeps its token to its own database', async () => {
    expect(await run('status')).toBe(1);
    expect(err).toContain('drizzle.config.ts has no dbCredentials.url');
  });

  test(`names drizzle's table to every command, and a flag wins`, async () => {
    await configure(
      `dbCredentials: { url: 'a.db' }, migrations: { table: 'done' }, tablesFilter: ['!__cc_*', '!done']`,
    );
    await run('generate', '--name', 'parts');
    for (const command of ['up', 'status', 'check', 'verify', 'diff', 'history', 'plan'])
      expect({ command, code: await run(command), err }).toEqual({ command, code: 0, err: '' });
    expect(await run('status', '--table', '__drizzle_migrations')).toBe(2);
    expect(out).toContain('0000_parts.sql is recorded as applied in the table done');
    expect(await run('up', '--no-config', '--url', 'file:a.db')).toBe(2);
    expect(err).toContain('[MIGRATION_OTHER_TABLE]');
    expect(await run('status', '--no-config', '--url', 'file:a.db', '--table', 'done')).toBe(0);
    expect(await run('drop', '--yes')).toBe(3);
    expect(await run('down', '--yes')).toBe(0);
    expect(await run('up', '--backup', 'before.db')).toBe(0);
    expect(await run('down', '--yes', '--backup', 'after.db')).toBe(0);
    expect(await run('restore', 'after.db', '--yes', '--url', 'file:restored.db')).toBe(0);
    expect(out).toContain('Current: 0000_parts');
  });

  test('whose filter lets the bookkeeping through is warned of', async () => {
    await configure(`dbCredentials: { url: 'a.db' }, migrations: { table: 'done' }, tablesFilter: ['!x_*']`);
    await run('generate');
    await run('up');
    for (const command of ['status', 'check']) {
      expect(await run(command)).toBe(0);
      expect(err).toContain(`write tablesFilter: ['!x_*', '!__cc_*', '!done'] into drizzle.config.ts`);
    }
  });
});

describe('init', () => {
  beforeEach(async () => {
    for (const file of ['drizzle.config.ts', 'schema.ts', 'package.json']) await rm(file);
  });

  test('begins from nothing, and what it prints runs', async () => {
    await mkdir('node_modules/@cc');
    await symlink(join(here, 'packages/migrate'), 'node_modules/@cc/migrate', 'junction');
    expect(await run('init', '--yes')).toBe(0);
    const next = out.split('Next:\n')[1]?.trim().split(/\n\s*/) ?? [];
    expect(next).toHaveLength(3);
    for (const line of next) {
      expect(line).toMatch(/^npx cc-migrate /);
      expect({ line, code: await run(...line.split(' ').slice(2)), err }).toEqual({
        line,
        code: 0,
        err: expect.any(String),
      });
    }
    expect(await run('check')).toBe(0);
    expect(err).toBe('');
    // Whoever has begun is not told to begin.
    expect(await run('init', '--yes')).toBe(0);
    const further = out.split('Next:\n')[1]?.trim().split(/\n\s*/) ?? [];
    expect(further.join()).not.toContain('start');
    for (const line of further)
      expect({ line, code: await run(...line.split(' ').slice(2)) }).toEqual({ line, code: 0 });
  });

  test('overwrites nothing and says what it left alone', async () => {
    await writeFile('package.json', '{ "name": "mine", "scripts": { "db:up": "mine" } }');
    await mkdir('src');
    await writeFile('src/schema.ts', '// mine\n');
    expect(await run('init', '--url', 'file:mine.db', '--folder', './sql', '--json')).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      leftAlone: [expect.stringContaining('src/schema.ts'), expect.stringContaining('db:up')],
    });
    expect(await readFile('src/schema.ts', 'utf8')).toBe('// mine\n');
    expect(await readFile('drizzle.config.ts', 'utf8')).toMatch(/out: '\.\/sql'[^]*file:mine\.db/);
    expect(JSON.parse(await readFile('package.json', 'utf8'))).toMatchObject({
      name: 'mine',
      scripts: { 'db:up': 'mine', 'db:down': 'cc-migrate down' },
    });
    expect(await run('init')).toBe(0);
    expect(out).not.toContain('Wrote:');
  });

  test('leaves a configuration alone that nothing can read yet, and says what to install', async () => {
    expect(await run('init', '--yes')).toBe(0);
    for (const name of ['drizzle-kit', 'drizzle-orm']) await rm(`node_modules/${name}`);
    expect(await run('init', '--yes')).toBe(0);
    expect(out).toMatch(/Left alone:|Wrote:/);
    expect(out).toContain('npm install');
  });

  test.each(['libsql://u.example?authToken=SEK', 'libsql://me:SEK@u.example'])(
    'writes no secret of %s into a file',
    async (url) => {
      expect(await run('init', '--yes', '--url', url)).toBe(1);
      expect(err).toContain('CC_AUTH_TOKEN');
      expect(out + err).not.toContain('SEK');
      expect(existsSync('drizzle.config.ts')).toBe(false);
    },
  );

  test('writes down what flags say', async () => {
    expect(await run('init', '--yes', '--table', 'done', '--schema', './code.ts')).toBe(0);
    const text = await readFile('drizzle.config.ts', 'utf8');
    expect(text).toContain(`migrations: { table: 'done' },`);
    expect(text).toContain(`tablesFilter: ['!*_fts*', '!__cc_*', '!done'],`);
    expect(existsSync('code.ts')).toBe(true);
  });
});

describe('drop', () => {
  const url = ['--url', 'file:app.db'];

  test('refuses what is applied, and takes every file of what is not', async () => {
    await run('generate', '--name', 'parts');
    await run('up', ...url);
    expect(await run('drop', '--yes', ...url)).toBe(3);
    expect(err).toContain('0000_parts.sql is applied to file:app.db');
    expect(err).toContain('cc-migrate down');
    const before = await project.files();
    await project.code(parts.replace(`name: text('name')`, `name: text('name'), size: integer('size')`));
    await run('generate', '--name', 'size');
    expect(await run('drop', ...url)).toBe(3);
    expect(await run('drop', '--dry-run', ...url)).toBe(0);
    expect(await run('drop', '--yes', ...url)).toBe(0);
    expect(await project.files()).toEqual(before);
    expect(await run('status', ...url)).toBe(0);
    expect(await run('generate', '--name', 'size')).toBe(0);
  });
});

describe('refusals', () => {
  test('a folder of drizzle-kit 1.0 is told by name', async () => {
    await mkdir('drizzle/20260101000000_start', { recursive: true });
    await writeFile('drizzle/20260101000000_start/migration.sql', 'CREATE TABLE a (x);');
    for (const command of ['status', 'up', 'check']) {
      expect(await run(command, '--url', ':memory:')).toBe(1);
      expect(err).toMatch(/migration\.sql: this is the layout of drizzle-kit 1\.0[^]*drizzle-kit@0\.31/);
    }
  });

  test('a pulled folder, an old snapshot and a failing statement say what to do', async () => {
    await run('generate', '--name', 'parts');
    const sql = await project.read('0000_parts.sql');
    await writeFile(
      'drizzle/0000_parts.sql',
      `-- please uncomment this code before executing migrations\n/*\n${sql}\n*/`,
    );
    expect(await run('up', '--url', 'file:app.db')).not.toBe(0);
    await rm('drizzle/0000_parts.down.sql');
    expect(await run('up', '--url', 'file:app.db')).toBe(3);
    expect(err).toMatch(/0000_parts\.sql: all of its SQL is commented out[^]*cc-migrate baseline/);

    await writeFile('drizzle/0000_parts.sql', '-- one\nSELECT 1;\nCREATE INDEX i ON parts (nme);');
    expect(await run('up', '--url', 'file:app.db', '--json')).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      error: {
        code: 'MIGRATION_FAILED',
        message: expect.stringMatching(
          /no such table: \S*parts \(0000_parts\.sql, line 3\) \[MIGRATION_FAILED\] in CREATE INDEX i ON parts \(nme\)/,
        ),
        hint: expect.stringContaining('cc-migrate up'),
      },
    });

    const snapshot = JSON.parse(await project.read('meta/0000_snapshot.json'));
    await writeFile('drizzle/meta/0000_snapshot.json', JSON.stringify({ ...snapshot, version: '5' }));
    expect(await run('create', '--name', 'x')).toBe(1);
    expect(err).toContain('drizzle-kit up');
  });

  test('a misspelt column is answered with the columns of its table', async () => {
    await run('generate');
    await project.code(parts.replace(`name: text('name')`, `title: text('title')`));
    expect(await run('generate', '--rename', 'parts.nme=title')).toBe(1);
    expect(err).toContain('Columns of parts: id, name');
  });
});

test.runIf(process.platform === 'linux')('a wait for a lock names the process that holds it', async () => {
  await run('generate');
  await run('up', '--url', 'file:app.db');
  await run('down', '--yes', '--url', 'file:app.db');
  const script = `const { createClient } = require('@libsql/client');
const client = createClient({ url: 'file:app.db' });
client.transaction('write').then(() => { console.log('held'); setInterval(() => undefined, 1000); });`;
  const holder = spawn(process.execPath, ['-e', script], { cwd: project.cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const shown: string[] = [];
    const ended = runProgram(['up', '--url', 'file:app.db'], {
      version: '',
      env: {},
      print: () => undefined,
      warn: () => undefined,
      ask: null,
      progress: (text) => {
        shown.push(text);
        if (text.includes('waiting')) holder.kill('SIGKILL');
      },
    });
    expect(await ended).toBe(0);
    expect(shown.join('\n')).toContain(`waiting for the lock of app.db, which process ${holder.pid} (`);
  } finally {
    holder.kill('SIGKILL');
  }
});
