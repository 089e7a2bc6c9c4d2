// Hints are copied into a shell: a path or name of several words, or with a quote, stands there as one word.
import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
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

async function run(...args: string[]): Promise<number> {
  said = '';
  const print = (text: string): void => void (said += `${text}\n`);
  return await runProgram([...args, '--no-config'], { version: '1', env: {}, print, warn: print, ask: null });
}

test('a folder that is not there is made by what the hint says', async () => {
  expect(await run('up', '--folder', './drizzle', '--url', "file:./it's here/app.db")).toBe(1);
  expect(said).toContain(`mkdir -p './it'\\''s here';`);
  expect(await run('bundle', '--folder', './drizzle', '--out', 'a b/m.ts')).toBe(1);
  expect(said).toMatch(/mkdir -p '[^']*a b';/);
});

test('a folder in the place of a file is named as one word', async () => {
  mkdirSync('my data');
  expect(await run('up', '--folder', './drizzle', '--url', 'file:my data')).toBe(1);
  expect(said).toContain(`--url 'file:my data/app.db'`);
});

test('the way to a copy is one word', async () => {
  expect(await run('up', '--folder', './drizzle', '--url', 'file:app.db', '--steps', '1')).toBe(0);
  expect(await run('up', '--folder', './drizzle', '--url', 'file:app.db', '--backup', 'the copy.db')).toBe(0);
  expect(said).toMatch(/To go back: cc-migrate restore '[^']*the copy\.db'/);
});
