// A library for a test: a database with the migrations applied, its repositories, and what a test needs to look inside.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { createRepositories, type Repositories, type RepositoriesOptions } from '../src/index.js';

/** The kinds of database that every suite runs on. */
export const targets = ['memory', 'file'] as const;

export interface Library extends Repositories, AsyncDisposable {
  readonly transactions: TransactionManager<typeof schema>;
  /** Moves the clock of the repositories on by `ms` (default 1) and returns the new time. */
  tick(ms?: number): Date;
}

/** Opens an empty library. Its clock starts at 2024-01-01 and stands still. */
export async function openLibrary(
  target: (typeof targets)[number],
  options: Omit<RepositoriesOptions, 'now'> = {},
): Promise<Library> {
  const folder = target === 'file' ? await mkdtemp(join(tmpdir(), 'cc-repositories-')) : null;
  const url = folder === null ? ':memory:' : `file:${join(folder, 'library.db')}`;
  const transactions = await openTransactionManager({ url, schema });
  await migrate(transactions);
  let time = Date.UTC(2024, 0, 1);
  return {
    transactions,
    ...createRepositories(transactions, { ...options, now: () => new Date(time) }),
    tick(ms = 1) {
      time += ms;
      return new Date(time);
    },
    async [Symbol.asyncDispose]() {
      await transactions.close();
      if (folder !== null) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Applies the packaged migrations, as a migration tool would. */
export async function migrate(transactions: TransactionManager<typeof schema>): Promise<void> {
  const lease = await transactions.getConnection();
  try {
    const journal = await readFile(join(migrationsFolder, 'meta/_journal.json'), 'utf8');
    // The folder is ours: its journal is what drizzle-kit writes.
    for (const { tag } of (JSON.parse(journal) as { entries: readonly { tag: string }[] }).entries) {
      const text = await readFile(join(migrationsFolder, `${tag}.sql`), 'utf8');
      await lease.client.migrate(text.split('--> statement-breakpoint'));
    }
  } finally {
    lease.release();
  }
}
