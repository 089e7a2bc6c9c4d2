// The targets that the suites run against, each opened on data of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { afterAll, onTestFinished } from 'vitest';
import { openTransactionManager, type TransactionManager, type TransactionManagerOptions } from '../src/index.js';
import { type Sqld, sqldMissing, startSqld } from './sqld.js';

export const items = sqliteTable('items', {
  id: integer('id').primaryKey(),
  name: text('name').notNull().unique(),
  amount: integer('amount').notNull().default(0),
});

export const schema = { items };
export type TestManager = TransactionManager<typeof schema>;

/** Every kind of target; the last three need the server of the workspace. */
const known = ['file', ':memory:', 'http', 'ws', 'replica'] as const;
export type TargetName = (typeof known)[number];

/** The targets that this machine can run. */
export const targets: readonly TargetName[] = sqldMissing === null ? known : known.slice(0, 2);
if (sqldMissing !== null) process.stderr.write(`SKIPPED: http, ws and replica targets: ${sqldMissing}\n`);

const ddl = 'create table items (id integer primary key, name text not null unique, amount integer not null default 0)';

/** A new empty folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cc-tx-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a database with one table `items`, closed after the test. */
export async function openTarget(
  name: TargetName,
  options: Omit<TransactionManagerOptions<typeof schema>, 'url' | 'schema'> = {},
): Promise<TestManager> {
  const manager = await openTransactionManager({ ...(await place(name)), schema, ...options });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  await manager.db.run(ddl);
  return manager;
}

/** Where an empty database of this kind lies. Servers are shared by the tests of a file and emptied for each. */
async function place(name: TargetName): Promise<{ url: string; syncUrl?: string }> {
  if (name === ':memory:') return { url: name };
  const url = pathToFileURL(join(await temporaryFolder(), 'test.db')).href;
  if (name === 'file') return { url };
  const server = await sharedServer();
  return name === 'replica' ? { url, syncUrl: server.url.http } : { url: server.url[name] };
}

let shared: Promise<Sqld> | undefined;

async function sharedServer(): Promise<Sqld> {
  shared ??= startSqld();
  const server = await shared;
  const admin = createClient({ url: server.url.http });
  const { rows } = await admin.execute(
    `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`,
  );
  await admin.migrate(rows.map((row) => `drop table "${String(row['name'])}"`));
  admin.close();
  return server;
}

afterAll(async () => {
  await (await shared)?.close();
});

/** The names in `items`, by id. */
export async function names(manager: TestManager): Promise<string[]> {
  return (await manager.db.select({ name: items.name }).from(items).orderBy(items.id)).map((row) => row.name);
}

/** A promise and what settles it. */
export function deferred<T = void>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
