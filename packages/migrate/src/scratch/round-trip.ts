// The proof that a migration works both ways, on a scratch database with hostile rows in it (with pleasant ones where those do
// not fit) and once more without rows: up gives the expected schema, down the schema from before, up again the same, and
// nothing is lost that was not said.
import { isDatabaseError } from '@cc/tx/errors';
import { invertRenames, type Renames } from '../change/renames.js';
import type { SchemaDifference } from '../contract/care.js';
import { saidBy } from '../errors.js';
import { compareSchemas } from '../schema/compare-schemas.js';
import { foreignKeyText } from '../schema/compare-tables.js';
import { describeMismatch, type KeyMismatch } from '../schema/key-mismatches.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema, Table } from '../schema/schema.js';
import { alteredColumn, reindexing } from '../sql/altered-column.js';
import { removalOf, temporaryIn } from '../sql/temporary.js';
import { foldName, wordsOf } from '../sql/words.js';
import { concernedTables } from './concerned-tables.js';
import { examine, type Findings } from './integrity.js';
import type { Past } from './past.js';
import { removeAllRows } from './remove-rows.js';
import { alteredColumns, compareRows, digestRows, type RowDigests } from './row-digest.js';
import type { ScratchDatabase } from './scratch-database.js';
import { type FilledColumns, seedRows } from './seed-rows.js';

/** A migration to try. */
export interface MigrationTrial {
  /** The point before it. */
  readonly past: Past;
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
  /** The same for rows that are unusual: numbers as text, values that come twice, integers past 2^53. */
  readonly unusual: readonly string[];
  /** `table.column` whose values are others after up and down: what their new type does not hold does not come back. */
  readonly altered: readonly string[];
  /** Tables that were empty throughout. */
  readonly unseeded: readonly string[];
  /** The schema after up; null when up failed even without rows. */
  readonly after: Schema | null;
}

/** Tries a migration with rows and without. */
export async function tryMigration(trial: MigrationTrial): Promise<TrialResult> {
  const hostile = await tryOnce(trial, 'hostile');
  const pleasant = hostile.failedStep ? await tryOnce(trial, 'pleasant') : hostile;
  const emptied = await tryOnce(trial, 'emptied');
  // What fails with rows alone is for the real rows to meet.
  const isForRows = pleasant.failedStep && emptied.faults.length === 0;
  const full = isForRows ? [] : pleasant.faults;
  return {
    faults: [...new Set([...full, ...emptied.faults])],
    warnings: isForRows ? pleasant.faults : [],
    unusual: pleasant === hostile || pleasant.failedStep ? [] : hostile.faults,
    altered: pleasant.altered,
    unseeded: pleasant.unseeded,
    after: pleasant.after ?? emptied.after,
  };
}

interface Pass {
  readonly faults: readonly string[];
  /** A statement failed. */
  readonly failedStep: boolean;
  readonly altered: readonly string[];
  readonly unseeded: readonly string[];
  readonly after: Schema | null;
}

async function tryOnce(trial: MigrationTrial, rows: 'hostile' | 'pleasant' | 'emptied'): Promise<Pass> {
  const before = await trial.past.schema();
  const concerned = concernedTables(before, [...trial.up, ...(trial.down ?? [])]);
  return await trial.past.trying(async (scratch) => {
    const seeded = withKeysOf(trial.expected, before);
    const unseeded = await seedRows(scratch, seeded, { filled: trial.filled, hostile: rows === 'hostile', concerned });
    // Not the same as a database that never held a row: AUTOINCREMENT remembers.
    if (rows === 'emptied') await removeAllRows(scratch, before);
    const walk = new Walk(scratch, trial, concerned);
    try {
      const altered = await walk.go(before);
      return { faults: [], failedStep: false, altered, unseeded, after: walk.after };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return {
        faults: error.sentences,
        failedStep: error.isStep,
        altered: [],
        unseeded,
        after: walk.after,
      };
    }
  });
}

/** `schema` with the foreign keys that `expected` adds, for rows that fit those, too. */
function withKeysOf(expected: Schema | null, schema: Schema): Schema {
  if (!expected) return schema;
  const tables = [...schema.tables].map(([key, table]): [string, Table] => {
    const added = expected.tables.get(key)?.foreignKeys ?? [];
    return [key, { ...table, foreignKeys: [...table.foreignKeys, ...added] }];
  });
  return { ...schema, tables: new Map(tables) };
}

class Walk {
  after: Schema | null = null;
  readonly #scratch: ScratchDatabase;
  readonly #trial: MigrationTrial;
  readonly #concerned: ReadonlySet<string>;
  #before: Findings = { unsound: [], mismatches: [], orphans: [] };
  /** Foreign keys by table, before. */
  #keys: ReadonlyMap<string, string> = new Map();

