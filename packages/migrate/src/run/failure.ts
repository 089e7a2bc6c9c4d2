// What a failed attempt at a migration means: whether it may pass, and how it is told. run-steps.ts asks.
import { DatabaseError } from '@cc/tx/errors';
import { codeOf, migrationError, saidBy } from '../errors.js';
import { lineAt, splitStatements } from '../sql/statements.js';
import { foldName, nameAt, quoteName, type Word } from '../sql/words.js';
import type { Step } from './step.js';
import { checks, isCheck } from './transition.js';

/** Whether another attempt may succeed: another runner, a lock or the way to the server got in the way. */
export function isPassing(failure: DatabaseError): boolean {
  // Losing data, too: rows came between the count and the transaction. The next look counts and names them.
  if (isCheck(failure, checks.lockLost) || isCheck(failure, checks.dataLoss)) return true;
  // A COMMIT whose answer was lost: with the lock in its hands the next attempt finds out.
  return failure.type === 'lock' || failure.recoverable || failure.outcome === 'unknown';
}

/** How far a step got before it failed. */
export interface Progress {
  /** Attempts there were, when they are used up. */
  readonly attempts?: number | undefined;
  /** Slices that have run: they stay. */
  readonly slices: number;
}

/** The foreign key that fits no key, when that is why `failure` came about. */
export function mismatchIn(failure: DatabaseError): { readonly child: string; readonly parent: string } | null {
  const [, child, parent] = /foreign key mismatch - "(.+)" referencing "(.+)"/.exec(saidBy(failure)) ?? [];
  return child === undefined || parent === undefined ? null : { child, parent };
}

/** The error to throw for the last `failure` of a step. */
export function explain(failure: DatabaseError, step: Step, { attempts, slices }: Progress): DatabaseError {
  if (failure.code.startsWith('MIGRATION_')) return slices === 0 ? failure : besideSlices(failure, slices);
  const nothing = whatStays(slices);
  const name = `${step.version} (${step.direction})`;
  const operation = operationOf(step);
  if (isCheck(failure, checks.foreignKey)) {
    return migrationError('foreign_key', `${name} would leave rows whose foreign key points nowhere`, {
      operation,
      hint: `${nothing} Make ${step.source} repair or delete those rows, then: cc-migrate ${step.direction}`,
      cause: failure,
    });
  }
  const mismatch = mismatchIn(failure);
  if (mismatch) {
    const { child, parent } = mismatch;
    const made = referring(step, child, parent);
    const index = made?.columns.map((names) => `(${names.map(quoteName).join(', ')})`).join(' or ') || '(…)';
    const where = made === null ? '' : ` (${made.place})`;
    return migrationError(
      'foreign_key',
      `${name} would leave a foreign key of ${child} that refers to no key of ${parent}: there is no unique index on ${parent} ${index}${where}`,
      {
        operation,
        hint: `${nothing} Make the index in ${step.source}: CREATE UNIQUE INDEX … ON ${quoteName(parent)} ${index}; or let ${child} refer to the primary key; where ${step.source} must stay as it is, make the index in the next migration, which then runs in the same call; then: cc-migrate ${step.direction}`,
        cause: failure,
      },
    );
  }
  if (failure.code === 'TRANSACTION_LOST') {
    const times = attempts !== undefined && attempts > 1 ? `, ${attempts} times` : '';
    return migrationError('timeout', `${name} was ended by the server before it was done${times}: ${saidBy(failure)}`, {
      operation,
      hint: `${nothing} Another writer waited longer than a write lock lasts there: run it while nobody writes, or change rows in slices (-- cc:chunk in ${step.source}); then: cc-migrate ${step.direction}`,
      cause: failure,
    });
  }
  const isOutrun = failure.type === 'lock' || isCheck(failure, checks.lockLost) || isCheck(failure, checks.dataLoss);
  if (attempts !== undefined && isOutrun) return lockLost(step, `${attempts} attempts failed`, failure);
  const { type, code, constraint, outcome, recoverable } = failure;
  const place = placeOf(failure, step);
  if (place !== null && ofTheStatement.has(type)) {
    return new DatabaseError(`${name} ${failed(slices)}: ${saidBy(failure)} (${place})`, {
      type,
      code: codeOf('failed'),
      operation: failure.operation,
      hint: `${isThere(failure, step) ? madeElsewhere(step) : 'Mend'} the statement in ${step.source}, then: cc-migrate ${step.direction}`,
      ...(constraint && { constraint }),
      cause: failure,
    });
  }
  const left = outcome === 'none' ? failed(slices) : 'failed, perhaps after it was committed';
  return new DatabaseError(`${name} ${left}: ${saidBy(failure)}`, {
    type,
    code,
    operation: failure.operation,
    outcome,
    recoverable,
    hint: hintFor(failure),
    ...(constraint && { constraint }),
    cause: failure,
  });
}

