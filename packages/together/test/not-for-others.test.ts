// What a load has read is kept only when everybody may read it: not what a transaction around somebody else's connection sees,
// uncommitted or old, and not what no look at the database is about. Each way there is to read so, on every target.
import { join } from 'node:path';
import { openCacheManager } from '@cc/cache';
import { targets } from '@cc/testkit/targets';
import { openTransactionManager } from '@cc/tx';
import type { Client } from '@libsql/client';
import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import Database from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openVersions } from './fuzz/open.js';
import { type Manager, schema, versions } from './fuzz/run-fuzz.js';

const select = 'SELECT version FROM versions WHERE id = 1';

interface Row {
  readonly version: number;
}

/** As much of a client's transaction, or of a held connection, as is used here. */
interface Executor {
  execute(sql: string): Promise<{ readonly rows: readonly unknown[] }>;
}

async function readOn(executor: Executor): Promise<Row> {
  const { rows } = await executor.execute(select);
  return { version: (rows[0] as unknown as Row).version };
}

async function readAlone({ db }: Manager): Promise<Row> {
  const [row] = await db.select({ version: versions.version }).from(versions).where(eq(versions.id, 1));
  return { version: row?.version ?? 0 };
}

async function write({ db }: Pick<Manager, 'db'>, version: number): Promise<void> {
  await db.update(versions).set({ version }).where(eq(versions.id, 1));
}

async function regionOf(transactions: Manager, toldBy?: object) {
  const refused: string[] = [];
  const cache = await openCacheManager({
    transactions,
    // However long a busy machine takes between two lines.
    maxStaleMs: 3_600_000,
    onEvent: ({ type, reason }) => void (type === 'refuse' && refused.push(String(reason))),
  });
  onTestFinished(() => cache.close());
  return { region: cache.region<Row>('versions', { toldBy }), cache, refused };
}

