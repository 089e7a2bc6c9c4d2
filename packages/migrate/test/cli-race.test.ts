// Real processes at once on one file: each migration runs once, and every process ends well.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { makeScratch, type Written } from './scratch.js';

const program = join(import.meta.dirname, '..', 'dist', 'cli.js');
const run = promisify(execFile);

/** A migration that shows how often it ran. */
const counted = (n: number): Written => ({
  tag: `000${n}_count`,
  up: `${n === 0 ? 'CREATE TABLE runs (n integer);\n' : ''}INSERT INTO runs VALUES (${n});`,
  down: n === 0 ? 'DROP TABLE runs;' : `DELETE FROM runs WHERE n = ${n};`,
});
const all = Array.from({ length: 8 }, (_, n) => counted(n));

test.each([1, 2, 3])('three processes, round %i', { timeout: 60_000 }, async () => {
  await using scratch = await makeScratch();
  await scratch.write(all);
  const up = () => run(process.execPath, [program, 'up', '--json', '--url', scratch.url, '--folder', scratch.folder]);
  const outputs = await Promise.all([up(), up(), up()]);

  const applied = outputs.flatMap(({ stdout }) => {
    const { migrations }: { migrations: { version: string }[] } = JSON.parse(stdout);
    return migrations.map(({ version }) => version);
  });
  expect(applied.toSorted()).toEqual(all.map(({ tag }) => tag));
  const { rows, migrations } = await scratch.open();
  expect(await rows('SELECT n FROM runs ORDER BY n')).toEqual(all.map((_, n) => ({ n })));
  expect(await migrations.status()).toMatchObject({ current: '0007_count', pending: [], problems: [] });
});
