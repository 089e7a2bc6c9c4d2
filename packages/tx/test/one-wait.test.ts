// `acquireTimeoutMs` bounds the wait for another's lock, whatever call waits: what has waited as long as it may is not tried
// again, as each attempt would wait as long once more.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { openTransactionManager, type TransactionManager } from '../src/index.js';
import { deferred, temporaryFolder } from './target.js';

type Call = (manager: TransactionManager) => Promise<unknown>;

const insert = `insert into notes values ('mine')`;
const writes: Readonly<Record<string, Call>> = {
  'a statement': ({ db }) => db.run(sql.raw(insert)),
  'a transaction': (manager) => manager.transaction(() => manager.db.run(sql.raw(insert))),
  'a batch': (manager) => manager.batch([manager.db.run(sql.raw(insert))]),
  'a batch of the client': ({ db }) => db.$client.batch([insert]),
  'a migration of the client': ({ db }) => db.$client.migrate([insert]),
};

test.each(['WAL', 'DELETE'])('with journal_mode %s every write waits once for a lock that stays', async (journal) => {
  const url = pathToFileURL(join(await temporaryFolder(), 'app.db')).href;
  const pragmas = { journal_mode: journal };
  await using holder = await openTransactionManager({ url, pragmas });
  await holder.db.run(sql`create table notes (note text)`);
  await using manager = await openTransactionManager({ url, pragmas, acquireTimeoutMs: 60 });
  const attempts: number[] = [];
  manager.subscribe((event) => void (event.type === 'retry' && attempts.push(event.attempt)));
  const [held, end] = [deferred(), deferred()];
  const holding = holder.transaction(async () => {
    await holder.db.run(sql`insert into notes values ('held')`);
    held.resolve();
    await end.promise;
  });
  await held.promise;
  for (const [name, call] of Object.entries(writes)) {
    attempts.length = 0;
    await expect(call(manager)).rejects.toMatchObject({ type: 'lock', recoverable: true, outcome: 'none' });
    // Those of one wait are counted from 1 on; a second one would begin again.
    expect([name, ...attempts]).toEqual([name, ...attempts.map((_, i) => i + 1)]);
  }
  end.resolve();
  await holding;
  for (const call of Object.values(writes)) await call(manager);
  expect(await manager.db.values(sql`select count(*) from notes where note = 'mine'`)).toEqual([[5]]);
});
