// What can be said of losses before anything runs: tables and columns that nothing follows, over all the migrations of a
// call, with their rows counted now. What becomes of all other values is measured while they run (measure.ts).
import type { Connection } from '../contract/connection.js';
import type { DataLoss, MigrationDirection, MigrationWarning } from '../contract/migration.js';
import { objectKey } from '../schema/schema.js';
import { madeBy, mayBreak, needTrials, readTrials, type Trial } from '../schema/trials.js';
import { openScratch, type ScratchDatabase } from '../scratch/scratch-database.js';
import { isNoBookkeeping, isNoLedger } from '../sql/bookkeeping.js';
import type { Statement } from '../sql/statements.js';
import { foldName, quoteName } from '../sql/words.js';
import { type Agreement, keyOf, lossName, noAgreement } from './agreement.js';
import { keepsEverything } from './effects.js';
import { type Followed, follow } from './follow.js';
import { type Attached, droppedWarnings, goneAlong, lostMarkWarnings, readAttached } from './gone-along.js';
import { certainIn, lossesIn, type Measurement, measurementOf, nothingToMeasure } from './measure.js';
import { sketchSchema, sketchStatements } from './sketch.js';
import { type LossColumn, readLossTables } from './table.js';
import { madeIn, originsOf, type Trace, traced, tracesOf } from './traces.js';

/** What is known of one migration of a call. */
export interface Outlook {
  /** Read from its statements, and counted now. */
  readonly losses: readonly DataLoss[];
  readonly warnings: readonly MigrationWarning[];
  /** Tables, in lower case, that go into others with rows of their own: agreeing to lose them says enough. */
  readonly leaving: ReadonlySet<string>;
  /** Tables and columns that earlier migrations of the same call make, as agreements name them. */
  readonly made: Made;
  /** Of the views and triggers that it leaves behind, where it may break one. */
  readonly trials: readonly Trial[];
}

/** Names of what a call makes. */
export type Made = Pick<ReadonlySet<string>, 'has'>;

/** All there is: the call begins on a database that holds nothing. */
const everything: Made = { has: () => true };

/** One migration of a call. */
export interface Ahead {
  readonly version: string;
  readonly direction: MigrationDirection;
  readonly statements: readonly Statement[];
  readonly agreement: Agreement;
}

/** Looks through `steps` in order, from the database as it is now. */
export async function lookAhead(connection: Connection, steps: readonly Ahead[]): Promise<readonly Outlook[]> {
  const none: Outlook = { losses: [], warnings: [], leaving: new Set(), made: new Set(), trials: [] };
  const mayTake = !steps.every(({ statements }) => keepsEverything(statements));
  const holds = mayTake && (await holdsTables(connection));
  const made: Made = mayTake && !holds ? everything : none.made;
  const all = steps.flatMap(({ statements }) => statements);
  const tries = await needTrials(connection, all);
  if (!holds && !tries) return steps.map(() => ({ ...none, made }));
  await using scratch = await openScratch();
  await sketchSchema(connection, scratch);
  const tried = tries ? new Tried(scratch) : null;
  if (holds) return await followed(connection, scratch, steps, tried);
  const outlooks: Outlook[] = [];
  for (const { statements } of steps) {
    const isWhole = await sketchStatements(scratch, statements);
    outlooks.push({ ...none, made, trials: (await tried?.behind(statements, isWhole)) ?? [] });
  }
  return outlooks;
}

/** The trials behind one migration after another. */
class Tried {
  readonly #scratch: ScratchDatabase;
  #isWhole = true;

  constructor(scratch: ScratchDatabase) {
    this.#scratch = scratch;
  }

