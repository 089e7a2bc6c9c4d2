// A copy of a database takes its place at once and durably, only while nobody has it open, and the database from before is kept.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  copyFile,
  link,
  open as openFile,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import Database from 'libsql';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { exchange } from '../src/recovery/replace-file.js';
import { restoreFile } from '../src/restore.js';
import { failureOf } from './broken-database.js';
import { temporaryFolder } from './target.js';

let folder: string;
let database: string;
let backup: string;
const at = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const keptName = 'library.db.before-restore-2026-01-02T03-04-05-006Z';

beforeEach(async () => {
  folder = await temporaryFolder();
  database = join(folder, 'library.db');
  backup = join(await temporaryFolder(), 'copy.db');
  // Without prepared statements: they would hold the file open in this process.
  const handle = new Database(database);
  handle.exec('pragma journal_mode = wal; create table t (n integer); insert into t values (1)');
  handle.exec(`vacuum into '${backup}'; insert into t values (2)`);
  handle.close();
});

const restore = (rest: Partial<Parameters<typeof restoreFile>[0]> = {}) =>
  restoreFile({ database, backup, now: () => at, ...rest });

function rowsIn(path: string): unknown {
  const handle = new Database(path);
  try {
    return handle.prepare('select n from t order by n').raw(true).all();
  } finally {
    handle.close();
  }
}

