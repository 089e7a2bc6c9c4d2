// What an error of `executeMultiple` says of the statements in front of the failing one, judged by the rows that a second
// connection reads; and that batches and migrations are all or none, whatever text they hold.
import { patient, placeIn, type TargetName, targets } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import type { Client, InStatement } from '@libsql/client';
import { createClient } from '@libsql/client';
import Database from 'libsql';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isDatabaseError, type LeasedClient, openTransactionManager } from '../src/index.js';

const ddl = 'create table t (a integer primary key, b text)';
const fails = `insert into t values (1, 'twice'), (1, 'twice')`;

/** A manager on `target`, and the rows of `t` as somebody else reads them. */
async function opened(target: TargetName) {
  const place = await placeIn(await temporaryFolder(), target);
  const manager = await openTransactionManager({ ...place, ...patient });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  await manager.db.run(ddl);
  // Nobody else can read a database in memory.
  const other = target === ':memory:' ? manager.db.$client : createClient({ url: place.syncUrl ?? place.url });
  if (target !== ':memory:') onTestFinished(() => other.close());
  const rows = async () => (await other.execute('select a from t order by a')).rows.map((row) => row['a']);
  return { manager, rows };
}

/** Scripts that fail, and what is in the database afterwards. */
const scripts: readonly (readonly [script: string, kept: readonly number[]])[] = [
  [`insert into t values (7, 'kept'); ${fails}; insert into t values (8, 'never')`, [7]],
  [`insert into t values (7, 'kept'); select a from nowhere`, [7]],
  [`begin; insert into t values (7, 'undone'); ${fails}; commit`, []],
  [`begin; insert into t values (7, 'kept'); commit; begin; insert into t values (8, 'undone'); ${fails}; commit`, [7]],
  [`savepoint s; insert into t values (7, 'kept'); release s; ${fails}`, [7]],
  [`savepoint s; insert into t values (7, 'undone'); ${fails}; release s`, []],
  [`begin; insert into t values (7, 'undone'); rollback; ${fails}`, []],
  [`begin; insert into t values (7, 'x'); savepoint s; rollback to s; release s; end transaction; ${fails}`, [7]],
  [
    `create trigger after_t after insert on t begin delete from t where b = ';'; end; insert into t values (7, ';; end'); ${fails}`,
    [7],
  ],
  [`/* first; */ ${fails}; -- second;\n insert into t values (7, 'never')`, []],
  [`select 1; ${fails}`, []],
];

