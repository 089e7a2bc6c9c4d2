// SIGKILL at points spread over a run: the database is before or after each migration, never between.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeScratch, type Scratch, type Written } from './scratch.js';

const program = join(import.meta.dirname, '..', 'dist', 'cli.js');
const rowsEach = 20_000;
const kills = 20;

const heavy: readonly Written[] = Array.from({ length: 4 }, (_, n) => ({
  tag: `000${n}_heavy`,
  up: `CREATE TABLE t${n} (id integer PRIMARY KEY, body text);
INSERT INTO t${n} WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rowsEach}) SELECT i, hex(randomblob(40)) FROM c;
CREATE INDEX idx_t${n} ON t${n} (body);`,
  down: `DROP TABLE t${n};`,
}));

/** Runs up and kills it after `delayMs`. Returns whether the kill came in time. */
async function upKilled(scratch: Scratch, url: string, delayMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [program, 'up', '--url', url, '--folder', scratch.folder], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const timer = new AbortController();
  // The delay is the fault itself; nothing waits for it to order events.
  void after(delayMs, undefined, { signal: timer.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  );
  const [, signal]: unknown[] = await ended;
  timer.abort();
  return signal === 'SIGKILL';
}

test(`${kills} kills leave every migration whole or absent`, { timeout: 120_000 }, async () => {
  await using scratch = await makeScratch();
  await scratch.write(heavy);
  const database = (name: string): string => scratch.url.replace('app.db', `${name}.db`);
  const start = performance.now();
  expect(await upKilled(scratch, database('whole'), 60_000)).toBe(false);
  const wholeMs = performance.now() - start;

  let killed = 0;
  for (let n = 1; n <= kills; n += 1) {
    const url = database(`kill-${n}`);
    // The first half of a run is spent starting the process.
    if (await upKilled(scratch, url, wholeMs * (0.5 + (0.5 * n) / kills))) killed += 1;
    const { rows, migrations } = await scratch.open({ url });
    const { applied, pending, problems } = await migrations.status();
    expect([applied.length + pending.length, problems]).toEqual([heavy.length, []]);
    const tables = await rows(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 't_' ORDER BY name`);
    expect(tables).toEqual(applied.map((_, index) => ({ name: `t${index}` })));
    for (const { name } of tables)
      expect(await rows(`SELECT count(*) AS n FROM ${String(name)}`)).toEqual([{ n: rowsEach }]);
    expect(await rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect((await migrations.applyMigrations()).current).toBe('0003_heavy');
  }
  expect(killed).toBeGreaterThan(0);
});
