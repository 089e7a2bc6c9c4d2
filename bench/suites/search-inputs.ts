// The libraries of the search suite: the catalogue itself, and its expansions to 100,000 and 1,000,000 models, which are
// kept between runs in the folder BENCH_LIBRARIES, because filling the largest takes several minutes.
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMigrationManager } from '@cc/migrate';
import { createRepositories } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { type Catalogue, openCatalogue } from '../catalogue/catalogue.js';
import { expandCatalogue } from '../catalogue/expand.js';
import { requireSameLibrary } from '../catalogue/same-library.js';
import { writtenAt } from '../contenders/contender.js';
import type { Json } from '../harness/json.js';
import type { Prepared, PrepareOptions } from '../harness/suite.js';
import { bulkInputs } from './bulk-inputs.js';
import { type LibraryPlace, libraryNames, librarySizes, phasesOf } from './library-places.js';
import { findPlaces } from './page-places.js';
import { searchMemoryInputs, searchMemoryPhase } from './search-memory-phase.js';

/** Prepares the libraries that the phases need. @throws Error when not every model was made, or a kept library is another */
export async function prepareSearch({
  workDirectory,
  cataloguePath,
  phases,
  repository,
}: PrepareOptions & { readonly repository: string }): Promise<Prepared> {
  const catalogue = await openCatalogue(cataloguePath, repository);
  const databasePath = join(workDirectory, 'prepared.db');
  const facts: Record<string, Json> = { catalogue: catalogue.source };
  facts['library 10k'] = await fillLibrary(databasePath, catalogue, librarySizes['10k']);
  const kept = process.env['BENCH_LIBRARIES'];
  const inputs: Record<string, Json> = {
    relevance: { cataloguePath: cataloguePath ?? null, repository },
    [searchMemoryPhase.name]: await searchMemoryInputs(workDirectory, catalogue.models),
  };
  for (const name of libraryNames) {
    const { reads, bulk } = phasesOf(name);
    if (![...reads, bulk].some((phase) => phases.includes(phase))) continue;
    if (name === '1M' && kept === undefined) {
      const skipped = 'SKIPPED: BENCH_LIBRARIES names no folder to keep it in';
      facts[`library ${name}`] = skipped;
      const nowhere: LibraryPlace = { path: databasePath, skipped, places: {} };
      for (const phase of [...reads, bulk]) inputs[phase] = { ...nowhere, bulks: [] };
      continue;
    }
    const path = name === '10k' ? databasePath : join(kept ?? workDirectory, `search-${name}.db`);
    if (name !== '10k') {
      // How it was filled is written beside it, for the runs that find it.
      const note = `${path}.txt`;
      if (!existsSync(path)) await writeFile(note, await fillLibrary(path, catalogue, librarySizes[name]));
      facts[`library ${name}`] = existsSync(note) ? await readFile(note, 'utf8') : 'kept from a run before';
      requireSameLibrary(path, databasePath, librarySizes[name]);
    }
    const places = reads.some((phase) => phases.includes(phase)) ? await findPlaces(path, workDirectory) : {};
    for (const phase of reads) inputs[phase] = { path, skipped: null, places };
    inputs[bulk] = { path, skipped: null, ...bulkInputs(path, catalogue.models) };
  }
  return { databasePath, inputs, facts };
}

/** Fills a new library, and returns how long that took, in words. */
async function fillLibrary(path: string, catalogue: Catalogue, size: number): Promise<string> {
  const unfinished = `${path}.unfinished`;
  const started = performance.now();
  let filledMs = 0;
  {
    await using transactions = await openTransactionManager({ url: `file:${unfinished}`, schema });
    await createMigrationManager(transactions, { folder: migrationsFolder }).applyMigrations();
    const { models, search } = createRepositories(transactions, { now: () => writtenAt });
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