describe.each(targets)('on %s', (target) => {
  it.each(scripts)('a script that fails says whether a part of it is there: %s', async (script, kept) => {
    const { manager, rows } = await opened(target);
    const error: unknown = await manager.db.$client.executeMultiple(script).catch((reason: unknown) => reason);
    expect(isDatabaseError(error)).toBe(true);
    expect(await rows()).toEqual(kept);
    if (kept.length > 0) expect(error).toMatchObject({ outcome: 'unknown', recoverable: false });
    // A server does not say which statement failed.
    else if (manager.capabilities.target === 'local') expect(error).toMatchObject({ outcome: 'none' });
  });

  it.each(['begin', `begin; insert into t values (7, 'lost')`, `savepoint s; insert into t values (7, 'lost')`])(
    'a script that leaves its transaction open is refused wherever it is run, and leaves nothing: %s',
    async (script) => {
      const { manager, rows } = await opened(target);
      const told = async (client: Client): Promise<unknown> =>
        client.executeMultiple(script).catch((error: unknown) => error);
      const wrong = new TypeError('The script begins a transaction and does not end it');
      expect(await told(manager.db.$client)).toEqual(wrong);
      const lease = await manager.getConnection();
      expect(await told(lease.client)).toEqual(wrong);
      await lease.client.execute(`insert into t values (1, 'kept')`);
      lease.release();
      expect(await rows()).toEqual([1]);
    },
  );

  it('what BEGIN as a text on a held connection would keep together is kept together, or BEGIN is refused', async () => {
    const { manager, rows } = await opened(target);
    const lease = await manager.getConnection();
    const begun = await lease.client.execute('begin immediate').catch((error: unknown) => error);
    if (begun instanceof TypeError) {
      expect(manager.capabilities.sessionStatements).toBe(false);
    } else {
      await lease.client.execute(`insert into t values (7, 'undone')`);
      await lease.client.execute('rollback');
    }
    lease.release();
    expect(await rows()).toEqual([]);
  });

  it('so does one on a held connection, also when it ends a transaction that was begun before', async () => {
    const { manager, rows } = await opened(target);
    const lease = await manager.getConnection();
    const transaction = await lease.client.transaction('write');
    await transaction.execute(`insert into t values (6, 'kept')`);
    await expect(transaction.executeMultiple(`commit; ${fails}`)).rejects.toMatchObject({
      type: 'constraint',
      outcome: 'unknown',
    });
    transaction.close();
    const script = lease.client.executeMultiple(`insert into t values (7, 'kept'); ${fails}`);
    await expect(script).rejects.toMatchObject({ type: 'constraint', outcome: 'unknown', constraint: { table: 't' } });
    lease.release();
    expect(await rows()).toEqual([6, 7]);
  });

  it('the rows that OR FAIL keeps are told of, or are not kept', async () => {
    const { manager, rows } = await opened(target);
    const call = manager.db.$client.execute(`insert or fail into t values (7, 'x'), (7, 'twice')`);
    const error: unknown = await call.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ type: 'constraint', outcome: (await rows()).length > 0 ? 'unknown' : 'none' });
    const script: unknown = await manager.db.$client
      .executeMultiple(`delete from t where a = 0; insert or fail into t values (8, 'x'), (8, 'twice')`)
      .catch((reason: unknown) => reason);
    expect(script).toMatchObject({ type: 'constraint', outcome: 'unknown' });
  });

  it('a batch or a migration that would begin or end its transaction is refused before any of it runs', async () => {
    const { manager, rows } = await opened(target);
    const lease = await manager.getConnection();
    for (const end of ['commit', '/* sly */ ;END', 'rollback', '-- begin\nBegin immediate']) {
      const statements: InStatement[] = [`insert into t values (7, 'never')`, end, fails];
      await expect(lease.client.batch(statements, 'write')).rejects.toThrow(TypeError);
      await expect(lease.client.migrate(statements)).rejects.toThrow(TypeError);
    }
    await lease.client.batch(['savepoint s', `insert into t values (6, 'undone')`, 'rollback to s', 'release s']);
    lease.release();
    expect(await rows()).toEqual([]);
  });
});

it('a script of one transaction may be run again after it has failed in passing', async () => {
  const { manager, rows } = await opened('file');
  const script = `begin; insert into t values (7, 'x'); select * from nowhere; commit`;
  await expect(manager.db.$client.executeMultiple(script)).rejects.toMatchObject({
    outcome: 'none',
    operation: 'select * from nowhere;',
  });
  expect(await rows()).toEqual([]);
});

it.each([
  ['a script', async (client) => client.executeMultiple(`begin; insert into t values (7, 'x'); -- done\ncommit;`)],
  [
    'a held connection',
    async (client) => {
      await client.execute('begin');
      await client.execute('END TRANSACTION');
    },
  ],
] satisfies [string, (client: LeasedClient) => Promise<unknown>][])(
  'the outcome is unknown when the disk fails under the COMMIT of %s',
  async (_, run) => {
    const { manager } = await opened('file');
    const lease = await manager.getConnection();
    const failed = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
    const ends = /(?:commit;|end transaction)$/i;
    const fail = () => {
      throw failed;
    };
    // What the driver does with any other text.
    const driver = {
      exec: Reflect.get(Database.prototype, 'exec'),
      prepare: Reflect.get(Database.prototype, 'prepare'),
    };
    vi.spyOn(Database.prototype, 'exec').mockImplementation(function (this: Database.Database, sql) {
      return ends.test(sql) ? fail() : driver.exec.call(this, sql);
    });
    vi.spyOn(Database.prototype, 'prepare').mockImplementation(function (this: Database.Database, sql) {
      const statement = driver.prepare.call(this, sql);
      return ends.test(sql) ? Object.assign(statement, { run: fail }) : statement;
    });
    onTestFinished(() => void vi.restoreAllMocks());
    await expect(run(lease.client)).rejects.toMatchObject({ code: 'SQLITE_IOERR_FSYNC', outcome: 'unknown' });
    lease.release();
  },
);
