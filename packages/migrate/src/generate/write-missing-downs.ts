// Down files for migrations that have none: of a folder made by plain drizzle-kit, and of custom SQL. Both schemas are
// built in memory and compared; what data statements did no schema tells, so those leave a draft.
import { planChange } from '../change/plan-change.js';
import { invertRenames, type Renames, renamesBack, renamesIn } from '../change/renames.js';
import type { MissingDownsOptions, WrittenDown } from '../contract/generate.js';
import { migrationError } from '../errors.js';
import { settledIn, sourceOf } from '../folder/base-file.js';
import { formatDownHeader, markOf, parseDownHeader } from '../folder/down-file.js';
import { type FolderMigration, readFolder } from '../folder/read-folder.js';
import { writeDown } from '../folder/write-folder.js';
import { shapesOf } from '../schema/schema.js';
import { openPast, type Past } from '../scratch/past.js';
import { tryMigration } from '../scratch/round-trip.js';
import { runFile } from '../scratch/run-file.js';
import { type Statement, splitStatements } from '../sql/statements.js';
import { checkMissingDownsOptions } from './options.js';
import { alteredNote, planDown, renamedBack, schemaAfter } from './plan-migration.js';
import { downFile, withoutPragmas } from './sql-file.js';
import { madeAnew, stepsToUndo } from './steps-to-undo.js';

/**
 * Writes `<version>.down.sql` for every migration of `folder` that has none, whose generated one belongs to an older text
 * of its up, or is still a draft. Each is proven on a database in memory; one that cannot be, because statements change
 * rows that were there before, is written as a draft that says what to add. Migrations up to a base file (`settleHistory`) are
 * passed over: nothing says what they started from.
 *
 * @throws DatabaseError `MIGRATION_FOLDER` for a broken folder, `MIGRATION_REPLAY` when a migration does not even run
 */
export async function writeMissingDowns(
  folder: string,
  options: MissingDownsOptions = {},
): Promise<readonly WrittenDown[]> {
  checkMissingDownsOptions(options);
  const { versions, irreversible: final = [], dryRun = false, onProgress } = options;
  const migrations = await readFolder(folder);
  const wanted = versions?.map((version) => find(migrations, version).version);
  const given = new Set(final.map((version) => find(migrations, version).version));
  const settled = settledIn(migrations);
  const drafts: (Drafted & Pick<WrittenDown, 'version'>)[] = [];
  const complete = ({ version }: FolderMigration, drafted: Drafted): void => void drafts.push({ ...drafted, version });
  for (const migration of settled) {
    if (given.has(migration.version)) complete(migration, irreversible(migration));
    else if (wanted?.includes(migration.version)) throw isSettled(migration, settled);
  }
  const rest = migrations.slice(settled.length);
  const isOpen = (migration: FolderMigration): boolean =>
    !given.has(migration.version) && (wanted?.includes(migration.version) ?? true) && needsDown(migration);
  // What comes behind the last one need not run.
  const last = rest.findLastIndex(isOpen);
  await using past = last === -1 ? null : await openPast(settled);
  for (const [index, migration] of rest.entries()) {
    onProgress?.({ version: migration.version, done: index, total: rest.length });
    if (given.has(migration.version)) complete(migration, irreversible(migration));
    if (!past || index > last) continue;
    if (isOpen(migration)) complete(migration, await draftDown(past, migration));
    if (index < last) await past.advance(migration);
  }
  // All or none: who hears that one cannot be made has nothing to look for.
  const written: WrittenDown[] = [];
  for (const draft of drafts)
    written.push({ ...draft, path: dryRun ? null : await writeDown(folder, draft.version, draft.downSql) });
  return written;
}

function isSettled({ version }: FolderMigration, settled: readonly FolderMigration[]): Error {
  const base = `${settled.at(-1)?.version ?? ''}.base.sql`;
  return migrationError('unproven', `${version} is not replayed: ${base} stands for it and those before it`, {
    operation: 'complete the down files',
    hint: `Write ${version}.down.sql by hand, or say that there is no way back: --irreversible ${version}`,
  });
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

type Drafted = Pick<WrittenDown, 'kind' | 'downSql' | 'notes'>;

function irreversible({ upSql }: FolderMigration): Drafted {
  const header = formatDownHeader({ kind: 'irreversible', of: markOf(upSql), losses: [] });
  const why = '-- There is no way back from this migration but a backup.';
  return { kind: 'irreversible', downSql: `${header}\n${why}\n`, notes: [] };
}

/**
 * Plans the way back of `migration`, the next one after `past`, from the schemas before and behind it.
 *
 * @throws DatabaseError `MIGRATION_REPLAY` when it does not run
 */
export async function draftDown(past: Past, migration: FolderMigration): Promise<Drafted> {
  const { version, upSql } = migration;
  // Tells a file that does not run by its name, its line and what to do.
  await past.trying((scratch) => runFile(scratch, upSql, sourceOf(migration)));
  const statements = splitStatements(upSql, `${version}.sql`);
  const up = statements.map(({ sql }) => sql);
  const present = await past.schema();
  const renames = renamesIn(statements, shapesOf(present));
  const { statements: down, notes } = await planDown(past, up, renames);
  const losses = await lossesOf(past, statements, renames);
  const data = stepsToUndo(statements, present, losses);
  const trial = {
    past,
    up,
    down: withoutPragmas(down),
    expected: null,
    renames,
    isUpGiven: true,
    rowsMayChange: data.length > 0,
  };
  const { faults, altered } = await tryMigration(trial);
  const open = [
    ...data.map(({ sql }) => `Still to be undone by hand: ${sql}`),
    ...faults.map((fault) => `Still to be mended: ${fault}`),
  ];
  const kind = open.length === 0 ? 'generated' : 'draft';
  const told = [...notes, ...altered.map(alteredNote)];
  const more = kind === 'draft' ? [...open, draftAdvice] : [];
  const header = { kind, of: markOf(upSql), losses: [...new Set([...losses, ...altered])] } as const;
  return { kind, downSql: downFile(header, down, [...told, ...more], true), notes: [...told, ...open] };
}

/** What an up takes for good: what its schema no longer has, and what it drops and makes anew under the same name. */
async function lossesOf(past: Past, statements: readonly Statement[], renames: Renames): Promise<readonly string[]> {
  const up = statements.map(({ sql }) => sql);
  const present = await past.schema();
  // What stands where a new name goes is dropped: it steps aside.
  const { statements: renaming, aside } = renamesBack(present, invertRenames(renames));
  const { from: renamed } = await renamedBack(past, [], present, renaming);
  const { losses } = planChange(renamed, await schemaAfter(past, up), { columnOrder: false, fillNulls: false });
  return [...new Set([...losses.map((loss) => aside.get(loss) ?? loss), ...madeAnew(statements, present)])];
}

const draftAdvice =
  'Add what is missing and delete the first line; or, if there is no way back, make it: -- cc:down irreversible';
