// What can happen to a database file, provoked on the native driver and on @libsql/client.
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { copyFile, mkdir, open, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { startProgram } from '@cc/testkit/program';
import { createClient } from '@libsql/client';
import Database from 'libsql';
import PromiseDatabase from 'libsql/promise';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../target.js';
import { type Driver, type Failure, thrownBy } from './failure.js';

const both = ['libsql', 'client'] as const;

/** Runs `statements` on a file as the driver does, the last one prepared. */
async function runOn(driver: Driver, path: string, statements: readonly string[], key?: string): Promise<void> {
  if (driver === 'client') {
    const client = createClient({ url: `file:${path}`, ...(key !== undefined && { encryptionKey: key }) });
    onTestFinished(() => client.close());
    for (const statement of statements) await client.execute(statement);
    return;
  }
  const native = openNative(path, key);
  for (const statement of statements.slice(0, -1)) native.exec(statement);
  const prepared = native.prepare(statements.at(-1) ?? '');
  if (prepared.columns().length > 0) prepared.all([]);
  else prepared.run([]);
}

function openNative(path: string, encryptionKey?: string): Database.Database {
  // The driver takes an encryption key that its declarations do not know.
  const options: Database.Options & { encryptionKey?: string } = encryptionKey === undefined ? {} : { encryptionKey };
  const native = new Database(path, options);
  onTestFinished(() => void native.close());
  return native;
}

async function newFile(...statements: string[]): Promise<string> {
  const path = join(await temporaryFolder(), 'x.db');
  const native = new Database(path);
  native.exec(['pragma journal_mode = wal', 'create table t (a)', ...statements].join(';'));
  native.close();
  return path;
}

/** A process that fails by itself tells its error as it was: limits and memory must not be those of the tests. */
function thrownInProcess(statements: string, path: string, limit: string): Error {
  const program = `
    const native = new (require(${JSON.stringify(createRequire(import.meta.url).resolve('libsql'))}))(process.argv[1]);
    try { ${statements} } catch (error) {
      process.stdout.write(JSON.stringify({ message: error.message, code: error.code, rawCode: error.rawCode }));
    }`;
  const shell = `trap '' XFSZ; ${limit} exec "$0" -e "$1" "$2"`;
  const { stdout, stderr } = spawnSync('sh', ['-c', shell, process.execPath, program, path], { encoding: 'utf8' });
  if (stdout === '') throw new Error(`nothing failed: ${stderr}`);
  const { message, ...codes } = JSON.parse(stdout) as { message: string; code: string; rawCode: number };
  return Object.assign(new Error(message), { name: 'SqliteError', ...codes });
}

const fillUp = `native.exec('pragma journal_mode = wal; create table t (a)');
  for (let i = 0; i < 100; i += 1) native.prepare('insert into t values (?)').run([Buffer.alloc(20000)]);`;

/** A folder that holds 300 KiB. */
async function smallDisk(): Promise<string> {
  const folder = join(await temporaryFolder(), 'small');
  await mkdir(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]));
  return folder;
}

/** Mounting needs rights that a test run rarely has. */
function whyNoMount(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting a tmpfs needs root on Linux';
  return spawnSync('unshare', ['--mount', 'true']).status === 0 ? null : 'this machine permits no mounts';
}

