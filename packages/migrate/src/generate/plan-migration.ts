// From two snapshots and the migrations so far to proven statements, up and down. drizzle-kit's own statements are taken
// where they pass the proof; the planner's where they do not, with the reason.
import { isDatabaseError } from '@cc/tx/errors';
import { type ChangePlan, planChange } from '../change/plan-change.js';
import { type Rename, type Renames, renameStatements, renamesBack } from '../change/renames.js';
import { migrationError, saidBy } from '../errors.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { existingViews, type Snapshot, withoutExistingViews } from '../folder/snapshot.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { openPast, type Past } from '../scratch/past.js';
import { removeAllRows } from '../scratch/remove-rows.js';
import { tryMigration } from '../scratch/round-trip.js';
import type { ScratchDatabase } from '../scratch/scratch-database.js';
import type { FilledColumns } from '../scratch/seed-rows.js';
import { RefusedStatement } from '../sql/statements.js';
import { foldName, quoteName } from '../sql/words.js';
import { withoutBroken } from './broken-views.js';
import { type KitStatements, schemaOfCode, schemaOfOldCode } from './code-schema.js';
import { ownShapes } from './own-shapes.js';
import { planOptions } from './plan-options.js';
import { withoutPragmas } from './sql-file.js';
import { targetSchema } from './target-schema.js';
import { refuseUnwritable } from './unwritable.js';

/** A change of the schema code. */
export interface CodeChange {
  /** The migrations so far. */
  readonly before: readonly FolderMigration[];
  readonly snapshotBefore: Snapshot;
  readonly snapshot: Snapshot;
  readonly renames: Renames;
  readonly views: readonly Rename[];
  /** Whether drizzle-kit can write the change without asking. */
  readonly isClear: boolean;
}

/** A proven migration. */
export interface ProvenMigration {
  readonly up: readonly string[];
  readonly down: readonly string[];
  readonly author: 'drizzle-kit' | 'cc-migrate';
  /** Why drizzle-kit's statements were not taken. */
  readonly reasons: readonly string[];
  /** What a person has to know of each direction. */
  readonly upNotes: readonly string[];
  readonly downNotes: readonly string[];
  /** What holds only for some rows. */
  readonly warnings: readonly string[];
  /** Tables that the proof could not put rows into. */
  readonly unseeded: readonly string[];
  /** `table` or `table.column` whose contents go. */
  readonly upLosses: readonly string[];
  readonly downLosses: readonly string[];
  /** `table.column` whose values may come back as others after up and down. */
  readonly altered: readonly string[];
}

/**
 * Plans and proves a migration.
 *
 * @throws DatabaseError `MIGRATION_UNPROVEN` when no statements pass the proof, or a view would not work; `MIGRATION_REPLAY`
 * when the migrations before it do not run; `MIGRATION_SCHEMA_CODE` for what drizzle-kit cannot write
 */
export async function planMigration(change: CodeChange, kit: KitStatements): Promise<ProvenMigration> {
  const { before, renames, snapshot, snapshotBefore } = change;
  refuseUnwritable(snapshot);
  await using past = await openPast(before);
  const present = await past.schema();
  const renaming = renameStatements(renames, present);
  const renamed = await schemaAfter(past, renaming);
  const code = await schemaOfCode(kit, snapshot);
  const codeBefore = await schemaOfOldCode(kit, snapshotBefore, renaming);
  const existing = existingViews(snapshot);
  const shapes = await ownShapes(past, renaming, { renamed, codeBefore, code });
  const wanted = targetSchema({ present: renamed, codeBefore, code, renames, views: change.views, existing, shapes });
  const target = await withoutBroken(past, { renaming, renamed, code }, wanted);
  const { filled, told } = filledColumns(present, target.schema, renames);
  const planned = planChange(renamed, target.schema, planOptions);
  // Such a view may be there already: it was made beside the migrations.
  const adopted = existingViews(snapshotBefore).filter(
    (name) => target.schema.views.has(name) && !present.views.has(name),
  );
  const own = [...adopted.map((name) => `DROP VIEW IF EXISTS ${quoteName(name)}`), ...renaming, ...planned.statements];
  const ups: Candidate[] = [
    { author: 'cc-migrate', statements: own.length > 0 ? own : nothingToDo, notes: planned.notes },
  ];
  const reasons: string[] = [];
  if (!change.isClear) reasons.push('drizzle-kit would ask what was renamed');
  else if (adopted.length > 0) reasons.push(`it would fail where the view ${adopted.join(', ')} is there already`);
  else
    ups.unshift({
      author: 'drizzle-kit',
      statements: await kit(withoutExistingViews(snapshotBefore), withoutExistingViews(snapshot)),
      notes: [],
    });
  for (const { author, statements, notes } of ups) {
    const isLast = author === 'cc-migrate';
    const up = isLast ? withoutPragmas(statements) : readable(statements, reasons);
    if (up === null) continue;
    const trial = { past, up, down: null, expected: target.schema, renames, filled };
    const first = await tryMigration(trial);
    const isGood = first.faults.length === 0 && (isLast || first.warnings.length === 0);
    if (!isGood && isLast) throw unproven(first.faults, reasons);
    if (!isGood || !first.after) {
      reasons.push(...first.faults, ...first.warnings);
      continue;
    }
    const down = await planDown(past, up, renames);
    const whole = await tryMigration({ ...trial, down: withoutPragmas(down.statements) });
    if (whole.faults.length > 0) throw unproven(whole.faults, reasons);
    return {
      up: statements,
      down: down.statements,
      author,
      reasons,
      upNotes: [...target.notes, ...notes, ...whole.altered.filter((column) => !told.has(column)).map(alteredNote)],
      downNotes: down.notes,
      warnings: [...whole.warnings, ...whole.unusual],
      unseeded: whole.unseeded,
      upLosses: planned.losses,
      downLosses: down.losses,
      altered: whole.altered,
    };
  }
  throw unproven([], reasons);
}

