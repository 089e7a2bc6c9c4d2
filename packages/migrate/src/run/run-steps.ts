// Runs planned migrations one by one over a held connection. Another runner may work on the same database at the same
// time: whoever loses the compare-and-swap (transition.ts) reads again and goes on with what is left. step-work.ts does what is
// of one migration; failure.ts tells which failures are passing.
import { setTimeout as sleep } from 'node:timers/promises';
import { type DatabaseError, toDatabaseError } from '@cc/tx/errors';
import type { ExecutedMigration } from '../contract/run.js';
import { explain, isPassing, lockLost, operationOf } from './failure.js';
import type { PlannedCall } from './plan.js';
import { compare, type Standing } from './standing.js';
import type { Step } from './step.js';
import { type Run, StepWork } from './step-work.js';

/**
 * Runs `steps` in order and returns those that this call ran, with the standing after them. `planned` and
 * `made` are of the same steps.
 *
 * @throws DatabaseError as `applyMigrations` does
 */
export async function runSteps(
  run: Run,
  { steps, planned, made, trials }: PlannedCall & { readonly steps: readonly Step[] },
  before: Standing,
): Promise<{
  readonly executed: readonly ExecutedMigration[];
  readonly after: Standing;
}> {
  const mine: number[] = [];
  let standing = before;
  // Behind the migration of another runner there may be rows of somebody else, also in what this call would have made.
  let isAlone = true;
  for (const [index, step] of steps.entries()) {
    const later = steps.slice(index + 1);
    const work = new StepWork(run, step, {
      step: index + 1,
      steps: steps.length,
      made: (isAlone ? made[index] : undefined) ?? new Set(),
      trials: trials[index] ?? [],
      later,
    });
    const { isMine, behind } = await runStep(run, work, standing);
    standing = behind;
    isAlone &&= isMine;
    if (isMine) mine.push(index);
  }
  // What the transactions wrote, and when, is read once for all of them.
  const after = steps.length === 0 ? before : await run.look();
  const executed = mine.flatMap((index): readonly ExecutedMigration[] => {
    const step = steps[index];
    if (!step) return [];
    const { version } = step;
    return [{ version, durationMs: durationOf(step, after), warnings: planned[index]?.warnings ?? [] }];
  });
  return { executed, after };
}

/** Runs a step, and returns the standing behind it; `isMine` is false when another runner ran it. */
async function runStep(
  run: Run,
  work: StepWork,
  before: Standing,
): Promise<{ readonly isMine: boolean; readonly behind: Standing }> {
  const { step } = work;
  let standing = before;
  let last: DatabaseError | undefined;
  /** A COMMIT that was not answered: until its fate is known, no later failure tells more than it does. */
  let doubt: DatabaseError | undefined;
  const told = async (failure: DatabaseError, attempts?: number): Promise<DatabaseError> =>
    explain(doubt ?? (await work.named(failure)), step, { attempts, slices: work.slices });
  for (let failed = 0; ; ) {
    if (isDone(step, standing)) return { isMine: work.ran(standing), behind: standing };
    if (!isNext(step, standing, run)) throw lockLost(step, 'other migrations ran meanwhile', last);
    const slicesBefore = work.slices;
    try {
      return { isMine: true, behind: compare(run.files, await work.send(standing)) };
    } catch (error) {
      last = toDatabaseError(error, operationOf(step));
      if (last.outcome === 'unknown') doubt = last;
      if ((await work.leavesToLater(last, standing)) || (await work.letsStay(last, standing))) continue;
      // What was done in slices is done: only failures in a row count.
      failed = work.slices > slicesBefore ? 1 : failed + 1;
      const now = await lookAgain(run, last, failed);
      // Whatever failed, it may have failed because another runner changed the schema under it.
      const isMoved = now !== null && now.ledger.head !== standing.ledger.head;
      const mayPass = isPassing(last) || isMoved;
      // A COMMIT that was taken for lost may have come through.
      if (now !== null && isDone(step, now) && work.ran(now)) return { isMine: true, behind: now };
      if (!mayPass || failed >= run.maxAttempts) throw await told(last, mayPass ? failed : undefined);
      if (now === null && last.type !== 'connection') throw await told(last);
      standing = now ?? standing;
    }
  }
}

/** Reads again, pausing before a server that is away. Null when it cannot be read: that must not hide what failed first. */
async function lookAgain(run: Run, failure: DatabaseError, failed: number): Promise<Standing | null> {
  if (failure.type === 'connection' || failure.type === 'overload')
    await sleep(Math.random() * Math.min(100 * 2 ** failed, 2_000));
  return await run.look().catch(() => null);
}

/** Whether the database already is where `step` leads. */
export function isDone(step: Step, { applied }: Standing): boolean {
  return applied.some(({ createdAt }) => createdAt === step.createdAt) === (step.direction === 'up');
}

function isNext(step: Step, { applied, pending, problems, late }: Standing, { allowOutOfOrder }: Run): boolean {
  if (step.direction === 'down') return applied.at(-1)?.createdAt === step.createdAt;
  const stopping = problems.filter((problem) => !allowOutOfOrder || !late.includes(problem));
  return stopping.length === 0 && pending[0]?.createdAt === step.createdAt;
}

function durationOf({ createdAt, direction }: Step, { ledger }: Standing): number | null {
  return (
    ledger.log.findLast((entry) => entry.createdAt === createdAt && entry.direction === direction)?.durationMs ?? null
  );
}
