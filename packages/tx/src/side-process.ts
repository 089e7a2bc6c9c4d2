// A process beside this one that runs long statements on its own connection: for offload, backup and recovery.
// Killing it is the only way to stop a statement of libsql at once, and a crash of the driver in there is an error here.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BoundArgs } from './binding.js';
import type { StatementResult } from './connection-source.js';
import { DatabaseError, toDatabaseError } from './errors.js';
import { numbersFromIntegers } from './local/connection.js';
import type { Pragmas } from './options.js';

/** The database a side process works on. It keeps the connection until other settings are asked for. */
export interface SideSettings {
  readonly path: string;
  readonly encryptionKey: string | undefined;
  readonly pragmas: Pragmas;
  readonly readOnly: boolean;
}

/** What the program is sent. */
export interface SideRequest {
  readonly settings: SideSettings;
  readonly sql: string;
  readonly args: BoundArgs;
}

/** Part of a result, each but the last one answered with 'more'; the last one has `columns`. */
type SideAnswer =
  | { readonly error: { readonly message: string; readonly code: string } }
  | { readonly rows?: unknown[][]; readonly columns?: readonly string[]; readonly rowsAffected?: number };

/** A running side process. */
export interface SideProcess {
  /** False once it was killed or died. */
  readonly alive: boolean;
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Runs one statement; one at a time. @throws DatabaseError, `SIDE_PROCESS_LOST` when the process ended meanwhile */
  run(request: SideRequest): Promise<StatementResult>;
  /** Ends the process, and with it the statement that it runs. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a side process. It does not keep this process alive while it is idle, and ends with it. */
export function startSideProcess(): SideProcess {
  return new ForkedProcess();
}

interface Running {
  readonly resolve: (result: StatementResult) => void;
  readonly reject: (error: DatabaseError) => void;
  readonly sql: string;
  readonly rows: unknown[][];
}

class ForkedProcess implements SideProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #alive = true;
  #running: Running | undefined;

  constructor() {
    const program = fileURLToPath(new URL('./side-process-worker.js', import.meta.url));
    // Its own output would mix with the caller's; what it has to say comes as messages.
    const child = fork(program, [String(process.pid)], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child = child;
    const killWithUs = (): void => void child.kill('SIGKILL');
    process.once('exit', killWithUs);
    this.#gone = new Promise((resolve) => {
      const ended = (cause: unknown): void => {
        process.off('exit', killWithUs);
        this.#alive = false;
        this.#lose(cause);
        resolve();
      };
      child.once('exit', (code, signal) => ended(signal ?? code));
      child.once('error', ended);
    });
    child.on('message', (message) => this.#receive(message as SideAnswer));
    this.#idle();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#alive;
  }

  run(request: SideRequest): Promise<StatementResult> {
    return new Promise((resolve, reject) => {
      this.#running = { resolve, reject, sql: request.sql, rows: [] };
      if (!this.#alive) return this.#lose('not running');
      this.#child.ref();
      this.#child.channel?.ref();
      this.#child.send(request, (error) => error && this.#lose(error));
    });
  }

  kill(): Promise<void> {
    this.#alive = false;
    // Who waits for its end may have nothing else that keeps this process alive.
    this.#child.ref();
    this.#child.kill('SIGKILL');
    return this.#gone;
  }

  #receive(answer: SideAnswer): void {
    const running = this.#running;
    if (!running) return;
    const { sql, rows } = running;
    try {
      if ('error' in answer) throw toDatabaseError(Object.assign(new Error(answer.error.message), answer.error), sql);
      for (const row of answer.rows ?? []) {
        numbersFromIntegers(row, sql);
        rows.push(row);
      }
      if (!answer.columns) {
        // The event loop turns before the next rows come.
        setImmediate(() => this.#alive && this.#child.send('more'));
        return;
      }
      const { columns, rowsAffected = 0 } = answer;
      this.#idle();
      running.resolve({ columns, rows, rowsAffected, lastInsertRowid: null });
    } catch (error) {
      const failure = toDatabaseError(error, sql);
      // The rest of the rows would be taken for the answer to the next statement.
      if (!('error' in answer)) void this.kill();
      this.#idle();
      running.reject(failure);
    }
  }

  #idle(): void {
    this.#running = undefined;
    this.#child.unref();
    this.#child.channel?.unref();
  }

  #lose(cause: unknown): void {
    const running = this.#running;
    this.#running = undefined;
    running?.reject(
      new DatabaseError('The process that ran the statement has ended', {
        type: 'aborted',
        code: 'SIDE_PROCESS_LOST',
        operation: running.sql,
        hint: 'Run it again',
        cause,
      }),
    );
  }
}
