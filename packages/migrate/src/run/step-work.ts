// One migration of a run, over all its attempts: what is sent, and what a failure of it means. run-steps.ts brings one after the
// other to its end.

import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { type DatabaseError, isDatabaseError } from '@cc/tx/errors';
import type { Connection } from '../contract/connection.js';
import type { DataLoss, MigrationDirection } from '../contract/migration.js';
import type { MigrationProgress } from '../contract/run.js';
import { migrationError, refuse } from '../errors.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { agreementOf } from '../loss/agreement.js';
import type { Made } from '../loss/look-ahead.js';
import { keyMismatches } from '../schema/key-mismatches.js';
import { objectKey } from '../schema/schema.js';
import type { Trial } from '../schema/trials.js';
import { ancestorOf, followTables, newNames } from '../sql/follow-tables.js';
import { type Statement, splitStatements } from '../sql/statements.js';
import { foldName } from '../sql/words.js';
import { asOfStatement } from './altered-columns.js';
import { isOfStep, mismatchIn, operationOf } from './failure.js';
import { mendedLater } from './later-mends.js';
import { type Ledger, ledgerBehind } from './ledger.js';
import { brokenError, failedIn, mayStayBroken } from './left-broken.js';
import { lossProblem } from './loss-problem.js';
import { orphansError } from './orphans.js';
import { type AllowDataLoss, planStep } from './plan.js';
import { leftOver, runSlices } from './slices.js';
import type { Standing } from './standing.js';
import type { Step } from './step.js';
import { lossesOf } from './telling.js';
import { batchOf, checks, type Entry, isCheck, type Transition } from './transition.js';

/** What a run needs. */
export interface Run {
  readonly connection: Connection;
  /** Reads folder and database side by side. */
  readonly look: () => Promise<Standing>;
  /** The migrations of the folder. */
  readonly files: readonly FolderMigration[];
  readonly allowDataLoss: AllowDataLoss;
  readonly allowOutOfOrder: boolean;
  readonly maxAttempts: number;
  /** Kept in the log. */
  readonly by: string;
  readonly onProgress: ((progress: MigrationProgress) => void) | undefined;
}

/** One migration of a run, over all its attempts. */
export class StepWork {
  readonly step: Step;
  /** Slices that have run. */
  slices = 0;
  readonly #run: Run;
  readonly #place: { readonly step: number; readonly steps: number };
  /** What earlier migrations of the call have made. */
  readonly #made: Made;
  readonly #later: readonly Step[];
  /** Tables whose foreign keys it may leave without a key, because a later migration mends them. Null until that is asked. */
  #left: readonly string[] | null = null;
  /** Views and triggers that need not work behind it. Null until one of them does not. */
  #broken: ReadonlySet<string> | null = null;
  /** Of the views and triggers that it leaves behind. */
  readonly #trials: readonly Trial[];
  readonly #attempts = new Set<string>();

  constructor(
    run: Run,
    step: Step,
    {
      made,
      trials,
      later,
      ...place
    }: {
      readonly step: number;
      readonly steps: number;
      readonly made: Made;
      readonly trials: readonly Trial[];
      readonly later: readonly Step[];
    },
  ) {
    this.#run = run;
    this.step = step;
    this.#place = place;
    this.#made = made;
    this.#trials = trials;
    this.#later = later;
  }