/** drizzle-kit's statements; null, with the reason, for what is no SQL: it does not escape quotes in names. */
function readable(statements: readonly string[], reasons: string[]): readonly string[] | null {
  try {
    return withoutPragmas(statements);
  } catch (error) {
    if (!(error instanceof RefusedStatement)) throw error;
    reasons.push(error.message);
    return null;
  }
}

/** What a new type does to values, in a sentence without a full stop. */
export function alteredNote(column: string): string {
  return `${column}: values that its new shape does not hold as they are come out changed ('007' as a number is 7), and going back does not bring them back`;
}

/** Names that SQLite does not keep have changed; drizzle's migrator stumbles over a file without a statement. */
const nothingToDo = ['SELECT 1'];

interface Candidate {
  readonly author: ProvenMigration['author'];
  readonly statements: readonly string[];
  readonly notes: readonly string[];
}

/** Plans the way back from what `up` makes at `past` to the schema there. */
export async function planDown(past: Past, up: readonly string[], renames: Renames): Promise<ChangePlan> {
  const after = await schemaAfter(past, up);
  const { statements: renaming, aside } = renamesBack(after, renames);
  const { back, from } = await renamedBack(past, up, after, renaming);
  const { statements, notes, losses } = planChange(from, await past.schema(), { columnOrder: true, fillNulls: true });
  return { statements: [...back, ...statements], notes, losses: losses.map((name) => aside.get(name) ?? name) };
}

/**
 * `renaming` behind `up`, with what has to go before it, and the schema behind both. `after`: the one behind `up`.
 *
 * @throws DatabaseError `MIGRATION_UNPROVEN` where the old names cannot be given back
 */
export async function renamedBack(
  past: Past,
  up: readonly string[],
  after: Schema,
  renaming: readonly string[],
): Promise<{ readonly back: readonly string[]; readonly from: Schema }> {
  if (renaming.length === 0) return { back: renaming, from: after };
  try {
    return { back: renaming, from: await schemaAfter(past, up, renaming) };
  } catch (error) {
    if (!isDatabaseError(error)) throw error;
  }
  // SQLite renames nothing while any view or trigger names what is not there. planChange makes anew what was there before.
  const aside = [
    ...[...after.triggers.values()].map(({ name }) => `DROP TRIGGER ${quoteName(name)}`),
    ...[...after.views.values()].map(({ name }) => `DROP VIEW ${quoteName(name)}`),
  ];
  const back = [...aside, ...renaming];
  try {
    return { back, from: await schemaAfter(past, up, back) };
  } catch (error) {
    if (!isDatabaseError(error)) throw error;
    throw migrationError('unproven', `The old names cannot be given back: ${saidBy(error)} (${error.operation})`, {
      operation: 'plan the way back',
      hint: 'Write the down file by hand, or begin it with -- cc:down irreversible; then: cc-migrate check',
      cause: error,
    });
  }
}

/** The schema that each of `runs` makes at `past`. */
export async function schemaAfter(past: Past, ...runs: readonly (readonly string[])[]): Promise<Schema> {
  const run = runs.filter(({ length }) => length > 0);
  const present = await past.schema();
  if (run.length === 0) return present;
  const made = async (scratch: ScratchDatabase): Promise<Schema> => {
    for (const statements of run) await scratch.run(statements);
    return await readSchema(scratch.connection);
  };
  try {
    return await past.trying(made);
  } catch (error) {
    if (!isDatabaseError(error) || error.type !== 'constraint') throw error;
    // Rows that an earlier migration wrote do not fit. Those of real databases may: they meet it when it is applied.
    return await past.trying(async (scratch) => {
      await removeAllRows(scratch, present);
      return await made(scratch);
    });
  }
}

/** What becomes of columns that may hold NULL now and not after, as `table.column` of now. */
interface Filled {
  /** With nothing to put in its place: such rows stop the migration. */
  readonly filled: FilledColumns;
  /** Of the same type as before: NULL is all that comes out changed, and the notes of the rebuild say what it becomes. */
  readonly told: FilledColumns;
}

function filledColumns(present: Schema, target: Schema, renames: Renames): Filled {
  const filled = new Set<string>();
  const told = new Set<string>();
  for (const table of present.tables.values()) {
    const name = renames.tables.find(({ from }) => from === table.name)?.to ?? table.name;
    const after = target.tables.get(foldName(name));
    for (const column of table.columns) {
      const renamed =
        renames.columns.find((each) => each.table === name && each.from === column.name)?.to ?? column.name;
      const next = after?.columns.find((each) => each.name === renamed);
      if (!next?.notNull || column.notNull) continue;
      if (next.defaultSql === null) filled.add(`${table.name}.${column.name}`);
      else if (foldName(next.type) === foldName(column.type)) told.add(`${table.name}.${column.name}`);
    }
  }
  return { filled, told };
}

function unproven(faults: readonly string[], reasons: readonly string[]): Error {
  const more = reasons.length === 0 ? '' : ` (drizzle-kit's own: ${reasons.join('; ')})`;
  return migrationError('unproven', `The migration cannot be proven: ${faults.join('; ')}${more}`, {
    operation: 'generate',
    hint: 'Nothing was written. Split the change, or write it by hand: cc-migrate create',
  });
}