describe.each(targets)('on %s', (target) => {
  test('what a transaction of the client has written and rolled back was answered to nobody else', async () => {
    const { transactions } = await openVersions(target);
    const { region, refused } = await regionOf(transactions);
    const transaction = await transactions.db.$client.transaction('write');
    await transaction.execute('UPDATE versions SET version = 7 WHERE id = 1');
    expect(await region.fetch('1', () => readOn(transaction))).toEqual({ value: { version: 7 }, from: 'load' });
    expect(region.get('1')).toBeUndefined();
    await transaction.rollback();
    expect(await region.fetch('1', () => readAlone(transactions))).toEqual({ value: { version: 1 }, from: 'load' });
    expect(refused).toHaveLength(1);
    expect(await region.fetch('1', () => readAlone(transactions))).toMatchObject({ from: 'memory' });
  });

  test('nor what a batch, or several keys, have read there', async () => {
    const { transactions } = await openVersions(target);
    const { region } = await regionOf(transactions);
    const transaction = await transactions.db.$client.transaction('write');
    const loadMany = async (): Promise<Map<string, Row>> => {
      const results = await transaction.batch(['UPDATE versions SET version = 7 WHERE id = 1', select]);
      return new Map([['1', { version: Number(results[1]?.rows[0]?.['version']) }]]);
    };
    expect(await region.getOrLoadMany(['1', '2'], loadMany)).toEqual(
      new Map([
        ['1', { version: 7 }],
        ['2', null],
      ]),
    );
    await transaction.rollback();
    expect(region.get('1')).toBeUndefined();
    expect(region.get('2')).toBeUndefined();
  });

  test('a snapshot of the client is not kept beside what was committed since', async () => {
    const { transactions } = await openVersions(target);
    // The one connection of a database in memory is the snapshot's until it ends.
    if (target === ':memory:') return;
    const { region } = await regionOf(transactions);
    const snapshot = await transactions.db.$client.transaction('read');
    await snapshot.execute(select);
    await write(transactions, 8);
    await region.getOrLoad('1', () => readOn(snapshot));
    await snapshot.rollback();
    expect(await region.getOrLoad('1', () => readAlone(transactions))).toEqual({ version: 8 });
  });

  test('what a held connection sees in its transaction is its own', async () => {
    const { transactions } = await openVersions(target);
    const { region } = await regionOf(transactions);
    const lease = await transactions.getConnection();
    const transaction = await lease.client.transaction('write');
    await transaction.execute('UPDATE versions SET version = 7 WHERE id = 1');
    await region.getOrLoad('1', () => readOn(transaction));
    await transaction.rollback();
    lease.release();
    expect(await region.getOrLoad('1', () => readAlone(transactions))).toEqual({ version: 1 });
  });

  test('also in a transaction that it has begun by text, and in drizzle on it', async () => {
    const { transactions } = await openVersions(target);
    if (!transactions.capabilities.sessionStatements) return;
    const { region } = await regionOf(transactions);
    const lease = await transactions.getConnection();
    const held = drizzle(lease.client as Client);
    await lease.client.execute('BEGIN IMMEDIATE');
    await held.update(versions).set({ version: 7 });
    await region.getOrLoad('1', () => readOn(lease.client));
    await region.getOrLoad('2', async () => (await held.select().from(versions).where(eq(versions.id, 1)))[0] ?? null);
    await lease.client.execute('ROLLBACK');
    lease.release();
    for (const key of ['1', '2'])
      expect(await region.getOrLoad(key, () => readAlone(transactions))).toEqual({ version: 1 });
  });

  test('what a held connection reads outside any transaction is kept', async () => {
    const { transactions } = await openVersions(target);
    const { region } = await regionOf(transactions);
    using lease = await transactions.getConnection();
    await region.getOrLoad('1', () => readOn(lease.client));
    expect(region.get('1')).toEqual({ version: 1 });
  });

  test('what the handle of a transaction reads for somebody outside it is not kept', async () => {
    const { transactions } = await openVersions(target);
    const { region } = await regionOf(transactions);
    let handle: Pick<Manager, 'db'> | undefined;
    let begun: () => void = () => undefined;
    let end: () => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const mayEnd = new Promise<void>((resolve) => (end = resolve));
    const rolledBack = transactions
      .transaction(async (tx) => {
        handle = tx;
        await write(tx, 7);
        begun();
        await mayEnd;
        tx.rollback();
      })
      .catch(() => undefined);
    await hasBegun;
    const load = async (): Promise<Row | null> =>
      (await handle?.db.select().from(versions).where(eq(versions.id, 1)))?.[0] ?? null;
    expect(await region.getOrLoad('1', load)).toMatchObject({ version: 7 });
    end();
    await rolledBack;
    expect(await region.getOrLoad('1', () => readAlone(transactions))).toEqual({ version: 1 });
  });

  test('what a load has written itself and rolled back is not kept', async () => {
    const { transactions } = await openVersions(target);
    const { region } = await regionOf(transactions);
    const load = async (): Promise<Row> => {
      let seen = { version: 0 };
      const work = async (tx: { rollback(): never }): Promise<void> => {
        await write(transactions, 7);
        seen = await readAlone(transactions);
        tx.rollback();
      };
      await transactions.transaction(work).catch(() => undefined);
      return seen;
    };
    expect(await region.getOrLoad('1', load)).toEqual({ version: 7 });
    expect(await region.getOrLoad('1', () => readAlone(transactions))).toEqual({ version: 1 });
  });

  test('a snapshot and a transaction that a load begins and only reads in are kept', async () => {
    const { transactions } = await openVersions(target);
    const { region } = await regionOf(transactions);
    await region.getOrLoad('1', () => transactions.read(() => readAlone(transactions)));
    await region.getOrLoad('2', () => transactions.transaction((tx) => readAlone(tx as unknown as Manager)));
    await region.getOrLoad('3', async () => {
      const transaction = await transactions.db.$client.transaction('read');
      try {
        return await readOn(transaction);
      } finally {
        transaction.close();
      }
    });
    expect([region.get('1'), region.get('2'), region.get('3')]).toEqual([
      { version: 1 },
      { version: 1 },
      { version: 1 },
    ]);
  });

  test('a load of a load is judged by what both have read', async () => {
    const { transactions } = await openVersions(target);
    const { region } = await regionOf(transactions);
    const transaction = await transactions.db.$client.transaction('write');
    await transaction.execute('UPDATE versions SET version = 7 WHERE id = 1');
    await region.getOrLoad('page', () => region.getOrLoad('1', () => readOn(transaction)));
    await transaction.rollback();
    expect(region.get('page')).toBeUndefined();
  });

  test('a value that was read there is refused under a lease of the cache', async () => {
    const { transactions } = await openVersions(target);
    const { region, cache } = await regionOf(transactions);
    const transaction = await transactions.db.$client.transaction('write');
    await transaction.execute('UPDATE versions SET version = 7 WHERE id = 1');
    const lease = cache.lease();
    const row = await readOn(transaction);
    expect(region.set('1', row, { lease })).toBe(false);
    await transaction.rollback();
  });

  test('who waits for such a load gets what is committed, and reads it alone', async () => {
    const { transactions } = await openVersions(target);
    if (target === ':memory:') return;
    const { region } = await regionOf(transactions);
    const transaction = await transactions.db.$client.transaction('write');
    await transaction.execute('UPDATE versions SET version = 7 WHERE id = 1');
    const inside = region.getOrLoad('1', () => readOn(transaction));
    const outside = region.getOrLoad('1', () => readAlone(transactions));
    const several = region.getOrLoadMany(['1'], async () => new Map([['1', await readAlone(transactions)]]));
    expect(await Promise.all([inside, outside, several])).toEqual([
      { version: 7 },
      { version: 1 },
      new Map([['1', { version: 1 }]]),
    ]);
    await transaction.rollback();
    expect(region.get('1')).toEqual({ version: 1 });
  });
});

