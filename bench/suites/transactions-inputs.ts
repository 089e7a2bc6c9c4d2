// A library of 2,000 models for the suite of the transactions, and which of them its phases use.
import { join } from 'node:path';
import { createMigrationManager } from '@cc/migrate';
import { createRepositories } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { seededRandom } from '@cc/testkit/random';
import { sqldMissing } from '@cc/testkit/sqld';
import { openTransactionManager } from '@cc/tx';
import { openCatalogue } from '../catalogue/catalogue.js';
import { writtenAt } from '../contenders/contender.js';
import type { Prepared, PrepareOptions } from '../harness/suite.js';

/** Small enough that a server takes it over in no time; what is measured hardly depends on it. */
const libraryOf = 2_000;

/** Prepares the library. @throws Error when not every model was made */
export async function prepareTransactions({
  workDirectory,
  cataloguePath,
  repository,
}: PrepareOptions & { readonly repository: string }): Promise<Prepared> {
  const catalogue = await openCatalogue(cataloguePath, repository);
  const models = catalogue.models.slice(0, libraryOf);
  const databasePath = join(workDirectory, 'prepared.db');
  await using transactions = await openTransactionManager({ url: `file:${databasePath}`, schema });
  await createMigrationManager(transactions, { folder: migrationsFolder }).applyMigrations();
  const repositories = createRepositories(transactions, { now: () => writtenAt.getTime() });
  const { created } = await repositories.models.createMany(models);
  if (created !== models.length) throw new Error(`createMany made ${created} of ${models.length} models`);

  const random = seededRandom(3);
  const ids = [...new Set(Array.from({ length: 2_000 }, () => random.pick(models).model.id))].slice(0, 1_000);
  const few = ids.slice(0, 10);
  return {
    databasePath,
    inputs: {
      statements: { ids },
      inside: { ids },
      concurrency: { ids: few },
      contention: { ids: few },
      targets: { ids },
    },
    facts: {
      catalogue: `the first ${created} of ${catalogue.source}`,
      server: sqldMissing === null ? 'sqld of the workspace, one for each process' : `SKIPPED: ${sqldMissing}`,
    },
  };
}
