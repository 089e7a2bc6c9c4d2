// The long jobs beside the connections: reads off the event loop and verified backups, by kind of target.
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { setImmediate } from 'node:timers/promises';
import { backupLocal, backupMemory } from '../backup/backup.js';
import type { NewBackup } from '../backup/backup-file.js';
import type { StatementResult } from '../connection-source.js';
import type { Pool } from '../connections/local/pool.js';
import { readingPragmas } from '../connections/local/read-only-file.js';
import { observed } from '../connections/observe.js';
import { addressOf, type Target } from '../connections/target.js';
import { DatabaseError, isDatabaseError } from '../errors.js';
import type { Events } from '../events.js';
import type { ResolvedOptions } from '../options.js';
import type { BoundArgs } from '../statements/binding.js';
import { statementKind } from '../statements/statement-kind.js';
import { ambientFrame, runWithFrame } from '../transaction/ambient.js';
import type { Engine } from '../transaction/engine.js';
import type { BackupInfo, OffloadOptions } from '../types.js';
import { onAbort } from '../waiting/aborts.js';
import { abortedError, longestTimerMs } from '../waiting/fifo-lock.js';
import { type OffloadLane, openOffloadLane, timeoutError } from './offload.js';

/** What the jobs need of the pool of a local target. */
interface LocalParts {
  readonly exclusively: Pool['exclusively'] | undefined;
  /** @throws DatabaseError `readonly` (`SQLITE_READONLY_DBMOVED`) */
  readonly assertPlace: (operation: string) => void;
}

/** What belongs to one `offload` call. */
interface OffloadCall {
  readonly timeoutMs: number;
  /** On the clock of `performance.now()`. */
  readonly until: number;
  /** Fires when it is to end before its time. */
  readonly signal: AbortSignal;
  /** Its statements under way. */
  readonly statements: Set<Promise<StatementResult>>;
}

/** Long reads and backups of one target. */
export class SideJobs {
  readonly #target: Target;
  readonly #options: ResolvedOptions;
  readonly #engine: Engine;
  readonly #events: Events;
  readonly #local: LocalParts;
  readonly #running = new Map<AbortController, Promise<unknown>>();
  #lane: OffloadLane | undefined;

  constructor(target: Target, options: ResolvedOptions, engine: Engine, events: Events, local: LocalParts) {
    this.#target = target;
    this.#options = options;
    this.#engine = engine;
    this.#events = events;
    this.#local = local;
  }

