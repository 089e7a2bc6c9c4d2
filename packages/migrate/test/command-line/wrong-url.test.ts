// A database that is named wrongly: no command makes a file for it but those that fill one, and each says what is wrong.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../../src/program.js';
import { library, makeScratch, type Scratch } from '../scratch.js';

const here = process.cwd();
let scratch: Scratch;
let said = '';

beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write(library);
  process.chdir(scratch.path);
});
afterEach(async () => {
  process.chdir(here);
  await scratch[Symbol.asyncDispose]();
});

async function run(line: string, url: string): Promise<number> {
  said = '';
  const print = (text: string): void => void (said += `${text}\n`);
  const args = [...line.split(' '), '--folder', './drizzle', '--no-config', '--url', url];
  return await runProgram(args, { version: '1', env: {}, print, warn: print, ask: null });
}

/** What each command ends with on an empty database. */
const onNothing = {
  status: 2,
  history: 0,
  plan: 0,
  'plan --down': 0,
  'plan --measure': 0,
  check: 2,
  verify: 0,
  diff: 0,
  'drop --dry-run': 0,
  baseline: 2,
  'baseline --dry-run': 2,
  'repair --yes': 0,
  'repair --dry-run': 0,
  'up --dry-run': 0,
  'down --yes': 0,
  'down --dry-run': 0,
  'redo --yes': 0,
  'redo --dry-run': 0,
  'goto none --yes': 0,
  'goto 0002 --dry-run': 0,
};
const writers = ['up', 'goto 0002'];

test.each(Object.entries(onNothing))('%s makes no file, and says that there is none', async (line, code) => {
  const before = readdirSync('.');
  for (const url of ['file:typo.db', 'FILE:typo.db', 'file:./typo%20b.db', 'file:no/such/folder/typo.db']) {
    expect({ url, code: await run(line, url), said }).toEqual({
      url,
      code,
      said: expect.stringMatching(/there is no file \S*typo/),
    });
    expect(readdirSync('.')).toEqual(before);
  }
});

test.each(writers)('%s makes the file, but no folder', async (line) => {
  expect(await run(line, 'file:no/such/folder/new.db')).toBe(1);
  expect(said).toContain('There is no folder no/such/folder in which no/such/folder/new.db could be made');
  expect(said).toContain('mkdir -p no/such/folder');
  expect(existsSync('no')).toBe(false);
  expect(await run(line, 'file:new.db')).toBe(0);
  expect(existsSync('new.db')).toBe(true);
});

describe.each([...Object.keys(onNothing), ...writers])('%s', (line) => {
  test('refuses what is no file of a database by its name', async () => {
    mkdirSync('place');
    writeFileSync('notes.txt', 'not a database, but a text that somebody wrote');
    writeFileSync('short.txt', 'hi');
    const before = readdirSync('.');
    for (const [url, why] of [
      ['file:place', 'place is a folder'],
      ['file:./place/', 'place/ is a folder'],
      ['file:notes.txt', 'notes.txt is no SQLite database'],
      ['file:short.txt', 'short.txt is no SQLite database'],
      ['file:', 'names no file'],
      ['file:a.db?mode=ro', 'query or fragment'],
      ['typo.db', 'no scheme'],
      ['htp://typo', `scheme 'htp:'`],
    ] as const) {
      expect({ url, code: await run(line, url), said }).toEqual({ url, code: 1, said: expect.stringContaining(why) });
      expect(readdirSync('.')).toEqual(before);
    }
  });
});

test('an empty file is an empty database', async () => {
  writeFileSync(join(scratch.path, 'empty.db'), '');
  expect(await run('status', 'file:empty.db')).toBe(2);
  expect(await run('up', 'file:empty.db')).toBe(0);
});

const slips = ['https//u:SECRET@host/db', 'file:libsql:/u:SECRET@host', 'file:https//host?authToken=SECRET'];

describe.each([...Object.keys(onNothing), ...writers, 'restore copy.db --yes', 'init --yes'])('%s', (line) => {
  test('repeats no password of an address with a slip in it', async () => {
    for (const url of slips) {
      expect({ url, code: await run(line, url), said }).toEqual({
        url,
        code: 1,
        said: expect.stringContaining('The url reads as the address of a server with a slip in it'),
      });
      expect(said).not.toContain('SECRET');
    }
    for (const url of ['//u:SECRET@host', 'u:SECRET@host']) {
      expect({ url, code: await run(line, url) }).not.toMatchObject({ code: 0 });
      expect(said).not.toContain('SECRET');
    }
  });
});

test('no command repeats the password of an address with a slip in the configuration', async () => {
  for (const url of slips) {
    writeFileSync('drizzle.config.json', JSON.stringify({ dialect: 'sqlite', dbCredentials: { url } }));
    for (const line of [...Object.keys(onNothing), ...writers, 'restore copy.db --yes']) {
      said = '';
      const print = (text: string): void => void (said += `${text}\n`);
      const surroundings = { version: '1', env: {}, print, warn: print, ask: null };
      expect({ line, code: await runProgram(line.split(' '), surroundings) }).toEqual({ line, code: 1 });
      expect(said).toContain('The url reads as the address of a server');
      expect(said).not.toContain('SECRET');
    }
  }
});

test.each(['file:copy.db?tls=0', 'file:copy.db#1', 'file:100%.db', 'file://host/app.db', 'app.db', 'file:'])(
  'restore refuses %s in words of its own',
  async (url) => {
    writeFileSync('copy.db', '');
    expect(await run('restore copy.db --yes', url)).toBe(3);
    expect(said).toContain(`The url names no file that could be replaced`);
    expect(said).toContain(`'%' as %25, '?' as %3F and '#' as %23`);
  },
);
