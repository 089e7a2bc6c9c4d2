// Whoever writes to the database without a word to the cache is seen at the next turn: each way there is to do that.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openCacheManager } from '@cc/cache';
import { createMigrationManager } from '@cc/migrate';
import { startProgram } from '@cc/testkit/program';
import { createErrorHandler, openTransactionManager } from '@cc/tx';
import { createClient } from '@libsql/client';
import { eq, sql } from 'drizzle-orm';
import Database from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Opened, openVersions } from './open.js';
import { type Manager, schema, versions } from './run-fuzz.js';

const increment = 'UPDATE versions SET version = version + 1 WHERE id = 1';

/** Reads row 1 through a cache of its own, whose load is counted. */
async function reader(
  transactions: Manager,
): Promise<{ readonly read: () => Promise<number>; readonly loads: () => number }> {
  const cache = await openCacheManager({ transactions });
  onTestFinished(() => cache.close());
  const region = cache.region<{ readonly version: number }>('versions');
  let loads = 0;
  const load = async (): Promise<{ version: number }> => {
    loads += 1;
    const [row] = await transactions.db.select({ version: versions.version }).from(versions).where(eq(versions.id, 1));
    return { version: row?.version ?? 0 };
  };
  return { read: async () => (await region.getOrLoad('1', load))?.version ?? 0, loads: () => loads };
}

type Write = (opened: Opened) => unknown;

const writers: Readonly<Record<string, Write>> = {
  ...(spawnSync('sqlite3', ['--version']).status === 0 && {
    'the sqlite3 shell': ({ url }) =>
      execFileSync('sqlite3', ['-cmd', '.timeout 60000', fileURLToPath(url), increment]),
  }),
  'another process with the stock client': async ({ url }) => {
    const child = startProgram(new URL('writer.mjs', import.meta.url), [url, '1', '0', '60000', '1']);
    expect(await child.ended()).toMatchObject({ code: 0 });
  },
  'another connection of this process': ({ url }) => {
    const database = new Database(fileURLToPath(url));
    database.exec(increment);
    database.close();
  },
  'another client of this process': async ({ url }) => {
    const client = createClient({ url });
    await client.execute(increment);
    client.close();
  },
  'another manager of this process': async ({ url }) => {
    await using other = await openTransactionManager({ url, schema });
    await other.db.run(sql.raw(increment));
  },
  'raw SQL through `db.run`': ({ transactions }) => transactions.db.run(sql.raw(increment)),
  'a builder of drizzle': ({ transactions }) =>
    transactions.db
      .update(versions)
      .set({ version: sql`${versions.version} + 1` })
      .where(eq(versions.id, 1)),
  '`db.batch`': ({ transactions }) => {
    const { db } = transactions;
    return db.batch([db.update(versions).set({ version: 2 }).where(eq(versions.id, 1))]);
  },
  '`transactions.batch`': ({ transactions }) =>
    transactions.batch([transactions.db.update(versions).set({ version: 2 }).where(eq(versions.id, 1))]),
  'the client of `db`': ({ transactions }) => transactions.db.$client.execute(increment),
  'a script': ({ transactions }) => transactions.db.$client.executeMultiple(`${increment}; SELECT 1;`),
  '`migrate` of the client': ({ transactions }) => transactions.db.$client.migrate([increment]),
  'a transaction of the client': async ({ transactions }) => {
    const transaction = await transactions.db.$client.transaction('write');
    await transaction.execute(increment);
    await transaction.commit();
  },
  'a held connection': async ({ transactions }) => {
    using lease = await transactions.getConnection();
    await lease.client.execute(increment);
  },
  'a transaction': ({ transactions }) => transactions.transaction(() => transactions.db.run(sql.raw(increment))),
  'a savepoint in a transaction': ({ transactions }) =>
    transactions.transaction((tx) => tx.savepoint(() => transactions.db.run(sql.raw(increment)))),
  'a migration': async ({ transactions, folder }) => {
    const migrations = join(folder, 'migrations');
    await mkdir(join(migrations, 'meta'), { recursive: true });
    await writeFile(join(migrations, '0000_more.sql'), `${increment};`);
    await writeFile(join(migrations, '0000_more.down.sql'), '-- cc:down irreversible\n');
    const entries = [{ idx: 0, version: '6', when: 1, tag: '0000_more', breakpoints: true }];
    await writeFile(
      join(migrations, 'meta', '_journal.json'),
      JSON.stringify({ version: '7', dialect: 'sqlite', entries }),
    );
    await createMigrationManager(transactions, { folder: migrations }).applyMigrations({
      allowDataLoss: ['versions.version'],
    });
  },
};

