// Ctrl-C ends a migration of a file at once, also in the middle of a statement that takes hours, and leaves the database before it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { makeScratch } from './scratch.js';

const program = join(import.meta.dirname, '..', 'dist', 'cli.js');
const parts = { tag: '0000_parts', up: 'CREATE TABLE parts (id integer PRIMARY KEY, n integer);', down: null };
const filled = (rows: string): string =>
  `INSERT INTO parts (n) VALUES (1);
INSERT INTO parts (n) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c${rows}) SELECT max(i) FROM c;`;

test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'up that is ended by %s in a statement without an end leaves nothing of its migration',
  async (signal) => {
    await using scratch = await makeScratch();
    await scratch.write([parts]);
    const { migrations, rows } = await scratch.open();
    await migrations.applyMigrations();
    const endless = { tag: '0001_filled', up: filled(''), down: 'DELETE FROM parts;' };
    await scratch.write([parts, endless]);
    const child = spawn(process.execPath, [program, 'up', '--url', scratch.url, '--folder', scratch.folder], {
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await lockedBySomebody(join(scratch.path, 'app.db'));
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
    expect(await rows('SELECT n FROM parts')).toEqual([]);
    expect((await migrations.status()).pending).toHaveLength(1);
    await scratch.write([parts, { ...endless, up: filled(' LIMIT 3') }]);
    await migrations.applyMigrations();
    expect(await rows('SELECT n FROM parts')).toEqual([{ n: 1 }, { n: 3 }]);
  },
);

/** Returns once another process has the write lock of the file. */
async function lockedBySomebody(path: string): Promise<void> {
  const database = new Database(path, { timeout: 0 });
  try {
    for (;;) {
      database.exec('BEGIN IMMEDIATE; ROLLBACK');
      await setImmediate();
    }
  } catch (error) {
    expect(String(error)).toContain('locked');
  } finally {
    database.close();
  }
}
