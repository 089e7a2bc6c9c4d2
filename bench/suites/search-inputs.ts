// The libraries of the search suite: the catalogue itself, its first 1,000 models, and its expansions to 100,000 and 1,000,000,
// which are kept between runs in the folder BENCH_LIBRARIES, because filling the largest takes minutes.
import { join } from 'node:path';
import { openCatalogue } from '../catalogue/catalogue.js';
import type { Json } from '../harness/json.js';
import type { Prepared, PrepareOptions } from '../harness/suite.js';
import { bulkInputs } from './bulk-inputs.js';
import { fillLibrary, keepLibrary } from './fill-library.js';
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
    if (name !== '10k') facts[`library ${name}`] = await keepLibrary(path, databasePath, catalogue, librarySizes[name]);
    const places = reads.some((phase) => phases.includes(phase)) ? await findPlaces(path, workDirectory) : {};
    for (const phase of reads) inputs[phase] = { path, skipped: null, places };
    inputs[bulk] = { path, skipped: null, ...bulkInputs(databasePath, catalogue.models) };
  }
  return { databasePath, inputs, facts };
}
