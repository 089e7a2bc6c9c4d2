// Tests that roll back: what a test writes, its fixtures included, is undone at its end and was never seen by others.
// Knows no test runner: the transaction is found from every async context of the process while the test runs.
import { checkCallOptions, checkFunction } from './call-arguments.js';
import { asyncDispose } from './dispose.js';
import { DatabaseError, isDatabaseError } from './errors.js';
import { type Adoption, internalsOf } from './internals.js';
import { refuseUnknownOptions } from './known-options.js';
import type { Schema, Transaction, TransactionManager } from './types.js';

/** Bounds of a test's transaction. */
export interface RolledBackOptions {
  /** Ends it: give it the signal of the test (`t.signal`), so that one that hangs lets the next begin. */
  readonly signal?: AbortSignal | undefined;
  /** From BEGIN to the end of the test. Infinity = no limit. Default: `transactionTimeoutMs` of the manager. */
  readonly timeoutMs?: number | undefined;
}

/** A test's transaction that was begun by `beginRolledBack`. */
export interface RolledBackTest<S extends Schema = Schema> extends AsyncDisposable {
  readonly tx: Transaction<S>;
  /**
   * Rolls back. A second call does nothing.
   *
   * With `abandoned: true` the body may still be running: from then on the manager refuses everything but `close()`.
   * @throws DatabaseError `TX_UNAWAITED_WORK` when the test left work behind, `TX_TIMEOUT` when it took too long
   */
  end(options?: { readonly abandoned?: boolean | undefined }): Promise<void>;
}

/** The hooks of a test runner: those of vitest, node:test, jest and mocha fit. */
export interface TestHooks {
  readonly beforeEach: (hook: () => Promise<void>) => unknown;
  readonly afterEach: (hook: (...context: unknown[]) => Promise<void>) => unknown;
}

/**
 * Runs `body` in a write transaction that is rolled back at the end, also when it throws, and returns what it returns.
 * Every call on `transactions` joins it, from whatever async context; an outermost `transaction()` of the code under
 * test is a savepoint that commits, rolls back and runs its hooks as it would outside.
 *
 * @throws DatabaseError `TX_FORBIDDEN` when a test or transaction is open already, `TX_UNAWAITED_WORK` when `body` left
 * work behind, `TX_TIMEOUT`, `ABORTED`
 */
export async function rolledBack<T, S extends Schema = Schema>(
  transactions: TransactionManager<S>,
  body: (tx: Transaction<S>) => T | PromiseLike<T>,
  options: RolledBackOptions = {},
): Promise<T> {
  checkFunction('rolledBack: the second argument', body);
  refuseUnknownOptions('rolledBack', options, ['signal', 'timeoutMs']);
  checkCallOptions('rolledBack', options);
  return run(transactions, body, options, { abandoned: false });
}

/** Begins what `rolledBack` runs, for tests whose beginning and end are two calls. */
export async function beginRolledBack<S extends Schema = Schema>(
  transactions: TransactionManager<S>,
  options: RolledBackOptions = {},
): Promise<RolledBackTest<S>> {
  refuseUnknownOptions('beginRolledBack', options, ['signal', 'timeoutMs']);
  checkCallOptions('beginRolledBack', options);
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const fate: Fate = { abandoned: false, finished };
  return new Promise((resolve, reject) => {
    const body = (tx: Transaction<S>): Promise<void> => {
      const end: RolledBackTest<S>['end'] = async ({ abandoned = false } = {}) => {
        if (abandoned) fate.abandoned = true;
        finish();
        await running;
      };
      resolve({ tx, end, [asyncDispose]: () => end() });
      return finished;
    };
    const running = run(transactions, body, options, fate).catch((error: unknown) => {
      // Closing ends it, and then there is nothing left to end.
      if (!isDatabaseError(error) || error.type !== 'closed') throw error;
      reject(error);
    });
    // Before it has begun; afterwards whoever ends it hears of it.
    running.catch(reject);
  });
}

