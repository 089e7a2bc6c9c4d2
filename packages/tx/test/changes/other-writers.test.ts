// Whether a look tells of what others have written, once this process has heard of it: another process says so by message.
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { placeIn } from '@cc/testkit/targets';
import Database from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTransactionManager, type TransactionManager } from '../../src/index.js';
import { patient, targets, temporaryFolder } from '../target.js';
import { otherProcess, toldNow } from './looks.js';

async function opened(options: Parameters<typeof openTransactionManager>[0]): Promise<TransactionManager> {
  const manager = await openTransactionManager({ ...patient, ...options });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  return manager;
}

const table = 'create table if not exists t (a integer)';
const by = {};
const insert = 'insert into t values (1)';

describe.each(targets.filter((target) => target !== ':memory:'))('on %s', (target) => {
  it('moves with each commit of another process, and a rollback there moves nothing', async () => {
    const place = await placeIn(await temporaryFolder(), target);
    const manager = await opened(place);
    await manager.db.run(table);
    const other = await otherProcess(place.syncUrl ?? place.url);
    let before = await toldNow(manager);
    for (const write of [
      insert,
      'update t set a = a + 1',
      'delete from t where rowid = (select max(rowid) from t)',
      'create table u (a)',
      `begin; ${insert}; commit`,
    ]) {
      for (let i = 0; i < 5; i += 1) {
        await other.write(write.replace(' u ', ` u${i} `));
        const after = await toldNow(manager);
        expect({ write, after }).not.toEqual({ write, after: before });
        before = after;
      }
    }
    await other.write(`begin; ${insert}; rollback`);
    expect(await toldNow(manager)).toBe(before);
  });

  it('is one number for one state only, while another process writes as fast as it can', async () => {
    const place = await placeIn(await temporaryFolder(), target);
    const manager = await opened(place);
    await manager.db.run(table);
    await manager.db.run(insert);
    const other = await otherProcess(place.syncUrl ?? place.url);
    const states = new Map<number, number>();
    let isOver = false;
    const over = other.write('flood 300 update t set a = a + 1').finally(() => {
      isOver = true;
    });
    for (let round = 0; !isOver; round += 1) {
      if (manager.capabilities.sync && round % 4 === 0) await manager.sync();
      if (target === 'ws') await manager.changes.ask();
      const before = manager.changes.look();
      const [row] = await manager.db.all<{ a: number }>('select a from t');
      if (target === 'ws') await manager.changes.ask();
      if (before !== undefined && manager.changes.look() === before) {
        const earlier = states.get(before) ?? row?.a ?? Number.NaN;
        // A server shows what it has committed a moment before its index says so: newer than the number, never older.
        if (target === 'http' || target === 'ws') expect(row?.a).toBeGreaterThanOrEqual(earlier);
        else expect(row?.a).toBe(earlier);
        states.set(before, row?.a ?? Number.NaN);
      }
      if (round % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await over;
    const last = await toldNow(manager);
    const [row] = await manager.db.all<{ a: number }>('select a from t');
    expect(row?.a).toBe(301);
    expect(states.get(last) ?? 301).toBe(301);
  });

  it('stays over 1,000 looks while nobody else writes', async () => {
    const place = await placeIn(await temporaryFolder(), target);
    const manager = await opened(place);
    const isFile = target === 'file';
    await manager.db.run(table);
    const other = await otherProcess(place.syncUrl ?? place.url);
    await other.write(insert);
    const { changes } = manager;
    await toldNow(manager);
    const before = changes.look(by);
    for (let i = 0; i < 1_000; i += 1) {
      if (isFile && i % 10 === 0) await changes.declared(by, () => manager.transaction(({ db }) => db.run(insert)));
      if (isFile && i % 40 === 0) await manager.db.run('pragma wal_checkpoint(truncate)');
      if (i % 20 === 0) await manager.read(({ db }) => db.all('select count(*) from t'));
      if (i % 25 === 0) await manager.db.all('select count(*) from t');
      if (i % 200 === 0) await toldNow(manager);
      expect(changes.look(by)).toBe(before);
    }
    await other.write(insert);
    await toldNow(manager);
    expect(changes.look(by)).not.toBe(before);
  });
});

describe('on a file', () => {
  const place = async (): Promise<{ path: string; url: string }> => {
    const path = join(await temporaryFolder(), 'app.db');
    return { path, url: pathToFileURL(path).href };
  };

  it.each(['WAL', 'DELETE', 'TRUNCATE'])(
    'sees the commits of others while its own connections are used, with journal_mode %s',
    async (mode) => {
      const { url } = await place();
      const manager = await opened({ url, pragmas: { journal_mode: mode } });
      await manager.db.run(table);
      const other = await otherProcess(url);
      const { changes } = manager;
      using lease = await manager.getConnection();
      let before = changes.look();
      const moves = async (): Promise<void> => {
        await other.write(insert);
        const after = changes.look();
        expect(after).toBeTypeOf('number');
        expect(after).not.toBe(before);
        before = after;
      };
      await moves();
      await lease.client.execute('pragma cache_size = -2000');
      await moves();
      // An open write transaction keeps the others away.
      const transaction = await lease.client.transaction('write');
      await transaction.execute(insert);
      expect(changes.look()).toBe(before);
      await transaction.rollback();
      await moves();
      lease.release();
      await manager.db.all('select * from t');
      await moves();
    },
  );

  it('tells nothing while a caller keeps a snapshot open on the writer', async () => {
    const { url } = await place();
    const manager = await opened({ url });
    await manager.db.run(table);
    const other = await otherProcess(url);
    const before = manager.changes.look();
    using lease = await manager.getConnection();
    for (const begin of ['begin', 'begin deferred', 'savepoint mine']) {
      await lease.client.execute(begin);
      await lease.client.execute('select * from t');
      await other.write(insert);
      expect(manager.changes.look()).toBeUndefined();
      await lease.client.execute(begin === 'savepoint mine' ? 'release mine' : 'commit');
    }
    await lease.client.execute('begin immediate');
    const inside = manager.changes.look();
    expect(inside).toBeTypeOf('number');
    expect(inside).not.toBe(before);
    await lease.client.execute('rollback');
    expect(manager.changes.look()).toBe(inside);
  });

  it.each(['DELETE', 'TRUNCATE'])(
    'tells nothing while a commit of others keeps it out, and goes on afterwards, with journal_mode %s',
    async (mode) => {
      const { path, url } = await place();
      const manager = await opened({ url, pragmas: { journal_mode: mode } });
      await manager.db.run(table);
      const before = manager.changes.look();
      const other = new Database(path);
      onTestFinished(() => void other.close());
      other.exec('begin exclusive');
      other.exec(insert);
      for (let i = 0; i < 3; i += 1) expect(manager.changes.look()).toBeUndefined();
      expect(manager.changes.proof()).toBeUndefined();
      other.exec('commit');
      const after = manager.changes.look();
      expect(after).toBeTypeOf('number');
      expect(after).not.toBe(before);
      // What has met the lock pins nothing.
      other.exec(insert);
      await manager.db.run(insert);
      expect(await manager.db.all('select count(*) as n from t')).toEqual([{ n: 3 }]);
      other.exec(insert);
      expect(await manager.db.all('select count(*) as n from t')).toEqual([{ n: 4 }]);
    },
  );

  it('moves for managers of the same process as for other processes', async () => {
    const { url } = await place();
    const [one, two] = [await opened({ url }), await opened({ url })];
    await one.db.run(table);
    const before = two.changes.look();
    await one.changes.declared(by, () => one.db.run(insert));
    expect(two.changes.look()).not.toBe(before);
  });

  it('moves for a file that is only read', async () => {
    const { path, url } = await place();
    const writer = new Database(path);
    writer.exec(table);
    const manager = await opened({ url, readOnly: true });
    let before = manager.changes.look();
    expect(manager.changes.look()).toBe(before);
    writer.exec(insert);
    expect(manager.changes.look()).not.toBe(before);
    before = manager.changes.look();
    await manager.db.all('select * from t');
    await manager.read(({ db }) => db.all('select * from t'));
    expect(manager.changes.look()).toBe(before);
  });

  it('is about the file that is open, whatever takes its place', async () => {
    const { path, url } = await place();
    const manager = await opened({ url });
    await manager.db.run(table);
    await mkdir(`${path}.aside`);
    await expect.poll(() => manager.changes.proof()).toBeTypeOf('string');
    await rename(path, join(`${path}.aside`, 'app.db'));
    expect(manager.changes.proof()).toBeUndefined();
    new Database(path).exec(table);
    expect(manager.changes.proof()).toBeUndefined();
  });
});
