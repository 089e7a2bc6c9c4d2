// A library for a test: a database with the migrations applied, its repositories, and what a test needs to look inside.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager, type TransactionManager, type TransactionManagerOptions } from '@cc/tx';
import { type Sqld, sqldMissing, startSqld } from '@cc/tx/test/sqld';
import { afterAll, onTestFailed } from 'vitest';
import { createRepositories, type Repositories, type RepositoriesOptions } from '../src/index.js';

/** Every kind of database; the last three need a libSQL server. */
const known = ['memory', 'file', 'http', 'ws', 'replica'] as const;
export type Target = (typeof known)[number];

/** The kinds of database that this machine can run: for the contract suites. */
export const everyTarget: readonly Target[] = sqldMissing === null ? known : known.slice(0, 2);
/** Those that differ in what the repositories do: for all other suites. A write to a replica takes a tenth of a second. */
export const targets: readonly Target[] = everyTarget.slice(0, 3);
if (sqldMissing !== null) process.stderr.write(`SKIPPED: http, ws and replica targets: ${sqldMissing}\n`);

type Pragmas = NonNullable<TransactionManagerOptions['pragmas']>;

/** How often a property is tried: each call to a server takes milliseconds. */
export function runsOn(target: Target, runs: number): number {
  return target === 'memory' || target === 'file' ? runs : Math.ceil(runs / 15);
}

export interface Library extends Repositories, AsyncDisposable {
  readonly transactions: TransactionManager<typeof schema>;
  /** Where the database file lies; null when it is not a local file. */
  readonly path: string | null;
  /** Moves the clock of the repositories on by `ms` (default 1) and returns the new time. */
  tick(ms?: number): Date;
}

/** Limits for what must succeed, however busy the machine is; below the limit of a test, so that the manager tells. */
const patient = { acquireTimeoutMs: 240_000, transactionTimeoutMs: 240_000 };

/** What makes `INSERT OR REPLACE` of plain SQL run the delete triggers. Servers do not take it. */
export const replaceSafe = Object.freeze({ recursive_triggers: true });

/** Opens an empty library, a file with `replaceSafe`. Its clock starts at 2024-01-01 and stands still. */
export async function openLibrary(
  target: Target,
  options: Omit<RepositoriesOptions, 'now'> = {},
  pragmas: Pragmas = target === 'file' ? replaceSafe : {},
): Promise<Library> {
  const folder = await mkdtemp(join(tmpdir(), 'cc-repositories-'));
  const path = join(folder, 'library.db');
  // A replica fetches all that its server ever wrote, so it gets one of its own.
  const own = target === 'replica' ? await startSqld() : null;
  const transactions = await openTransactionManager({
    ...(await place(target, path, own)),
    ...patient,
    schema,
    pragmas,
  });
  await migrate(transactions);
  // The tables were made on the server, past the replica.
  if (target === 'replica') await transactions.sync();
  let time = Date.UTC(2024, 0, 1);
  return {
    transactions,
    path: target === 'file' ? path : null,
    ...createRepositories(transactions, { ...options, now: () => new Date(time) }),
    tick(ms = 1) {
      time += ms;
      return new Date(time);
    },
    async [Symbol.asyncDispose]() {
      await transactions.close();
      await own?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Applies the packaged migrations, as a migration tool would. */
export async function migrate(transactions: TransactionManager<typeof schema>): Promise<void> {
  using lease = await transactions.getConnection();
  const journal = await readFile(join(migrationsFolder, 'meta/_journal.json'), 'utf8');
  // The folder is ours: its journal is what drizzle-kit writes.
  for (const { tag } of (JSON.parse(journal) as { entries: readonly { tag: string }[] }).entries) {
    const text = await readFile(join(migrationsFolder, `${tag}.sql`), 'utf8');
    await lease.client.migrate(text.split('--> statement-breakpoint'));
  }
}

let shared: Promise<Sqld> | undefined;

async function place(target: Target, path: string, own: Sqld | null): Promise<{ url: string; syncUrl?: string }> {
  if (target === 'memory') return { url: ':memory:' };
  const url = pathToFileURL(path).href;
  if (target === 'file') return { url };
  if (target === 'replica') return { url, ...(own && { syncUrl: own.url.http }) };
  shared ??= startSqld();
  const server = await shared;
  // What a failed test has left there, or still does, is not the next one's.
  onTestFailed(async () => {
    shared = undefined;
    await server.close();
  });
  await emptyServer(server);
  return { url: server.url[target] };
}

/** The tests of a file share a server; each gets it empty. */
async function emptyServer(server: Sqld): Promise<void> {
  await using admin = await openTransactionManager({ url: server.url.http });
  using lease = await admin.getConnection();
  const { rows } = await lease.client.execute(
    `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like 'models_fts_%'`,
  );
  const names = ['models_fts_words', ...rows.map((row) => String(row['name'])).sort(indexFirst)];
  await lease.client.migrate(names.map((name) => `drop table if exists "${name}"`));
}

/** The triggers of a table go with it, and they name the index. */
function indexFirst(a: string, b: string): number {
  return Number(b === 'models_fts') - Number(a === 'models_fts');
}

afterAll(async () => {
  await (await shared)?.close();
});
