// A server that takes calls and never answers: every call ends within its limits, says what may have happened, and leaves
// the manager usable.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld, patient } from '@cc/testkit/targets';
import { sql } from 'drizzle-orm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ConnectionLease, openTransactionManager, type TransactionManager } from '../src/index.js';
import { inTime, temporaryFolder } from './target.js';

interface Silent {
  readonly manager: TransactionManager;
  readonly sqld: Sqld;
}

async function open(protocol: 'http' | 'ws'): Promise<Silent> {
  const sqld = await startSqld();
  onTestFinished(() => sqld.close());
  const url = sqld.url[protocol];
  const unhurried = await openTransactionManager({ url, ...patient });
  await unhurried.db.run(sql`create table notes (note text)`);
  await unhurried.close();
  const limits = { transactionTimeoutMs: 1_000, acquireTimeoutMs: 60_000, retry: false } as const;
  const manager = await inTime(() => openTransactionManager({ url, ...limits }));
  onTestFinished(() => manager.close({ drainMs: 0 }));
  return { manager, sqld };
}

const failure = (running: Promise<unknown>): Promise<unknown> =>
  running.then(
    () => 'resolved',
    (error: unknown) => error,
  );

/** A line to `sqld` that can be gone without a word: what is open then carries nothing more, and what is opened later does. */
async function throughLine(sqld: Sqld) {
  const sockets: Socket[] = [];
  const open = new Set<Socket>();
  const line = createServer((near) => {
    const far = connect(Number(new URL(sqld.url.ws).port), '127.0.0.1');
    open.add(near).add(far);
    near.on('data', (bytes) => open.has(near) && far.write(bytes)).on('error', () => undefined);
    far.on('data', (bytes) => open.has(far) && near.write(bytes)).on('error', () => undefined);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('close', () => open.has(one) && other.destroy());
    sockets.push(near, far);
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    line.close();
  });
  const address = line.address();
  if (address === null || typeof address === 'string') throw new Error('the line has no port');
  return { port: address.port, lose: () => open.clear() };
}

describeWithSqld('a connection that is gone without a word', () => {
  it.each(['http', 'ws'])(
    'is left for another one, so that the calls after it are answered over %s',
    async (protocol) => {
      const sqld = await startSqld();
      onTestFinished(() => sqld.close());
      const line = await throughLine(sqld);
      const url = `${protocol}://127.0.0.1:${line.port}`;
      const manager = await openTransactionManager({ url, transactionTimeoutMs: 1_000, retry: false });
      onTestFinished(() => manager.close({ drainMs: 0 }));
      const ask = () => manager.db.values(sql`select 1`);
      await inTime(ask);
      line.lose();
      expect(await failure(ask())).toMatchObject({ code: 'TX_TIMEOUT' });
      expect(await inTime(ask)).toEqual([[1]]);
      expect(await inTime(() => manager.transaction(ask))).toEqual([[1]]);
    },
  );
});

describeWithSqld('a connection that was silent for a while', () => {
  it('keeps what was begun on it when others have left it', async () => {
    const sqld = await startSqld();
    onTestFinished(() => sqld.close());
    const limits = { transactionTimeoutMs: 2_000, acquireTimeoutMs: 60_000, retry: false } as const;
    const manager = await inTime(() => openTransactionManager({ url: sqld.url.ws, ...limits }));
    onTestFinished(() => manager.close({ drainMs: 0 }));
    const ask = () => manager.db.values(sql`select 1`);
    const begun = await inTime(async () => {
      const transaction = await manager.db.$client.transaction('read');
      await transaction.execute('select 1');
      return transaction;
    });
    await sqld.pause();
    // The first goes out on the connection of the transaction, the next finds it silent.
    expect([await failure(ask()), await failure(ask())]).toMatchObject([
      { code: 'TX_TIMEOUT' },
      { code: 'TX_TIMEOUT' },
    ]);
    sqld.resume();
    for (let i = 0; i < 3; i += 1) await inTime(ask);
    expect(await begun.execute('select 2 as a')).toMatchObject({ rows: [{ a: 2 }] });
    begun.close();
  });
});

describeWithSqld('a server that never answers', () => {
  describe.each(['http', 'ws'] as const)('%s', (protocol) => {
    it('does not hold a keyed transaction past its time, nor those behind it', async () => {
      const { manager, sqld } = await open(protocol);
      await sqld.pause();
      const keyed = (options: { readonly signal?: AbortSignal }) =>
        manager.transaction(async () => 1, { ...options, idempotencyKey: 'k' });
      expect(await failure(keyed({}))).toMatchObject({ code: 'TX_TIMEOUT', outcome: 'none' });
      expect(await failure(keyed({ signal: AbortSignal.timeout(50) }))).toMatchObject({ code: 'ABORTED' });
      expect(manager.stats()).toMatchObject({ writerBusy: false, openTransactions: 0 });
    });

    it('leaves a write on its own in doubt, and says of a read that it was not answered', async () => {
      const { manager, sqld } = await open(protocol);
      await sqld.pause();
      const client = manager.db.$client;
      const insert = `insert into notes values ('a')`;
      const held = async <T>(work: (lease: ConnectionLease) => Promise<T>): Promise<T> => {
        using lease = await manager.getConnection();
        return await work(lease);
      };
      const writes = [
        () => client.execute(insert),
        () => client.executeMultiple(insert),
        () => held((lease) => lease.client.execute(insert)),
        () => held((lease) => lease.client.executeMultiple(insert)),
      ];
      for (const write of writes)
        expect(await failure(write())).toMatchObject({
          code: 'TX_TIMEOUT',
          outcome: 'unknown',
          operation: insert,
          message: expect.stringContaining('did not answer within 1000 ms'),
        });
      expect(await failure(client.execute('select 1'))).toMatchObject({
        code: 'TX_TIMEOUT',
        outcome: 'none',
        operation: 'select 1',
        message: expect.stringMatching(/^The server did not answer/),
      });
      expect(await failure(held((lease) => lease.client.batch([insert], 'write')))).toMatchObject({
        code: 'TX_TIMEOUT',
        outcome: 'none',
      });
    });

    it('ends an interactive transaction of the client at the statement that is not answered', async () => {
      const { manager, sqld } = await open(protocol);
      const client = manager.db.$client;
      const begun = await inTime(async () => {
        const transaction = await client.transaction('write');
        await transaction.execute(`insert into notes values ('a')`);
        return transaction;
      });
      await sqld.pause();
      expect(await failure(begun.execute('select 1'))).toMatchObject({ code: 'TX_TIMEOUT', outcome: 'none' });
      expect(begun.closed).toBe(true);
      begun.close();
      // On a connection of its own it ends where it begins.
      const other = async (): Promise<void> => {
        const transaction = await client.transaction('write');
        await transaction.executeMultiple(`insert into notes values ('b')`).finally(() => transaction.close());
      };
      expect(await failure(other())).toMatchObject({ code: 'TX_TIMEOUT', outcome: 'none' });
      expect(manager.stats()).toMatchObject({ writerBusy: false });
    });

    it('ends a backup, which leaves nothing behind', async () => {
      const { manager, sqld } = await open(protocol);
      const folder = await temporaryFolder();
      await sqld.pause();
      expect(await failure(manager.backup(`${folder}/copy.db`))).toMatchObject({ code: 'TX_TIMEOUT', outcome: 'none' });
    });
  });
});