  /** Runs `query` so that its statements go to the lane. @throws DatabaseError inside a transaction, or where there is no lane */
  async offload<T>(query: PromiseLike<T> | (() => PromiseLike<T>), options: OffloadOptions): Promise<T> {
    if (this.#target.kind === 'memory')
      throw unsupported('offload', 'A database in memory has one connection, on the event loop');
    if (this.#engine.current()) {
      throw new DatabaseError(
        'offload() reads on a connection of its own, which does not see the transaction around it',
        {
          type: 'aborted',
          code: 'TX_FORBIDDEN',
          operation: 'offload',
          hint: 'Call it outside the transaction',
        },
      );
    }
    const { timeoutMs } = options;
    return this.#job(options.signal, (signal) => {
      const call = { timeoutMs, until: performance.now() + timeoutMs, signal, statements: new Set<never>() };
      return limited(
        call,
        runWithFrame(this, call, async () => (typeof query === 'function' ? query() : query)),
      );
    });
  }

  /** The `offload` call that the calling context is in, if any. */
  current(): OffloadCall | undefined {
    return ambientFrame(this);
  }

  /** Runs one statement of an `offload` call. */
  async run(sql: string, args: BoundArgs, call: OffloadCall): Promise<StatementResult> {
    const running = this.#run(sql, args, call);
    call.statements.add(running);
    try {
      return await running;
    } finally {
      call.statements.delete(running);
    }
  }

  async #run(sql: string, args: BoundArgs, call: OffloadCall): Promise<StatementResult> {
    if (this.#target.kind === 'remote' && statementKind(sql) !== 'read') {
      throw new DatabaseError('offload() reads only', { type: 'readonly', code: 'OFFLOAD_READ_ONLY', operation: sql });
    }
    this.#engine.noteRead();
    const { timeoutMs, until, signal } = call;
    return observed(this.#events, { sql, mode: 'read', transactionId: null }, async () => {
      // What comes behind the end of the call has none.
      const left = { timeoutMs: until - performance.now(), signal };
      if (left.timeoutMs <= 0) throw timeoutError(timeoutMs, sql);
      try {
        return await (this.#target.kind === 'remote' ? this.#onServer(sql, args, left) : this.#onLane(sql, args, left));
      } catch (error) {
        throw isDatabaseError(error) && error.code === 'OFFLOAD_TIMEOUT' ? timeoutError(timeoutMs, sql) : error;
      }
    });
  }

  backup(options: NewBackup): Promise<BackupInfo> {
    return this.#job(options.signal, (signal) => this.#backup({ ...options, signal }));
  }

  async #backup(options: NewBackup): Promise<BackupInfo> {
    const target = this.#target;
    const { authToken, encryptionKey, acquireTimeoutMs, transactionTimeoutMs } = this.#options;
    switch (target.kind) {
      case 'remote': {
        // Loaded here, as in open.ts, because it brings the client of servers with it.
        const { backupFromServer } = await import('../backup/server-backup.js');
        return backupFromServer({ ...options, url: target.address, authToken, timeoutMs: transactionTimeoutMs });
      }
      case 'memory': {
        const { exclusively } = this.#local;
        if (!exclusively) throw unsupported('backup', 'This database cannot be copied');
        // It would wait for the one connection, and the transaction that has it for the backup.
        this.#engine.assertFree('read');
        const wait = { operation: 'backup', timeoutMs: acquireTimeoutMs, signal: options.signal, closed: false };
        return exclusively(async (connection) => {
          if (!connection) throw unsupported('backup', 'This database cannot be copied');
          return backupMemory(connection, options);
        }, wait);
      }
      default:
        this.#assertPlace('backup');
        return backupLocal({ ...options, source: target.path, openAs: addressOf(target), encryptionKey });
    }
  }

  /** The file was replaced: what the lane has open is the old one. */
  async reset(): Promise<void> {
    await this.#lane?.reset();
  }

  /** Resolves when nothing is running any more. */
  async drained(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  /** Ends what is running, which fails with `error`. */
  async close(error: DatabaseError): Promise<void> {
    for (const stop of this.#running.keys()) stop.abort(error);
    await this.drained();
    await this.#lane?.close();
  }

  /** Runs `work` until it ends by itself, `signal` fires or the manager closes. */
  async #job<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#engine.assertOpen();
    const stop = new AbortController();
    const abort = (): void => stop.abort(signal?.reason);
    const forget = onAbort(signal, abort);
    if (signal?.aborted) abort();
    const job = work(stop.signal);
    this.#running.set(stop, job);
    try {
      return await job;
    } catch (error) {
      const { reason } = stop.signal;
      throw isDatabaseError(reason) && reason.type === 'closed' ? reason : error;
    } finally {
      this.#running.delete(stop);
      forget();
    }
  }

  async #onLane(sql: string, args: BoundArgs, options: OffloadOptions): Promise<StatementResult> {
    this.#assertPlace(sql);
    try {
      return await this.#openLane().run(sql, args, options);
    } finally {
      this.#engine.ranBeside();
    }
  }

  /** A process beside would open what has taken the place of the file, or make a new one, or still have the old one. */
  #assertPlace(operation: string): void {
    if (this.#target.kind === 'local' && !this.#target.readOnly) this.#local.assertPlace(operation);
  }

  #openLane(): OffloadLane {
    if (this.#target.kind === 'memory' || this.#target.kind === 'remote')
      throw unsupported('offload', 'There is no file');
    const { encryptionKey } = this.#options;
    const pragmas = readingPragmas(this.#options.pragmas);
    this.#lane ??= openOffloadLane({ path: addressOf(this.#target), encryptionKey, pragmas });
    return this.#lane;
  }

  /** A server works beside our event loop anyway, so the read needs no process here, only a connection that can be cut. */
  async #onServer(sql: string, args: BoundArgs, { timeoutMs, signal }: OffloadOptions): Promise<StatementResult> {
    const stop = new AbortController();
    const abort = (): void => stop.abort(abortedError({ signal, operation: sql }));
    const forget = onAbort(signal, abort);
    if (signal?.aborted) abort();
    const expire = (): void => stop.abort(timeoutError(timeoutMs, sql));
    const timer = Number.isFinite(timeoutMs) ? setTimeout(expire, Math.min(timeoutMs, longestTimerMs)) : undefined;
    try {
      return await this.#engine.executeApart(sql, args, stop.signal);
    } catch (error) {
      // Whatever a read failed with whose connection was cut, it failed because of that.
      throw stop.signal.aborted ? stop.signal.reason : error;
    } finally {
      clearTimeout(timer);
      forget();
    }
  }
}

/** Waits for `work` until `call` ends: a statement under way ends with it and tells so, and nothing else is waited for. */
function limited<T>(call: OffloadCall, work: Promise<T>): Promise<T> {
  const { timeoutMs, signal, statements } = call;
  return new Promise<T>((resolve, reject) => {
    const giveUp = async (error: DatabaseError): Promise<void> => {
      await Promise.allSettled(statements);
      // Who awaits a statement hears of its end first, behind the turn of the event loop that a failed query gives.
      for (let turns = 0; turns < 2; turns += 1) await setImmediate();
      reject(error);
    };
    const abort = (): void => void giveUp(abortedError({ signal, operation: 'offload' }));
    const expire = (): void => void giveUp(timeoutError(timeoutMs, 'offload'));
    const timer = Number.isFinite(timeoutMs) ? setTimeout(expire, Math.min(timeoutMs, longestTimerMs)) : undefined;
    const forget = signal.aborted ? abort() : onAbort(signal, abort);
    const settled = (): void => {
      clearTimeout(timer);
      forget?.();
    };
    work.then(resolve, reject).finally(settled);
  });
}

function unsupported(operation: string, reason: string): DatabaseError {
  return new DatabaseError(reason, {
    type: 'unknown',
    code: 'UNSUPPORTED',
    operation,
    hint: 'See `capabilities` for what this target can do',
  });
}
