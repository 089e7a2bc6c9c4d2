// Fills a library of any size from a catalogue, through createMany; one that was kept from a run before has to be the same.
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createMigrationManager } from '@cc/migrate';
import { createRepositories } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import type { Catalogue } from '../catalogue/catalogue.js';
import { expandCatalogue } from '../catalogue/expand.js';
import { requireSameLibrary } from '../catalogue/same-library.js';
import { writtenAt } from '../contenders/contender.js';

/**
 * Fills the library at `path` where there is none yet, and returns how it was filled, in words; these are written beside it, for
 * the runs that find it. `freshPath` is a library of the same catalogue that was filled in this run.
 *
 * @throws Error when a kept library is another
 */
export async function keepLibrary(
  path: string,
  freshPath: string,
  catalogue: Catalogue,
  size: number,
): Promise<string> {
  const note = `${path}.txt`;
  if (!existsSync(path)) await writeFile(note, await fillLibrary(path, catalogue, size));
  requireSameLibrary(path, freshPath, size);
  return existsSync(note) ? await readFile(note, 'utf8') : 'kept from a run before';
}

/** Fills a new library, and returns how long that took, in words. @throws Error when not every model was made */
export async function fillLibrary(path: string, catalogue: Catalogue, size: number): Promise<string> {
  const unfinished = `${path}.unfinished`;
  const started = performance.now();
  let filledMs = 0;
  {
    await using transactions = await openTransactionManager({ url: `file:${unfinished}`, schema });
    await createMigrationManager(transactions, { folder: migrationsFolder }).applyMigrations();
    const { models, search } = createRepositories(transactions, { now: () => writtenAt.getTime() });
    const all = expandCatalogue(catalogue.models, size);
    const { created } = await models.createMany(all, { batchSize: 5_000, onDuplicateHash: 'allow' });
    if (created !== size) throw new Error(`createMany made ${created} of ${size} models`);
    filledMs = performance.now() - started;
    await search.refreshWords();
    {
      using lease = await transactions.getConnection();
      await lease.client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
    }
  }
  await rename(unfinished, path);
  // Empty, as everything is in the file.
  for (const suffix of ['-wal', '-shm']) await rm(`${unfinished}${suffix}`, { force: true });
  const perSecond = Math.round((size / filledMs) * 1_000);
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  const wordsMs = performance.now() - started - filledMs;
  return `filled in ${seconds(filledMs)} s (${perSecond} models/s with five values and their tags), words copied in ${seconds(wordsMs)} s`;
}