describe('a commit is seen that is made by', () => {
  test.each(Object.entries(writers))('%s', async (_, write) => {
    const opened = await openVersions('file');
    const { read, loads } = await reader(opened.transactions);
    expect(await read()).toBe(1);
    await turn();
    expect(await read()).toBe(1);
    expect(loads()).toBe(1);
    await write(opened);
    expect(await read()).toBe(2);
  });
});

test('a damaged database that is replaced by a backup is read anew', async () => {
  const { transactions, folder } = await openVersions('file');
  const backups = join(folder, 'backups');
  await mkdir(backups);
  await transactions.backup(join(backups, 'one.db'));
  await transactions.db.run(sql.raw(increment));
  const { read } = await reader(transactions);
  expect(await read()).toBe(2);
  const damaged = new Error('database disk image is malformed');
  const errors = createErrorHandler(transactions, { backupFolder: backups, restore: true });
  await errors.attemptRecovery(Object.assign(damaged, { code: 'SQLITE_CORRUPT' }));
  const [row] = await transactions.db.select().from(versions).where(eq(versions.id, 1));
  expect(await read()).toBe(row?.version);
});

test('with more commits of others than reads the cache steps aside, says so, and comes back', async () => {
  const { transactions, url } = await openVersions('file');
  const cache = await openCacheManager({ transactions });
  onTestFinished(() => cache.close());
  const region = cache.region<{ readonly version: number }>('versions');
  const load = async (): Promise<{ version: number }> => {
    const [row] = await transactions.db.select().from(versions).where(eq(versions.id, 1));
    return { version: row?.version ?? 0 };
  };
  const other = new Database(fileURLToPath(url));
  while (cache.getCacheStats().coherence.steppedAside === 0) {
    other.exec(increment);
    const there = other.prepare('SELECT version FROM versions WHERE id = 1').get() as { readonly version: number };
    await turn();
    expect(await region.getOrLoad('1', load)).toMatchObject({ version: there.version });
  }
  other.close();
  while (cache.getCacheStats().coherence.isAside) await turn();
  await region.getOrLoad('1', load);
  const { hits } = cache.getCacheStats();
  await region.getOrLoad('1', load);
  expect(cache.getCacheStats().hits).toBe(hits + 1);
});

test('it does not step aside for regions that are told of every write, because of one that nobody tells', async () => {
  const { transactions } = await openVersions('file');
  const cache = await openCacheManager({ transactions });
  onTestFinished(() => cache.close());
  const teller = {};
  const told = cache.region<{ readonly version: number }>('told', { toldBy: teller });
  const own = cache.region<{ readonly version: number }>('own');
  const load = async (): Promise<{ version: number }> => {
    const [row] = await transactions.db.select().from(versions).where(eq(versions.id, 1));
    return { version: row?.version ?? 0 };
  };
  await own.getOrLoad('1', load);
  for (let write = 0; write < 100; write += 1) {
    await transactions.changes.declared(teller, async () => await transactions.db.run(sql.raw(increment)));
    told.invalidate('1');
    await told.getOrLoad('1', load);
    await turn();
  }
  expect(cache.getCacheStats().coherence).toMatchObject({ steppedAside: 0, isAside: false });
  expect(await own.getOrLoad('1', load)).toEqual(await load());
});
