// drop asks, and a person takes time to think: what others do meanwhile counts.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMigration } from '../../src/generate.js';
import { runProgram } from '../../src/program.js';
import { snapshotPath, snapshotText } from '../care/sound-folder.js';
import { library, makeScratch, type Scratch } from '../scratch.js';

let scratch: Scratch;

beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write(library);
  await mkdir(join(scratch.folder, 'meta'), { recursive: true });
  for (const index of library.keys()) await writeFile(snapshotPath(scratch.folder, index), snapshotText(index));
});
afterEach(() => scratch[Symbol.asyncDispose]());

async function dropWhile(meanwhile: () => Promise<unknown>): Promise<string> {
  let said = '';
  const print = (text: string): void => void (said += text);
  const ask = async (): Promise<boolean> => {
    await meanwhile();
    return true;
  };
  const args = ['drop', '--no-config', '--url', scratch.url, '--folder', scratch.folder];
  const code = await runProgram(args, { version: '', env: {}, print, warn: print, ask });
  return `${code}: ${said}`;
}

test('a migration that was applied meanwhile stays', async () => {
  const { migrations } = await scratch.open();
  const files = await readdir(scratch.folder, { recursive: true });
  expect(await dropWhile(() => migrations.applyMigrations())).toMatch(/^3: .*0002_weight\.sql is applied to .*APPLIED/);
  expect(await readdir(scratch.folder, { recursive: true })).toEqual(files);
});

test('the yes was to that migration and to no other', async () => {
  const later = { name: 'later', upSql: 'CREATE TABLE later (x);' };
  const said = await dropWhile(() => createMigration(scratch.folder, later));
  expect(said).toMatch(/^4: .*Another command changed .*LOCK_LOST.*Nothing was dropped/);
  const files = await readdir(scratch.folder);
  expect(files).toEqual(expect.arrayContaining(['0002_weight.sql', '0003_later.sql']));
});
