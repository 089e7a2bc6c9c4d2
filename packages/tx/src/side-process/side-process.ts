// A process beside this one that runs long statements on its own connection: for offload, backup and recovery.
// Killing it is the only way to stop a statement of libsql at once, and a crash of the driver in there is an error here.
/// <reference path="../raw-text.d.ts" />
import { type ChildProcess, spawn } from 'node:child_process';
import { parse } from 'node:path';
import { setImmediate } from 'node:timers';
import type { StatementResult } from '../connection-source.js';
import { currentFolder } from '../current-folder.js';
import { isError } from '../errors/is-error.js';
import { DatabaseError, toDatabaseError } from '../errors.js';
import { driverAddress, driverPath } from '../native-driver.js';
import type { Pragmas } from '../pragma-values.js';
import type { BoundArgs } from '../statements/binding.js';
import { numbersFromIntegers } from '../statements/integers.js';
import program from './side-process-worker.js?raw';
import watch from './side-watch.js?raw';

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

/** Comes first: true, or why it cannot work. */
interface SideStart {
  readonly ready: true | string;
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
  /**
   * Runs one statement; one at a time.
   *
   * @throws DatabaseError, `SIDE_PROCESS_LOST` when the process ended meanwhile, `SIDE_PROCESS_MISSING` when it cannot start
   */
  run(request: SideRequest): Promise<StatementResult>;
  /** Ends the process, and with it the statement that it runs. Resolves when it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts a side process. It does not keep this process alive while it is idle, and ends with it.
 *
 * @throws DatabaseError `DRIVER_MISSING`; `SIDE_PROCESS_MISSING` where no process may be started
 */
export function startSideProcess(): SideProcess {
  const driver = driverPath();
  try {
    return new SpawnedProcess(startProgram(program, '@cc/tx/side-process', driver));
  } catch (cause) {
    throw missing(cause)('start a side process');
  }
}

/**
 * Starts a program from its text: a bundle has no file of it. It ends with this process. `name` is for people who look at the
 * list of processes.
 */
export function startProgram(text: string, name: string, driver: string): ChildProcess {
  const args = ['-e', `${watch}\n${text}`, name, String(process.pid), driver];
  return spawn(process.execPath, args, {
    serialization: 'advanced',
    // In a group of its own: Ctrl-C in a terminal would end it before it can take no notice. On Windows it would open a console.
    detached: process.platform !== 'win32',
    // Its own output would mix with the caller's; what it has to say comes as messages.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // Said by name: no thread of Node starts in a folder that is gone, also where another one has its name by now.
    cwd: currentFolder() ?? parse(process.execPath).root,
    // Without it the binary of Electron would open the application once more.
    ...(process.versions['electron'] !== undefined && { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } }),
  });
}

/** Processes that end with this one. For all together, because a process warns of more than ten listeners. */
const running = new Set<ChildProcess>();

function killRunning(): void {
  for (const child of running) child.kill('SIGKILL');
}

function endWithUs(child: ChildProcess): void {
  if (running.size === 0) process.once('exit', killRunning);
  running.add(child);
}

function forget(child: ChildProcess): void {
  running.delete(child);
  if (running.size === 0) process.off('exit', killRunning);
}

interface Running {
  readonly resolve: (result: StatementResult) => void;
  readonly reject: (error: DatabaseError) => void;
  readonly sql: string;
  readonly rows: unknown[][];
}

class SpawnedProcess implements SideProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #alive = true;
  #isReady = false;
  /** Why it runs nothing more. */
  #loss: Loss | undefined;
  #running: Running | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    endWithUs(child);
    this.#gone = new Promise((resolve) => {
      const ended = (cause: unknown, wasKilled: boolean): void => {
        forget(child);
        this.#alive = false;
        this.#lose((this.#isReady || wasKilled ? hasEnded : missing)(cause));
        resolve();
      };
      child.once('exit', (code, signal) => ended(signal ?? code, signal !== null));
      child.once('error', (error) => ended(error, false));
    });
    child.on('message', (message) => this.#hear(message as SideStart | SideAnswer));
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
      if (!this.#alive) return this.#lose(hasEnded('not running'));
      this.#keepAwake();
      const { settings } = request;
      const path = driverAddress(settings.path, settings.encryptionKey);
      // What cannot be sent to has ended or never started: its end tells which. Without handles left it has no channel.
      this.#child.send?.({ ...request, settings: { ...settings, path } }, (error) => error && void this.kill());
    });
  }

  kill(): Promise<void> {
    this.#alive = false;
    // Whoever waits for the end must hear of it, also when nothing else keeps this process alive.
    this.#child.ref();
    this.#child.kill('SIGKILL');
    return this.#gone;
  }

  #hear(message: SideStart | SideAnswer): void {
    if (!('ready' in message)) return this.#receive(message);
    if (message.ready === true) {
      this.#isReady = true;
      return;
    }
    this.#lose(missing(message.ready));
    void this.kill();
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
    // In Bun the channel follows the process and has neither method.
    this.#child.channel?.unref?.();
  }

  #keepAwake(): void {
    this.#child.ref();
    this.#child.channel?.ref?.();
  }

  #lose(loss: Loss): void {
    this.#loss ??= loss;
    const lost = this.#running;
    this.#running = undefined;
    lost?.reject(this.#loss(lost.sql));
  }
}

/** The error of a statement. */
type Loss = (operation: string) => DatabaseError;

function hasEnded(cause: unknown): Loss {
  return (operation) =>
    new DatabaseError('The process that ran the statement has ended', {
      type: 'aborted',
      code: 'SIDE_PROCESS_LOST',
      operation,
      hint: 'Run it again',
      cause,
    });
}

function missing(cause: unknown): Loss {
  return (operation) =>
    new DatabaseError(`The process for long statements cannot be started: ${reasonOf(cause)}`, {
      type: 'unknown',
      code: 'SIDE_PROCESS_MISSING',
      operation,
      hint: 'It runs process.execPath as Node with the libsql of the program: docs/guides/bundlers.md says what that needs',
      cause,
    });
}

function reasonOf(cause: unknown): string {
  if (typeof cause === 'number') return `it ended with code ${cause}`;
  return isError(cause) ? cause.message : String(cause);
}
