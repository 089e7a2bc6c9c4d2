// What a server tells of its changes, when it does not, and what it means while a write is on its way.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { losingProxy } from '@cc/testkit/losing-proxy';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { createClient } from '@libsql/client';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openTransactionManager, type TransactionManager, type TransactionManagerOptions } from '../../src/index.js';
import { inTime, patient } from '../target.js';
import { toldNow } from './looks.js';

const by = {};
const insert = 'insert into t values (1)';

async function opened(url: string, options: Omit<TransactionManagerOptions, 'url'> = {}): Promise<TransactionManager> {
  const manager = await openTransactionManager({ url, ...patient, ...options });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  await manager.db.run('create table if not exists t (a)');
  return manager;
}

/** Passes requests on, and takes the index out of the answers. */
async function withoutIndex(sqld: Sqld): Promise<string> {
  const proxy = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const { method = 'GET', url = '/' } = request;
      const body = await bytesOf(request);
      const told = await fetch(`${sqld.url.http}${url}`, { method, ...(method === 'POST' && { body }) });
      const { status } = told;
      const text = (await told.text()).replaceAll(/"replication_index":"\d+"/g, '"replication_index":null');
      response.writeHead(status).end(text);
    };
    // What was asked when the test ended is nobody's to answer.
    answer().catch(() => response.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = proxy.address();
  return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describeWithSqld('changes of a server', () => {
  let sqld: Sqld;
  beforeAll(async () => {
    sqld = await startSqld();
  });
  afterAll(async () => {
    await sqld.close();
  });

  it('are told by any answer over HTTP, and are as of when its request was sent', async () => {
    const manager = await opened(sqld.url.http);
    const { changes } = manager;
    const stock = createClient({ url: sqld.url.http });
    onTestFinished(() => stock.close());
    const before = await toldNow(manager);
    const asOf = changes.asOf;
    expect(asOf).toBeLessThanOrEqual(performance.now());
    await stock.execute(insert);
    const sent = performance.now();
    await manager.db.all('select 1');
    expect(changes.look()).not.toBe(before);
    expect(changes.asOf).toBeGreaterThanOrEqual(sent);
    expect(changes.asOf).toBeLessThanOrEqual(performance.now());
  });

  it('are told by asking only over WebSocket, whose answers carry no index', async () => {
    const manager = await opened(sqld.url.ws);
    const { changes } = manager;
    expect(changes.asOf).toBe(Number.NEGATIVE_INFINITY);
    const before = await toldNow(manager);
    const stock = createClient({ url: sqld.url.http });
    onTestFinished(() => stock.close());
    await stock.execute(insert);
    const sent = performance.now();
    expect(await changes.ask()).toBe(true);
    expect(changes.asOf).toBeGreaterThanOrEqual(sent);
    expect(changes.look()).not.toBe(before);
  });

  it.each(['http', 'ws'] as const)('are asked for once by callers at the same time, over %s', async (way) => {
    const { changes } = await opened(sqld.url[way]);
    const asking = changes.ask();
    expect(changes.ask()).toBe(asking);
    expect(await asking).toBe(true);
    expect(changes.ask()).not.toBe(asking);
  });

  it('are not mistaken in what a row holds', async () => {
    const manager = await opened(sqld.url.http);
    const before = await toldNow(manager);
    const text = ',"replication_index":"99999999999"}';
    expect(await manager.db.all(`select '${text}' as "replication_index"`)).toEqual([{ replication_index: text }]);
    expect(manager.changes.look()).toBe(before);
  });

  it.each(['http', 'ws'] as const)(
    'are not told while a write is on its way, and are others after it, over %s',
    async (way) => {
      const manager = await opened(sqld.url[way]);
      const { changes } = manager;
      const ways: readonly (() => Promise<unknown>)[] = [
        () => Promise.resolve(manager.db.run(insert)),
        () => manager.transaction(({ db }) => db.run(insert)),
        () => manager.db.$client.executeMultiple(insert),
        () => manager.db.$client.migrate([insert]),
        () => changes.declared(by, async () => void (await manager.db.run(insert))),
      ];
      for (const write of ways) {
        const before = await toldNow(manager);
        const seen = new Set<number | undefined>();
        // A quick server has answered one before this process looks again.
        for (let tries = 0; tries < 100 && !seen.has(undefined); tries += 1) {
          let isOver = false;
          const over = write().finally(() => {
            isOver = true;
          });
          while (!isOver) {
            seen.add(changes.look());
            await new Promise((resolve) => setImmediate(resolve));
          }
          await over;
        }
        expect(seen).toContain(undefined);
        expect(changes.look()).not.toBe(before);
        expect(changes.look()).toBeTypeOf('number');
      }
    },
  );

  it('stay while a transaction writes, and are told when it is rolled back', async () => {
    const manager = await opened(sqld.url.http);
    const before = await toldNow(manager);
    await manager
      .transaction(async (tx) => {
        await tx.db.run(insert);
        expect(manager.changes.look()).toBe(before);
        tx.rollback();
      })
      .catch(() => undefined);
    expect(await toldNow(manager)).toBe(before);
  });

  it.each(['before', 'after'] as const)('are others when a COMMIT is lost %s it took effect', async (when) => {
    const proxy = await losingProxy(sqld);
    const manager = await opened(proxy.url, { retry: false });
    const { changes } = manager;
    const before = await toldNow(manager);
    const seen: (number | undefined)[] = [];
    proxy.loseCommit(when);
    const lost = manager.transaction(async (tx) => {
      await tx.db.run(insert);
      tx.afterUnknown(() => seen.push(changes.look()));
    });
    await expect(lost).rejects.toMatchObject({ outcome: 'unknown' });
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toBe(before);
    const after = await toldNow(manager);
    expect(after).not.toBe(before);
  });

  it('are others again when a COMMIT that nobody waits for any more takes effect', async () => {
    const manager = await inTime(() => opened(sqld.url.http, { retry: false, transactionTimeoutMs: 1_000 }));
    // Here too it may be late.
    await expect.poll(async () => (await manager.changes.ask()) && manager.changes.look()).toBeTypeOf('number');
    const before = manager.changes.look();
    await sqld.pause();
    onTestFinished(() => sqld.resume());
    await expect(manager.db.run(insert)).rejects.toMatchObject({ outcome: 'unknown' });
    expect(manager.changes.look()).not.toBe(before);
    await expect.poll(() => manager.changes.look()).toBeTypeOf('number');
    expect(manager.changes.look()).not.toBe(before);
    sqld.resume();
    await expect.poll(() => manager.changes.ask()).toBe(true);
    const after = await toldNow(manager);
    expect(after).not.toBe(before);
  });

  it('are not told by a server that is away, and are told again when it is back', async () => {
    const own = await startSqld();
    onTestFinished(() => own.close());
    for (const way of ['http', 'ws'] as const) {
      const manager = await opened(own.url[way]);
      const before = await toldNow(manager);
      await own.kill();
      const { asOf } = manager.changes;
      expect(await manager.changes.ask()).toBe(false);
      expect(manager.changes.asOf).toBe(asOf);
      await own.restart();
      await expect.poll(() => manager.changes.ask()).toBe(true);
      expect(manager.changes.look()).toBe(before);
    }
  });

  it('are those of this process only by a server without an index', async () => {
    const manager = await opened(await withoutIndex(sqld));
    const { changes } = manager;
    expect(await changes.ask()).toBe(false);
    const before = changes.look();
    await manager.db.all('select 1');
    expect([changes.look(), changes.asOf]).toEqual([before, Number.NEGATIVE_INFINITY]);
    await manager.db.run(insert);
    expect(changes.look()).not.toBe(before);
    expect(await changes.ask()).toBe(false);
    expect(changes.asOf).toBe(Number.NEGATIVE_INFINITY);
  });
});
