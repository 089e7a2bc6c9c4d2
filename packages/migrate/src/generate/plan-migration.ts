// From two snapshots and the migrations so far to proven statements, up and down. drizzle-kit's own statements are taken
// where they pass the proof; the planner's where they do not, with the reason.
import { isDatabaseError } from '@cc/tx/errors';
import { type ChangePlan, planChange } from '../change/plan-change.js';
import { invertRenames, type Rename, type Renames, renameStatements } from '../change/renames.js';
import { migrationError } from '../errors.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { type BrokenObject, brokenObjects } from '../scratch/broken-objects.js';
import { tryMigration } from '../scratch/round-trip.js';
import { openReplayed, openScratch } from '../scratch/scratch-database.js';
import type { FilledColumns } from '../scratch/seed-rows.js';
import { splitStatements } from '../sql/statements.js';
import { emptySnapshot, type Snapshot } from './snapshot.js';
import { type Target, targetSchema } from './target-schema.js';

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

/** drizzle-kit's statements from one snapshot to another. */
export type KitStatements = (from: Snapshot, to: Snapshot) => Promise<readonly string[]>;

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
}

/** Plans and proves a migration. @throws DatabaseError `MIGRATION_UNPROVEN` when no statements pass the proof */
export async function planMigration(change: CodeChange, kit: KitStatements): Promise<ProvenMigration> {
  const { before, renames, snapshot, snapshotBefore } = change;
  const present = await schemaAfter(before, []);
  const code = await schemaOfCode(kit, snapshot, []);
  const renaming = renameStatements(renames);
  const renamed = await schemaAfter(before, renaming);
  const codeBefore = await schemaOfCode(kit, snapshotBefore, renaming);
  const wanted = targetSchema({ present: renamed, codeBefore, code, renames, views: change.views });
  const target = await withoutBroken(before, renaming, renamed, wanted);
  const filled = filledColumns(present, target.schema, renames);
  const planned = planChange(renamed, target.schema, planOptions);
  const own = [...renaming, ...planned.statements];
  const ups: Candidate[] = [
    { author: 'cc-migrate', statements: own.length > 0 ? own : nothingToDo, notes: planned.notes },
  ];
  const reasons: string[] = [];
  if (change.isClear)
    ups.unshift({ author: 'drizzle-kit', statements: await kit(snapshotBefore, snapshot), notes: [] });
  else reasons.push('drizzle-kit would ask what was renamed');
  for (const { author, statements, notes } of ups) {
    const up = withoutPragmas(statements);
    const trial = { before, up, down: null, expected: target.schema, renames, filled };
    const first = await tryMigration(trial);
    const isLast = author === 'cc-migrate';
    const isGood = first.faults.length === 0 && (isLast || first.warnings.length === 0);
    if (!isGood && isLast) throw unproven(first.faults, reasons);
    if (!isGood || !first.after) {
      reasons.push(...first.faults, ...first.warnings);
      continue;
    }
    const down = await planDown(before, up, renames, present);
    const whole = await tryMigration({ ...trial, down: withoutPragmas(down.statements) });
    if (whole.faults.length > 0) throw unproven(whole.faults, reasons);
    return {
      up: statements,
      down: down.statements,
      author,
      reasons,
      upNotes: [...target.notes, ...notes],
      downNotes: down.notes,
      warnings: whole.warnings,
      unseeded: whole.unseeded,
      upLosses: planned.losses,
      downLosses: down.losses,
    };
  }
  throw unproven([], reasons);
}

/** Names that SQLite does not keep have changed; drizzle's migrator stumbles over a file without a statement. */
const nothingToDo = ['SELECT 1'];

const planOptions = { columnOrder: false, fillNulls: false } as const;

