// The proof that a migration works both ways, on a scratch database with rows in it and once more with the rows deleted:
// up gives the expected schema, down the schema from before, up again the same, and nothing is lost that was not said.
import { isDatabaseError } from '@cc/tx/errors';
import { indexesAnother } from '../change/full-text.js';
import { invertRenames, type Renames } from '../change/renames.js';
import type { FolderMigration } from '../folder/read-folder.js';
import type { Connection } from '../run/ledger.js';
import { compareSchemas, type SchemaDifference } from '../schema/compare-schemas.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { quoteName } from '../sql/words.js';
import { compareRows, digestRows } from './row-digest.js';
import { openReplayed, type ScratchDatabase } from './scratch-database.js';
import { type FilledColumns, seedRows } from './seed-rows.js';

/** A migration to try. */
export interface Trial {
  /** The migrations before it. */
  readonly before: readonly FolderMigration[];
  readonly up: readonly string[];
  /** Null: only the way up is tried. */
  readonly down: readonly string[] | null;
  /** What up must make, whatever the order of columns; null: whatever it makes. */
  readonly expected: Schema | null;
  /** What up renames. */
  readonly renames: Renames;
  /** Columns that get no NULL before up. */
  readonly filled?: FilledColumns;
  /** Whether the up is as it is: only the way back is judged. */
  readonly isUpGiven?: boolean;
  /** Whether statements change rows that were there before: what they hold is not compared. */
  readonly rowsMayChange?: boolean;
}

/** What a trial found. */
export interface TrialResult {
  /** What is wrong, in sentences; empty when the migration is proven. */
  readonly faults: readonly string[];
  /** What holds only for some rows: a constraint that rows of the trial did not meet. */
  readonly warnings: readonly string[];
  /** Tables that were empty throughout. */
  readonly unseeded: readonly string[];
  /** The schema after up; null when up failed even without rows. */
  readonly after: Schema | null;
}

/** Tries a migration with rows and without. */
export async function tryMigration(trial: Trial): Promise<TrialResult> {
  const full = await tryOnce(trial, 'rows');
  const emptied = await tryOnce(trial, 'emptied');
  // A constraint that the rows of the trial do not meet is for the real rows to meet.
  const isForRows = full.constraint !== null && emptied.faults.length === 0;
  return {
    faults: isForRows ? [] : [...new Set([...full.faults, ...emptied.faults])],
    warnings: isForRows ? full.faults : [],
    unseeded: full.unseeded,
    after: full.after ?? emptied.after,
  };
}

interface Pass {
  readonly faults: readonly string[];
  /** The constraint that stopped it. */
  readonly constraint: string | null;
  readonly unseeded: readonly string[];
  readonly after: Schema | null;
}

async function tryOnce(trial: Trial, rows: 'rows' | 'emptied'): Promise<Pass> {
  await using scratch = await openReplayed(trial.before);
  const { connection } = scratch;
  const before = await readSchema(connection);
  const unseeded = await seedRows(scratch, before, trial.filled);
  if (rows === 'emptied')
    await scratch.run([...before.tables.values()].map(({ name }) => `DELETE FROM ${quoteName(name)}`));
  const start = await digestRows(connection, before);
  let after: Schema | null = null;
  try {
    await step(scratch, 'up', trial.up);
    after = await readSchema(connection);
    if (!trial.isUpGiven) {
      await check('up', scratch, {
        differences: trial.expected ? compareSchemas(after, trial.expected, { columnOrder: false }) : [],
        rows: compareRows(start, await digestRows(connection, after), trial.renames),
      });
    }
    if (trial.down) await wayBack(scratch, { before, after, trial, down: trial.down });
    return { faults: [], constraint: null, unseeded, after };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { faults: error.sentences, constraint: error.constraint, unseeded, after };
  }
}

interface WayBack {
  readonly before: Schema;
  readonly after: Schema;
  readonly trial: Trial;
  readonly down: readonly string[];
}

async function wayBack(scratch: ScratchDatabase, { before, after, trial, down }: WayBack): Promise<void> {
  const { connection } = scratch;
  const middle = await digestRows(connection, after);
  await step(scratch, 'down', down);
  const back = await readSchema(connection);
  const end = await digestRows(connection, back);
  await check('down', scratch, {
    differences: compareSchemas(back, before),
    rows: trial.rowsMayChange ? [] : compareRows(middle, end, invertRenames(trial.renames)),
  });
  await step(scratch, 'up again', trial.up);
  const again = await readSchema(connection);
  const differences = compareSchemas(again, after);
  if (trial.isUpGiven) return await check('up again', null, { differences, rows: [] });
  const rows = compareRows(end, await digestRows(connection, again), trial.renames);
  await check('up again', scratch, { differences, rows });
}

class Fault extends Error {
  constructor(
    readonly sentences: readonly string[],
    readonly constraint: string | null = null,
  ) {
    super(sentences.join('; '));
  }
}

async function step(scratch: ScratchDatabase, stage: string, statements: readonly string[]): Promise<void> {
  try {
    await scratch.run(statements);
  } catch (error) {
    if (!isDatabaseError(error)) throw error;
    const said = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Fault([`${stage} fails: ${said}`], error.type === 'constraint' ? error.code : null);
  }
}

interface Findings {
  readonly differences: readonly SchemaDifference[];
  readonly rows: readonly string[];
}

/** `scratch` null: integrity is not judged. */
async function check(stage: string, scratch: ScratchDatabase | null, { differences, rows }: Findings): Promise<void> {
  const broken = scratch ? await integrityFaults(scratch.connection) : [];
  const faults = [...differences.map(({ message }) => message), ...rows, ...broken];
  if (faults.length > 0) throw new Fault(faults.map((fault) => `after ${stage}, ${fault}`));
}

/** What SQLite itself finds wrong: pages, indexes, foreign keys, full-text indexes. */
export async function integrityFaults(connection: Connection): Promise<readonly string[]> {
  const { rows: integrity } = await connection.execute('PRAGMA integrity_check');
  const { rows: orphans } = await connection.execute(
    'SELECT "table" AS child, parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2',
  );
  const faults = integrity.map((row) => String(row['integrity_check'])).filter((line) => line !== 'ok');
  for (const { child, parent, n } of orphans)
    faults.push(`${Number(n)} rows of ${String(child)} refer to no row of ${String(parent)}`);
  for (const virtual of (await readSchema(connection)).virtualTables.values()) {
    if (!indexesAnother(virtual)) continue;
    const name = quoteName(virtual.name);
    try {
      await connection.execute(`INSERT INTO ${name} (${name}, rank) VALUES ('integrity-check', 1)`);
    } catch (error) {
      if (!isDatabaseError(error)) throw error;
      faults.push(`the full-text index ${virtual.name} does not fit its table`);
    }
  }
  return faults;
}
