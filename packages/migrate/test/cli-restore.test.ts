// The rollback plan through the built program: a backup takes the place of the database, in a process of its own as it must be.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { firstOf, library, makeScratch, type Scratch } from './scratch.js';

const program = join(import.meta.dirname, '..', 'dist', 'cli.js');
let scratch: Scratch;

beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write(library);
});
afterEach(() => scratch[Symbol.asyncDispose]());

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: string[]): Ended {
  return spawnSync(process.execPath, [program, ...args], {
    cwd: scratch.path,
    encoding: 'utf8',
    env: { ...process.env, CC_DATABASE_URL: 'file:app.db' },
  });
}

// By the driver alone: nothing else has to be loaded for each of them.
const script = `const Database = require('libsql');
const [, file, statements, query, stays] = process.argv;
const database = new Database(file, { timeout: 60_000 });
database.exec(statements);
console.log(JSON.stringify(database.prepare(query ?? 'select 1').all()));
if (stays) setInterval(() => undefined, 1000);
else database.close();`;

/** Runs SQL in a process of its own, so that this one holds nothing open. */
function sql(statements: string, query = 'select 1', file = 'app.db'): unknown {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['-e', script, join(scratch.path, file), statements, query],
    {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** Brings the database to 0001 with a row, makes a backup, and goes on from there. */
async function goOn(): Promise<string> {
  expect(run('up', '--steps', '2')).toMatchObject({ status: 0 });
  sql(`insert into parts (name) values ('bolt')`);
  expect(run('up', '--backup', 'before.db')).toMatchObject({ status: 0 });
  sql(`insert into parts (name) values ('nut')`);
  return 'before.db';
}

const partNames = (file = 'app.db'): unknown => sql('', 'select name from parts order by name', file);

test('a bad release is taken back: stop, restore, revert', async () => {
  const backup = await goOn();
  expect(run('restore', backup)).toMatchObject({
    status: 3,
    stdout: '',
    stderr: expect.stringMatching(
      /Put before\.db \(0001_search, written \d{4}-.*\) into the place of app\.db\?.*Nothing was done\. Add --yes/,
    ),
  });
  expect(partNames()).toEqual([{ name: 'bolt' }, { name: 'nut' }]);

  const { status, stdout, stderr } = run('restore', backup, '--yes');
  expect([status, stderr]).toEqual([0, '']);
  const kept = (await readdir(scratch.path)).find((name) => name.startsWith('app.db.before-restore-')) ?? '';
  const [restored, before, ...rest] = stdout.trimEnd().split('\n');
  expect(restored).toMatch(/^Restored .*app\.db from before\.db \(\d+ kB\)$/);
  expect(before).toBe(`The database from before is ${join(scratch.path, kept)}`);
  expect(rest).toEqual([
    'Current: 0001_search',
    'WARNING: the folder is newer: 0002_weight is not in the database.',
    'Go back to the checkout whose newest migration is 0001_search, or apply them again with up',
  ]);
  expect([partNames(), partNames(kept)]).toEqual([[{ name: 'bolt' }], [{ name: 'bolt' }, { name: 'nut' }]]);
  expect((await readdir(scratch.path)).filter((name) => /-(wal|shm|journal)$|partial|\.restore$/.test(name))).toEqual(
    [],
  );

  // Revert: the older checkout fits.
  await scratch.write(firstOf(2));
  expect(run('status')).toMatchObject({ status: 0 });
  expect(run('diff')).toMatchObject({ status: 0 });
});

test('the folder that fits, another one, and none are told apart', async () => {
  const backup = await goOn();
  const folderIs = (): unknown => JSON.parse(run('restore', backup, '--yes', '--json').stdout);
  await scratch.write(firstOf(2));
  expect(folderIs()).toMatchObject({ version: '0001_search', folderIs: 'same', pending: [], backup });
  await scratch.write(firstOf(1));
  expect(folderIs()).toMatchObject({ version: '0001_search', folderIs: 'other' });
  expect(run('restore', backup, '--yes').stdout).toContain('WARNING: the folder does not have all of it');
  expect(run('restore', backup, '--yes', '--folder', 'nowhere').stdout).toContain('The folder holds no migrations');
});

test('nothing is restored while a process has the database open; it is named', async () => {
  const backup = await goOn();
  const child = spawn(
    process.execPath,
    ['-e', script, join(scratch.path, 'app.db'), 'pragma journal_mode = wal', 'select 1', 'stay'],
    { cwd: import.meta.dirname },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const { status, stderr } = run('restore', backup, '--yes');
  expect(status).toBe(4);
  expect(stderr).toContain('[DATABASE_IN_USE]');
  expect(stderr).toContain(process.platform === 'linux' ? `Process ${child.pid} (` : 'lsof');
  expect(partNames()).toEqual([{ name: 'bolt' }, { name: 'nut' }]);
});

test('a copy without migrations is one only for who says so', async () => {
  sql('create table old (x); insert into old values (1)');
  await copyFile(join(scratch.path, 'app.db'), join(scratch.path, 'first.db'));
  sql('drop table old');
  expect(run('up')).toMatchObject({ status: 0 });
  expect(run('restore', 'first.db', '--yes')).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(
      'If it is the database from before its first migration: cc-migrate restore first.db --without-migrations',
    ),
  });
  expect(run('restore', 'first.db', '--yes', '--without-migrations')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('Current: before the first migration'),
  });
  expect(sql('', 'select x from old')).toEqual([{ x: 1 }]);
});

