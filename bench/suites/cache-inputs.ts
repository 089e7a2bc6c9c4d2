// The libraries of the suite of the caches: 10,000 models, which the trials copy, and 100,000 for the restarts.
import { join } from 'node:path';
import { sqldMissing } from '@cc/testkit/sqld';
import { openCatalogue } from '../catalogue/catalogue.js';
import type { Json } from '../harness/json.js';
import type { Prepared, PrepareOptions } from '../harness/suite.js';
import { cacheRestartPhase } from './cache-restart-phase.js';
import { fillLibrary, keepLibrary } from './fill-library.js';
import { type LibraryPlace, librarySizes } from './library-places.js';

/** Prepares the libraries that the phases need. @throws Error when not every model was made, or a kept library is another */
export async function prepareCaches({
  workDirectory,
  cataloguePath,
  phases,
  repository,
}: PrepareOptions & { readonly repository: string }): Promise<Prepared> {
  const catalogue = await openCatalogue(cataloguePath, repository);
  const databasePath = join(workDirectory, 'prepared.db');
  const inputs: Record<string, Json> = {};
  const facts: Record<string, Json> = { catalogue: catalogue.source };
  facts['library 10k'] = await fillLibrary(databasePath, catalogue, librarySizes['10k']);
  if (phases.includes(cacheRestartPhase.name)) {
    // The same one that the suite `search` keeps.
    const path = join(process.env['BENCH_LIBRARIES'] ?? workDirectory, 'search-100k.db');
    facts['library 100k'] = await keepLibrary(path, databasePath, catalogue, librarySizes['100k']);
    const place: LibraryPlace = { path, skipped: null, places: {} };
    inputs[cacheRestartPhase.name] = { ...place };
  }
  facts['server'] = sqldMissing === null ? 'sqld of the workspace, one for each process' : `SKIPPED: ${sqldMissing}`;
  return { databasePath, inputs, facts };
}
