// Works out what one migration would do: statements, losses, warnings, and whatever refuses it. Writes nothing. call.ts
// asks for a plan and before every run, run-steps.ts once more right before a migration is sent.

import type { FolderMigration } from '../folder/read-folder.js';
import { type ChunkedStatement, chunksOf } from '../sql/chunk.js';
import { lineAt, RefusedStatement, type Statement, splitStatements } from '../sql/statements.js';
import type { DataLoss, MigrationDirection, MigrationProblem, MigrationWarning, PlannedMigration } from '../types.js';
import { predictLoss, readTables } from './data-loss.js';
import { sizeWarnings } from './estimate.js';
import type { Connection } from './ledger.js';
import { type SlicedStatement, sliceOf } from './slice-key.js';
import type { Applied } from './standing.js';
import type { Transition } from './transition.js';
import { dataProblem, draftProblem, staleProblem, wayBackOf } from './way-back.js';

/** A migration in one direction, before the database is asked anything. */
export interface Step {
  readonly version: string;
  readonly createdAt: number;
  readonly hash: string;
  readonly direction: MigrationDirection;
  /** File name for messages. */
  readonly source: string;
  /** What runs; null when nothing says how. */
  readonly sql: string | null;
  /** What to do when `sql` is null. */
  readonly hint: string;
  /** Kept in the log of an up. */
  readonly downSql: string | null;
  /** The text of its up file, when it is the one that is or will be applied. */
  readonly upSql: string | null;
}

/** A planned migration, and what to send unless something refuses it. */
export interface Planned {
  readonly shown: PlannedMigration;
  readonly transition: Transition;
}

/** The step that applies `file`. */
export function stepUp({ version, createdAt, hash, upSql, downSql }: FolderMigration): Step {
  return { version, createdAt, hash, direction: 'up', source: `${version}.sql`, sql: upSql, hint: '', downSql, upSql };
}

/** The step that takes `applied` back. */
export function stepDown({ version, createdAt, hash, downSql, file }: Applied): Step {
  const source = `${version}.down.sql`;
  const isSame = file?.hashes.includes(hash) ?? false;
  let hint = `Add ${source} with the statements that undo ${version}.sql`;
  if (!file) hint = 'Use the checkout that has this migration and its down file';
  else if (file.downSql !== null)
    hint = `Restore the ${version}.sql that was applied: ${source} belongs to an edited one`;
  const upSql = isSame ? (file?.upSql ?? null) : null;
  return { version, createdAt, hash, direction: 'down', source, sql: downSql, hint, downSql, upSql };
}

/** Plans `step` on the database as it is now, sizes left out. */
export async function planStep(connection: Connection, step: Step): Promise<Planned> {
  const { version, createdAt, hash, direction, downSql } = step;
  const tables = await readTables(connection);
  const { statements, chunks, problems } = parse(step, new Set(tables.map(({ name }) => name.toLowerCase())));
  const { slices, refused } = await slicesOf(connection, step, chunks);
  const { losses, guard } = await predictLoss(connection, statements, tables);
  return {
    transition: { version, createdAt, hash, direction, statements, slices, downSql, guard },
    shown: {
      version,
      direction,
      statements: statements.map(({ sql }) => sql),
      reversible: direction === 'down' || wayBackOf(downSql) === 'ready',
      slices: chunks?.map(({ rows }) => rows) ?? null,
      losses,
      warnings: direction === 'up' ? wayBackWarning(version, downSql) : [],
      problems: [...problems, ...refused, ...lossProblem(version, direction, losses)],
    },
  };
}

/**
 * Plans `steps` in order, each on the database as it is now.
 *
 * @param limitMs How long the target lets a transaction hold the write lock against others
 */
export async function planSteps(
  connection: Connection,
  steps: readonly Step[],
  limitMs: number,
): Promise<readonly PlannedMigration[]> {
  const planned: PlannedMigration[] = [];
  for (const step of steps) {
    const { shown, transition } = await planStep(connection, step);
    const { version, statements, slices } = transition;
    const tables = await readTables(connection);
    const sizing = { version, statements, tables, limitMs: slices ? Infinity : limitMs };
    planned.push({ ...shown, warnings: [...shown.warnings, ...(await sizeWarnings(connection, sizing))] });
  }
  return planned;
}

interface Parsed {
  readonly statements: readonly Statement[];
  readonly chunks: readonly ChunkedStatement[] | null;
  readonly problems: readonly MigrationProblem[];
}

function parse(step: Step, present: ReadonlySet<string>): Parsed {
  const { sql, source, version, hint, direction, downSql, upSql } = step;
  const problem = (kind: MigrationProblem['kind'], message: string, what: string): Parsed => {
    return { statements: [], chunks: null, problems: [{ kind, version, message, hint: what }] };
  };
  if (sql === null) return problem('no_down', `${version} cannot be taken back: nothing says how`, hint);
  if (direction === 'down' && wayBackOf(sql) === 'irreversible') {
    const message = `${version} cannot be taken back: its down file says that there is no way`;
    return problem('no_down', message, 'Restore a backup from before it was applied: cc-migrate restore <path>');
  }
  try {
    const statements = splitStatements(sql, source);
    const chunks = chunksOf(statements, ({ words }) => `${source}, line ${lineAt(sql, words[0]?.start ?? 0)},`);
    const problems = [
      // Of pending migrations standing.ts says so.
      ...(direction === 'down' ? staleProblem(version, upSql, downSql) : []),
      ...draftProblem(version, downSql),
      ...(direction === 'up' ? dataProblem(version, { upSql: sql, downSql }, statements, present) : []),
    ];
    return { statements, chunks, problems };
  } catch (error) {
    if (!(error instanceof RefusedStatement)) throw error;
    return problem('statement', error.message, error.hint);
  }
}

/** What the chunked statements need of the database; null for one transaction, or when a table is not there yet. */
async function slicesOf(
  connection: Connection,
  { version, source }: Step,
  chunks: readonly ChunkedStatement[] | null,
): Promise<{ readonly slices: readonly SlicedStatement[] | null; readonly refused: readonly MigrationProblem[] }> {
  if (!chunks) return { slices: null, refused: [] };
  const slices: SlicedStatement[] = [];
  const refused: MigrationProblem[] = [];
  for (const chunk of chunks) {
    const slice = await sliceOf(connection, chunk);
    if (slice === null) continue;
    if (!('reason' in slice)) slices.push(slice);
    else {
      const message = `${source} cannot run in slices: ${slice.reason}`;
      refused.push({ kind: 'statement', version, message, hint: slice.hint });
    }
  }
  return { slices: slices.length === chunks.length ? slices : null, refused };
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

function lossProblem(version: string, direction: MigrationDirection, losses: readonly DataLoss[]): MigrationProblem[] {
  if (losses.length === 0) return [];
  const what = losses.map(({ table, column, rows }) => {
    const name = column === null ? `table ${table}` : `column ${table}.${column}`;
    return `${name} (${rows} ${rows === 1 ? 'row' : 'rows'})`;
  });
  return [
    {
      kind: 'data_loss',
      version,
      message: `${direction === 'up' ? 'Applying' : 'Taking back'} ${version} would lose data: ${what.join(', ')}`,
      hint: 'Keep a copy of the database, then allow it: allowDataLoss, or --allow-data-loss on the command line',
    },
  ];
}
