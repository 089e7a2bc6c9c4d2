// A backup that is given up leaves nothing behind; one whose file has its name already is done, and says so.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'libsql';
import { beforeEach, expect, it } from 'vitest';
import { backupLocal } from '../src/backup/backup.js';
import { temporaryFolder } from './target.js';

let folder: string;
let source: string;
let destination: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  source = join(folder, 'library.db');
  destination = join(folder, 'copy.db');
  const database = new Database(source);
  database.exec(`create table t (data blob); insert into t with recursive c(n) as
    (values (1) union all select n + 1 from c where n < 30000) select randomblob(1000) from c`);
  database.close();
});

it('leaves nothing behind when it is aborted', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const running = backupLocal({ source, destination, signal, onProgress: () => controller.abort() });
  await expect(running).rejects.toMatchObject({ type: 'aborted', code: 'ABORTED' });
  expect(await readdir(folder)).toEqual(['library.db']);
  await expect(backupLocal({ source, destination, signal })).rejects.toMatchObject({ code: 'ABORTED' });
});

it('is done, and says so, when it is aborted as its file has its name already', async () => {
  const controller = new AbortController();
  const onProgress = (): void => {
    if (existsSync(destination)) controller.abort();
  };
  const { bytes } = await backupLocal({ source, destination, signal: controller.signal, onProgress });
  expect(controller.signal.aborted).toBe(true);
  expect((await readFile(destination)).length).toBe(bytes);
});
