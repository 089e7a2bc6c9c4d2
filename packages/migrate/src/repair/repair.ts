// repair: makes what is recorded agree with the folder where the schema shows that it is so. repair-plan.ts says what would be
// recorded, replay.ts what the schema had to be for it, record.ts writes it.
import { isDatabaseError, isError } from '@cc/tx/errors';
import { describeDifferences } from '../check/differences.js';
import { type PictureSource, takePicture } from '../check/picture.js';
import { schemaOf } from '../check/replay.js';
import type { MigrationRepair, RepairOptions, SchemaDifference } from '../contract/care.js';
import { codeOf, migrationError, refuse } from '../errors.js';
import { raiseTimes, writeTimes } from '../folder/journal-times.js';
import type { Origin } from '../folder/origin.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { headOf } from '../run/ledger.js';
import { compare, type Standing } from '../run/standing.js';
import { compareSchemas } from '../schema/compare-schemas.js';
import type { Schema } from '../schema/schema.js';
import { outrun, record } from './record.js';
import { planRepair, type RepairPlan, withUnrecorded } from './repair-plan.js';

const operation = 'repair';

/** Mends what is recorded, never the data. @throws DatabaseError as `MigrationCare.repair` */
export async function repair(
  source: PictureSource,
  origin: Origin,
  { dryRun = false, journal = false }: RepairOptions,
): Promise<MigrationRepair> {
  // Refused before anything is looked at, also where no time would have to be raised.
  if (journal) origin.folder('repair of the journal');
  for (let attempt = 1; attempt <= source.maxAttempts; attempt += 1) {
    const { standing: found, schema, schemaText } = await takePicture(source);
    refuse(
      found.problems.filter(({ kind }) => kind === 'other_table' || kind === 'other_server'),
      operation,
    );
    const { ledger } = found;
    const { files, raised } = raise(await origin.read(), found, journal);
    const standing = compare(files, ledger);
    const { mends, rows } = await fitting(planRepair(standing), standing, schema);
    const answer = {
      dryRun,
      raised,
      actions: mends.map(({ action }) => action),
      problems: compare(files, { ...ledger, rows, head: headOf(rows) }).problems,
    };
    if (dryRun) return answer;
    // First, because a migration may be recorded under the time it has now.
    if (raised.length > 0) await writeTimes(origin.folder('repair'), raised);
    if (mends.length === 0) return answer;
    const recording = { lines: mends.map(({ line }) => line), changes: mends.flatMap(({ changes }) => changes), rows };
    if (await record(source.connection, recording, { ledger, schemaText, by: source.by })) return answer;
  }
  throw outrun(operation, source.maxAttempts);
}

function raise(
  files: readonly FolderMigration[],
  { ledger }: Standing,
  journal: boolean,
): ReturnType<typeof raiseTimes> {
  if (!journal) return { files, raised: [] };
  const isRecorded = (file: FolderMigration): boolean =>
    ledger.rows.some(({ createdAt, hash }) => createdAt === file.createdAt || file.hashes.includes(hash));
  return raiseTimes(files, isRecorded);
}

/** `plan`, or the smallest one around it, whose files make `schema`. @throws DatabaseError `MIGRATION_DRIFT` */
async function fitting(plan: RepairPlan, standing: Standing, schema: Schema): Promise<RepairPlan> {
  const misfit = await misfitOf(plan.files, schema);
  if (misfit === null || (await misfitOf(inRunOrder(plan.files, standing), schema)) === null) return plan;
  const left = standing.pending.filter((file) => !plan.files.includes(file));
  const candidates = [...left.map((_, index) => left.slice(0, index + 1)), ...left.slice(1).map((file) => [file])];
  for (const unrecorded of candidates) {
    const wider = withUnrecorded(plan, unrecorded);
    if ((await misfitOf(wider.files, schema)) === null) return wider;
  }
  throw isError(misfit) ? misfit : differs(misfit, plan.mends.length > 0);
}

/** Why `files` do not make `schema`; null when they do. */
async function misfitOf(
  files: readonly FolderMigration[],
  schema: Schema,
): Promise<readonly SchemaDifference[] | Error | null> {
  try {
    const differences = compareSchemas(schema, await schemaOf(files));
    return differences.length === 0 ? null : differences;
  } catch (error) {
    // Without one of them others may not run: then this set is not what the database has.
    if (isDatabaseError(error) && error.code === codeOf('replay')) return error;
    throw error;
  }
}

/** Applied late, a migration adds its columns behind those of newer ones. */
function inRunOrder(files: readonly FolderMigration[], { ledger }: Standing): readonly FolderMigration[] {
  const runOf = ({ version }: FolderMigration): number =>
    ledger.log.findLastIndex((entry) => entry.version === version && entry.kind === 'run');
  return files.toSorted((a, b) => runOf(a) - runOf(b));
}

function differs(differences: readonly SchemaDifference[], wouldMend: boolean): Error {
  const reason = wouldMend
    ? 'The schema is not what would be recorded after the repair'
    : 'What is recorded agrees with the folder, and the schema does not';
  return migrationError('drift', `${reason}:\n${describeDifferences(differences)}`, {
    operation,
    hint: 'Nothing was recorded. Change the schema back, use the checkout that made it, or add a migration that makes what it has (cc-migrate create); what differs: cc-migrate diff',
  });
}
