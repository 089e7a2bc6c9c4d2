// Long reads in side processes: the loop goes on, limits end the work, values are those of any other read.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OffloadLane } from '../src/beside/offload.js';
import { openOffloadLane } from '../src/beside/offload.js';
import program from '../src/side-process/side-process-worker.js?raw';
import { deferred, temporaryFolder } from './target.js';

const pragmas = { journal_mode: 'WAL', temp_store: 'MEMORY' };
const limit = { timeoutMs: 240_000 };

async function openLane(): Promise<{ lane: OffloadLane; path: string; database: Database.Database }> {
  const path = join(await temporaryFolder(), 'test.db');
  const database = new Database(path);
  database.exec('pragma journal_mode = wal');
  database.exec(`create table items (id integer primary key, name text, data blob, big integer)`);
  database.exec(`insert into items values (1, 'one', x'00ff', 1), (2, null, null, 9007199254740993)`);
  const lane = openOffloadLane({ path, pragmas });
  onTestFinished(async () => {
    await lane.close();
    database.close();
  });
  return { lane, path, database };
}

/** Counts to `n` in SQLite, about ten million a second. */
const counting = (n: number): string =>
  `with recursive c(n) as (values (1) union all select n + 1 from c where n < ${n}) select count(*) from c`;
const endless = counting(100_000_000_000);

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** The processes of this machine, without those that are dead and not yet collected. Linux tells them where no `ps` is. */
function running(): readonly Running[] {
  if (process.platform === 'linux')
    return readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? toldOf(Number(pid)) : []));
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [pid, parent, state] = line.trim().split(/\s+/);
    return state?.startsWith('Z') ? [] : { pid: Number(pid), parent: Number(parent), command: line };
  });
}