/** What the migration makes is in the database already. */
function isThere(failure: DatabaseError, { direction }: Step): boolean {
  return direction === 'up' && /already exists|^duplicate column name/.test(saidBy(failure));
}

function madeElsewhere({ version }: Step): string {
  return `If it was made by drizzle-kit push or by hand: cc-migrate repair records ${version} where the schema is what it makes; where no migration is recorded yet: cc-migrate baseline. If not, mend`;
}

function failed(slices: number): string {
  return slices === 0 ? 'failed and left nothing behind' : `failed behind ${slicesOf(slices)} that ${stays(slices)}`;
}

/** What a step that failed has left in the database, as a sentence for hints. */
export function whatStays(slices: number): string {
  if (slices === 0) return 'Nothing of it is in the database.';
  return `Before it failed, ${slicesOf(slices)} ran and ${stays(slices)}: the next run goes on with the rows that are left.`;
}

const slicesOf = (slices: number): string => (slices === 1 ? '1 slice' : `${slices} slices`);
const stays = (slices: number): string => (slices === 1 ? 'stays' : 'stay');

/** A refusal of ours that came up behind slices. */
function besideSlices(failure: DatabaseError, slices: number): DatabaseError {
  const { reason, type, code, operation, outcome, recoverable, constraint, cause, hint } = failure;
  return new DatabaseError(reason, {
    type,
    code,
    operation,
    outcome,
    recoverable,
    hint: `${whatStays(slices)} ${hint}`,
    ...(constraint && { constraint }),
    cause,
  });
}

/** Failures that say something of the statement, not of the way to the database. */
const ofTheStatement: ReadonlySet<DatabaseError['type']> = new Set(['syntax', 'constraint', 'unknown']);

/** Whether a statement of the migration itself failed, by what it says or by the rows it met. */
export function isOfStep(failure: DatabaseError, step: Step): boolean {
  return placeOf(failure, step) !== null && ofTheStatement.has(failure.type);
}

/** Where the statement of the migration that failed stands; null for one of ours, or when it cannot be told. */
function placeOf({ operation }: DatabaseError, { sql, source }: Step): string | null {
  if (sql === null) return null;
  const found = splitStatements(sql, source).find((each) => each.sql.trim() === operation.trim());
  return found ? `${source}, line ${lineAt(sql, found.words[0]?.start ?? 0)}` : null;
}

function hintFor({ code, outcome, hint }: DatabaseError): string {
  if (outcome === 'unknown')
    return 'Look at cc-migrate status whether it is applied. To run it again is safe: it is applied once';
  return code === 'TX_TIMEOUT' ? 'Give openTransactionManager a longer transactionTimeoutMs' : hint;
}

/** The statement that makes a foreign key of `child` to `parent`, and the columns of `parent` that its keys name. */
function referring({ sql, source }: Step, child: string, parent: string): Referring | null {
  const found = splitStatements(sql ?? '', source).flatMap(({ words }): readonly (Referring & { table: string })[] => {
    const columns = words.flatMap(({ keyword }, index) =>
      keyword === 'REFERENCES' && foldName(words[index + 1]?.name ?? '') === foldName(parent)
        ? [columnsAt(words, index + 2)]
        : [],
    );
    if (columns.length === 0) return [];
    const { name: named } = nameAt(words, words[2]?.keyword === 'IF' ? 5 : 2);
    const verb = `${words[0]?.keyword ?? ''} TABLE ${quoteName(named)}`;
    const place = `${source}, line ${lineAt(sql ?? '', words[0]?.start ?? 0)}: ${verb}`;
    return [{ table: foldName(named), place, columns: columns.filter((each) => each.length > 0) }];
  });
  // A rebuild makes it under another name.
  return found.findLast(({ table }) => table === foldName(child)) ?? found.at(-1) ?? null;
}

interface Referring {
  /** File, line and beginning of the statement. */
  readonly place: string;
  readonly columns: readonly (readonly string[])[];
}

function columnsAt(words: readonly Word[], open: number): readonly string[] {
  if (words[open]?.name !== '(') return [];
  const behind = words.slice(open + 1);
  const close = behind.findIndex(({ name }) => name === ')');
  return behind.slice(0, close).flatMap(({ kind, name }) => (kind === 'sign' ? [] : [name]));
}

/** The error of a step that was not run because of others. */
export function lockLost(step: Step, why: string, cause?: DatabaseError): DatabaseError {
  return migrationError('lock_lost', `${step.version} (${step.direction}) was not run: ${why}`, {
    operation: operationOf(step),
    hint: 'Look at cc-migrate status, then run again if there is anything left to do',
    cause,
  });
}

/** What failed, for errors. */
export function operationOf({ direction, version }: Step): string {
  return `${direction} ${version}`;
}
