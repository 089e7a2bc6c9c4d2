// The only place that composes the packages: a library is one database with everything that serves it.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CacheManagerOptions, type DatabaseCacheManager, openCacheManager } from '@cc/cache';
import { captureParameters, createHealthMonitor, type DatabaseHealthMonitor } from '@cc/health';
import { createMigrationManager, type MigrationManager, type MigrationStatus } from '@cc/migrate';
import { createRepositories, type Repositories } from '@cc/repositories';
import { schema } from '@cc/schema';
import { migrations as packaged } from '@cc/schema/migrations';
import { isDatabaseError, openTransactionManager, type TransactionManager } from '@cc/tx';
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
  readonly cache?: Omit<CacheManagerOptions, 'transactions'>;
  /** Whether values of statements are kept in memory, so that an index can be proven over them. Default false; true for what runs long. */
  readonly advice?: boolean;
  /** Whether statements and figures are watched. Default true; not worth it for a command that nobody asks about them. */
  readonly monitored?: boolean;
  /** The file that keeps figures of health and alerts for a week, over restarts. Default: the last readings in memory. */
  readonly history?: string;
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
  const { create = true, monitored = true, importCommand = 'candy import <folder>' } = options;
  const none = (place: string): LibraryNotReady =>
    new LibraryNotReady(`There is no library at ${place} yet: \`${importCommand}\` makes one.`);
  // The file of a replica comes from its server.
  const isReplica = options.server?.syncUrl !== undefined;
  const missing = isReplica ? null : missingFile(url);
  if (missing !== null && !create) throw none(missing);
  if (create || isReplica) await makeFolderOf(url);
  const parameterCapture = options.advice === true ? captureParameters() : undefined;
  const transactions = await openTransactionManager({
    ...{ url, schema, pragmas, ...options.server },
    ...(parameterCapture && { logger: parameterCapture }),
  });
  try {
    const migrations = createMigrationManager(transactions, { migrations: packaged });
    const look = (): Promise<Standing> => standingOf(transactions, migrations, options.upCommand ?? 'candy migrate up');
    const standing = await look();
    const isNew = standing === 'empty';
    if (isNew && !create && transactions.capabilities.target !== 'memory') throw none(url.replace(/\?.*$/, ''));
    if (standing !== 'whole') await makeWhole(migrations, look);
    // Bound: what other processes commit is seen as well, and nothing is kept of a transaction.
    const cache = await openCacheManager({ transactions, ...options.cache });
    const repositories = createRepositories(transactions, { cache });
    if (options.history !== undefined) await mkdir(dirname(options.history), { recursive: true });
    const health = createHealthMonitor(transactions, {
      ...{ cacheStats: () => cache.getCacheStats(), parameterCapture },
      ...(options.history !== undefined && { history: { path: options.history } }),
    });
    if (monitored) await health.startMonitoring();
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

/** `begun`: another program is making it, or was ended in the middle of that. */
type Standing = 'empty' | 'begun' | 'whole';

/** What the database is. @throws LibraryNotReady when it is neither empty nor a library of this program */
async function standingOf(
  transactions: TransactionManager<typeof schema>,
  migrations: MigrationManager,
  upCommand: string,
): Promise<Standing> {
  const { db } = transactions;
  const { applied, pending, problems } = await migrations.status();
  const [problem] = problems;
  if (problem && applied.length > 0 && applied.every(({ version }) => missing(problems, version)))
    throw new LibraryNotReady(
      `The database is that of another program, whose migrations it has (${applied.map(({ version }) => version).join(', ')}): choose another with --url or CANDY_URL.`,
    );
  if (problem && pending.length === 0 && problems.every(({ version }) => missing(problems, version)))
    throw new LibraryNotReady(
      `The library is newer than this program, which does not have ${problems.map(({ version }) => version).join(', ')}: use the newer program.`,
    );
  // The commands of cc-migrate are those of this program, for the library that it has open.
  if (problem)
    throw new LibraryNotReady(
      `${problem.message}. ${problem.hint.replaceAll('cc-migrate', upCommand.replace(/ up$/, ''))}.`,
    );
  if (pending.length === 0) return 'whole';
  if (applied.length > 0) {
    if (await isBeingMade(db, migrations)) return 'begun';
    const names = pending.map(({ version }) => version).join(', ');
    throw new LibraryNotReady(`The library is behind this program: run \`${upCommand}\` to apply ${names}.`);
  }
  if (!(await holdsTables(db))) return 'empty';
  // Another program may have begun to make the library since the look above.
  if ((await migrations.getCurrentVersion()) !== null) return await standingOf(transactions, migrations, upCommand);
  throw new LibraryNotReady(
    `The database holds other tables than a library's: choose another file, or run \`${upCommand}\` to add them.`,
  );
}

/** Whether this program does not have a migration that is applied. */
function missing(problems: MigrationStatus['problems'], version: string | null): boolean {
  return problems.some((problem) => problem.kind === 'missing' && problem.version === version);
}

/** Programs that make one library together take turns: what others have applied is looked at anew. */
async function makeWhole(migrations: MigrationManager, look: () => Promise<Standing>): Promise<void> {
  do {
    try {
      await migrations.applyMigrations();
    } catch (error) {
      if (!isDatabaseError(error) || error.code !== 'MIGRATION_LOCK_LOST') throw error;
    }
  } while ((await look()) !== 'whole');
}

/** Whether there are tables; those of the migration tools are left when every migration was taken back. */
async function holdsTables(db: TransactionManager<typeof schema>['db']): Promise<boolean> {
  const tables = sql`select 1 from sqlite_schema where type = 'table' and name not glob 'sqlite_*' and name not glob '__*'`;
  return (await db.get(sql`${tables} limit 1`)) !== undefined;
}

/**
 * Whether somebody is making the library at this moment, or was ended in the middle of it: nothing was ever taken back, and
 * nothing has been put into it. Going on with it changes nobody's data.
 */
async function isBeingMade(
  db: TransactionManager<typeof schema>['db'],
  migrations: MigrationManager,
): Promise<boolean> {
  if ((await migrations.history()).some(({ direction }) => direction === 'down')) return false;
  for (const table of filled) {
    const isThere = await db.get(sql`select 1 from sqlite_schema where type = 'table' and name = ${table}`);
    if (isThere !== undefined && (await db.get(sql`select 1 from ${sql.identifier(table)} limit 1`)) !== undefined)
      return false;
  }
  return true;
}

/** The tables that people fill. */
const filled = ['models', 'tags', 'collections', 'saved_searches'];