test('a context that is lost on the way to the connection costs the loads under way their place', async () => {
  const { transactions } = await openVersions('file');
  const { region } = await regionOf(transactions);
  const transaction = await transactions.db.$client.transaction('write');
  await transaction.execute('UPDATE versions SET version = 7 WHERE id = 1');
  // A queue of the caller's, which works in the context that it was made in.
  let push: (job: () => void) => void = () => undefined;
  const jobs = new ReadableStream<() => void>({
    start: (controller) => void (push = (job) => controller.enqueue(job)),
  });
  const working = (async () => {
    for await (const job of jobs) job();
  })();
  const queued = <T>(work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => push(() => void work().then(resolve, reject)));
  expect(await region.getOrLoad('1', () => queued(() => readOn(transaction)))).toEqual({ version: 7 });
  expect(region.get('1')).toBeUndefined();
  await transaction.rollback();
  void working;
});

test('the rows of an attached file are not kept', async () => {
  const { transactions, folder } = await openVersions('file');
  const { region, refused } = await regionOf(transactions);
  const path = join(folder, 'attached.db');
  const other = new Database(path);
  other.exec('CREATE TABLE notes (version integer); INSERT INTO notes VALUES (1)');
  using lease = await transactions.getConnection({ mode: 'read' });
  await lease.client.execute(`ATTACH '${path}' AS other`);
  const load = async (): Promise<Row> => {
    const { rows } = await lease.client.execute('SELECT version FROM other.notes');
    return { version: Number(rows[0]?.['version']) };
  };
  expect(await region.getOrLoad('1', load)).toEqual({ version: 1 });
  other.exec('UPDATE notes SET version = 2');
  expect(await region.getOrLoad('1', load)).toEqual({ version: 2 });
  expect(
    await region.getOrLoad(
      '1',
      async () => (await lease.client.batch(['SELECT version FROM other.notes'], 'read')) && load(),
    ),
  ).toEqual({ version: 2 });
  expect(region.get('1')).toBeUndefined();
  expect(refused).toHaveLength(3);
  other.close();
});

test('rows of another database are not kept, those of the same file through another manager are', async () => {
  const { transactions, url } = await openVersions('file');
  const { transactions: elsewhere } = await openVersions('file');
  const { region } = await regionOf(transactions);
  expect(await region.getOrLoad('1', () => readAlone(elsewhere))).toEqual({ version: 1 });
  await write(elsewhere, 2);
  expect(await region.getOrLoad('1', () => readAlone(elsewhere))).toEqual({ version: 2 });
  const reader = await openTransactionManager({ url, schema, readOnly: true });
  onTestFinished(() => reader.close());
  await region.getOrLoad('2', () => readAlone(reader));
  expect(region.get('2')).toEqual({ version: 1 });
  await write(transactions, 3);
  expect(await region.getOrLoad('2', () => readAlone(reader))).toEqual({ version: 3 });
  // What that other manager has open is its own.
  const work = (tx: { rollback(): never }): Promise<void> =>
    write(elsewhere, 9)
      .then(() => region.getOrLoad('3', () => readAlone(elsewhere)))
      .then(() => tx.rollback());
  await elsewhere.transaction(work).catch(() => undefined);
  expect(region.get('3')).toBeUndefined();
});

test('a transaction of another manager of the same file is not kept', async () => {
  const { transactions, url } = await openVersions('file');
  const { region } = await regionOf(transactions);
  const other = await openTransactionManager({ url, schema });
  onTestFinished(() => other.close());
  const work = async (tx: { rollback(): never }): Promise<void> => {
    await write(other, 7);
    await region.getOrLoad('1', () => readAlone(other));
    tx.rollback();
  };
  await other.transaction(work).catch(() => undefined);
  expect(region.get('1')).toBeUndefined();
});

test('nothing of it survives a restart on disk', async () => {
  const { transactions, folder } = await openVersions('file');
  const disk = join(folder, 'kept.cache');
  const open = () => openCacheManager({ transactions, disk });
  const first = await open();
  const transaction = await transactions.db.$client.transaction('write');
  await transaction.execute('UPDATE versions SET version = 7 WHERE id = 1');
  await first.region<Row>('versions').getOrLoad('1', () => readOn(transaction));
  await transaction.rollback();
  await first.close();
  const second = await open();
  onTestFinished(() => second.close());
  expect(await second.region<Row>('versions').fetch('1', () => readAlone(transactions))).toEqual({
    value: { version: 1 },
    from: 'load',
  });
});
