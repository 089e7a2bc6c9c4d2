// The first call after a machine has slept, or a frozen process goes on: its connections were closed by the other side, and
// nobody has told it. A write on its own that is sent on one of them fails with an outcome that nobody knows.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld, patient } from '@cc/testkit/targets';
import { sql } from 'drizzle-orm';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { openTransactionManager } from '../src/index.js';

afterEach(() => vi.restoreAllMocks());

/** A line to `sqld`. What is sent on a connection that it has closed is answered with a reset. */
async function throughLine(sqld: Sqld, protocol: string) {
  const open = new Set<Socket>();
  const closed = new Set<Socket>();
  const line = createServer((near) => {
    const far = connect(Number(new URL(sqld.url.http).port), '127.0.0.1');
    open.add(near);
    const end = (): void => {
      open.delete(near);
      near.resetAndDestroy();
      far.destroy();
    };
    near.on('data', (bytes) => (closed.has(near) ? end() : far.write(bytes)));
    far.on('data', (bytes) => near.write(bytes));
    for (const socket of [near, far]) socket.on('error', () => undefined).on('close', end);
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    line.close();
  });
  const address = line.address();
  if (address === null || typeof address === 'string') throw new Error('the line has no port');
  return {
    url: `${protocol}://127.0.0.1:${address.port}`,
    closeAll: (): void => {
      for (const socket of open) closed.add(socket);
    },
  };
}

/** Has an hour pass on the wall's clock, which performance.now() does not count. */
function sleepIsPossible(): () => void {
  let sleptMs = 0;
  const { now } = Date;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + sleptMs);
  return () => {
    sleptMs += 3_600_000;
  };
}

describeWithSqld('after a sleep', () => {
  it.each(['http', 'ws'])('calls over %s go out on connections of now', async (protocol) => {
    const sqld = await startSqld();
    onTestFinished(() => sqld.close());
    const { url, closeAll } = await throughLine(sqld, protocol);
    const sleep = sleepIsPossible();
    const manager = await openTransactionManager({ url, ...patient, retry: false });
    onTestFinished(() => manager.close({ drainMs: 0 }));
    const { db } = manager;
    await db.run(sql`create table notes (note text)`);
    const calls = [
      () => db.run(sql`insert into notes values ('alone')`),
      () => db.$client.executeMultiple(`insert into notes values ('script')`),
      () => manager.transaction(() => db.run(sql`insert into notes values ('transaction')`)),
      () => manager.batch([db.run(sql`insert into notes values ('batch')`)]),
      () => manager.read(() => db.all(sql`select * from notes`)),
      () => db.all(sql`select * from notes`),
    ];
    for (const call of calls) {
      closeAll();
      sleep();
      await call();
      // The ones of now are used again.
      await call();
    }
    expect(await db.values(sql`select note, count(*) from notes group by note order by note`)).toEqual([
      ['alone', 2],
      ['batch', 2],
      ['script', 2],
      ['transaction', 2],
    ]);
  });

  it.each(['http', 'ws'] as const)('what was under way over %s goes on', async (protocol) => {
    const sqld = await startSqld();
    onTestFinished(() => sqld.close());
    const sleep = sleepIsPossible();
    const manager = await openTransactionManager({ url: sqld.url[protocol], ...patient });
    onTestFinished(() => manager.close({ drainMs: 0 }));
    const { db } = manager;
    await db.run(sql`create table notes (note text)`);
    await manager.transaction(async () => {
      await db.run(sql`insert into notes values ('before')`);
      sleep();
      await db.run(sql`insert into notes values ('after')`);
      // On a connection of now, beside the one of the transaction.
      await manager.transaction(() => db.all(sql`select 1`), { propagation: 'not_supported' });
      await db.run(sql`insert into notes values ('beside')`);
    });
    expect(await db.values(sql`select note from notes`)).toEqual([['before'], ['after'], ['beside']]);
  });
});
