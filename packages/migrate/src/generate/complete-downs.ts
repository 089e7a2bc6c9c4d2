// Down files for migrations that have none: of a folder made by plain drizzle-kit, and of custom SQL. Both schemas are
// built in memory and compared; what data statements did no schema tells, so those leave a draft.
import { isDatabaseError } from '@cc/tx/errors';
import { planChange } from '../change/plan-change.js';
import { type Renames, renameStatements, renamesIn } from '../change/renames.js';
import { migrationError } from '../errors.js';
import { formatDownHeader, markOf, parseDownHeader } from '../folder/down-file.js';
import { type FolderMigration, readFolder } from '../folder/read-folder.js';
import { writeDown } from '../folder/write-folder.js';
import { shapesOf } from '../schema/schema.js';
import { tryMigration } from '../scratch/round-trip.js';
import { dataStatements } from '../sql/data-statements.js';
import { splitStatements } from '../sql/statements.js';
import { checkDownsOptions } from './options.js';
import { planDown, schemaAfter, withoutPragmas } from './plan-migration.js';
import { downFile } from './sql-file.js';
import type { CompletedDown, DownsOptions } from './types.js';

/**
 * Writes `<version>.down.sql` for every migration of `folder` that has none, whose generated one belongs to an older text
 * of its up, or is still a draft. Each is proven on a database in memory; one that cannot be, because statements change
 * rows that were there before, is written as a draft that says what to add.
 *
 * @throws DatabaseError `MIGRATION_FOLDER` for a broken folder, `MIGRATION_UNPROVEN` when a migration does not even run
 */
export async function completeDowns(folder: string, options: DownsOptions = {}): Promise<readonly CompletedDown[]> {
  checkDownsOptions(options);
  const migrations = await readFolder(folder);
  const wanted = options.versions?.map((version) => find(migrations, version).version);
  const given = new Set((options.irreversible ?? []).map((version) => find(migrations, version).version));
  const completed: CompletedDown[] = [];
  for (const [index, migration] of migrations.entries()) {
    const isWanted = given.has(migration.version) || (wanted?.includes(migration.version) ?? true);
    if (!isWanted || !(needsDown(migration) || given.has(migration.version))) continue;
    const drafted = given.has(migration.version)
      ? irreversible(migration)
      : await draftDown(migrations.slice(0, index), migration);
    const path = options.dryRun ? null : await writeDown(folder, migration.version, drafted.downSql);
    completed.push({ ...drafted, version: migration.version, path });
  }
  return completed;
}

function find(migrations: readonly FolderMigration[], wanted: string): FolderMigration {
  const found = migrations.find(({ version }) => version === wanted);
  if (found) return found;
  throw new TypeError(`'${wanted}' is no version here. Known: ${migrations.map(({ version }) => version).join(', ')}`);
}

function needsDown({ upSql, downSql }: FolderMigration): boolean {
  if (downSql === null) return true;
  const header = parseDownHeader(downSql);
  if (header === null || header.kind === 'irreversible') return false;
  return header.kind === 'draft' || (header.of !== null && header.of !== markOf(upSql));
}

type Drafted = Pick<CompletedDown, 'kind' | 'downSql' | 'notes'>;

function irreversible({ upSql }: FolderMigration): Drafted {
  const header = formatDownHeader({ kind: 'irreversible', of: markOf(upSql), losses: [] });
  const why = '-- There is no way back from this migration but a backup.';
  return { kind: 'irreversible', downSql: `${header}\n${why}\n`, notes: [] };
}

/** Plans the way back of `migration` from the schemas before and behind it. */
export async function draftDown(before: readonly FolderMigration[], migration: FolderMigration): Promise<Drafted> {
  const { version, upSql } = migration;
  const statements = splitStatements(upSql, `${version}.sql`);
  const up = statements.map(({ sql }) => sql);
  try {
    const present = await schemaAfter(before, []);
    const renames = renamesIn(statements, shapesOf(present));
    const { statements: down, notes } = await planDown(before, up, renames, present);
    const data = dataStatements(statements, new Set([...present.tables.keys(), ...present.virtualTables.keys()]));
    const trial = {
      before,
      up,
      down: withoutPragmas(down),
      expected: null,
      renames,
      isUpGiven: true,
      rowsMayChange: data.length > 0,
    };
    const { faults } = await tryMigration(trial);
    const open = [
      ...data.map(({ sql }) => `Still to be undone by hand: ${sql}`),
      ...faults.map((fault) => `Still to be mended: ${fault}`),
    ];
    const kind = open.length === 0 ? 'generated' : 'draft';
    const more = kind === 'draft' ? [...open, draftAdvice] : [];
    const header = { kind, of: markOf(upSql), losses: await lossesOf(before, up, renames) } as const;
    return { kind, downSql: downFile(header, down, [...notes, ...more], true), notes: [...notes, ...open] };
  } catch (cause) {
    if (!isDatabaseError(cause) || cause.code.startsWith('MIGRATION_')) throw cause;
    throw migrationError('unproven', `${version} does not run on an empty database: ${cause.message}`, {
      operation: 'complete the down files',
      hint: `Write ${version}.down.sql by hand`,
      cause,
    });
  }
}

/** What an up takes for good. */
async function lossesOf(
  before: readonly FolderMigration[],
  up: readonly string[],
  renames: Renames,
): Promise<readonly string[]> {
  const renamed = await schemaAfter(before, renameStatements(renames));
  return planChange(renamed, await schemaAfter(before, up), { columnOrder: false, fillNulls: false }).losses;
}

const draftAdvice =
  'Add what is missing and delete the first line; or, if there is no way back, make it: -- cc:down irreversible';
