// The suite of @cc/health: what its advice is worth beside that of others, and what it costs to be watched.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMigrationManager } from '@cc/migrate';
import { createRepositories } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { openCatalogue } from '../catalogue/catalogue.js';
import { expandCatalogue } from '../catalogue/expand.js';
import { writtenAt } from '../contenders/contender.js';
import type { Prepared, PrepareOptions, Suite } from '../harness/suite.js';
import { advicePhase, adviceRows } from './advice-phase.js';
import { watchingPhase, watchingRows } from './watching-phase.js';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** The suite `health`. */
export const health: Suite = {
  name: 'health',
  title: 'Watching and advising through @cc/health',
  reference: 'ours',
  rows: [...adviceRows, ...watchingRows],
  phases: [advicePhase, watchingPhase],
  prepare: prepareHealth,
};

async function prepareHealth({ workDirectory, cataloguePath, phases }: PrepareOptions): Promise<Prepared> {
  // What is watched matters little: only advice needs a library that is slow without an index.
  const size = phases.includes(advicePhase.name) ? 100_000 : 10_000;
  const catalogue = await openCatalogue(cataloguePath, repository);
  const databasePath = join(workDirectory, 'prepared.db');
  await using transactions = await openTransactionManager({ url: `file:${databasePath}`, schema });
  await createMigrationManager(transactions, { folder: migrationsFolder }).applyMigrations();
  const { models } = createRepositories(transactions, { now: () => writtenAt.getTime() });
  const all = expandCatalogue(catalogue.models, size);
  const { created } = await models.createMany(all, { batchSize: 5_000, onDuplicateHash: 'allow' });
  if (created !== size) throw new Error(`createMany made ${created} of ${size} models`);
  using lease = await transactions.getConnection();
  await lease.client.executeMultiple('ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)');
  return {
    databasePath,
    inputs: { advice: null, watching: null },
    facts: { catalogue: catalogue.source, models: size },
  };
}