/** A process that has the database open, and says so when it has. */
async function holder(statements: string, name = database): Promise<ChildProcess> {
  const program = `const database = new (require('libsql'))(process.argv[1]); database.exec(process.argv[2]);
    process.stdout.write('ready'); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['-e', program, name, statements], { cwd: import.meta.dirname });
  onTestFinished(() => void child.kill('SIGKILL'));
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error('the process ended');
    }),
  ]);
  return child;
}

it('puts it where a link leads whose file is gone, and leaves the link', async () => {
  const elsewhere = join(await temporaryFolder(), 'there.db');
  await rm(database);
  await symlink(elsewhere, database);
  expect(await restore()).toMatchObject({ database: elsewhere, kept: null });
  expect(rowsIn(elsewhere)).toEqual([[1]]);
  expect(await readlink(database)).toBe(elsewhere);
  await rm(elsewhere);
  await rm(database);
  await symlink('library.db', database);
  expect(await failureOf(() => restore())).toMatchObject({ code: 'ELOOP', operation: 'restore' });
});

it('says as an error of the database that its path leads through a file, and that no name can be that long', async () => {
  const below = await failureOf(() => restore({ database: join(backup, 'library.db') }));
  expect(below).toMatchObject({ code: 'ENOTDIR', operation: 'restore' });
  const long = await failureOf(() => restore({ database: join(folder, 'x'.repeat(300)) }));
  expect(long).toMatchObject({ code: 'ENAMETOOLONG', operation: 'restore' });
});

it('takes as long a name as SQLite does, and leaves nothing that runs at the end of the process', async () => {
  const before = process.listenerCount('exit');
  for (const name of [`${'x'.repeat(244)}.db`, `${'文'.repeat(80)}.db`]) {
    const long = join(folder, name);
    await copyFile(database, long);
    const { kept } = await restore({ database: long });
    expect([rowsIn(long), rowsIn(kept ?? '')]).toEqual([[[1]], [[1], [2]]]);
  }
  expect(process.listenerCount('exit')).toBe(before);
});

it('says as an error of the database that no copy can be made beside it', async () => {
  const error = await failureOf(() => restore({ database: join(folder, 'nowhere', 'library.db') }));
  expect(error).toMatchObject({ type: 'connection', code: 'ENOENT', operation: 'restore' });
});

describe('a restored file', () => {
  it('is left as it was, without a copy beside it, by a process that is told to end in the middle', async () => {
    const before = new Set(process.listeners('exit'));
    let files: readonly string[] = [];
    const inspect = async (): Promise<void> => {
      files = await readdir(folder);
      for (const atExit of process.listeners('exit')) if (!before.has(atExit)) atExit.call(process, 130);
    };
    await expect(restore({ inspect })).rejects.toMatchObject({ code: 'ENOENT' });
    expect(files).toContainEqual(expect.stringMatching(/^\.library\.db\..+\.restore$/));
    expect(await readdir(folder)).toEqual(['library.db']);
    expect(rowsIn(database)).toEqual([[1], [2]]);
    expect(process.listeners('exit').every((atExit) => before.has(atExit))).toBe(true);
  });

  it('is the copy, the database from before is kept with all it held, and the backup stays as it was', async () => {
    await chmod(database, 0o640);
    // Only an administrator gives files away.
    if (process.getuid?.() === 0) await chown(database, 12_345, 54_321);
    const { uid, gid } = await stat(database);
    const before = await readFile(backup);
    const { bytes, kept, ...restored } = await restore();
    expect({ ...restored, kept }).toEqual({ database, kept: join(folder, keptName) });
    expect([rowsIn(database), rowsIn(kept ?? '')]).toEqual([[[1]], [[1], [2]]]);
    expect((await readdir(folder)).toSorted()).toEqual(['library.db', keptName]);
    expect((await readFile(backup)).equals(before)).toBe(true);
    expect(bytes).toBe(before.length);
    const now = await stat(database);
    expect([now.mode & 0o777, now.uid, now.gid]).toEqual([0o640, uid, gid]);
  });

  it('can be written where nothing was, also from a backup that nobody may write', async () => {
    await chmod(backup, 0o440);
    await rm(database);
    await restore();
    expect((await stat(database)).mode & 0o777).toBe(0o640);
    expect(rowsIn(database)).toEqual([[1]]);
  });

  it('does not hear of what was in the log of the one before', async () => {
    // A process that is killed leaves its log behind.
    const child = await holder('pragma journal_mode = wal; insert into t values (3); insert into t values (4)');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await stat(`${database}-wal`)).size).toBeGreaterThan(0);
    const { kept } = await restore();
    expect([rowsIn(database), rowsIn(kept ?? '')]).toEqual([[[1]], [[1], [2], [3], [4]]]);
  });

  it('is there at every moment', async () => {
    const watch = `const { workerData, parentPort } = require('node:worker_threads');
      const { existsSync } = require('node:fs');
      const { shared, path } = workerData;
      let missed = 0;
      while (Atomics.load(shared, 0) === 0) {
        if (!existsSync(path)) missed += 1;
        Atomics.add(shared, 1, 1);
      }
      parentPort.postMessage({ missed });`;
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const worker = new Worker(watch, { eval: true, workerData: { shared, path: database } });
    // Each restore is watched, however seldom a busy machine lets the watcher look.
    for (let n = 0, looks = 0; n < 5 || looks < 5; n += 1) {
      const before = Atomics.load(shared, 1);
      await restore();
      if (Atomics.load(shared, 1) > before) looks += 1;
    }
    Atomics.store(shared, 0, 1);
    const [counts]: { missed: number }[] = await once(worker, 'message');
    expect(counts).toEqual({ missed: 0 });
    expect(await readdir(folder)).toContain(`${keptName}-5`);
  });

  it('takes the place of a damaged database, which is kept as it is with its log', async () => {
    const file = await openFile(database, 'r+');
    await file.write(Buffer.alloc(4096, 0xa5), 0, 4096, 0);
    await file.close();
    await writeFile(`${database}-wal`, 'the log of a database that is no more');
    const { kept } = await restore();
    expect(rowsIn(database)).toEqual([[1]]);
    expect((await readFile(kept ?? '')).subarray(0, 4).toString('hex')).toBe('a5a5a5a5');
    expect(await readdir(folder)).toContain(`${keptName}-wal`);
  });

  it('takes the place of a database that is gone', async () => {
    const [empty, path] = [await temporaryFolder(), 'library.db'];
    expect(await restore({ database: join(empty, path) })).toMatchObject({ kept: null });
    expect(rowsIn(join(empty, path))).toEqual([[1]]);
    expect(await readdir(empty)).toEqual(['library.db']);
  });

  it('is found through a link, which stays one', async () => {
    const link = join(await temporaryFolder(), 'link.db');
    await symlink(database, link);
    expect(await restore({ database: link })).toMatchObject({ database });
    expect(rowsIn(link)).toEqual([[1]]);
  });

  it('may be encrypted', async () => {
    const [secret, copy] = [join(folder, 'secret.db'), join(folder, 'secret-copy.db')];
    const encryptionKey = 'correct horse';
    const handle = new Database(secret, { encryptionKey } as object);
    handle.exec(`pragma journal_mode = wal; create table t (n); vacuum into '${copy}'`);
    handle.close();
    expect(await restore({ database: secret, backup: copy, encryptionKey })).toMatchObject({ database: secret });
    expect(await failureOf(() => restore({ database: secret, backup: copy }))).toMatchObject({ type: 'integrity' });
  });
});

describe('nothing changes', () => {
  async function refused(rest: Partial<Parameters<typeof restoreFile>[0]> = {}): Promise<unknown> {
    const names = await readdir(folder);
    const failure: unknown = await restore(rest).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    const drafts = (await readdir(folder)).filter((name) => name.includes('restore'));
    expect(drafts).toEqual([]);
    expect(await readdir(folder)).toEqual(expect.arrayContaining(names));
    return failure;
  }

  it.each([
    ['writes to it', 'begin immediate; insert into t values (3)'],
    ['reads it', 'begin; select * from t'],
    ['has it open in WAL mode and does nothing', 'pragma journal_mode = wal'],
  ])('while another process %s', async (_, statements) => {
    const { pid } = await holder(statements);
    const failure = await refused();
    expect(failure).toMatchObject({ type: 'lock', code: 'DATABASE_IN_USE' });
    if (process.platform === 'linux') expect(String(failure)).toContain(`Process ${pid} (`);
    expect(String(failure)).not.toContain('side-process');
  });

  it.runIf(process.platform === 'linux')(
    'while another process has it open outside WAL mode and does nothing; the error names it',
    async () => {
      const { pid } = await holder('pragma journal_mode = delete');
      const failure = await refused();
      expect(failure).toMatchObject({ code: 'DATABASE_IN_USE', hint: 'Stop it first' });
      expect(String(failure)).toMatch(new RegExp(`Process ${pid} \\(.*node.*( -e .*| …)\\) has .*library\\.db open`));
    },
  );

  it.runIf(process.platform === 'linux')(
    'while another process has it open by the name of a hard link, outside WAL mode',
    async () => {
      const name = join(folder, 'other name.db');
      await link(database, name);
      const { pid } = await holder('pragma journal_mode = delete', name);
      const failure = await refused();
      expect(failure).toMatchObject({ code: 'DATABASE_IN_USE' });
      expect(String(failure)).toContain(`Process ${pid} (`);
    },
  );

  it('while this process has it open', async () => {
    await using manager = await openTransactionManager({ url: pathToFileURL(database).href });
    expect(await refused()).toMatchObject({ code: 'DATABASE_IN_USE' });
    expect(await manager.db.values('select n from t order by n')).toEqual([[1], [2]]);
  });

  it('when the copy is damaged, no database, empty or not there', async () => {
    const whole = await readFile(backup);
    const damaged = join(folder, 'damaged.db');
    await writeFile(damaged, Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096, 0xa5)]));
    expect(await refused({ backup: damaged })).toMatchObject({ type: 'integrity' });
    await writeFile(damaged, 'not a database, but long enough for a header '.repeat(200));
    expect(await refused({ backup: damaged })).toMatchObject({ type: 'integrity', code: 'SQLITE_NOTADB' });
    await writeFile(damaged, '');
    expect(await refused({ backup: damaged })).toMatchObject({ type: 'integrity', code: 'BACKUP_DAMAGED' });
    expect(await refused({ backup: join(folder, 'nowhere.db') })).toMatchObject({ name: 'DatabaseError' });
  });

  it('when the copy is the database itself, or one that is in use', async () => {
    expect(await refused({ backup: database })).toMatchObject({ code: 'BACKUP_IN_USE' });
    const live = join(folder, 'live.db');
    await copyFile(backup, live);
    await using manager = await openTransactionManager({ url: pathToFileURL(live).href });
    await manager.db.run('insert into t values (7)');
    expect(await refused({ backup: live })).toMatchObject({ code: 'BACKUP_IN_USE' });
  });

  it('when the caller does not want the copy after a look into it', async () => {
    const inspect: NonNullable<Parameters<typeof restoreFile>[0]['inspect']> = async (query) => {
      expect(await query('select n from t')).toMatchObject({ columns: ['n'], rows: [[1]] });
      throw new TypeError('not this one');
    };
    expect(await refused({ inspect })).toMatchObject({ message: 'not this one' });
    expect(rowsIn(database)).toEqual([[1], [2]]);
  });
});

it('moves a damaged file away and the copy into its place in one turn, so that no end of the program comes between', async () => {
  await writeFile(database, 'damaged');
  await writeFile(`${database}-wal`, 'its log');
  const aside = join(folder, keptName);
  const moved = exchange(database, backup, aside);
  // Nothing of this program has run since.
  expect([database, `${database}-wal`, aside, `${aside}-wal`, backup].map((path) => existsSync(path))).toEqual([
    ...[true, false, true, true],
    false,
  ]);
  await moved;
  expect(rowsIn(database)).toEqual([[1]]);
  expect(await readFile(aside, 'utf8')).toBe('damaged');
});
