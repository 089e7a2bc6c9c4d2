// A library for a test: a database with the migrations applied, its repositories, and what a test needs to look inside.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { migrationsFolder, schema } from '@cc/schema';
import { startSqld } from '@cc/testkit/sqld';
import { targets as every, patient, placeIn, type TargetName } from '@cc/testkit/targets';
import { openTransactionManager, type TransactionManager, type TransactionManagerOptions } from '@cc/tx';
import { createRepositories, type Repositories, type RepositoriesOptions } from '../src/index.js';

/**
 * The targets that differ in what the repositories do, for all suites but the contract, which runs on every one. A write
 * to a replica takes a tenth of a second.
 */
export const targets: readonly TargetName[] = every.filter((target) => target !== 'ws' && target !== 'replica');

type Pragmas = NonNullable<TransactionManagerOptions['pragmas']>;

/** How often a property is tried: each call to a server takes milliseconds. */
export function runsOn(target: TargetName, runs: number): number {
  return target === ':memory:' || target === 'file' ? runs : Math.ceil(runs / 15);
}

export interface Library extends Repositories, AsyncDisposable {
  readonly transactions: TransactionManager<typeof schema>;
  /** Where the database file lies; null when it is not a local file. */
  readonly path: string | null;
  /** Moves the clock of the repositories on by `ms` (default 1) and returns the new time. */
  tick(ms?: number): Date;
}

/** What makes `INSERT OR REPLACE` of plain SQL run the delete triggers. Servers do not take it. */
export const replaceSafe = Object.freeze({ recursive_triggers: true });

/** Opens an empty library, a file with `replaceSafe`. Its clock starts at 2024-01-01 and stands still. */
export async function openLibrary(
  target: TargetName,
  options: Omit<RepositoriesOptions, 'now'> = {},
  pragmas: Pragmas = target === 'file' ? replaceSafe : {},
): Promise<Library> {
  const folder = await mkdtemp(join(tmpdir(), 'cc-repositories-'));
  // A replica fetches all that its server ever wrote, so it gets one of its own.
  const own = target === 'replica' ? await startSqld() : null;
  const place = own
    ? { url: pathToFileURL(join(folder, 'replica.db')).href, syncUrl: own.url.http }
    : await placeIn(folder, target);
  const transactions = await openTransactionManager({ ...place, ...patient, schema, pragmas });
  await migrate(transactions);
  // The tables were made on the server, past the replica.
  if (target === 'replica') await transactions.sync();
  let time = Date.UTC(2024, 0, 1);
  return {
    transactions,
    path: target === 'file' ? fileURLToPath(place.url) : null,
    ...createRepositories(transactions, { ...options, now: () => time }),
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
