// What a statement may have to undo is as large as its table (DROP COLUMN of 4 GB took 4.7 GB of memory): it lies in files, in
// the folder of the database, because the one for temporary files may be small or in memory itself.
import { join } from 'node:path';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { runProgram } from '../../src/program.js';
import { makeScratch } from '../scratch.js';

const asked = 'insert into found select temp_store from pragma_temp_store;';

test.each(['up', 'verify'])('%s lets statements use files in place of memory', async (command) => {
  await using scratch = await makeScratch();
  await scratch.write([
    {
      tag: '0000_found',
      up: 'create table found (temp_store integer check (temp_store = 1));',
      down: 'drop table found;',
    },
    { tag: '0001_asked', up: asked, down: 'delete from found;' },
  ]);
  const path = join(scratch.path, 'app.db');
  const database = new Database(path);
  database.exec('create table other (x)');
  database.close();
  let said = '';
  const print = (text: string): void => void (said += `${text}\n`);
  const folders: string[] = [];
  const keepTemporaryFiles = (folder: string): void => void folders.push(folder);
  const surroundings = { version: '1', env: {}, print, warn: print, ask: null, keepTemporaryFiles };
  const args = [command, '--folder', scratch.folder, '--no-config', '--url', `file:${path}`];
  expect({ code: await runProgram(args, surroundings), said }).toMatchObject({ code: 0 });
  expect(folders).toEqual(command === 'up' ? [scratch.path] : []);
});
