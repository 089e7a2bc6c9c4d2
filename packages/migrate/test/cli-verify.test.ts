// The copy that verify works on is gone afterwards, however the program ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeScratch } from './scratch.js';

const program = join(import.meta.dirname, '..', 'dist', 'cli.js');

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('verify that is ended by %s removes its copy and ends with %i', async (signal, expected) => {
  await using scratch = await makeScratch();
  const rows = `INSERT INTO t WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 40000) SELECT i, hex(randomblob(100)) FROM c`;
  await scratch.write([
    { tag: '0000_t', up: `CREATE TABLE t (id integer PRIMARY KEY, body text); ${rows};`, down: 'DROP TABLE t' },
  ]);
  await (await scratch.open()).migrations.applyMigrations();
  const temporary = join(scratch.path, 'tmp');
  await mkdir(temporary);
  const watcher = watch(temporary);
  const child = spawn(process.execPath, [program, 'verify', '--url', scratch.url, '--folder', scratch.folder], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: 'ignore',
  });
  await once(watcher, 'change');
  watcher.close();
  expect(await readdir(temporary)).toHaveLength(1);
  child.kill(signal);
  const [code]: unknown[] = await once(child, 'exit');
  expect(code).toBe(expected);
  expect(await readdir(temporary)).toEqual([]);
});
