// What to do after an error: tells its kind, counts it, and tries the repair that fits. repairs.ts and restore.ts do the work.

import { performance } from 'node:perf_hooks';
import { atLeast, checkFunction, checkPath, checkWork } from '../call-arguments.js';
import { isOfAnother } from '../errors/met-by.js';
import { type DatabaseError, type DatabaseErrorType, DatabaseError as Failure, toDatabaseError } from '../errors.js';
import { internalsOf } from '../internals.js';
import { refuseUnknownOptions } from '../known-options.js';
import type { Schema, TransactionManager } from '../types.js';
import { endInTurn } from '../waiting/turns.js';
import { makeRoom, type RepairContext, rebuildSearchIndexes, reopen, waitForLock, waitForServer } from './repairs.js';
import { restoreBackup } from './restore.js';

/** Options of `createErrorHandler`. */
export interface ErrorHandlerOptions {
  /**
   * Folder of the backups that a damaged file may be replaced from: those whose name begins with the file's name, that have a
   * table of it, and no log beside them. What a restore has put aside is none.
   */
  readonly backupFolder?: string | undefined;
  /**
   * Whether a damaged file may be moved aside and replaced by the newest sound backup. Default false. Where nothing but indexes
   * is wrong they are made anew instead, and no row is lost. Other processes that have the file open are not seen; they would go
   * on with the damaged one.
   */
  readonly restore?: boolean | undefined;
  /** Longest wait for a lock, a server, or the transactions in progress. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Epoch ms, for the name of a file that is moved aside. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Hears how each attempt went. What it throws is ignored. */
  readonly onRecovery?: ((attempt: RecoveryAttempt) => void) | undefined;
}

/** One attempt to recover from an error. */
export interface RecoveryAttempt {
  readonly error: DatabaseError;
  /** What was tried; null when nothing fits the error. */
  readonly repair: RepairName | null;
  readonly recovered: boolean;
  readonly durationMs: number;
  /** What the repair itself failed with. */
  readonly failure: DatabaseError | null;
}

/** The repairs there are. */
export type RepairName =
  | 'wait_for_lock'
  | 'reopen'
  | 'wait_for_server'
  | 'rebuild_index'
  | 'make_room'
  | 'restore_backup';

/** How many errors were handled since the handler was made. */
export interface ErrorCounts {
  readonly total: number;
  readonly byType: Readonly<Partial<Record<DatabaseErrorType, number>>>;
  readonly byCode: Readonly<Record<string, number>>;
}

/** Tells, counts and repairs what goes wrong with one database. */
export interface DatabaseErrorHandler {
  /** Returns `error` as a `DatabaseError` and counts it. `operation` says what failed, without values. */
  handleSqliteError(error: unknown, operation?: string): DatabaseError;
  /** The same for a failure to reach the database: what has no kind of its own is of type `connection`. */
  handleConnectionError(error: unknown): DatabaseError;
  /**
   * Tries what fits `error` and resolves to whether the database works again afterwards, as a query or a write has
   * proved. False when nothing fits, when it did not help, for what another manager has thrown, and inside a transaction, which
   * only its end can free.
   */
  attemptRecovery(error: unknown): Promise<boolean>;
  /**
   * Runs `work`; after a database error it recovers once and runs `work` once more, from its beginning.
   * Never after an error whose `outcome` is `unknown`. @throws what `work` threw last
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  errorCounts(): ErrorCounts;
}

/** The values of absent options. */
const errorHandlerDefaults = Object.freeze({ restore: false, timeoutMs: 10_000 });

/** Returns the error handler of an opened manager. @throws TypeError for an unknown option */
export function createErrorHandler<S extends Schema>(
  transactions: TransactionManager<S>,
  options: ErrorHandlerOptions = {},
): DatabaseErrorHandler {
  refuseUnknownOptions('createErrorHandler', options, ['backupFolder', 'restore', 'timeoutMs', 'now', 'onRecovery']);
  const { timeoutMs = errorHandlerDefaults.timeoutMs, restore = errorHandlerDefaults.restore } = options;
  const { backupFolder, now, onRecovery } = options;
  atLeast('createErrorHandler: timeoutMs', timeoutMs, 0);
  if (typeof restore !== 'boolean') throw new TypeError('createErrorHandler: restore must be true or false');
  if (backupFolder !== undefined) checkPath('createErrorHandler: backupFolder', backupFolder);
  if (now !== undefined) checkFunction('createErrorHandler: now', now);
  if (onRecovery !== undefined) checkFunction('createErrorHandler: onRecovery', onRecovery);
  if (restore && backupFolder === undefined) throw new TypeError('createErrorHandler: restore needs backupFolder');
  return new RecoveringHandler({ transactions, inside: internalsOf(transactions), timeoutMs }, { ...options, restore });
}

class RecoveringHandler<S extends Schema> implements DatabaseErrorHandler {
  readonly #context: RepairContext<S>;
  readonly #options: ErrorHandlerOptions;
  readonly #counts = { total: 0, byType: new Map<DatabaseErrorType, number>(), byCode: new Map<string, number>() };
  /** Calls that fail together are repaired together. */
  readonly #running = new Map<RepairName, Promise<DatabaseError | boolean>>();

