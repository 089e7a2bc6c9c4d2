// The only place that composes the packages: a library is one database with everything that serves it.
import { type CacheManagerOptions, type DatabaseCacheManager, openCacheManager } from '@cc/cache';
import { createHealthMonitor, type DatabaseHealthMonitor } from '@cc/health';
import { createMigrationManager, type MigrationManager } from '@cc/migrate';
import { createRepositories, type Repositories } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { makeFolderOf, missingFile } from './location.js';

/** Everything a command needs of a library. */
export interface Library extends AsyncDisposable {
  readonly transactions: TransactionManager<typeof schema>;
  readonly migrations: MigrationManager;
  readonly repositories: Repositories;
  readonly cache: DatabaseCacheManager;
  readonly health: DatabaseHealthMonitor;
}

/** Options of `openLibrary`. */
export interface LibraryOptions {
  /** The command that brings the library up to date, for messages. Default `candy migrate up`. */
  readonly upCommand?: string;
  /** The command that makes a library, for messages. Default `candy import <folder>`. */
  readonly importCommand?: string;
  /** Whether a library is made where there is none. Default true; false for what only looks. Databases in memory are always made. */
  readonly create?: boolean;
  readonly cache?: CacheManagerOptions;
  /** Token of a server, and the server that a local file replicates. */
  readonly server?: { readonly authToken?: string; readonly syncUrl?: string };
}

/** The library is not there, or cannot be used as it is; the message says what to do. */
export class LibraryNotReady extends Error {
  override readonly name = 'LibraryNotReady';
}

/**
 * Opens the library at `url`. With `create` a new database gets its tables; one that is behind, or holds something else, is
 * refused, because changing existing data is the decision of its owner.
 *
 * @throws LibraryNotReady that names the command to run; TypeError and DatabaseError as `openTransactionManager`
 */
export async function openLibrary(url: string, options: LibraryOptions = {}): Promise<Library> {
  const { create = true, importCommand = 'candy import <folder>' } = options;
  const none = (place: string): LibraryNotReady =>
    new LibraryNotReady(`There is no library at ${place} yet: \`${importCommand}\` makes one.`);
  // The file of a replica comes from its server.
  const isReplica = options.server?.syncUrl !== undefined;
  const missing = isReplica ? null : missingFile(url);
  if (missing !== null && !create) throw none(missing);
  if (create || isReplica) await makeFolderOf(url);
  const transactions = await openTransactionManager({ url, schema, pragmas, ...options.server });
  try {
    const migrations = createMigrationManager(transactions, { folder: migrationsFolder });
    const isNew = await isEmpty(transactions, migrations, options.upCommand ?? 'candy migrate up');
    if (isNew && !create && transactions.capabilities.target !== 'memory') throw none(url.replace(/\?.*$/, ''));
    if (isNew) await migrations.applyMigrations();
    const cache = await openCacheManager(options.cache);
    const repositories = createRepositories(transactions, { cache });
    const health = createHealthMonitor(transactions, { cacheStats: () => cache.getCacheStats() });
    await health.startMonitoring();
    const close = async (): Promise<void> => {
      await health.stopMonitoring();
      await cache.close();
      await transactions.close();
    };
    return { transactions, migrations, repositories, cache, health, [Symbol.asyncDispose]: close };
  } catch (error) {
    await transactions.close({ drainMs: 0 });
    throw error;
  }
}

/** Has SQLite run the delete triggers of rows that `INSERT OR REPLACE` removes: the library's search and counters rely on them. */
const pragmas = { recursive_triggers: true };

/** Whether the database is empty. @throws LibraryNotReady when it is neither that nor a library of this program */
async function isEmpty(
  { db }: TransactionManager<typeof schema>,
  migrations: MigrationManager,
  upCommand: string,
): Promise<boolean> {
  const { applied, pending, problems } = await migrations.status();
  const [problem] = problems;
  if (problem) throw new LibraryNotReady(`${problem.message} ${problem.hint}`);
  if (pending.length === 0) return false;
  if (applied.length > 0) {
    const names = pending.map(({ version }) => version).join(', ');
    throw new LibraryNotReady(`The library is behind this program: run \`${upCommand}\` to apply ${names}.`);
  }
  // The tables of the migration tools are left when every migration was taken back.
  const tables = sql`select 1 from sqlite_schema where type = 'table' and name not glob 'sqlite_*' and name not glob '__*'`;
  if ((await db.get(sql`${tables} limit 1`)) !== undefined) {
    throw new LibraryNotReady(
      `The database holds other tables than a library's: choose another file, or run \`${upCommand}\` to add them.`,
    );
  }
  return true;
}