function toldOf(pid: number): Running[] {
  try {
    // After the name of the program, which may hold anything.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return state === 'Z' ? [] : [{ pid, parent: Number(parent), command }];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

/** How many processes of lanes this process has. */
function sideProcesses(): number {
  return running().filter(({ parent, command }) => parent === process.pid && command.includes('@cc/tx/side-process'))
    .length;
}

describe('an offload lane', () => {
  it('returns rows, columns and values as any other read does', async () => {
    const { lane } = await openLane();
    const sql = 'select id, name, data, id + 0.5 as half from items where id <= :most order by id';
    expect(await lane.run(sql, { most: 2 }, limit)).toEqual({
      columns: ['id', 'name', 'data', 'half'],
      rows: [
        [1, 'one', Buffer.from([0, 255]), 1.5],
        [2, null, null, 2.5],
      ],
      rowsAffected: 0,
      lastInsertRowid: null,
    });
    const bound = await lane.run('select ?, ?, ?, ?', [7n, 'x', null, Buffer.from('b')], limit);
    expect(bound.rows).toEqual([[7, 'x', null, Buffer.from('b')]]);
    expect((await lane.run('select id from items where 0', [], limit)).rows).toEqual([]);
  });

  it('refuses integers that a number cannot keep, and answers the next read', async () => {
    const { lane } = await openLane();
    await expect(lane.run('select big from items', [], limit)).rejects.toMatchObject({ code: 'INTEGER_OUT_OF_RANGE' });
    expect((await lane.run('select 1', [], limit)).rows).toEqual([[1]]);
  });

  it('sees what was committed before each read', async () => {
    const { lane, database } = await openLane();
    const count = async () => (await lane.run('select count(*) from items', [], limit)).rows[0]?.[0];
    expect(await count()).toBe(2);
    database.exec('insert into items (id) values (3)');
    expect(await count()).toBe(3);
  });

  it('returns long results whole and in order', async () => {
    const { lane } = await openLane();
    const sql = `with recursive c(n) as (values (1) union all select n + 1 from c where n < 10000) select n from c`;
    const { rows } = await lane.run(sql, [], limit);
    expect(rows.map(([n]) => n)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
  });

  it('lets the event loop go on while a query runs', async () => {
    const { lane } = await openLane();
    await lane.run('select 1', [], limit);
    const stop = new AbortController();
    const running = lane.run(endless, [], { ...limit, signal: stop.signal });
    const ended = running.catch(() => undefined);
    // On a loop that the query holds no timer ever fires.
    for (let turns = 0; turns < 100; turns += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await Promise.race([ended.then(() => 'ended'), Promise.resolve('running')])).toBe('running');
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it.each([
    ['the first row', endless],
    ['a later row', `${endless.replace('count(*)', 'n')} where n = 1 or n = 90000000000`],
  ])('ends the work on %s when the time is up', async (_, sql) => {
    const { lane } = await openLane();
    await lane.run('select 1', [], limit);
    // By itself it would take hours.
    await expect(lane.run(sql, [], { timeoutMs: 300 })).rejects.toMatchObject({
      type: 'timeout',
      code: 'OFFLOAD_TIMEOUT',
    });
    expect(sideProcesses()).toBe(0);
    expect((await lane.run('select 1', [], limit)).rows).toEqual([[1]]);
  });

  it('ends the work when its signal aborts', async () => {
    const { lane } = await openLane();
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = lane.run(endless, [], { ...limit, signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await expect(running).rejects.toMatchObject({ type: 'aborted', code: 'ABORTED', cause: reason });
    expect(sideProcesses()).toBe(0);
    await expect(lane.run('select 1', [], { ...limit, signal: controller.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });

  it('runs two at once and the others in order', async () => {
    const { lane } = await openLane();
    const order: number[] = [];
    const stops = [new AbortController(), new AbortController()];
    const long = stops.map(({ signal }) => lane.run(endless, [], { ...limit, signal }).catch(() => undefined));
    const waiting = [1, 2, 3].map(async (n) => {
      await lane.run('select ?', [n], limit);
      order.push(n);
    });
    await expect(lane.run('select 4', [], { timeoutMs: 200 })).rejects.toMatchObject({ code: 'OFFLOAD_TIMEOUT' });
    expect({ order, processes: sideProcesses() }).toEqual({ order: [], processes: 2 });
    stops[0]?.abort();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    stops[1]?.abort();
    await Promise.all(long);
  });

  it.each([
    'insert into items (id) values (9)',
    'pragma query_only = 0',
    'attach ? as other',
    'begin',
    'with x as (select 9 as id) insert into items (id) select id from x',
  ])('refuses %s', async (sql) => {
    const { lane, database } = await openLane();
    await expect(lane.run(sql, [], limit)).rejects.toMatchObject({ type: 'readonly', code: 'TX_READ_ONLY' });
    expect(database.prepare('select count(*) as n from items').get()).toMatchObject({ n: 2 });
  });

  it('runs the checks of SQLite', async () => {
    const { lane } = await openLane();
    expect((await lane.run('pragma integrity_check', [], limit)).rows).toEqual([['ok']]);
    expect((await lane.run('PRAGMA foreign_key_check(items);', [], limit)).rows).toEqual([]);
  });

  it('reports errors of SQL as DatabaseError, and goes on', async () => {
    const { lane } = await openLane();
    await expect(lane.run('select nothing from items', [], limit)).rejects.toMatchObject({
      type: 'syntax',
      code: 'SQLITE_ERROR',
      operation: 'select nothing from items',
    });
    await expect(lane.run(`select json_extract('{', '$')`, [], limit)).rejects.toMatchObject({ code: 'SQLITE_ERROR' });
    expect((await lane.run('select 1', [], limit)).rows).toEqual([[1]]);
  });

  it('outlives a crash of the driver, which invalid UTF-8 causes', async () => {
    const { lane } = await openLane();
    await expect(lane.run(`select cast(x'ff41' as text)`, [], limit)).rejects.toMatchObject({
      code: 'SIDE_PROCESS_LOST',
    });
    expect((await lane.run('select 1', [], limit)).rows).toEqual([[1]]);
  });

  it('ends with the process that asked, also when that is killed', async () => {
    const { path } = await openLane();
    const parent = `
      const { spawn } = require('node:child_process');
      const args = ['-e', process.argv[1], 'title', String(process.pid), process.argv[4]];
      const child = spawn(process.execPath, args, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      child.send({ settings: { path: process.argv[2], pragmas: {}, readOnly: true }, sql: process.argv[3], args: [] });
      console.log(child.pid);`;
    const driver = createRequire(import.meta.url).resolve('libsql');
    const asking = spawn(process.execPath, ['-e', parent, program, path, endless, driver]);
    const [line] = await once(asking.stdout, 'data');
    const pid = Number(line);
    const lives = (): boolean => running().some((each) => each.pid === pid);
    expect(lives()).toBe(true);
    asking.kill('SIGKILL');
    await expect.poll(lives).toBe(false);
  });

  it('reads encrypted files with their key', async () => {
    const path = join(await temporaryFolder(), 'secret.db');
    const options: Database.Options & { encryptionKey: string } = { encryptionKey: 'k1' };
    const database = new Database(path, options);
    database.exec('create table t (a); insert into t values (1)');
    onTestFinished(() => void database.close());
    const lane = openOffloadLane({ path, encryptionKey: 'k1', pragmas });
    const wrong = openOffloadLane({ path, encryptionKey: 'k2', pragmas: {} });
    onTestFinished(async () => void (await Promise.all([lane.close(), wrong.close()])));
    expect((await lane.run('select a from t', [], limit)).rows).toEqual([[1]]);
    await expect(wrong.run('select a from t', [], limit)).rejects.toMatchObject({ code: 'SQLITE_NOTADB' });
  });

  it('ends running and waiting reads when it is closed, and refuses more', async () => {
    const { lane } = await openLane();
    const reads = [1, 2, 3].map(() => lane.run(endless, [], limit));
    const started = deferred();
    setImmediate(() => started.resolve());
    await started.promise;
    const ended = Promise.allSettled(reads);
    await lane.close();
    for (const result of await ended) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } });
    await expect(lane.run('select 1', [], limit)).rejects.toMatchObject({ type: 'closed', code: 'CLOSED' });
    expect(sideProcesses()).toBe(0);
  });

  it('lets go of the file when it is reset, and reads the file that is there then', async () => {
    const { lane } = await openLane();
    await lane.run('select 1', [], limit);
    expect(sideProcesses()).toBe(1);
    await lane.reset();
    expect(sideProcesses()).toBe(0);
    expect((await lane.run('select 1', [], limit)).rows).toEqual([[1]]);
  });

  it('uses no process again whose read was under way when it was reset', async () => {
    const { lane, path, database } = await openLane();
    await lane.run('select 1', [], limit);
    const before = lane.run(counting(3_000_000), [], limit);
    // It is sent in the next turn, and not answered in that.
    await nextTurn();
    await lane.reset();
    database.close();
    for (const suffix of ['', '-wal', '-shm'])
      if (existsSync(path + suffix)) renameSync(path + suffix, `${path}.before${suffix}`);
    const there = new Database(path);
    there.exec('create table items (id integer primary key); insert into items values (1), (2), (3)');
    there.close();
    expect((await before).rows).toEqual([[3_000_000]]);
    expect((await lane.run('select count(*) from items', [], limit)).rows).toEqual([[3]]);
  });
});