/**
 * Rolls back each test of the file or block in which it is called: begins in `beforeEach`, before the hooks that are
 * registered later, and ends in `afterEach`. `transactions` may be a function for a manager that is opened later.
 *
 * After a test that the runner gave up on (its `signal` has fired) the manager refuses everything: its body may go on.
 */
export function rollBackEach(
  transactions: TransactionManager<Schema> | (() => TransactionManager<Schema>),
  hooks: TestHooks,
  options: Omit<RolledBackOptions, 'signal'> = {},
): void {
  refuseUnknownOptions('rollBackEach', options, ['timeoutMs']);
  checkCallOptions('rollBackEach', options);
  checkFunction('rollBackEach: hooks.beforeEach', hooks?.beforeEach);
  checkFunction('rollBackEach: hooks.afterEach', hooks?.afterEach);
  let open: RolledBackTest | undefined;
  hooks.beforeEach(async () => {
    open = await beginRolledBack(typeof transactions === 'function' ? transactions() : transactions, options);
  });
  // Without a named parameter: some runners take one for a callback.
  hooks.afterEach(async (...[context]) => {
    const test = open;
    open = undefined;
    await test?.end({ abandoned: (context as { signal?: AbortSignal } | undefined)?.signal?.aborted ?? false });
  });
}

/** What the end of a test turns out to be. */
interface Fate {
  abandoned: boolean;
  /** Until then the test may go on, even if its transaction has ended. */
  readonly finished?: Promise<void>;
}

async function run<T, S extends Schema>(
  transactions: TransactionManager<S>,
  body: (tx: Transaction<S>) => T | PromiseLike<T>,
  { signal, timeoutMs }: RolledBackOptions,
  fate: Fate,
): Promise<T> {
  const inside = internalsOf(transactions);
  // Runners that give a test up begin the next in the same turn.
  while (inside.testing?.signal.aborted) await inside.testing.ended;
  if (inside.abandoned) throw abandonedBefore();
  if (inside.testing || transactions.current()) throw openAlready();
  const closing = new AbortController();
  const stop = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
  let ended = (): void => undefined;
  inside.testing = { signal: stop, ended: new Promise((resolve) => (ended = resolve)) };
  let adoption: Adoption | undefined;
  let result: { readonly value: T } | undefined;
  const attempt = transactions.transaction(
    async (tx) => {
      adoption = inside.adopt(async () => {
        closing.abort();
        await attempt.catch(() => undefined);
      });
      const value = await body(tx);
      if (!fate.abandoned) adoption.assertSettled();
      result = { value };
      return tx.rollback();
    },
    { retry: false, signal: stop, ...(timeoutMs !== undefined && { timeoutMs }) },
  );
  try {
    return await attempt;
  } catch (error) {
    if (result) return result.value;
    throw closing.signal.aborted ? closedMeanwhile(error) : error;
  } finally {
    // What a test does after its time is refused: alone it would be committed.
    if (adoption && !closing.signal.aborted) await fate.finished;
    adoption?.end(fate.abandoned);
    inside.testing = undefined;
    ended();
  }
}

function openAlready(): DatabaseError {
  return new DatabaseError('A test that rolls back cannot begin here, because a transaction is open on this manager', {
    type: 'aborted',
    code: 'TX_FORBIDDEN',
    operation: 'rolledBack',
    hint: 'One test at a time on one manager: end the one before (a hung one by its signal), and open a manager for each concurrent test',
  });
}

function abandonedBefore(): DatabaseError {
  return new DatabaseError(
    'A test before this one was given up and may still be running, so this manager does no more',
    {
      type: 'aborted',
      code: 'TX_CLOSED',
      operation: 'rolledBack',
      hint: 'Mend the test that took too long, or write it as rolledBack(transactions, …), which tells its late work apart',
    },
  );
}

function closedMeanwhile(cause: unknown): DatabaseError {
  return new DatabaseError('The transaction manager was closed before the test had ended, which is rolled back', {
    type: 'closed',
    code: 'CLOSED',
    operation: 'rolledBack',
    cause,
  });
}
