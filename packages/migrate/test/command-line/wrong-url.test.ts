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