export const fileFailures: readonly Failure[] = [
  {
    what: 'another process holds the write lock',
    on: both,
    type: 'lock',
    code: 'SQLITE_BUSY',
    recoverable: true,
    provoke: async (driver) => {
      const path = await newFile();
      const holder = startProgram(new URL('../processes/lock-holder.mjs', import.meta.url), [path]);
      await holder.line();
      return thrownBy(() => runOn(driver, path, ['insert into t values (1)']));
    },
  },
  {
    what: 'another connection wrote after this transaction had read',
    on: both,
    type: 'lock',
    code: 'SQLITE_BUSY_SNAPSHOT',
    recoverable: true,
    provoke: async (driver) => {
      const path = await newFile();
      const other = openNative(path);
      const write = 'insert into t values (2)';
      if (driver === 'libsql') {
        const native = openNative(path);
        native.exec('begin; select * from t');
        other.exec(write);
        return thrownBy(() => native.prepare(write).run([]));
      }
      const client = createClient({ url: `file:${path}` });
      onTestFinished(() => client.close());
      const transaction = await client.transaction('deferred');
      await transaction.execute('select * from t');
      other.exec(write);
      return thrownBy(() => transaction.execute(write));
    },
  },
  {
    what: 'another connection of a shared cache holds the table',
    on: ['libsql'],
    type: 'lock',
    code: 'SQLITE_LOCKED_SHAREDCACHE',
    recoverable: true,
    provoke: async () => {
      const path = `file:${await newFile()}?cache=shared`;
      const [writer, reader] = [openNative(path), openNative(path)];
      writer.exec('begin immediate; insert into t values (1)');
      return thrownBy(() => reader.prepare('select * from t').all([]));
    },
  },
  {
    what: 'a write under query_only',
    on: both,
    type: 'readonly',
    code: 'SQLITE_READONLY',
    provoke: async (driver) => {
      const path = await newFile();
      return thrownBy(() => runOn(driver, path, ['pragma query_only = 1', 'insert into t values (1)']));
    },
  },
  {
    what: 'the file was moved while it was open',
    on: ['libsql'],
    type: 'readonly',
    code: 'SQLITE_READONLY_DBMOVED',
    provoke: async () => {
      const path = join(await temporaryFolder(), 'x.db');
      const native = openNative(path);
      native.exec('create table t (a)');
      await rename(path, `${path}.moved`);
      return thrownBy(() => native.exec('insert into t values (1)'));
    },
  },
  {
    what: 'the file is no database',
    on: both,
    type: 'integrity',
    code: 'SQLITE_NOTADB',
    provoke: async (driver) => {
      const path = join(await temporaryFolder(), 'x.db');
      await writeFile(path, 'This is a text file, not a database. '.repeat(100));
      return thrownBy(() => runOn(driver, path, ['select * from sqlite_schema']));
    },
  },
  {
    what: 'a wrong encryption key',
    on: both,
    type: 'integrity',
    code: 'SQLITE_NOTADB',
    provoke: async (driver) => {
      const path = join(await temporaryFolder(), 'x.db');
      const native = openNative(path, 'right');
      native.exec('create table t (a)');
      native.close();
      return thrownBy(() => runOn(driver, path, ['select * from t'], 'wrong'));
    },
  },
  {
    what: 'pages of the file were overwritten',
    on: both,
    type: 'integrity',
    code: 'SQLITE_CORRUPT',
    provoke: async (driver) => {
      const path = await newFile(
        `with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000)
         insert into t select hex(randomblob(100)) from n`,
      );
      const file = await open(path, 'r+');
      for (let page = 2; page < 60; page += 1) await file.write(Buffer.alloc(4096, 0xff), 0, 4096, page * 4096);
      await file.close();
      return thrownBy(() => runOn(driver, path, ['select count(*), max(a) from t']));
    },
  },
  {
    what: 'the full-text index does not match its table',
    on: both,
    type: 'integrity',
    code: 'SQLITE_CORRUPT_VTAB',
    provoke: async (driver) => {
      const path = await newFile(
        'create table d (id integer primary key, body text)',
        `create virtual table f using fts5 (body, content = 'd', content_rowid = 'id')`,
        `insert into d values (1, 'first')`,
        `insert into f (f) values ('rebuild')`,
        `update d set body = 'second'`,
      );
      return thrownBy(() => runOn(driver, path, [`insert into f (f, rank) values ('integrity-check', 1)`]));
    },
  },
  {
    what: 'max_page_count is reached',
    on: both,
    type: 'full',
    code: 'SQLITE_FULL',
    provoke: async (driver) => {
      const path = await newFile();
      return thrownBy(() =>
        runOn(driver, path, ['pragma max_page_count = 10', 'insert into t select zeroblob(100000)']),
      );
    },
  },
  {
    what: 'the disk is full',
    on: ['libsql'],
    type: 'full',
    code: 'SQLITE_FULL',
    impossible: whyNoMount(),
    provoke: async () => thrownInProcess(fillUp, join(await smallDisk(), 'x.db'), ''),
  },
  {
    what: 'the disk has no room for the index of the log, which reading needs too',
    on: ['libsql'],
    type: 'full',
    code: 'SQLITE_IOERR_SHMSIZE',
    impossible: whyNoMount(),
    provoke: async (driver) => {
      const folder = await smallDisk();
      const path = join(folder, 'x.db');
      await copyFile(await newFile(), path);
      await writeFile(join(folder, 'what fills it'), Buffer.alloc(400_000)).catch(() => undefined);
      return thrownBy(() => runOn(driver, path, ['select a from t']));
    },
  },
  {
    what: 'the disk or its limits refuse a write',
    on: ['libsql'],
    type: 'connection',
    code: 'SQLITE_IOERR_WRITE',
    provoke: async () => thrownInProcess(fillUp, join(await temporaryFolder(), 'x.db'), 'ulimit -f 200;'),
  },
  {
    what: 'the memory that SQLite may use is full',
    on: ['libsql'],
    type: 'overload',
    code: 'SQLITE_NOMEM',
    recoverable: true,
    provoke: async () =>
      thrownInProcess(
        `native.exec('pragma hard_heap_limit = 2000000'); native.prepare('select zeroblob(3000000) || 1').all([]);`,
        join(await temporaryFolder(), 'x.db'),
        '',
      ),
  },
  {
    what: 'the folder does not exist, or the path is a folder',
    on: both,
    type: 'connection',
    code: 'SQLITE_CANTOPEN',
    provoke: async (driver) => {
      const folder = await temporaryFolder();
      const missing = await thrownBy(() => runOn(driver, join(folder, 'missing', 'x.db'), ['select 1']));
      const isFolder = await thrownBy(() => runOn(driver, folder, ['select 1']));
      return driver === 'libsql' ? missing : isFolder;
    },
  },
  {
    what: 'a part of the path is a file, leads back to itself, is too long, or may not be looked at',
    on: ['libsql'],
    type: 'connection',
    code: 'ENOTDIR',
    // What Node throws: the file system is asked before SQLite is.
    provoke: async () => {
      const file = join(await temporaryFolder(), 'a file');
      await writeFile(file, '');
      return thrownBy(() => statSync(join(file, 'x.db')));
    },
  },
  {
    what: 'the process has as many files open as it may',
    on: ['libsql'],
    type: 'overload',
    code: 'EMFILE',
    recoverable: true,
    // What Node throws then; SQLite says CANTOPEN, which can be told apart in that process only: handles.test.ts.
    provoke: async () =>
      thrownInProcess(
        "for (;;) require('node:fs').openSync('/dev/null');",
        join(await temporaryFolder(), 'x.db'),
        'ulimit -n 64;',
      ),
  },
  {
    what: 'the connection was closed',
    on: both,
    type: 'closed',
    code: 'CONNECTION_CLOSED',
    provoke: async (driver) => {
      if (driver === 'libsql') {
        const native = new Database(':memory:');
        native.close();
        return thrownBy(() => native.exec('select 1'));
      }
      const client = createClient({ url: ':memory:' });
      client.close();
      return thrownBy(() => client.execute('select 1'));
    },
  },
  {
    what: 'the statement was interrupted',
    on: ['libsql'],
    type: 'aborted',
    code: 'SQLITE_INTERRUPT',
    provoke: async () => {
      const native = new PromiseDatabase(':memory:', {});
      onTestFinished(() => native.close());
      const endless = 'with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n';
      const running: Promise<unknown> = (await native.prepare(endless)).all([]);
      // Before it runs an interrupt does nothing, so it is repeated until the statement ends.
      const interrupting = setInterval(() => native.interrupt(), 5);
      onTestFinished(() => clearInterval(interrupting));
      return thrownBy(() => running);
    },
  },
  {
    what: 'the transaction was ended before',
    on: ['client'],
    type: 'aborted',
    code: 'TRANSACTION_CLOSED',
    provoke: async () => {
      const client = createClient({ url: `file:${await newFile()}` });
      onTestFinished(() => client.close());
      const transaction = await client.transaction('write');
      await transaction.commit();
      return thrownBy(() => transaction.execute('select 1'));
    },
  },
];
