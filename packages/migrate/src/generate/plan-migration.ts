// From two snapshots and the migrations so far to proven statements, up and down. drizzle-kit's own statements are taken
// where they pass the proof; the planner's where they do not, with the reason.
import { isDatabaseError } from '@cc/tx/errors';
import { type ChangePlan, planChange } from '../change/plan-change.js';
import { type Rename, type Renames, renameStatements, renamesBack } from '../change/renames.js';
import { migrationError } from '../errors.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { type BrokenObject, brokenObjects, brokenViews } from '../scratch/broken-objects.js';
import { openPast, type Past } from '../scratch/past.js';
import { tryMigration } from '../scratch/round-trip.js';
import { openScratch, type ScratchDatabase } from '../scratch/scratch-database.js';
import type { FilledColumns } from '../scratch/seed-rows.js';
import { RefusedStatement, splitStatements } from '../sql/statements.js';
import { quoteName, wordsOf } from '../sql/words.js';
import { emptySnapshot, existingViews, type Snapshot, withoutExistingViews as withoutViews } from './snapshot.js';
import { type Target, targetSchema } from './target-schema.js';
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
  const renaming = renameStatements(renames);
  const renamed = await schemaAfter(past, renaming);
  const code = await schemaOfCode(kit, snapshot, []);
  const codeBefore = await schemaOfOldCode(kit, snapshotBefore, renaming);
  const existing = existingViews(snapshot);
  const wanted = targetSchema({ present: renamed, codeBefore, code, renames, views: change.views, existing });
  const target = await withoutBroken(past, { renaming, renamed, code }, wanted);
  const filled = filledColumns(present, target.schema, renames);
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
      statements: await kit(withoutViews(snapshotBefore), withoutViews(snapshot)),
      notes: [],
    });
  for (const { author, statements, notes } of ups) {
    const up = withoutPragmas(statements);
    const trial = { past, up, down: null, expected: target.schema, renames, filled };
    const first = await tryMigration(trial);
    const isLast = author === 'cc-migrate';
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
      upNotes: [...target.notes, ...notes, ...whole.altered.map(alteredNote)],
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

/** What a new type does to values, in a sentence without a full stop. */
export function alteredNote(column: string): string {
  return `${column}: values that its new shape does not hold as they are come out changed ('007' as a number is 7), and going back does not bring them back`;
}

/** Names that SQLite does not keep have changed; drizzle's migrator stumbles over a file without a statement. */
const nothingToDo = ['SELECT 1'];

const planOptions = { columnOrder: false, fillNulls: false } as const;

/**
 * Leaves out the triggers of custom SQL that cannot work any more, because what they name is dropped.
 *
 * @throws DatabaseError `MIGRATION_UNPROVEN` for a view that would not work
 */
async function withoutBroken(
  past: Past,
  {
    renaming,
    renamed,
    code,
  }: { readonly renaming: readonly string[]; readonly renamed: Schema; readonly code: Schema },
  target: Target,
): Promise<Target> {
  const { schema, notes } = target;
  const isCustom = (name: string): boolean => !code.views.has(name.toLowerCase());
  const { statements } = planChange(renamed, schema, planOptions);
  const broken = await past.trying(async (scratch) => {
    if (renaming.length > 0) await scratch.run(renaming);
    const before = await brokenViews(scratch, renamed);
    try {
      if (statements.length > 0) await scratch.run(withoutPragmas(statements));
    } catch (error) {
      // The proof runs the same statements, and tells.
      if (isDatabaseError(error)) return [];
      throw error;
    }
    const after = await brokenObjects(scratch, schema);
    return after.map((each) => ({
      ...each,
      isOld: before.some(({ kind, name }) => kind === each.kind && name === each.name),
    }));
  });
  const views = broken.filter(
    ({ kind, name, isOld }) => kind === 'view' && !isOld && !(isCustom(name) && goesAlong(name, renamed, schema)),
  );
  if (views.length > 0) throw brokenView(views, renamed);
  const remaining = (objects: Schema['views'], kind: string): Schema['views'] =>
    new Map([...objects].filter(([, { name }]) => !broken.some((each) => each.kind === kind && each.name === name)));
  return {
    schema: { ...schema, views: remaining(schema.views, 'view'), triggers: remaining(schema.triggers, 'trigger') },
    notes: [
      ...notes,
      ...broken.map(
        ({ kind, name, reason, isOld }) =>
          `The ${kind} ${name} is dropped: it ${isOld ? 'does not work' : 'would not work any more'} (${reason})`,
      ),
    ],
  };
}

/** Whether a view of custom SQL reads a table that goes as a whole, directly or through another view. */
function goesAlong(name: string, before: Schema, after: Schema): boolean {
  const seen = new Set<string>();
  const reads = (view: string): boolean => {
    if (seen.has(view)) return false;
    seen.add(view);
    const names = wordsOf(before.views.get(view)?.sql ?? '').map((word) => word.name.toLowerCase());
    const isGone = ({ tables, virtualTables }: Schema, each: string): boolean =>
      !tables.has(each) && !virtualTables.has(each);
    return names.some(
      (each) => (!isGone(before, each) && isGone(after, each)) || (before.views.has(each) && reads(each)),
    );
  };
  return reads(name.toLowerCase());
}

function brokenView(views: readonly BrokenObject[], { views: present }: Schema): Error {
  const said = views.map(({ name, reason }) => {
    const what = present.has(name.toLowerCase()) ? 'would not work any more after this change' : 'does not work';
    return `The view ${name} ${what}: ${reason}`;
  });
  const names = views.map(({ name }) => name).join(', ');
  return migrationError('unproven', said.join('; '), {
    operation: 'generate',
    hint: `Nothing was written. Mend ${names} in the schema code; if custom SQL made it, drop it first in a migration of its own (cc-migrate create) and make it anew after this one`,
  });
}

interface Candidate {
  readonly author: ProvenMigration['author'];
  readonly statements: readonly string[];
  readonly notes: readonly string[];
}

/** Plans the way back from what `up` makes at `past` to the schema there. */
export async function planDown(past: Past, up: readonly string[], renames: Renames): Promise<ChangePlan> {
  const after = await schemaAfter(past, up);
  const { statements: back, aside } = renamesBack(after, renames);
  const from = back.length === 0 ? after : await schemaAfter(past, up, back);
  const { statements, notes, losses } = planChange(from, await past.schema(), { columnOrder: true, fillNulls: true });
  return { statements: [...back, ...statements], notes, losses: losses.map((name) => aside.get(name) ?? name) };
}

/** The schema that each of `runs` makes at `past`. */
export async function schemaAfter(past: Past, ...runs: readonly (readonly string[])[]): Promise<Schema> {
  const run = runs.filter(({ length }) => length > 0);
  if (run.length === 0) return await past.schema();
  return await past.trying(async (scratch) => {
    for (const statements of run) await scratch.run(statements);
    return await readSchema(scratch.connection);
  });
}

/** The schema that drizzle-kit makes of `snapshot` in an empty database, then renamed. */
async function schemaOfCode(kit: KitStatements, snapshot: Snapshot, renaming: readonly string[]): Promise<Schema> {
  await using scratch = await openScratch();
  await scratch.run(withoutPragmas(await kit(emptySnapshot, withoutViews(snapshot))));
  if (renaming.length > 0) await scratch.run(renaming);
  return await readSchema(scratch.connection);
}

/**
 * The same of an older snapshot. What drizzle-kit wrote wrongly was mended in its migration since, and is left out here, as if
 * the code had not had it.
 */
async function schemaOfOldCode(kit: KitStatements, snapshot: Snapshot, renaming: readonly string[]): Promise<Schema> {
  await using scratch = await openScratch();
  await runEach(scratch, await kit(emptySnapshot, withoutViews(snapshot)));
  await runEach(scratch, renaming);
  return await readSchema(scratch.connection);
}

async function runEach(scratch: ScratchDatabase, statements: readonly string[]): Promise<void> {
  for (const sql of statements) {
    try {
      await scratch.run(withoutPragmas([sql]));
    } catch (error) {
      if (!isDatabaseError(error) && !(error instanceof RefusedStatement)) throw error;
    }
  }
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
