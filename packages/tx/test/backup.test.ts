// Copies of real databases: complete, verified, made beside writers, and never half there.
import { createHash } from 'node:crypto';
import { readdir, readFile, readlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTokenIssuer, refusingPort, type Sqld, type SqldOptions, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { createClient } from '@libsql/client';
import Database from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { backupLocal, backupMemory } from '../src/backup/backup.js';
import { backupFromServer } from '../src/backup/server-backup.js';
import { Connection } from '../src/connections/local/connection.js';
import type { BackupProgress } from '../src/types.js';
import { open, valuesOf } from './driver-alone.js';
import { openTarget, temporaryFolder } from './target.js';

/** A file with `rows` rows of about a kilobyte. */
async function sourceFile(rows: number): Promise<{ folder: string; source: string; database: Database.Database }> {
  const folder = await temporaryFolder();
  const source = join(folder, 'library.db');
  const database = new Database(source);
  onTestFinished(() => void database.close());
  database.exec('pragma journal_mode = wal; create table t (id integer primary key, data blob)');
  addRows(database, rows);
  return { folder, source, database };
}

function addRows(database: Database.Database, rows: number): void {
  database.exec(`insert into t (data) with recursive c(n) as (values (1) union all select n + 1 from c where n < ${rows})
    select randomblob(1000) from c`);
}

describe('a backup of a file', () => {
  it('is a verified copy with the same rows, and says its size', async () => {
    const { folder, source } = await sourceFile(3_000);
    const destination = join(folder, 'copy.db');
    const info = await backupLocal({ source, destination, checksum: true });
    const bytes = await readFile(destination);
    expect(info).toEqual({
      path: destination,
      bytes: bytes.length,
      pages: bytes.length / 4096,
      durationMs: expect.any(Number),
      verified: true,
      brokenRules: [],
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(valuesOf(open(destination), 'select count(*), sum(length(data)) from t')).toEqual([[3_000n, 3_000_000n]]);
    expect((await readdir(folder)).sort()).toEqual(['copy.db', 'library.db', 'library.db-shm', 'library.db-wal']);
  });

  it('is not taken for damaged where SQLite takes a default with a fraction for NULL', async () => {
    const { folder, source, database } = await sourceFile(3);
    database.exec('alter table t add weight real not null default 0.5');
    expect(valuesOf(database, 'pragma integrity_check(1)')).toEqual([['NULL value in t.weight']]);
    const info = await backupLocal({ source, destination: join(folder, 'copy.db') });
    expect(info.verified).toBe(true);
  });

  it('is not taken for damaged where a full-text index keeps no rows to be compared with', async () => {
    const { folder, source, database } = await sourceFile(3);
    database.exec(
      `create virtual table "two\nwords" using fts4(content='', w); insert into "two\nwords" (docid, w) values (1, 'a')`,
    );
    expect(valuesOf(database, 'pragma integrity_check')).toEqual([[expect.stringContaining('unable to validate')]]);
    const info = await backupLocal({ source, destination: join(folder, 'copy.db') });
    expect(info.verified).toBe(true);
  });

  it('holds the last commit and nothing of an open transaction, and writers go on meanwhile', async () => {
    const { folder, source, database } = await sourceFile(20_000);
    const destination = join(folder, 'copy.db');
    database.exec(`begin immediate; delete from t where id > 10`);
    let commits = 0;
    const running = backupLocal({
      source,
      destination,
      onProgress: () => {
        // The first report comes before the copy begins, the last one after its end.
        if (database.inTransaction) database.exec('rollback');
        database.exec('insert into t (data) values (null)');
        commits += 1;
      },
    });
    await running;
    expect(commits).toBeGreaterThan(1);
    const [[copied] = []] = valuesOf(open(destination), 'select count(*) from t where data is not null') as unknown[][];
    expect(copied).toBe(20_000n);
    expect(valuesOf(database, 'select count(*) from t')).toEqual([[20_000n + BigInt(commits)]]);
  });

  it('reports progress that grows to the size of the file', async () => {
    const { folder, source } = await sourceFile(30_000);
    const seen: BackupProgress[] = [];
    const onProgress = (progress: BackupProgress): void => {
      seen.push(progress);
      throw new Error('a broken listener');
    };
    const { bytes } = await backupLocal({ source, destination: join(folder, 'copy.db'), onProgress });
    expect(seen[0]).toMatchObject({ bytesDone: 0 });
    expect(seen.at(-1)).toEqual({ bytesDone: bytes, bytesTotal: bytes });
    const done = seen.map(({ bytesDone }) => bytesDone);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  it('never overwrites a file, also one that appears meanwhile', async () => {
    const { folder, source } = await sourceFile(10);
    const destination = join(folder, 'copy.db');
    await writeFile(destination, 'precious');
    await expect(backupLocal({ source, destination })).rejects.toMatchObject({ code: 'BACKUP_EXISTS' });
    const other = join(folder, 'other.db');
    let written: Promise<void> | undefined;
    const onProgress = (): void => void (written ??= writeFile(other, 'precious'));
    await expect(backupLocal({ source, destination: other, onProgress })).rejects.toMatchObject({
      type: 'aborted',
      code: 'BACKUP_EXISTS',
    });
    await written;
    for (const path of [destination, other]) expect(await readFile(path, 'utf8')).toBe('precious');
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('may have a name as long as the file system takes; a longer one is refused', async () => {
    const manager = await openTarget('file');
    const folder = await temporaryFolder();
    const path = join(folder, 'n'.repeat(255));
    expect(await manager.backup(path)).toMatchObject({ path, verified: true });
    await expect(manager.backup(`${path}n`)).rejects.toMatchObject({ type: 'connection', code: 'SQLITE_CANTOPEN' });
  });

  it('is refused for a missing source, which it does not create, and for a missing folder', async () => {
    const { folder, source } = await sourceFile(1);
    const missing = join(folder, 'missing.db');
    const destination = join(folder, 'copy.db');
    await expect(backupLocal({ source: missing, destination })).rejects.toMatchObject({ code: 'SQLITE_CANTOPEN' });
    const nowhere = join(folder, 'missing', 'copy.db');
    const refused = backupLocal({ source, destination: nowhere });
    await expect(refused).rejects.toMatchObject({ type: 'connection', code: 'SQLITE_CANTOPEN' });
    await expect(refused).rejects.toThrow(`The folder ${join(folder, 'missing')} does not exist`);
    await expect(backupLocal({ source, destination: join(source, 'copy.db') })).rejects.toThrow(
      `${source} is no folder`,
    );
    expect((await readdir(folder)).filter((name) => !name.startsWith('library.db'))).toEqual([]);
  });

  it('is not made of a damaged source', async () => {
    const { folder, source, database } = await sourceFile(2_000);
    database.exec('pragma wal_checkpoint(truncate)');
    database.close();
    await truncate(source, 800_000);
    const destination = join(folder, 'copy.db');
    await expect(backupLocal({ source, destination })).rejects.toMatchObject({ type: 'integrity' });
    expect(await readdir(folder)).not.toContain('copy.db');
  });

  it('of an encrypted file is encrypted with the same key', async () => {
    const folder = await temporaryFolder();
    const source = join(folder, 'secret.db');
    const options: Database.Options & { encryptionKey: string } = { encryptionKey: 'k1' };
    const database = new Database(source, options);
    onTestFinished(() => void database.close());
    database.exec(`create table t (a text); insert into t values ('plain words')`);
    const destination = join(folder, 'copy.db');
    await backupLocal({ source, encryptionKey: 'k1', destination });
    expect((await readFile(destination)).includes('plain words')).toBe(false);
    const copy = new Database(destination, options);
    onTestFinished(() => void copy.close());
    expect(valuesOf(copy, 'select a from t')).toEqual([['plain words']]);
    const wrong = backupLocal({ source, encryptionKey: 'k2', destination: join(folder, 'other.db') });
    await expect(wrong).rejects.toMatchObject({ code: 'SQLITE_NOTADB' });
  });
});

describe('a backup of a database in memory', () => {
  it('is refused inside a transaction, which has the one connection that it needs', async () => {
    const manager = await openTarget(':memory:');
    const path = join(await temporaryFolder(), 'never.db');
    await expect(manager.transaction(() => manager.backup(path))).rejects.toMatchObject({ code: 'WOULD_DEADLOCK' });
  });

  it('is a verified copy', async () => {
    const settings = {
      path: ':memory:',
      pragmas: {},
      readOnly: false,
      encryptionKey: undefined,
      statementCacheSize: 0,
    };
    const connection = new Connection(settings);
    onTestFinished(() => connection.close());
    connection.exec('create table t (a); insert into t values (1), (2)');
    const destination = join(await temporaryFolder(), 'copy.db');
    expect(await backupMemory(connection, { destination })).toMatchObject({
      path: destination,
      pages: 2,
      verified: true,
    });
    expect(valuesOf(open(destination), 'select count(*) from t')).toEqual([[2n]]);
  });
});

async function server(options?: SqldOptions): Promise<Sqld> {
  const started = await startSqld(options);
  onTestFinished(() => started.close());
  return started;
}

const hardToCopy = [
  `create table t (id integer primary key autoincrement, a text, b blob, c real, d)`,
  `create virtual table external using fts5(a, content='t', content_rowid='id')`,
  `create virtual table own using fts5(x, tokenize = "unicode61 remove_diacritics 2")`,
  `create trigger tr after insert on t begin
     insert into external (rowid, a) values (new.id, new.a); select case when 1 then ';' end; end`,
  `create unique index ti on t (a) where a <> ';'`,
  `create view v as select a from t -- a comment ; here
     where a is not null`,
  `create table "we;ird ""name'" ("c;1" text default 'x;y', g text generated always as ("c;1" || '!'))`,
  `create table keyed (k text collate nocase, l integer, v, primary key (l, k)) without rowid`,
  `create table named (name text primary key) strict`,
  `insert into "we;ird ""name'" ("c;1") values ('it''s; END; BEGIN')`,
  `insert into keyed values ('a', 2, 1), ('B', 1, 2), ('b', 2, 3)`,
  `insert into own values ('hello world')`,
  `insert into named (rowid, name) values (77, 'x')`,
  `insert into t (a, c, d) values ('infinite', 9e999, -9e999), ('x' || char(0) || 'y', -0.5, 5.0), ('', 1e-320, 9007199254740993)`,
  `insert into t (a, b, d) values (char(10, 13, 39, 34, 128512), x'0001ff', zeroblob(0)), (null, null, null)`,
  `delete from t where a is null`,
  `pragma user_version = 7`,
];

const everything = [
  `select type, name, tbl_name, sql from sqlite_schema where name not like 'sqlite_%' order by type, name`,
  `select id, quote(a), length(cast(a as blob)), quote(b), typeof(c), c, typeof(d), quote(d) from t order by id`,
  `select rowid, "c;1", g from "we;ird ""name'"`,
  `select * from keyed order by l, k`,
  `select rowid, name from named`,
  `select * from sqlite_sequence`,
  `select rowid, x from own where own match 'hello'`,
  `select rowid from external where external match 'infinite'`,
  'pragma user_version',
  'pragma application_id',
];

describeWithSqld('a backup of a server', () => {
  it.each(['http', 'ws'] as const)('over %s is a verified copy of everything', async (protocol) => {
    const { url } = await server();
    const original = new Database(':memory:');
    onTestFinished(() => void original.close());
    const client = createClient({ url: url.http });
    onTestFinished(() => client.close());
    for (const sql of hardToCopy) {
      await client.execute(sql);
      original.exec(sql);
    }
    const destination = join(await temporaryFolder(), 'copy.db');
    const info = await backupFromServer({ url: url[protocol], destination });
    expect(info).toMatchObject({ path: destination, verified: true });
    const copy = open(destination);
    for (const sql of everything) expect([sql, valuesOf(copy, sql)]).toEqual([sql, valuesOf(original, sql)]);
    for (const index of ['external', 'own']) {
      copy.exec(`insert into ${index} (${index}, rank) values ('integrity-check', 1)`);
    }
    copy.exec(`insert into t (a) values ('later')`);
    expect(valuesOf(copy, `select rowid from external where external match 'later'`)).toEqual([[6n]]);
  });

  it('holds one state of many pages while others write', async () => {
    const { url } = await server();
    const client = createClient({ url: url.ws });
    onTestFinished(() => client.close());
    await client.execute('create table t (id integer primary key, data blob)');
    await client.execute('create table last (n integer)');
    await client.execute(`insert into t (data) with recursive c(n) as (values (1) union all select n + 1 from c where n < 6000)
      select randomblob(case n % 1000 when 0 then 300000 else 100 end) from c`);
    const controller = new AbortController();
    let written = 0;
    const seen: BackupProgress[] = [];
    const write = async (): Promise<void> => {
      await client.batch([`update t set data = 'later' where id = 5999`, 'insert into last values (1)'], 'write');
      written += 1;
    };
    const writer = (async () => {
      while (!controller.signal.aborted || written === 0) await write();
    })();
    const destination = join(await temporaryFolder(), 'copy.db');
    const onProgress = (progress: BackupProgress): void => void seen.push(progress);
    const info = await backupFromServer({ url: url.http, destination, onProgress });
    controller.abort();
    await writer;
    expect(seen.at(-1)).toEqual({ bytesDone: info.bytes, bytesTotal: info.bytes });
    const copy = open(destination);
    const [[rows, changed, last] = []] = valuesOf(
      copy,
      `select count(*), count(case when data = 'later' then 1 end), (select count(*) from last) from t`,
    ) as bigint[][];
    // The change of a row near the end and the count of changes are of the same moment.
    expect(rows).toBe(6_000n);
    expect(changed === 1n).toBe((last ?? 0n) > 0n);
  });

  it('of which the last table with AUTOINCREMENT was dropped is a backup like any other', async () => {
    const { url } = await server();
    const client = createClient({ url: url.http });
    await client.batch(['create table a (id integer primary key autoincrement)', 'create table b (x)'], 'write');
    await client.batch(['insert into a default values', 'insert into b values (1)', 'drop table a'], 'write');
    client.close();
    const destination = join(await temporaryFolder(), 'copy.db');
    expect(await backupFromServer({ url: url.http, destination })).toMatchObject({ verified: true });
    expect(valuesOf(open(destination), 'select x from b')).toEqual([[1n]]);
  });

  it('leaves nothing behind when it is aborted or the server dies', async () => {
    const running = await server();
    const client = createClient({ url: running.url.http });
    await client.execute('create table t (data blob)');
    await client.execute(`insert into t with recursive c(n) as (values (1) union all select n + 1 from c where n < 20000)
      select randomblob(1000) from c`);
    client.close();
    const folder = await temporaryFolder();
    const options = { url: running.url.ws, destination: join(folder, 'copy.db') };
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    await expect(backupFromServer({ ...options, signal: controller.signal, onProgress: abort })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    let killed: Promise<void> | undefined;
    const onProgress = (): void => void (killed ??= running.kill());
    await expect(backupFromServer({ ...options, onProgress })).rejects.toMatchObject({ name: 'DatabaseError' });
    await killed;
    expect(await readdir(folder)).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')(
    'that fails keeps no file of it open: a full disk would stay full',
    async () => {
      const { url } = await server();
      const client = createClient({ url: url.http });
      onTestFinished(() => client.close());
      await client.executeMultiple(`create table a (x); create table b (rowid, _rowid_, oid); create table c (x);
      insert into a values (1), (2); insert into c values (1), (2)`);
      const folder = await temporaryFolder();
      const backup = backupFromServer({ url: url.http, destination: join(folder, 'copy.db') });
      await expect(backup).rejects.toThrow('hide its rowid');
      const held = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
      expect((await Promise.all(held)).filter((path) => path.includes(folder))).toEqual([]);
    },
  );

  it('needs a token where the server does, and never tells it', async () => {
    const tokens = createTokenIssuer();
    const { url } = await server({ tokens });
    const folder = await temporaryFolder();
    const client = createClient({ url: url.http, authToken: tokens.token() });
    await client.execute('create table t (a)');
    client.close();
    const authToken = tokens.token({ access: 'ro' });
    const destination = join(folder, 'copy.db');
    expect(await backupFromServer({ url: url.http, authToken, destination })).toMatchObject({ verified: true });
    const wrong = `${authToken.slice(0, -8)}AAAAAAAA`;
    const refused = await backupFromServer({
      url: url.http,
      authToken: wrong,
      destination: join(folder, 'other.db'),
    }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'DatabaseError', type: 'auth' });
    expect(String(refused)).not.toContain(wrong);
    const nobody = backupFromServer({
      url: `http://127.0.0.1:${refusingPort}`,
      destination: join(folder, 'other.db'),
    });
    await expect(nobody).rejects.toMatchObject({ type: 'connection' });
    expect(await readdir(folder)).toEqual(['copy.db']);
  });
});
