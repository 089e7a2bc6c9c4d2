// A disk that fails to read: calls of the system are made to fail with EIO by strace, so the tests run where that is installed.
// The driver's layer for encrypted files takes such a read for a good one, and whatever was in memory for the page.
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import Database from 'libsql';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../target.js';

const program = fileURLToPath(new URL('read-errors.mjs', import.meta.url));
const failing = (when: string): string[] => [
  '-f',
  '-qq',
  '-o',
  '/dev/null',
  '-e',
  `inject=pread64:error=EIO:when=${when}`,
];
const canFail = spawnSync('strace', [...failing('1'), '-P', '/dev/null', 'true']).status === 0;
if (!canFail) process.stdout.write('Skipped: failing reads need strace, and that it may trace\n');
const [rows, sum] = [2_000, 2_001_000];

/** A library of many pages, closed, or with all of it in its log, as a process that was killed leaves it. */
async function library(state: 'closed' | 'in its log'): Promise<string> {
  const folder = await temporaryFolder();
  const path = join(folder, 'x.db');
  const database = new Database(path);
  database.exec(`pragma journal_mode = wal; create table t (a integer primary key, b text);
    with recursive c (v) as (select 1 union all select v + 1 from c where v < ${rows})
    insert into t select v, hex(randomblob(100)) from c;`);
  if (state === 'in its log') cpSync(path, join(folder, 'y.db'));
  if (state === 'in its log') cpSync(`${path}-wal`, join(folder, 'y.db-wal'));
  database.close();
  return state === 'closed' ? path : join(folder, 'y.db');
}

/** What the program says while the `when`-th reads of these files fail. */
function answers(work: 'sum' | 'log', path: string, when: string, files: readonly string[]): unknown[] {
  const only = files.flatMap((file) => ['-P', file]);
  const args = [...failing(when), ...only, process.execPath, program, work, pathToFileURL(path).href];
  const { stdout, stderr, status } = spawnSync('strace', args, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** The rows of the file, and whether it is sound, as the driver finds them that knows nothing of the package. */
function truth(path: string): unknown {
  const database = new Database(path);
  const [n] = database.prepare('select count(*) from t').raw(true).get() as unknown as [number];
  const [said] = database.prepare('pragma integrity_check').raw(true).get() as unknown as [string];
  database.close();
  return { n, said };
}

const isTold = expect.objectContaining({ code: expect.stringMatching(/^SQLITE_(?:IOERR|CORRUPT)/) });

it.skipIf(!canFail)('a page that cannot be read is told, and never another one answered', async () => {
  const path = await library('closed');
  const said = answers('sum', path, '40+311', [path]);
  expect(said.at(-1)).toBe('closed');
  const [right, sums] = [{ n: rows, s: sum }, said.slice(0, -1)];
  for (const answer of sums) expect([right, isTold]).toContainEqual(answer);
  expect(sums).toContainEqual(isTold);
  expect(sums).toContainEqual(right);
});

it.skipIf(!canFail).each(['2', '9', '33', '60'])(
  'a log that cannot be read keeps the database closed, and its commits (read %s)',
  async (when) => {
    const path = await library('in its log');
    const [answer] = answers('log', path, when, [`${path}-wal`]);
    expect([{ n: rows, s: sum }, isTold]).toContainEqual(answer);
    expect(truth(path)).toEqual({ n: rows, said: 'ok' });
  },
);

it.skipIf(!canFail)('a log that cannot be read while it is folded in damages nothing', async () => {
  for (const when of ['120+1', '200+1', '260+1', '330+1']) {
    const path = await library('in its log');
    answers('log', path, when, [`${path}-wal`]);
    expect(truth(path)).toEqual({ n: rows, said: 'ok' });
  }
});