  /** The trials behind `statements`, which have run as far as `isWhole` says. */
  async behind(statements: readonly Statement[], isWhole: boolean): Promise<readonly Trial[]> {
    this.#isWhole &&= isWhole;
    if (!statements.some(({ words }) => mayBreak(words))) return [];
    const trials = await readTrials(this.#scratch.connection);
    if (this.#isWhole) return trials;
    // What does not run here (a module that only the database has) may have left other names there: only what is made is sure.
    const made = new Set(statements.flatMap(({ words }) => madeBy(words) ?? []));
    return trials.filter((trial) => made.has(objectKey(trial)));
  }
}

async function followed(
  connection: Connection,
  scratch: ScratchDatabase,
  steps: readonly Ahead[],
  tried: Tried | null,
): Promise<readonly Outlook[]> {
  let tables = await readLossTables(scratch.connection);
  let traces = tracesOf(tables);
  const outlooks: Outlook[] = [];
  const gone: (readonly Attached[])[] = [];
  for (const step of steps) {
    const made = madeIn(traces);
    // What a way back leaves out was not there before.
    const drops = step.direction === 'up' && step.statements.some(({ words }) => words[0]?.keyword === 'DROP');
    const before = drops ? await readAttached(scratch.connection) : null;
    const { followed, after, isWhole } = await follow(scratch, step.statements, tables);
    const isKnown = before !== null && isWhole;
    const behind = isKnown ? await readAttached(scratch.connection) : null;
    gone.push(before && behind ? goneAlong(step.statements, before, behind, { before: tables, behind: after }) : []);
    tables = after;
    outlooks.push({
      trials: (await tried?.behind(step.statements, isWhole)) ?? [],
      losses: await expected(connection, followed, traces),
      warnings: [
        ...(await filled(connection, step.version, followed, traces)),
        ...(await lostMarkWarnings(connection, step.version, step.statements, originsOf(followed, traces))),
      ],
      leaving: new Set(followed.flatMap(({ table, heir }) => (heir?.isOther ? [foldName(table.name)] : []))),
      made,
    });
    traces = traced(traces, { followed, after, agreement: step.agreement });
  }
  if (gone.every(({ length }) => length === 0)) return outlooks;
  // A later migration of the call may have made it again.
  const last = new Set((await readAttached(scratch.connection)).attached.map(objectKey));
  return outlooks.map((outlook, index) => {
    const missing = gone[index]?.filter((each) => !last.has(objectKey(each))) ?? [];
    return { ...outlook, warnings: [...outlook.warnings, ...droppedWarnings(steps[index]?.version ?? '', missing)] };
  });
}

/** Whether there is any table besides those of the bookkeeping. */
async function holdsTables(connection: Connection): Promise<boolean> {
  const { rows } = await connection.execute(
    `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND ${isNoBookkeeping('name')} AND ${isNoLedger('sql')} LIMIT 1`,
  );
  return rows.length > 0;
}

/** How to measure one migration on the database as it is now, without what it loses of what this call made. */
export async function measurementFor(
  connection: Connection,
  { statements, agreement }: Pick<Ahead, 'statements' | 'agreement'>,
  made: Made,
): Promise<Measurement> {
  if (agreement.isTotal || made === everything || keepsEverything(statements)) return nothingToMeasure;
  await using scratch = await openScratch();
  await sketchSchema(connection, scratch);
  return measurementOf(withoutMade((await follow(scratch, statements)).followed, made), agreement);
}

function withoutMade(followed: readonly Followed[], made: Made): readonly Followed[] {
  return followed.flatMap((each) => {
    const { table, heir, gone } = each;
    if (made.has(keyOf(lossName(table.name, null)))) return [];
    const isOld = ({ name }: LossColumn): boolean => !made.has(keyOf(lossName(table.name, name)));
    const changed = heir?.changed.filter(([before]) => isOld(before)) ?? [];
    return [{ ...each, heir: heir && { ...heir, changed }, gone: gone.filter(isOld) }];
  });
}

async function expected(
  connection: Connection,
  followed: readonly Followed[],
  traces: ReadonlyMap<string, Trace>,
): Promise<readonly DataLoss[]> {
  const losses: DataLoss[] = [];
  for (const each of followed) {
    const { table, gone, holders } = each;
    const trace = traces.get(foldName(table.name));
    if (!trace?.table || trace.unsure === 'rows') continue;
    const { unsure, columns } = trace;
    const sure = gone.filter(({ name }) => !unsure.has(foldName(name)));
    // Its values as they are now, against the default that it has when it goes: an earlier migration may have changed that.
    const origins = sure.flatMap(({ name, fallback }) => {
      const origin = columns.get(foldName(name));
      return origin ? [{ ...origin, fallback }] : [];
    });
    // What other places may hold is a matter of their rows.
    const certain = { ...each, table: trace.table, gone: holders.length > 0 ? [] : origins, holders: [] };
    for (const probe of certainIn([certain], noAgreement)) {
      const { rows } = await connection.execute(probe.details);
      // Counted as it is now, and named as it is when the migration begins: that is the name to agree to.
      const named = sure.find(({ name }) => columns.get(foldName(name))?.name === probe.parts[0]?.column);
      const name = { table: table.name, column: named?.name ?? null, measured: false };
      losses.push(...lossesIn(probe, rows[0]).map((loss) => ({ ...loss, ...name })));
    }
  }
  return losses;
}

/** NOT NULL columns of rows without a value there: a rebuild fills them, or the migration fails at them. */
async function filled(
  connection: Connection,
  version: string,
  followed: readonly Followed[],
  traces: ReadonlyMap<string, Trace>,
): Promise<readonly MigrationWarning[]> {
  const warnings: MigrationWarning[] = [];
  for (const { table, heir, isCopied, asTheyWere } of followed) {
    const trace = traces.get(foldName(table.name));
    // What only has its name, or takes it over with rows of its own, has none of its rows to fill.
    if (!heir || !(isCopied || heir.isSame) || !trace?.table) continue;
    for (const column of heir.table.columns) {
      const before = heir.columns.find(([, after]) => after === column)?.[0];
      const stays = before !== undefined && asTheyWere.has(column) && !trace.written.has(foldName(before.name));
      const empty = stays || isCopied ? emptyIn(column, before, heir, trace) : null;
      if (empty === null) continue;
      const { rows } = await connection.execute(`SELECT count(*) AS n FROM ${quoteName(trace.table.name)}${empty}`);
      const count = Number(rows[0]?.['n'] ?? 0);
      if (count === 0) continue;
      const many = `${count.toLocaleString('en-US')} ${count === 1 ? 'row' : 'rows'}`;
      const place = `${heir.table.name}.${column.name}`;
      const has = count === 1 ? 'has' : 'have';
      const message = stays
        ? `${version} makes ${place} NOT NULL, and ${many} ${has} no value there: it fails until they have one`
        : `${version} writes a value into ${place} of ${many} that ${has} none: it is NOT NULL`;
      warnings.push({ kind: stays ? 'not_null' : 'filled', message, table: trace.table.name, rows: count });
    }
  }
  return warnings;
}

/** The WHERE of the rows that have no value for `column` now; null when none can be without, or it has a default. */
function emptyIn(
  column: LossColumn,
  before: LossColumn | undefined,
  heir: NonNullable<Followed['heir']>,
  trace: Trace,
): string | null {
  const isRowid = heir.table.keys[0]?.join() === column.name && column.affinity === 'INTEGER';
  if (!column.notNull || column.isGenerated || isRowid) return null;
  if (!before) return column.hasDefault ? null : '';
  const origin = trace.columns.get(foldName(before.name));
  return before.notNull || !origin ? null : ` WHERE ${quoteName(origin.name)} IS NULL`;
}
