// The only place that composes the packages: a library is one database with everything that serves it.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DatabaseCacheManager, openCacheManager } from '@cc/cache';
import { createHealthMonitor, type DatabaseHealthMonitor } from '@cc/health';
import { createMigrationManager, type MigrationManager } from '@cc/migrate';
import { createRepositories, type Repositories } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager, type TransactionManager } from '@cc/tx';

/** Everything a command needs of a library. */
export interface Library extends AsyncDisposable {
  readonly transactions: TransactionManager<typeof schema>;
  readonly migrations: MigrationManager;
  readonly repositories: Repositories;
  readonly cache: DatabaseCacheManager;
  readonly health: DatabaseHealthMonitor;
}

/** The library cannot be used as it is; the message says what to do. */
export class LibraryNotReady extends Error {
  override readonly name = 'LibraryNotReady';
}

/**
 * Opens the library at `url`. A new database gets its tables; one that is behind is refused, because changing existing
 * data is the decision of its owner.
 *
 * @throws LibraryNotReady that names the command to run when migrations are pending
 */
export async function openLibrary(url: string): Promise<Library> {
  await makeFolderOf(url);
  const transactions = await openTransactionManager({ url, schema });
  try {
    const migrations = createMigrationManager(transactions, { folder: migrationsFolder });
    await bringUpToDate(migrations);
    const cache = await openCacheManager();
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

async function bringUpToDate(migrations: MigrationManager): Promise<void> {
  const { applied, pending, problems } = await migrations.status();
  const [problem] = problems;
  if (problem) throw new LibraryNotReady(`${problem.message} ${problem.hint}`);
  if (pending.length === 0) return;
  if (applied.length > 0) {
    const names = pending.map(({ version }) => version).join(', ');
    throw new LibraryNotReady(`The library is behind this program: run \`candy migrate up\` to apply ${names}.`);
  }
  await migrations.applyMigrations();
}

/** The folder of a database that is made on first use. */
async function makeFolderOf(url: string): Promise<void> {
  if (!url.startsWith('file:') || url === 'file::memory:') return;
  const path = url.startsWith('file://') ? fileURLToPath(url) : decodeURIComponent(url.slice('file:'.length));
  await mkdir(dirname(path), { recursive: true });
}