  /** Whether the next attempt may pass because a foreign key that fits no key is mended by a later migration of the call. */
  async leavesToLater(failure: DatabaseError, { ledger }: Standing): Promise<boolean> {
    if (this.#left !== null || this.#later.length === 0 || mismatchIn(failure) === null) return false;
    this.#left = await mendedLater(this.#run.connection, [this.step, ...this.#later].map(statementsIn(ledger)));
    return this.#left.length > 0;
  }

  /** Whether the next attempt may pass because the view or trigger that failed need not work. */
  async letsStay(failure: DatabaseError, { ledger }: Standing): Promise<boolean> {
    const failed = failedIn(failure, this.#trials);
    if (this.#broken !== null || failed.length === 0) return false;
    const { connection, files } = this.#run;
    const [statements = [], ...later] = [this.step, ...this.#later].map(statementsIn(ledger));
    const { keys, isAll } = await mayStayBroken({ connection, step: this.step, statements, later, files }, failed);
    this.#broken = keys;
    return isAll;
  }

  /** `failure`, by the views and triggers that do not work when they are what failed. */
  async named(failure: DatabaseError): Promise<DatabaseError> {
    const failed = failedIn(failure, this.#trials);
    if (failed.length === 0) return failure;
    const [step, exempt] = [this.step, this.#broken ?? new Set<string>()];
    const statements = splitStatements(step.sql ?? '', step.source);
    return await brokenError({ connection: this.#run.connection, step, statements }, failure, { failed, exempt });
  }

  /** Whether it was an attempt of this call that ran the step. */
  ran({ ledger }: Standing): boolean {
    const { createdAt, direction } = this.step;
    const last = ledger.log.findLast((entry) => entry.createdAt === createdAt && entry.direction === direction);
    return this.#attempts.has(last?.attempt ?? '');
  }

  /** Plans the step on the database as it is now, and runs it if nothing refuses it. Returns the ledger behind it. */
  async send({ ledger }: Standing): Promise<Ledger> {
    const { connection, allowDataLoss, by } = this.#run;
    const started = performance.now();
    const operation = operationOf(this.step);
    const { shown, transition } = await planStep(connection, this.step, {
      agreement: agreementOf(allowDataLoss, this.step.sql),
      made: this.#made,
      ledger: ledger.table,
      trials: this.#trials.filter((trial) => !this.#broken?.has(objectKey(trial))),
    });
    refuse(shown.problems, operation);
    const { version, direction, createdAt, hash, downSql, statements, slices } = transition;
    const mismatches = transition.touchesForeignKeys ? await keyMismatches(connection) : [];
    const mismatched = mismatches.map(({ child }) => child);
    const unchecked = [...mismatched, ...namesAfter(mismatched, statements), ...(this.#left ?? [])];
    const attempt = randomUUID();
    const renamed = transition.touchesForeignKeys ? newNames(statements) : new Map<string, string>();
    const entry: Entry = { version, direction, createdAt, hash, downSql, ledger, by, attempt, unchecked, renamed };
    this.#attempts.add(entry.attempt);
    const tell = (statement: number, rows: number | null): void => this.#tell(statements.length, statement, rows);
    tell(0, null);
    const behind = (): Ledger => ledgerBehind(ledger, { ...entry, who: by });
    if (!slices) {
      await this.#commit(transition, entry, { leftOver: null, sinceMs: 0 }, tell);
      return behind();
    }
    const onSlice = (done: { readonly statement: number; readonly rows: number }): void => {
      this.slices += 1;
      tell(done.statement - 1, done.rows);
    };
    const left = slices.map(leftOver).join(' + ');
    for (;;) {
      await runSlices({ connection, entry, operation, agreement: transition.agreement, onSlice }, slices);
      const sinceMs = Math.round(performance.now() - started);
      try {
        await this.#commit(transition, entry, { leftOver: left, sinceMs }, tell);
        return behind();
      } catch (error) {
        // Other writers added rows behind the last slice.
        if (!isCheck(error, checks.leftOver)) throw error;
      }
    }
  }

  async #commit(
    transition: Transition,
    entry: Entry,
    rest: { readonly leftOver: string | null; readonly sinceMs: number },
    tell: (statement: number, rows: number | null) => void,
  ): Promise<void> {
    const { connection, onProgress } = this.#run;
    const { statements, own } = batchOf(transition, entry, rest);
    const total = transition.statements.length;
    let told = 0;
    const onStatement = (done: number): void => {
      const now = own.filter((place) => place < done).length;
      if (!transition.slices && now > told) tell(now, null);
      told = Math.max(told, now);
    };
    try {
      await connection.migrate(statements, onProgress && onStatement);
    } catch (error) {
      if (isCheck(error, checks.dataLoss)) await this.#refuseLosses(transition);
      if (isCheck(error, checks.foreignKey))
        throw await orphansError(connection, this.step, transition, entry, this.slices);
      throw asOfStatement(error, transition.statements);
    }
    if (transition.slices) tell(total, null);
  }

  /** Runs a migration that loses rows once more to say which, and takes it back. Returns when it loses none any more. */
  async #refuseLosses(transition: Transition): Promise<void> {
    const { version, direction } = this.step;
    const operation = operationOf(this.step);
    let losses: readonly DataLoss[];
    try {
      losses = await lossesOf(this.#run.connection, transition);
    } catch (cause) {
      // A statement behind the loss fails: that has to be mended first, and then the loss is told.
      if (isDatabaseError(cause) && isOfStep(cause, this.step)) throw cause;
      // That it loses something is sure; only what it is stays untold.
      throw untold(version, direction, operation, cause);
    }
    refuse(lossProblem(version, direction, losses), operation);
    // Rows of a virtual table that is made anew cannot be counted; of all others, they came between two looks.
    if (transition.statements.some(({ words }) => words[1]?.keyword === 'VIRTUAL'))
      throw untold(version, direction, operation);
  }

  #tell(statements: number, statement: number, rows: number | null): void {
    const { version, direction } = this.step;
    try {
      this.#run.onProgress?.({ version, direction, ...this.#place, statement, statements, rows });
    } catch {
      // A broken observer must never break the migration it observes (promise 8).
    }
  }
}

function statementsIn({ table }: Standing['ledger']): (step: Step) => readonly Statement[] {
  return ({ sql, source }) => splitStatements(sql ?? '', source, table);
}

function untold(version: string, direction: MigrationDirection, operation: string, cause?: unknown): Error {
  return migrationError('data_loss', `${version} (${direction}) would lose data, and to say which failed`, {
    operation,
    hint: 'Nothing of it is in the database. See what it loses on a copy: cc-migrate plan --measure',
    cause,
  });
}

/** What `tables` are called once `statements` have run, also where others have taken their place. */
function namesAfter(tables: readonly string[], statements: readonly Statement[]): readonly string[] {
  const { remaining, dropped } = followTables(
    statements,
    tables.map((name) => ({ name, columns: [] })),
  );
  const isTheirs = (name: string): boolean => tables.some((table) => foldName(table) === name);
  return remaining.flatMap((table) =>
    ancestorOf(table, dropped) || [...table.names].some(isTheirs) ? [table.name] : [],
  );
}
