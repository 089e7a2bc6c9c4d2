// Long reads away from the event loop: in side processes, which are killed when a read takes too long or is aborted.

import { clearTimeout, setTimeout } from 'node:timers';
import type { StatementResult } from '../connection-source.js';
import { DatabaseError } from '../errors.js';
import type { Pragmas } from '../pragma-values.js';
import { type SideProcess, type SideSettings, startSideProcess } from '../side-process/side-process.js';
import type { BoundArgs } from '../statements/binding.js';
import { statementKind } from '../statements/statement-kind.js';
import type { OffloadOptions } from '../types.js';
import { onAbort } from '../waiting/aborts.js';
import { abortedError, FifoLock, longestTimerMs } from '../waiting/fifo-lock.js';

/** How an offload lane is opened. */
export interface OffloadLaneOptions {
  /** The database file. */
  readonly path: string;
  readonly encryptionKey?: string | undefined;
  /** Set on each of the lane's connections; `query_only` comes on top. */
  readonly pragmas: Pragmas;
}

/** Runs reads in processes of their own, two at once, first come, first served. */
export interface OffloadLane {
  /**
   * Runs one read and returns all its rows. The event loop goes on meanwhile, and the work ends when the limit is reached.
   *
   * @throws DatabaseError `timeout` (`OFFLOAD_TIMEOUT`), `aborted` (`ABORTED`), `readonly` for a statement that is no read
   */
  run(sql: string, args: BoundArgs, options: OffloadOptions): Promise<StatementResult>;
  /** Lets go of the file, as before it is moved: ends the idle processes now and the running ones with their read. */
  reset(): Promise<void>;
  /** Ends what is running and refuses more. */
  close(): Promise<void>;
}

/** The fixed figures of a lane. */
const offloadDefaults = Object.freeze({
  maxConcurrent: 2,
  /** How long a process without work is kept. */
  idleMs: 30_000,
});

/** Opens a lane of offloaded reads on one file. Processes are started when they are needed. */
export function openOffloadLane(options: OffloadLaneOptions): OffloadLane {
  return new ProcessLane(options);
}

interface Idle {
  readonly side: SideProcess;
  readonly timer: NodeJS.Timeout;
}

class ProcessLane implements OffloadLane {
  readonly #settings: SideSettings;
  readonly #turns = new FifoLock(offloadDefaults.maxConcurrent);
  readonly #idle: Idle[] = [];
  readonly #running = new Set<SideProcess>();
  /** Processes that have seen the file as it was before the last reset. */
  readonly #stale = new WeakSet<SideProcess>();
  #closed = false;

  constructor({ path, encryptionKey, pragmas }: OffloadLaneOptions) {
    this.#settings = { path, encryptionKey, pragmas, readOnly: true };
  }

  async run(sql: string, args: BoundArgs, options: OffloadOptions): Promise<StatementResult> {
    if (this.#closed) throw closedError(sql);
    refuseWrites(sql);
    const { timeoutMs, signal } = options;
    const stop = new AbortController();
    const abort = (): void => stop.abort(abortedError({ signal, operation: sql }));
    const forget = onAbort(signal, abort);
    if (signal?.aborted) abort();
    const timer = Number.isFinite(timeoutMs)
      ? setTimeout(() => stop.abort(timeoutError(timeoutMs, sql)), Math.min(timeoutMs, longestTimerMs))
      : undefined;
    try {
      return await this.#inTurn(sql, args, stop.signal);
    } catch (error) {
      // Whatever a stopped read failed with, it failed because it was stopped.
      throw stop.signal.aborted ? stop.signal.reason : error;
    } finally {
      clearTimeout(timer);
      forget();
    }
  }

  async reset(): Promise<void> {
    for (const side of this.#running) this.#stale.add(side);
    await this.#endIdle();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#turns.rejectAll(closedError('offload'));
    await Promise.all([...[...this.#running].map((side) => side.kill()), this.#endIdle()]);
  }

  async #inTurn(sql: string, args: BoundArgs, signal: AbortSignal): Promise<StatementResult> {
    const release = await this.#turns.acquire({ timeoutMs: Number.POSITIVE_INFINITY, signal, operation: sql });
    try {
      return await this.#runBeside(sql, args, signal);
    } finally {
      release();
    }
  }

  async #runBeside(sql: string, args: BoundArgs, signal: AbortSignal): Promise<StatementResult> {
    const side = this.#take();
    const kill = (): void => void side.kill();
    signal.addEventListener('abort', kill, { once: true });
    this.#running.add(side);
    try {
      return await side.run({ settings: this.#settings, sql, args });
    } catch (error) {
      throw this.#closed ? closedError(sql) : error;
    } finally {
      signal.removeEventListener('abort', kill);
      this.#running.delete(side);
      await this.#keep(side);
    }
  }

  #take(): SideProcess {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      if (idle.side.alive) return idle.side;
    }
    return startSideProcess();
  }

  async #keep(side: SideProcess): Promise<void> {
    if (this.#closed || this.#stale.has(side)) await side.kill();
    if (!side.alive) return;
    const forget = (): void => {
      this.#idle.splice(
        this.#idle.findIndex((idle) => idle.side === side),
        1,
      );
      void side.kill();
    };
    this.#idle.push({ side, timer: setTimeout(forget, offloadDefaults.idleMs).unref() });
  }

  async #endIdle(): Promise<void> {
    const ended = this.#idle.splice(0).map(({ side, timer }) => {
      clearTimeout(timer);
      return side.kill();
    });
    await Promise.all(ended);
  }
}

/** The connection refuses writes by itself; what it would take are statements that change the connection. */
function refuseWrites(sql: string): void {
  const kind = statementKind(sql);
  if (kind === 'read' || kind === 'explain' || checks.test(sql)) return;
  throw new DatabaseError('Only reads can be offloaded', { type: 'readonly', code: 'TX_READ_ONLY', operation: sql });
}

const checks = /^\s*pragma\s+(?:integrity_check|quick_check|foreign_key_check)\b[^=;]*(?:;\s*)?$/i;

function closedError(operation: string): DatabaseError {
  return new DatabaseError('The transaction manager is closed', { type: 'closed', code: 'CLOSED', operation });
}

/** The error of a read that took too long. */
export function timeoutError(timeoutMs: number, operation: string): DatabaseError {
  return new DatabaseError(`The read did not end within ${timeoutMs} ms and was stopped`, {
    type: 'timeout',
    code: 'OFFLOAD_TIMEOUT',
    operation,
    hint: 'Give it more time, or make it cheaper with a filter or an index',
  });
}
