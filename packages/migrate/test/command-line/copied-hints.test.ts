// Hints are copied into a shell: a path or name of several words, or with a quote, stands there as one word.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ccMigrateHere } from '../cc-migrate-here.js';
import { library, makeScratch, type Scratch } from '../scratch.js';

let scratch: Scratch;

beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write(library);
});
afterEach(() => scratch[Symbol.asyncDispose]());

async function run(...args: string[]): Promise<{ readonly status: number; readonly said: string }> {
  const ended = await ccMigrateHere([...args, '--folder', './drizzle', '--no-config'], scratch.path);
  return { status: ended.status, said: ended.stdout + ended.stderr };
}

test('a folder that is not there is made by what the hint says', async () => {
  expect(await run('up', '--url', "file:./it's here/app.db")).toEqual({
    status: 1,
    said: expect.stringContaining(`mkdir -p './it'\\''s here';`),
  });
  expect(await run('bundle', '--out', 'a b/m.ts')).toEqual({
    status: 1,
    said: expect.stringMatching(/mkdir -p '[^']*a b';/),
  });
});

test('a folder in the place of a file is named as one word', async () => {
  mkdirSync(join(scratch.path, 'my data'));
  expect(await run('up', '--url', 'file:my data')).toEqual({
    status: 1,
    said: expect.stringContaining(`--url 'file:my data/app.db'`),
  });
});

test('the way to a copy is one word', async () => {
  expect(await run('up', '--url', 'file:app.db', '--steps', '1')).toMatchObject({ status: 0 });
  expect(await run('up', '--url', 'file:app.db', '--backup', 'the copy.db')).toEqual({
    status: 0,
    said: expect.stringMatching(/To go back: cc-migrate restore '[^']*the copy\.db'/),
  });
});

test('a copy that nobody has agreed to put back is named as one word', async () => {
  expect(await run('up', '--url', 'file:app.db', '--steps', '1')).toMatchObject({ status: 0 });
  expect(await run('up', '--url', 'file:app.db', '--backup', `it's "$one".db`)).toMatchObject({ status: 0 });
  expect(await run('restore', `it's "$one".db`, '--url', 'file:app.db')).toEqual({
    status: 3,
    said: expect.stringContaining(`cc-migrate restore 'it'\\''s "$one".db' --yes`),
  });
});
