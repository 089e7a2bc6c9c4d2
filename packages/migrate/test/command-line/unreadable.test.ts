// Places that this user may not read: what is there is not told to be missing, and what to do is not to bring it back.
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from '../../src/program.js';
import { library, makeScratch, type Scratch } from '../scratch.js';

const here = process.cwd();
const isWindows = process.platform === 'win32';
/** A user who owns nothing. */
const stranger = 65_534;
let scratch: Scratch;
let said = '';

beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write(library);
  await chmod(scratch.path, 0o755);
  process.chdir(scratch.path);
});
afterEach(async () => {
  process.chdir(here);
  await scratch[Symbol.asyncDispose]();
});

async function run(line: string): Promise<number> {
  said = '';
  const print = (text: string): void => void (said += `${text}\n`);
  const args = [...line.split(' '), '--folder', './drizzle', '--no-config'];
  return await runProgram(args, { version: '1', env: {}, print, warn: print, ask: null });
}

/** Runs the command as somebody whom a mode keeps out: an administrator is not. */
async function runKeptOut(line: string): Promise<number> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(stranger);
  try {
    return await run(line);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

const looking = ['status', 'history', 'plan', 'check', 'verify', 'diff', 'drop --dry-run', 'baseline --dry-run'];
const writing = ['up', 'down --yes', 'redo --yes', 'goto 0002 --yes', 'baseline', 'repair --yes'];

test.skipIf(isWindows).each([...looking, ...writing])('%s tells a database that may not be looked at', async (line) => {
  await mkdir('locked');
  await writeFile('locked/app.db', '');
  await chmod('locked', 0o000);
  const code = await runKeptOut(`${line} --url file:locked/app.db`);
  await chmod('locked', 0o700);
  expect(code).toBe(1);
  expect(said).toMatch(
    /locked\/app\.db cannot be read: EACCES \[SQLITE_CANTOPEN\].* Give this user the right to read it/,
  );
  expect(said).not.toContain('no file');
});

test.skipIf(isWindows).each(['status', 'up'])('%s tells a file that may not be opened', async (line) => {
  await writeFile('app.db', 'SQLite format 3\0');
  await chmod('app.db', 0o000);
  expect(await runKeptOut(`${line} --url file:app.db`)).toBe(1);
  expect(said).toMatch(/app\.db cannot be read: EACCES \[SQLITE_CANTOPEN\].* Give this user the right to read it/);
});

test.skipIf(isWindows)('a link that leads back to itself is no file that is missing', async () => {
  await symlink('app.db', 'app.db');
  expect(await run('status --url file:app.db')).toBe(1);
  expect(said).toMatch(/app\.db cannot be read: ELOOP/);
});

test.skipIf(isWindows)('a migration that may not be read is not to be restored', async () => {
  await chmod('drizzle/meta/_journal.json', 0o000);
  expect(await runKeptOut('check --no-url')).toBe(1);
  expect(said).toMatch(
    /_journal\.json cannot be read \(EACCES\) \[MIGRATION_FOLDER\].* Give this user the right to read it/,
  );
  expect(said).not.toContain('git checkout');
});

test.skipIf(isWindows)('a .env that may not be read is told, as the database may be in it', async () => {
  await writeFile('.env', 'CC_DATABASE_URL=file:other.db\n');
  await chmod('.env', 0o000);
  const print = (text: string): void => void (said += `${text}\n`);
  const surroundings = { version: '1', env: {}, print, warn: print, ask: null };
  said = '';
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(stranger);
  expect(await runProgram(['status', '--url', 'file:app.db'], surroundings)).toBe(2);
  if (isRoot) process.seteuid?.(0);
  expect(said).toContain('cc-migrate: .env cannot be read (EACCES): what it says is left out');
  expect(await run('status --url file:app.db')).toBe(2);
  expect(said).not.toContain('.env');
});
