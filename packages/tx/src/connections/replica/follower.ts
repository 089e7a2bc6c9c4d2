// Fetches what a server has into the file of its replica, in a process beside this one (worker.js): the driver's
// sync() blocks its thread, and one that waits for a silent server can only be killed.
/// <reference path="../../raw-text.d.ts" />

import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError, isDatabaseError, toDatabaseError } from '../../errors.js';
import type { Events } from '../../events.js';
import { driverPath } from '../../native-driver.js';
import { startProgram } from '../../side-process/side-process.js';
import { retryDelayMs } from '../../waiting/retry.js';
import { silentError } from '../remote/first-answer.js';
import program from './worker.js?raw';

/** Where a replica is, and how its server is reached. */
export interface ReplicaPlace {
  readonly path: string;
  readonly syncUrl: string;
  readonly authToken?: string;
  readonly encryptionKey?: string;
}

/** Bounds of one fetch. Infinity = none. */
export interface FetchBounds {
  /** In all. */
  readonly timeoutMs: number;
  /** Without a byte that came. */
  readonly stalledMs: number;
}

/** The server of a replica, asked over the way of its writes. */
export interface AskedServer {
  ask(operation: string, timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** How often it is looked whether something came. */
const lookMs = 200;
/** The longest time without a byte before the server itself is asked: the driver waits on whatever most answers are. */
const askAfterMs = 1_000;

/** One fetch runs at a time; calls that come meanwhile share the next one. */
export class Follower {
  readonly #place: ReplicaPlace;
  readonly #events: Events;
  readonly #connect: () => AskedServer;
  readonly #bounds: FetchBounds;
  #child: ChildProcess | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #fail: ((error: DatabaseError) => void) | undefined;
  #closed = false;

  constructor(place: ReplicaPlace, stalledMs: number, events: Events, connect: () => AskedServer) {
    this.#place = place;
    this.#events = events;
    this.#connect = connect;
    this.#bounds = { timeoutMs: Number.POSITIVE_INFINITY, stalledMs };
  }

  /**
   * Resolves when everything that the server had at the time of the call is in the file.
   *
   * @throws DatabaseError `timeout` (`SYNC_TIMEOUT`, or `SERVER_SILENT` when it answers nothing at all); what has come by then
   * is kept, and the next call goes on. What is no server of replicas is told as what it is
   */
  sync(bounds: FetchBounds = this.#bounds): Promise<void> {
    // One that waits for its turn begins after this call, also while the one before it is just ending.
    if (this.#next) return this.#next;
    if (!this.#running) return this.#start(bounds);
    // What is running may have begun before the caller's write.
    this.#next = this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#start(bounds);
      });
    return this.#next;
  }

  /** Ends the process, and a fetch with it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#fail?.(closedError());
    await this.#kill();
  }

  #start(bounds: FetchBounds): Promise<void> {
    if (this.#closed) return Promise.reject(closedError());
    const running = this.#fetch(bounds).finally(() => {
      this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #fetch({ timeoutMs, stalledMs }: FetchBounds): Promise<void> {
    const started = performance.now();
    let failure: DatabaseError | null = null;
    let bytes = this.#bytes();
    let moved = started;
    let question: Question | undefined;
    // What is given up on is still at it.
    let isGivenUp = false;
    const giveUp = (error: DatabaseError): void => {
      isGivenUp = true;
      this.#fail?.(error);
    };
    const look = (): void => {
      const now = performance.now();
      const seen = this.#bytes();
      if (seen !== bytes) {
        bytes = seen;
        moved = now;
        this.#events.emit({ type: 'sync_progress', durationMs: now - started, bytes });
      }
      const limitMs = now - started > timeoutMs ? timeoutMs : now - moved > stalledMs ? stalledMs : undefined;
      if (limitMs !== undefined) giveUp(question?.met ?? timeoutError(limitMs));
      else if (now - moved > askAfter) question ??= new Question(this.#connect(), stalledMs, giveUp);
    };
    const askAfter = Math.min(askAfterMs, timeoutMs / 4, stalledMs / 4);
    const looking = setInterval(look, Math.min(lookMs, Math.max(1, timeoutMs)));
    try {
      await this.#askPatiently(Math.min(timeoutMs, stalledMs));
      // The first one is told of, however quick it was.
      if (Number.isFinite(timeoutMs)) look();
    } catch (error) {
      failure = toDatabaseError(error, 'sync');
      if (isGivenUp) await this.#kill();
      throw failure;
    } finally {
      clearInterval(looking);
      this.#fail = undefined;
      await question?.close();
      this.#events.emit({ type: 'sync', durationMs: performance.now() - started, error: failure });
    }
  }

  /** Another process that has the same replica open may be fetching into it: its lock is waited for. */
  async #askPatiently(limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    for (let attempt = 1; ; attempt += 1) {
      if (this.#closed) throw closedError();
      try {
        return await this.#ask(this.#process());
      } catch (error) {
        const isLocked = isDatabaseError(error) && error.type === 'lock';
        if (!isLocked || performance.now() >= deadline) throw error;
        // What has met a lock is not asked again.
        await this.#kill();
        await sleep(retryDelayMs(attempt, { baseDelayMs: 20, maxDelayMs: 250 }));
      }
    }
  }

  #ask(child: ChildProcess): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const settle = (error: unknown): void => {
        child.off('message', onMessage).off('error', settle).off('exit', onExit);
        child.unref();
        child.channel?.unref?.();
        if (error === null) resolve();
        else reject(toDatabaseError(error, 'sync'));
      };
      const onMessage = (message: unknown): void => {
        const { error } = message as { readonly error: string | null };
        settle(error === null ? null : new Error(error));
      };
      const onExit = (): void => settle(lostError());
      this.#fail = settle;
      child.ref();
      child.channel?.ref?.();
      child.on('message', onMessage).on('error', settle).on('exit', onExit);
      // Without handles left it was never started, and has no channel: its end says why.
      child.send?.(this.#place, (error) => error && onExit());
    });
  }

  #process(): ChildProcess {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) return this.#child;
    this.#child = startProgram(program, '@cc/tx/replica', driverPath());
    // Heard by whoever waits; with nobody waiting it must not end this process.
    this.#child.on('error', () => undefined);
    return this.#child;
  }

  async #kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const gone = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  #bytes(): number {
    const { path } = this.#place;
    return sizeOf(path) + sizeOf(`${path}-wal`);
  }
}

