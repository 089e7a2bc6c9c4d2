// The suite `tuning`: each setting beside the default, in a work that it is about. docs/tuning.md is written from its results.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMigrationManager } from '@cc/migrate';
import { createRepositories } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { openCatalogue } from '../catalogue/catalogue.js';
import { expandCatalogue } from '../catalogue/expand.js';
import { writtenAt } from '../contenders/contender.js';
import type { Job, Phase, Prepared, PrepareOptions, Row, Suite, TrialReport } from '../harness/suite.js';
import { asItIs, type Tuned, tuned } from './tuning-settings.js';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Larger than the page cache of a connection. */
const librarySize = 30_000;

/** The id of a row of the suite: the same work may be measured for two settings. */
export function rowId({ name }: Pick<Tuned, 'name'>, id: string): string {
  return `${name}: ${id}`;
}

/** The suite `tuning`. */
export const tuning: Suite = {
  name: 'tuning',
  title: 'What each setting costs and gains',
  reference: asItIs,
  rows: tuned.flatMap((each): Row[] =>
    each.rows.map((row) => ({ ...row, id: rowId(each, row.id), section: each.title })),
  ),
  phases: tuned.map(
    (each): Phase => ({
      name: each.name,
      contenders: Object.keys(each.settings),
      // Durability is one of the settings.
      hasDatabase: false,
      run: (job) => runTuned(each, job),
      inspect: async () => ({ digest: null, facts: {} }),
    }),
  ),
  prepare: prepareTuning,
};

async function runTuned(each: Tuned, { contender, databasePath }: Job): Promise<TrialReport> {
  const setting = each.settings[contender];
  if (!setting) throw new Error(`${each.name} has no setting ${contender}`);
  const measured = await each.run(setting, databasePath);
  const rows = each.rows.flatMap(({ id }) => {
    const row = measured[id];
    return row ? [[rowId(each, id), row] as const] : [];
  });
  return { rows: Object.fromEntries(rows), durability: [] };
}

async function prepareTuning({ workDirectory, cataloguePath }: PrepareOptions): Promise<Prepared> {
  const catalogue = await openCatalogue(cataloguePath, repository);
  const databasePath = join(workDirectory, 'prepared.db');
  await using transactions = await openTransactionManager({ url: `file:${databasePath}`, schema });
  await createMigrationManager(transactions, { folder: migrationsFolder }).applyMigrations();
  const { models } = createRepositories(transactions, { now: () => writtenAt.getTime() });
  const all = expandCatalogue(catalogue.models, librarySize);
  const { created } = await models.createMany(all, { batchSize: 5_000, onDuplicateHash: 'allow' });
  if (created !== librarySize) throw new Error(`createMany made ${created} of ${librarySize} models`);
  using lease = await transactions.getConnection();
  await lease.client.executeMultiple('ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)');
  return { databasePath, inputs: {}, facts: { catalogue: catalogue.source, models: librarySize } };
}