test('servers, memory and replicas are refused with what to do instead', async () => {
  const backup = await goOn();
  const refusal = (...args: string[]): Ended => run('restore', backup, '--yes', ...args);
  expect(refusal('--url', 'http://127.0.0.1:1')).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('turso db import'),
  });
  expect(refusal('--url', ':memory:')).toMatchObject({ status: 3, stderr: expect.stringContaining('names no file') });
  await writeFile(join(scratch.path, 'app.db-client_wal_index'), '');
  expect(refusal()).toMatchObject({ status: 3, stderr: expect.stringContaining('Restore the server') });
});

test('a damaged copy is an error and so is a missing one, and neither changes anything', async () => {
  await goOn();
  await writeFile(join(scratch.path, 'damaged.db'), 'no database at all '.repeat(500));
  expect(run('restore', 'damaged.db', '--yes')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /^cc-migrate: damaged\.db is no SQLite database \[SQLITE_NOTADB\].* Name the copy that --backup has made/,
    ),
  });
  expect(run('restore', 'nowhere.db', '--yes')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('nowhere.db'),
  });
  expect(partNames()).toEqual([{ name: 'bolt' }, { name: 'nut' }]);
});

test('11 kills spread over a restore, and one that may end, leave the old database or the copy, whole', async () => {
  const backup = await goOn();
  const started = performance.now();
  expect(run('restore', backup, '--yes')).toMatchObject({ status: 0 });
  const wholeMs = performance.now() - started;
  sql(`insert into parts (name) values ('screw')`);
  const sound = (...names: string[]): string => JSON.stringify(names.map((name) => ({ name, integrity_check: 'ok' })));
  const [before, restored] = [sound('bolt', 'screw'), sound('bolt')];
  const seen = new Set<string>();
  for (let n = 1; n <= 12; n += 1) {
    const child = spawn(process.execPath, [program, 'restore', backup, '--yes', '--url', 'file:app.db'], {
      cwd: scratch.path,
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    // The delay is the fault itself; nothing waits for it to order events. The first one comes before anything is done.
    const timer = n === 12 ? undefined : setTimeout(() => child.kill('SIGKILL'), (wholeMs * (n - 1)) / 11);
    await ended;
    clearTimeout(timer);
    // The process beside it ends by itself soon after; until then it may hold the file.
    const state = JSON.stringify(
      sql('', `select name, integrity_check from pragma_integrity_check, parts order by name`),
    );
    expect([before, restored]).toContain(state);
    seen.add(state);
    sql(`delete from parts; insert into parts (name) values ('bolt'), ('screw')`);
  }
  expect(seen.size).toBe(2);
});