  constructor(context: RepairContext<S>, options: ErrorHandlerOptions) {
    this.#context = context;
    this.#options = options;
  }

  handleSqliteError(error: unknown, operation = 'query'): DatabaseError {
    return this.#count(toDatabaseError(error, operation));
  }

  handleConnectionError(error: unknown): DatabaseError {
    const failure = toDatabaseError(error, 'connect');
    if (failure.type !== 'unknown') return this.#count(failure);
    const reason = 'The database could not be reached';
    return this.#count(
      new Failure(reason, { type: 'connection', code: 'CONNECTION_FAILED', operation: 'connect', cause: failure }),
    );
  }

  attemptRecovery(error: unknown): Promise<boolean> {
    return endInTurn(() => this.#attempt(error));
  }

  async #attempt(error: unknown): Promise<boolean> {
    const failure = toDatabaseError(error, 'recovery');
    const { transactions, inside } = this.#context;
    const isOurs = !isOfAnother(inside.owner, failure);
    const repair = isOurs && !transactions.current() ? this.#repairFor(failure) : null;
    const started = performance.now();
    const outcome = repair === null ? false : await this.#once(repair);
    this.#tell({
      error: failure,
      repair,
      recovered: outcome === true,
      durationMs: performance.now() - started,
      failure: typeof outcome === 'boolean' ? null : outcome,
    });
    return outcome === true;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return endInTurn(() => this.#run(work));
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    checkWork('run', work);
    try {
      return await work();
    } catch (error) {
      const failure = this.#failureOf(error);
      if (!failure) throw error;
      if (failure.outcome === 'unknown' || !(await this.attemptRecovery(failure))) throw failure;
    }
    try {
      return await work();
    } catch (error) {
      throw this.#failureOf(error) ?? error;
    }
  }

  errorCounts(): ErrorCounts {
    const { total, byType, byCode } = this.#counts;
    return { total, byType: Object.fromEntries(byType), byCode: Object.fromEntries(byCode) };
  }

  /** Counts what the database did. What is not of the database passes through as it is. */
  #failureOf(error: unknown): DatabaseError | undefined {
    const failure = toDatabaseError(error, 'run');
    return failure.type === 'unknown' && failure !== error ? undefined : this.#count(failure);
  }

  #repairFor({ type, code }: DatabaseError): RepairName | null {
    const { kind } = this.#context.inside.target;
    switch (type) {
      case 'lock':
        return 'wait_for_lock';
      case 'connection':
        // A new connection to memory would be an empty database.
        if (kind === 'memory') return null;
        return kind === 'local' ? 'reopen' : 'wait_for_server';
      case 'integrity':
        if (code === 'SQLITE_CORRUPT_VTAB') return 'rebuild_index';
        // Servers do not tell the extended code, and their files are out of reach.
        if (code === 'SQLITE_CORRUPT' && (kind === 'remote' || kind === 'replica')) return 'rebuild_index';
        return kind === 'local' && this.#options.restore && damaged.has(code) ? 'restore_backup' : null;
      case 'full':
        return kind === 'local' || kind === 'memory' ? 'make_room' : null;
      default:
        return null;
    }
  }

  #once(repair: RepairName): Promise<DatabaseError | boolean> {
    const running = this.#running.get(repair);
    if (running) return running;
    const started = this.#repair(repair)
      .catch((error: unknown) => toDatabaseError(error, `recovery: ${repair}`))
      .finally(() => this.#running.delete(repair));
    this.#running.set(repair, started);
    return started;
  }

  async #repair(repair: RepairName): Promise<boolean> {
    const { backupFolder = '', now = Date.now } = this.#options;
    switch (repair) {
      case 'wait_for_lock':
        return waitForLock(this.#context);
      case 'reopen':
        return reopen(this.#context);
      case 'wait_for_server':
        return waitForServer(this.#context);
      case 'rebuild_index':
        return rebuildSearchIndexes(this.#context);
      case 'make_room':
        return makeRoom(this.#context);
      case 'restore_backup':
        return restoreBackup(this.#context, backupFolder, now);
    }
  }

  #count(error: DatabaseError): DatabaseError {
    const { byType, byCode } = this.#counts;
    this.#counts.total += 1;
    byType.set(error.type, (byType.get(error.type) ?? 0) + 1);
    byCode.set(error.code, (byCode.get(error.code) ?? 0) + 1);
    return error;
  }

  #tell(attempt: RecoveryAttempt): void {
    try {
      this.#options.onRecovery?.(attempt);
    } catch {
      // A broken observer must never break the recovery it observes (promise 8).
    }
  }
}

const damaged = new Set(['SQLITE_CORRUPT', 'SQLITE_CORRUPT_INDEX', 'SQLITE_CORRUPT_SEQUENCE', 'SQLITE_NOTADB']);