/** Asks the server of a fetch that gets nothing. What it is for good is told at once; what may pass, when the time is up. */
class Question {
  readonly #server: AskedServer;
  #met: DatabaseError | undefined;
  #closed = false;

  constructor(server: AskedServer, limitMs: number, giveUp: (error: DatabaseError) => void) {
    this.#server = server;
    this.#met = silentError(limitMs, 'sync');
    server.ask('sync', limitMs).then(
      () => {
        this.#met = undefined;
      },
      (error: unknown) => {
        const met = toDatabaseError(error, 'sync');
        this.#met = met;
        // What ends with the question is no answer, and another fetch may be under way by then.
        if (!met.recoverable && !this.#closed) giveUp(met);
      },
    );
  }

  /** Why nothing comes, as far as it is known. */
  get met(): DatabaseError | undefined {
    return this.#met;
  }

  /** Ends the question, answered or not. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#server.close();
  }
}

/** 0 where it cannot be told, as while its folder is away: what is wrong with the file the fetch says. */
function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

function closedError(): DatabaseError {
  return new DatabaseError('The replica is closed', { type: 'closed', code: 'CLOSED', operation: 'sync' });
}

function lostError(): DatabaseError {
  return new DatabaseError('The process that fetches for the replica has ended', {
    type: 'aborted',
    code: 'SIDE_PROCESS_LOST',
    operation: 'sync',
    recoverable: true,
    hint: 'Call sync() again',
  });
}

function timeoutError(timeoutMs: number): DatabaseError {
  return new DatabaseError(`The server did not send what the replica lacks within ${timeoutMs} ms`, {
    type: 'timeout',
    code: 'SYNC_TIMEOUT',
    operation: 'sync',
    recoverable: true,
    hint: 'What has come is kept, and the next call goes on. For a large database make acquireTimeoutMs longer',
  });
}