  constructor(scratch: ScratchDatabase, trial: MigrationTrial, concerned: ReadonlySet<string>) {
    this.#scratch = scratch;
    this.#trial = trial;
    this.#concerned = concerned;
  }

  /** Up, down and up again. Returns what comes back as something else. @throws Fault */
  async go(before: Schema): Promise<readonly string[]> {
    const { up, down, expected, renames, isUpGiven, rowsMayChange } = this.#trial;
    this.#before = await examine(this.#scratch.connection, before);
    this.#keys = keysIn(before);
    const start = await this.#digest(before);
    await this.#step('up', up);
    const after = await this.#schema();
    this.after = after;
    const middle = await this.#digest(after);
    if (!isUpGiven) {
      const differences = expected ? compareSchemas(after, expected, { columnOrder: false }) : [];
      await this.#check('up', after, { differences, rows: compareRows(start, middle, renames) });
    }
    if (!down) return [];
    await this.#step('down', down);
    const back = await this.#schema();
    const end = await this.#digest(back);
    await this.#check('down', back, {
      differences: compareSchemas(back, before),
      rows: rowsMayChange ? [] : compareRows(middle, end, invertRenames(renames)),
    });
    await this.#step('up again', up);
    const again = await this.#schema();
    const differences = compareSchemas(again, after);
    if (isUpGiven) fail('up again', differences, []);
    else
      await this.#check('up again', again, { differences, rows: compareRows(end, await this.#digest(again), renames) });
    return rowsMayChange ? [] : alteredColumns(start, end, middle, renames);
  }

  #schema(): Promise<Schema> {
    return readSchema(this.#scratch.connection);
  }

  /** Tables that the migration makes are concerned, too. */
  #digest({ tables, ...rest }: Schema): Promise<RowDigests> {
    const kept = new Map([...tables].filter(([name]) => this.#concerned.has(name)));
    return digestRows(this.#scratch.connection, { ...rest, tables: kept });
  }

  async #step(stage: string, statements: readonly string[]): Promise<void> {
    try {
      // As migrations run: TEMP objects are taken away behind them.
      const read = statements.map((sql) => ({ sql, words: wordsOf(sql) }));
      const run = read.flatMap((each) => [each.sql, ...reindexing(alteredColumn(each), true)]);
      await this.#scratch.run([...run, ...removalOf(temporaryIn(read))]);
    } catch (error) {
      if (!isDatabaseError(error)) throw error;
      throw new Fault([`${stage} fails: ${saidBy(error)}`], true);
    }
  }

  /** How a mismatch is described after the renames. */
  #renamed({ child, parent, parentColumns }: KeyMismatch): string {
    const { tables, columns } = this.#trial.renames;
    const now = (name: string): string => tables.find(({ from }) => from === name)?.to ?? name;
    const column = (name: string): string =>
      columns.find(({ table, from }) => table === now(parent) && from === name)?.to ?? name;
    return describeMismatch({ child: now(child), parent: now(parent), parentColumns: parentColumns.map(column) });
  }

  async #check(
    stage: string,
    schema: Schema,
    { differences, rows }: { readonly differences: readonly SchemaDifference[]; readonly rows: readonly string[] },
  ): Promise<void> {
    const { unsound, orphans } = await examine(this.#scratch.connection, schema);
    // What was wrong before is no news, under another name either.
    const old = [...this.#before.unsound, ...this.#before.mismatches.map((each) => this.#renamed(each))];
    fail(stage, differences, [...rows, ...unsound.filter((fault) => !old.includes(fault))]);
    const known = this.#before.orphans.map(({ message }) => message);
    const fresh = orphans.filter(({ message }) => !known.includes(message));
    if (fresh.length === 0) return;
    // Rows need not meet a foreign key that was not there.
    const keys = keysIn(schema);
    const isNew = fresh.every(({ child }) => this.#keys.get(foldName(child)) !== keys.get(foldName(child)));
    const sentences = fresh.map(({ message }) => `after ${stage}, ${message}`);
    throw new Fault(sentences, isNew);
  }
}

function keysIn({ tables }: Schema): ReadonlyMap<string, string> {
  return new Map([...tables].map(([key, { foreignKeys }]) => [key, foreignKeys.map(foreignKeyText).sort().join('; ')]));
}

class Fault extends Error {
  constructor(
    readonly sentences: readonly string[],
    readonly isStep = false,
  ) {
    super(sentences.join('; '));
  }
}

function fail(stage: string, differences: readonly SchemaDifference[], more: readonly string[]): void {
  const faults = [...differences.map(({ message }) => message), ...more];
  if (faults.length > 0) throw new Fault(faults.map((fault) => `after ${stage}, ${fault}`));
}
