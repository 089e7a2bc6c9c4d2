// Works out what one migration would do: statements, losses, warnings, and whatever refuses it. Writes nothing. call.ts
// asks for a plan and before every run, run-steps.ts once more right before a migration is sent.
import { performance } from 'node:perf_hooks';
import { giveTurn, nextTurn } from '@cc/tx/event-loop';
import type { Connection } from '../contract/connection.js';
import type { MigrationProblem, MigrationWarning } from '../contract/migration.js';
import type { PlannedMigration } from '../contract/run.js';
import { type Agreement, agreementOf, keyOf, lossName, noAgreement } from '../loss/agreement.js';
import { changedByTriggers, readSchemaTriggers } from '../loss/effects.js';
import { lookAhead, type Made, measurementFor } from '../loss/look-ahead.js';
import { nothingToMeasure } from '../loss/measure.js';
import type { Trial } from '../schema/trials.js';
import { type ChunkedStatement, chunksOf } from '../sql/chunk.js';
import { lineAt, RefusedStatement, type Statement, splitStatements } from '../sql/statements.js';
import { foldName, wordsOf } from '../sql/words.js';
import { mayCollate } from './altered-columns.js';
import { sizeWarnings } from './estimate.js';
import { mayBreakForeignKeys } from './foreign-keys.js';
import { asksForTables, hiddenTables } from './hidden-tables.js';
import { lossProblem } from './loss-problem.js';
import { markWarnings } from './marks.js';
import { type SlicedStatement, sliceOf } from './slice-key.js';
import type { Step } from './step.js';
import { readTables, type StoredTable } from './stored-tables.js';
import type { Transition } from './transition.js';
import { dataProblem, draftProblem, staleProblem, wayBackOf } from './way-back.js';

/** A planned migration, and what to send unless something refuses it. */
export interface Planned {
  readonly shown: PlannedMigration;
  readonly transition: Transition;
}

/** What a call agrees to lose. */
export type AllowDataLoss = boolean | readonly string[];

/**
 * Plans `step` on the database as it is now; losses and sizes are left out. `made`: what earlier migrations of the same
 * call have made. `ledger`: the name of drizzle's table. `trials`: those that must not fail behind it.
 */
export async function planStep(
  connection: Connection,
  step: Step,
  {
    agreement,
    made,
    ledger,
    trials,
  }: {
    readonly agreement: Agreement;
    readonly made: Made;
    readonly ledger: string;
    readonly trials: readonly Trial[];
  },
): Promise<Planned> {
  const tables = asksForTables(step) ? await readTables(connection) : [];
  const planned = await planParts(connection, step, { tables, ledger });
  const { statements, slices } = planned.transition;
  const measurement = await measurementFor(connection, { statements, agreement }, made);
  const touchesForeignKeys = slices !== null || (await mayBreakForeignKeys(connection, statements));
  const collates = await mayCollate(connection, statements);
  const found = { measurement, agreement, touchesForeignKeys, trials, collates };
  return { ...planned, transition: { ...planned.transition, ...found } };
}

async function planParts(
  connection: Connection,
  step: Step,
  { tables, ledger }: { readonly tables: readonly StoredTable[]; readonly ledger: string },
): Promise<Planned> {
  const { version, createdAt, hash, direction, downSql } = step;
  const present = new Set(tables.map(({ name }) => foldName(name)));
  const { statements, chunks, problems } = parse(step, present, ledger);
  const { slices, refused, warnings } = await slicesOf(connection, step, chunks);
  const run = { version, createdAt, hash, direction, statements, slices, downSql, trials: [], collates: false };
  return {
    transition: { ...run, measurement: nothingToMeasure, agreement: noAgreement, touchesForeignKeys: true },
    shown: {
      version,
      direction,
      statements: statements.map(({ sql }) => sql),
      reversible: direction === 'down' || wayBackOf(downSql) === 'ready',
      slices: chunks?.map(({ rows }) => rows) ?? null,
      losses: [],
      warnings: [
        ...(direction === 'up' ? wayBackWarning(version, downSql) : []),
        ...markWarnings(version, statements),
        ...warnings,
      ],
      problems: [...problems, ...refused],
    },
  };
}

/** The plans of a call. */
export interface PlannedCall {
  readonly planned: readonly PlannedMigration[];
  /** For each of them, what those before it make: tables and columns as agreements name them. */
  readonly made: readonly Made[];
  /** The trials behind each of them. */
  readonly trials: readonly (readonly Trial[])[];
}

/**
 * Plans `steps` in order, each on the database as it is now; losses that can be told are told over all of them.
 *
 * @param limitMs How long the target lets a transaction hold the write lock against others
 * @param ledger Name of drizzle's table
 */
export async function planSteps(
  connection: Connection,
  steps: readonly Step[],
  {
    limitMs,
    allowDataLoss,
    ledger,
  }: { readonly limitMs: number; readonly allowDataLoss: AllowDataLoss; readonly ledger: string },
): Promise<PlannedCall> {
  if (steps.length === 0) return { planned: [], made: [], trials: [] };
  const tables = await readTables(connection);
  const parts = [];
  for (const step of steps) {
    if (nextTurn(performance.now())) await giveTurn();
    const { shown, transition } = await planParts(connection, step, { tables, ledger });
    parts.push({ shown, transition, agreement: agreementOf(allowDataLoss, step.sql) });
  }
  const outlooks = await lookAhead(
    connection,
    parts.map(({ transition, agreement }) => ({ ...transition, agreement })),
  );
  const planned: PlannedMigration[] = [];
  // For all steps at once: to gather them for each would take the square of their number.
  const known = parts.some(({ agreement }) => agreement.names.length > 0)
    ? knownNames(tables, parts.map(({ transition }) => transition.statements).flat())
    : () => true;
  for (const [index, { shown, transition, agreement }] of parts.entries()) {
    const { version, direction, statements, slices } = transition;
    if (nextTurn(performance.now())) await giveTurn();
    const { losses = [], warnings = [], leaving } = outlooks[index] ?? {};
    planned.push({
      ...shown,
      losses,
      warnings: [
        ...shown.warnings,
        ...warnings,
        ...strangeNames(version, agreement, known),
        ...(await sizeWarnings(connection, { version, statements, tables, limitMs: slices ? Infinity : limitMs })),
      ],
      problems: [
        ...shown.problems,
        ...lossProblem(
          version,
          direction,
          losses.filter(
            ({ table, column }) =>
              !agreement.has(table, column) && !(leaving?.has(foldName(table)) && agreement.has(table, null)),
          ),
        ),
      ],
    });
  }
  return { planned, made: outlooks.map(({ made }) => made), trials: outlooks.map(({ trials }) => trials) };
}

