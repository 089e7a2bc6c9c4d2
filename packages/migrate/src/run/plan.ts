// Works out what one migration would do: statements, losses, and whatever refuses it. Writes nothing. create.ts asks for
// plan() and before every run, run.ts once more right before a migration is sent.

import type { FolderMigration } from '../folder/read-folder.js';
import { RefusedStatement, type Statement, splitStatements } from '../sql/statements.js';
import type { DataLoss, MigrationDirection, MigrationProblem, PlannedMigration } from '../types.js';
import { predictLoss, readTables } from './data-loss.js';
import type { Connection } from './ledger.js';
import type { Applied } from './standing.js';
import type { Transition } from './transition.js';

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
}

/** A planned migration, and what to send unless something refuses it. */
export interface Planned {
  readonly shown: PlannedMigration;
  readonly transition: Transition;
}

/** The step that applies `file`. */
export function stepUp({ version, createdAt, hash, upSql, downSql }: FolderMigration): Step {
  return { version, createdAt, hash, direction: 'up', source: `${version}.sql`, sql: upSql, hint: '', downSql };
}

/** The step that takes `applied` back. */
export function stepDown({ version, createdAt, hash, downSql, file }: Applied): Step {
  const source = `${version}.down.sql`;
  let hint = `Add ${source} with the statements that undo ${version}.sql`;
  if (!file) hint = 'Use the checkout that has this migration and its down file';
  else if (file.downSql !== null)
    hint = `Restore the ${version}.sql that was applied: ${source} belongs to an edited one`;
  return { version, createdAt, hash, direction: 'down', source, sql: downSql, hint, downSql };
}

/** Plans `step` on the database as it is now. */
export async function planStep(connection: Connection, step: Step): Promise<Planned> {
  const { version, createdAt, hash, direction, downSql } = step;
  const { statements, problems } = parse(step);
  const { losses, guard } = await predictLoss(connection, statements, await readTables(connection));
  return {
    transition: { version, createdAt, hash, direction, statements, downSql, guard },
    shown: {
      version,
      direction,
      statements: statements.map(({ sql }) => sql),
      reversible: direction === 'down' || downSql !== null,
      losses,
      problems: [...problems, ...lossProblem(version, direction, losses)],
    },
  };
}

/** Plans `steps` in order, each on the database as it is now. */
export async function planSteps(connection: Connection, steps: readonly Step[]): Promise<readonly PlannedMigration[]> {
  const planned: PlannedMigration[] = [];
  for (const step of steps) planned.push((await planStep(connection, step)).shown);
  return planned;
}

interface Parsed {
  readonly statements: readonly Statement[];
  readonly problems: readonly MigrationProblem[];
}

function parse({ sql, source, version, hint }: Step): Parsed {
  if (sql === null) {
    const message = `${version} cannot be taken back: nothing says how`;
    return { statements: [], problems: [{ kind: 'no_down', version, message, hint }] };
  }
  try {
    return { statements: splitStatements(sql, source), problems: [] };
  } catch (error) {
    if (!(error instanceof RefusedStatement)) throw error;
    return { statements: [], problems: [{ kind: 'statement', version, message: error.message, hint: error.hint }] };
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