/** Leaves out the views and triggers of custom SQL that cannot work any more, because what they name is dropped. */
async function withoutBroken(
  before: readonly FolderMigration[],
  renaming: readonly string[],
  renamed: Schema,
  { schema, notes }: Target,
): Promise<Target> {
  await using scratch = await openReplayed(before);
  if (renaming.length > 0) await scratch.run(renaming);
  const { statements } = planChange(renamed, schema, planOptions);
  try {
    if (statements.length > 0) await scratch.run(withoutPragmas(statements));
  } catch (error) {
    // The proof runs the same statements, and tells.
    if (isDatabaseError(error)) return { schema, notes };
    throw error;
  }
  const broken = await brokenObjects(scratch, schema);
  const remaining = (objects: Schema['views'], kind: string): Schema['views'] =>
    new Map([...objects].filter(([, { name }]) => !broken.some((each) => each.kind === kind && each.name === name)));
  const isCustom = ({ kind, name }: BrokenObject): boolean =>
    kind === 'trigger' || renamed.views.has(name.toLowerCase());
  return {
    schema: { ...schema, views: remaining(schema.views, 'view'), triggers: remaining(schema.triggers, 'trigger') },
    notes: [
      ...notes,
      ...broken
        .filter(isCustom)
        .map(({ kind, name, reason }) => `The ${kind} ${name} is dropped: it would not work any more (${reason})`),
    ],
  };
}

interface Candidate {
  readonly author: ProvenMigration['author'];
  readonly statements: readonly string[];
  readonly notes: readonly string[];
}

/** Plans the way back from what `up` makes of `before` to `present`, the schema before it. */
export async function planDown(
  before: readonly FolderMigration[],
  up: readonly string[],
  renames: Renames,
  present: Schema,
): Promise<ChangePlan> {
  const back = renameStatements(invertRenames(renames));
  const from = await schemaAfter(before, up, back);
  const { statements, notes, losses } = planChange(from, present, { columnOrder: true, fillNulls: true });
  return { statements: [...back, ...statements], notes, losses };
}

/** The schema after the migrations `before` and each of `runs`. */
export async function schemaAfter(
  before: readonly FolderMigration[],
  ...runs: readonly (readonly string[])[]
): Promise<Schema> {
  await using scratch = await openReplayed(before);
  for (const statements of runs) if (statements.length > 0) await scratch.run(statements);
  return await readSchema(scratch.connection);
}

/** The schema that drizzle-kit makes of `snapshot` in an empty database, then renamed. */
async function schemaOfCode(kit: KitStatements, snapshot: Snapshot, renaming: readonly string[]): Promise<Schema> {
  await using scratch = await openScratch();
  await scratch.run(withoutPragmas(await kit(emptySnapshot, snapshot)));
  if (renaming.length > 0) await scratch.run(renaming);
  return await readSchema(scratch.connection);
}

/** The statements as they run in a migration. */
export function withoutPragmas(statements: readonly string[]): readonly string[] {
  return splitStatements(statements.join('\n--> statement-breakpoint\n'), 'the generated migration').map(
    ({ sql }) => sql,
  );
}

/** Columns that may hold NULL now and not after, with nothing to put in its place: such rows stop the migration. */
function filledColumns(present: Schema, target: Schema, renames: Renames): FilledColumns {
  const filled = new Set<string>();
  for (const table of present.tables.values()) {
    const name = renames.tables.find(({ from }) => from === table.name)?.to ?? table.name;
    const after = target.tables.get(name.toLowerCase());
    for (const column of table.columns) {
      const renamed =
        renames.columns.find((each) => each.table === name && each.from === column.name)?.to ?? column.name;
      const next = after?.columns.find((each) => each.name === renamed);
      if (next?.notNull && !column.notNull && next.defaultSql === null) filled.add(`${table.name}.${column.name}`);
    }
  }
  return filled;
}

function unproven(faults: readonly string[], reasons: readonly string[]): Error {
  const more = reasons.length === 0 ? '' : ` (drizzle-kit's own: ${reasons.join('; ')})`;
  return migrationError('unproven', `The migration cannot be proven: ${faults.join('; ')}${more}`, {
    operation: 'generate',
    hint: 'Nothing was written. Split the change, or write it by hand: cc-migrate create',
  });
}
