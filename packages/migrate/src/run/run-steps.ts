// Sends planned migrations one by one over a held connection. Another runner may work on the same database at the same
// time: whoever loses the compare-and-swap (transition.ts) reads again and goes on with what is left.
import { DatabaseError, toDatabaseError } from '@cc/tx/errors';
import { migrationError, refuse } from '../errors.js';
import type { ExecutedMigration } from '../types.js';
import type { Connection } from './ledger.js';
import { planStep, type Step } from './plan.js';
import type { Standing } from './standing.js';
import { batchOf, checks } from './transition.js';

/** What a run needs. */
export interface Run {
  readonly connection: Connection;
  /** Reads folder and database side by side. */
  readonly look: () => Promise<Standing>;
  readonly allowDataLoss: boolean;
  readonly maxAttempts: number;
}

/**
 * Runs `steps` in order and returns those that this call ran, with the standing after them.
 *
 * @throws DatabaseError as `applyMigrations` does
 */
export async function runSteps(
  run: Run,
  steps: readonly Step[],
  before: Standing,
): Promise<{
  readonly executed: readonly ExecutedMigration[];
  readonly after: Standing;
}> {
  const executed: ExecutedMigration[] = [];
  let standing = before;
  for (const step of steps) {
    const mine = await runStep(run, step, standing);
    standing = await run.look();
    if (mine) executed.push({ version: step.version, durationMs: durationOf(step, standing) });
  }
  return { executed, after: standing };
}

/** Returns whether this call ran the step; false when another runner did. */
async function runStep(run: Run, step: Step, before: Standing): Promise<boolean> {
  let standing = before;
  for (let attempt = 1; ; attempt += 1) {
    if (isDone(step, standing)) return false;
    if (!isNext(step, standing)) throw lockLost(step, 'other migrations ran meanwhile');
    try {
      await send(run, step, standing);
      return true;
    } catch (error) {
      const failure = toDatabaseError(error, operationOf(step));
      // A database that cannot be read now must not hide what failed first.
      const now = await run.look().catch(() => null);
      // Whatever failed, it may have failed because another runner changed the schema under it.
      const isMoved = now !== null && now.ledger.head !== standing.ledger.head;
      if (now === null || !(isLost(failure) || isMoved)) throw explain(failure, step);
      if (attempt >= run.maxAttempts) throw lockLost(step, `${attempt} attempts failed`, failure);
      standing = now;
    }
  }
}

/** Plans the step on the database as it is now, and runs it if nothing refuses it. */
async function send({ connection, allowDataLoss }: Run, step: Step, { ledger }: Standing): Promise<void> {
  const { shown, transition } = await planStep(connection, step);
  const problems = shown.problems.filter(({ kind }) => kind !== 'data_loss' || !allowDataLoss);
  refuse(problems, operationOf(step));
  await connection.migrate(batchOf(allowDataLoss ? { ...transition, guard: null } : transition, ledger.head));
}

/** Whether the database already is where `step` leads. */
export function isDone(step: Step, { applied }: Standing): boolean {
  return applied.some(({ createdAt }) => createdAt === step.createdAt) === (step.direction === 'up');
}

function isNext(step: Step, { applied, pending, problems }: Standing): boolean {
  if (step.direction === 'down') return applied.at(-1)?.createdAt === step.createdAt;
  return problems.length === 0 && pending[0]?.createdAt === step.createdAt;
}

function isLost(failure: DatabaseError): boolean {
  // Losing data, too: rows came between the count and the transaction. The next look counts and names them.
  const check = failure.constraint?.name;
  return failure.type === 'lock' || check === checks.lockLost || check === checks.dataLoss;
}

function explain(failure: DatabaseError, step: Step): DatabaseError {
  if (failure.code.startsWith('MIGRATION_')) return failure;
  const name = `${step.version} (${step.direction})`;
  if (failure.constraint?.name === checks.foreignKey) {
    return migrationError('foreign_key', `${name} would leave rows whose foreign key points nowhere`, {
      operation: operationOf(step),
      hint: 'Nothing of it is in the database. Make the migration repair or delete those rows',
      cause: failure,
    });
  }
  const { type, code, operation, constraint, outcome, hint } = failure;
  const left = outcome === 'none' ? 'failed and left nothing behind' : 'failed, perhaps after it was committed';
  return new DatabaseError(`${name} ${left}: ${saidBy(failure)}`, {
    type,
    code,
    operation,
    outcome,
    hint,
    ...(constraint && { constraint }),
    cause: failure,
  });
}

/** The driver's own words, without what DatabaseError adds. */
function saidBy(failure: DatabaseError): string {
  let current: unknown = failure;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return current instanceof Error ? current.message : String(current);
}

function lockLost(step: Step, why: string, cause?: DatabaseError): DatabaseError {
  return migrationError('lock_lost', `${step.version} (${step.direction}) was not run: ${why}`, {
    operation: operationOf(step),
    hint: 'Look at status(), then run again if there is anything left to do',
    cause,
  });
}

function operationOf({ direction, version }: Step): string {
  return `${direction} ${version}`;
}

function durationOf({ createdAt, direction }: Step, { ledger }: Standing): number | null {
  return (
    ledger.log.findLast((entry) => entry.createdAt === createdAt && entry.direction === direction)?.durationMs ?? null
  );
}
