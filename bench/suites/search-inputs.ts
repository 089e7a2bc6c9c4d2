// The libraries of the search suite: the catalogue itself, and its expansions to 100,000 and 1,000,000 models, which are
// kept between runs in the folder BENCH_LIBRARIES, because filling the largest takes several minutes.
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createMigrationManager } from '@cc/migrate';
import { createRepositories } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { type Catalogue, openCatalogue } from '../catalogue/catalogue.js';
import { expandCatalogue } from '../catalogue/expand.js';
import { writtenAt } from '../contenders/contender.js';
import type { Prepared, PrepareOptions } from '../harness/suite.js';

/** The sizes that are measured, as the phases are named. */
export const librarySizes = { '10k': 10_000, '100k': 100_000, '1M': 1_000_000 } as const;
export type LibraryName = keyof typeof librarySizes;

/** What a phase of one library is told. */
export interface LibraryPlace {
  /** Null = the trial's own copy of the prepared database. */
  readonly path: string | null;
  /** Why there is nothing to measure. */
  readonly skipped: string | null;
}

/** Prepares the libraries. @throws Error when not every model was made */
export async function prepareSearch({
  workDirectory,
  cataloguePath,
  repository,
}: PrepareOptions & { readonly repository: string }): Promise<Prepared> {
  const catalogue = await openCatalogue(cataloguePath, repository);
  const databasePath = join(workDirectory, 'prepared.db');
  const facts: Record<string, string> = { catalogue: catalogue.source };
  const fill = async (name: LibraryName, path: string): Promise<void> => {
    const started = performance.now();
    await fillLibrary(path, catalogue, librarySizes[name]);
    facts[`library ${name}`] = `filled and its words copied in ${((performance.now() - started) / 1_000).toFixed(1)} s`;
  };
  await fill('10k', databasePath);
  const kept = process.env['BENCH_LIBRARIES'];
  const place = async (name: LibraryName): Promise<LibraryPlace> => {
    if (name === '10k') return { path: null, skipped: null };
    if (kept === undefined && name === '1M') {
      facts['library 1M'] = 'SKIPPED: BENCH_LIBRARIES names no folder to keep it in';
      return { path: null, skipped: facts['library 1M'] };
    }
    const path = join(kept ?? workDirectory, `search-${name}.db`);
    if (existsSync(path)) facts[`library ${name}`] = 'kept from a run before';
    else await fill(name, path);
    return { path, skipped: null };
  };
  return {
    databasePath,
    inputs: {
      relevance: { cataloguePath: cataloguePath ?? null, repository },
      '10k': { ...(await place('10k')) },
      '100k': { ...(await place('100k')) },
      '1M': { ...(await place('1M')) },
    },
    facts,
  };
}

async function fillLibrary(path: string, catalogue: Catalogue, size: number): Promise<void> {
  const unfinished = `${path}.unfinished`;
  {
    await using transactions = await openTransactionManager({ url: `file:${unfinished}`, schema });
    await createMigrationManager(transactions, { folder: migrationsFolder }).applyMigrations();
    const { models, search } = createRepositories(transactions, { now: () => writtenAt });
    const all = expandCatalogue(catalogue.models, size);
    const { created } = await models.createMany(all, { batchSize: 5_000, onDuplicateHash: 'allow' });
    if (created !== size) throw new Error(`createMany made ${created} of ${size} models`);
    await search.refreshWords();
    {
      using lease = await transactions.getConnection();
      await lease.client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
    }
  }
  await rename(unfinished, path);
}