/** Tells whether the database or the statements have a name, as agreements write it. */
function knownNames(tables: readonly StoredTable[], statements: readonly Statement[]): (name: string) => boolean {
  const words = new Set(statements.flatMap((statement) => statement.words.map(({ name }) => foldName(name))));
  const known = new Set(
    tables.flatMap(({ name, columns }) => [null, ...columns].map((column) => keyOf(lossName(name, column)))),
  );
  return (name) =>
    known.has(keyOf(name)) ||
    foldName(name)
      .split('.')
      .every((part) => words.has(part));
}

/** Names of an agreement that are not known: most likely misspelt. */
function strangeNames(
  version: string,
  { names }: Agreement,
  isKnown: (name: string) => boolean,
): readonly MigrationWarning[] {
  return [...new Set(names)]
    .filter((name) => !isKnown(name))
    .map((name) => {
      const message = `${version} may lose ${name}, but there is no such ${name.includes('.') ? 'column' : 'table'}: look at the spelling`;
      return { kind: 'agreement', message, table: null, rows: null };
    });
}

interface Parsed {
  readonly statements: readonly Statement[];
  readonly chunks: readonly ChunkedStatement[] | null;
  readonly problems: readonly MigrationProblem[];
}

function parse(step: Step, present: ReadonlySet<string>, ledger: string): Parsed {
  const { sql, source, version, hint, direction, downSql, upSql } = step;
  const problem = (kind: MigrationProblem['kind'], message: string, what: string): Parsed => {
    return { statements: [], chunks: null, problems: [{ kind, version, message, hint: what }] };
  };
  if (sql === null) return problem('no_down', `${version} cannot be taken back: nothing says how`, hint);
  if (direction === 'down' && wayBackOf(sql) === 'irreversible') {
    const message = `${version} cannot be taken back: its down file says that there is no way`;
    return problem(
      'no_down',
      message,
      `Restore a backup from before it was applied: cc-migrate restore <path>; or write a way back into ${source}`,
    );
  }
  try {
    const statements = splitStatements(sql, source, ledger);
    const chunks = chunksOf(statements, ({ words }) => `${source}, line ${lineAt(sql, words[0]?.start ?? 0)},`);
    const problems = [
      ...hiddenTables(step, statements, { present, ledger }),
      // Of pending migrations standing.ts says so.
      ...(direction === 'down' ? staleProblem(version, upSql, downSql) : []),
      ...draftProblem(version, downSql),
      ...(direction === 'up' ? dataProblem(version, { upSql: sql, downSql }, statements, present) : []),
    ];
    return { statements, chunks, problems };
  } catch (error) {
    if (!(error instanceof RefusedStatement)) throw error;
    const next = error.hint.includes('cc-migrate') ? '' : `. Then: cc-migrate ${direction}`;
    return problem('statement', error.message, `${error.hint}${next}`);
  }
}

/** What the chunked statements need of the database; null for one transaction, or when a table is not there yet. */
async function slicesOf(
  connection: Connection,
  { version, source }: Step,
  chunks: readonly ChunkedStatement[] | null,
): Promise<{
  readonly slices: readonly SlicedStatement[] | null;
  readonly refused: readonly MigrationProblem[];
  readonly warnings: readonly MigrationWarning[];
}> {
  if (!chunks) return { slices: null, refused: [], warnings: [] };
  const slices: SlicedStatement[] = [];
  const refused: MigrationProblem[] = [];
  const warnings: MigrationWarning[] = [];
  const triggers = await readSchemaTriggers(connection);
  for (const chunk of chunks) {
    const slice = await sliceOf(connection, chunk);
    if (slice === null) continue;
    for (const table of changedByTriggers(wordsOf(`${chunk.head}WHERE ${chunk.condition}`), triggers)) {
      const message = `${version} runs in slices, and triggers of ${chunk.table} may change rows of ${table} meanwhile: what they lose there is not measured`;
      warnings.push({ kind: 'unmeasured', message, table, rows: null });
    }
    if (!('reason' in slice)) slices.push(slice);
    else {
      const message = `${source} cannot run in slices: ${slice.reason}`;
      refused.push({ kind: 'statement', version, message, hint: slice.hint });
    }
  }
  return { slices: slices.length === chunks.length ? slices : null, refused, warnings };
}

function wayBackWarning(version: string, downSql: string | null): readonly MigrationWarning[] {
  const about = { table: null, rows: null };
  switch (wayBackOf(downSql)) {
    case 'none':
      return [{ kind: 'no_down', message: `${version} cannot be taken back: it has no down file`, ...about }];
    case 'irreversible':
      return [
        {
          kind: 'irreversible',
          message: `${version} cannot be taken back: its down file says that there is no way. Keep a backup: --backup`,
          ...about,
        },
      ];
    default:
      return [];
  }
}
