// loadTest: what a database does under a load of calls. An open loop starts calls at planned times, as people come; a closed
// loop starts the next when one has ended. Latencies count from the planned time, so that calls which a slow one kept from
// starting are counted too: without that a pause of a second shows as one slow call (coordinated omission).
import { performance } from 'node:perf_hooks';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { isError } from '@cc/tx/errors';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { abortedError } from '../questions.js';
import { refuseNoSignal } from '../signal.js';
import { type DurationSummary, Durations } from '../statistics/durations.js';

/** Options of `loadTest`: `ratePerSecond` for an open loop, `callers` for a closed one. */
export interface LoadTestOptions {
  /** Open loop: calls that are planned for each second, however long they take. Above 0, at most 100,000. */
  readonly ratePerSecond?: number | undefined;
  /** Closed loop: callers that each wait for their own call before the next. At least 1. */
  readonly callers?: number | undefined;
  /** How long calls are started. Default 10,000. */
  readonly durationMs?: number | undefined;
  /** Calls in this time before are made and not counted. Default 0. */
  readonly warmUpMs?: number | undefined;
  /** Open loop: a call is not started while so many are under way, and counts as refused. Default 10,000. */
  readonly maxPending?: number | undefined;
  /** Closed loop: how often a caller wants to call. What a slow call has kept it from calls for is counted as well. */
  readonly expectedIntervalMs?: number | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** The values of absent options. */
export const loadTestDefaults = Object.freeze({ durationMs: 10_000, warmUpMs: 0, maxPending: 10_000 });

/** What a load test has measured. */
export interface LoadTestResult {
  readonly loop: 'open' | 'closed';
  /** Calls that ended, failed ones included. */
  readonly calls: number;
  readonly errors: number;
  /** Failed calls by the `type` or name of their error. */
  readonly errorsByType: Readonly<Record<string, number>>;
  /** Open loop: calls that were not started because `maxPending` were under way. Not part of `latency`. */
  readonly refused: number;
  /** From the end of the warm-up to the end of the time or of the last call, whichever is later. */
  readonly durationMs: number;
  readonly callsPerSecond: number;
  /**
   * What a caller has waited: from the planned start. In a closed loop with `expectedIntervalMs` it has the calls that were
   * held up besides; without, it is the same as `service`, and blind to pauses.
   */
  readonly latency: DurationSummary;
  /** How long the calls themselves took, from their start. */
  readonly service: DurationSummary;
}

/** The time of a load test. */
export interface LoadClock {
  /** Milliseconds that never go back. */
  now(): number;
  /** Resolves after that many milliseconds, or at once when `signal` has fired. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Resolves in the next turn of the event loop. */
  turn(): Promise<void>;
}

const realClock: LoadClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  turn: () => setImmediate(),
};

/**
 * Makes calls of `work` and returns what they took. Errors of `work` are counted, not thrown.
 *
 * @throws TypeError for an unknown option, a value out of range, or a load that is neither open nor closed
 * @throws DatabaseError `aborted` (`ABORTED`)
 */
export async function loadTest(
  work: (call: number) => unknown,
  options: LoadTestOptions,
  clock: LoadClock = realClock,
): Promise<LoadTestResult> {
  const load = readOptions(work, options);
  const counts = new LoadCounts(load.expectedIntervalMs);
  const stop = options.signal ?? new AbortController().signal;
  const begin = clock.now();
  const countedFrom = begin + load.warmUpMs;
  const until = countedFrom + load.durationMs;
  let started = 0;
  const call = async (planned: number): Promise<void> => {
    const startedAt = clock.now();
    const number = started;
    started += 1;
    let error: unknown = null;
    try {
      await work(number);
    } catch (thrown) {
      error = thrown ?? new Error('unknown');
    }
    if (planned >= countedFrom) counts.record(planned, startedAt, clock.now(), error);
  };
  const refuse = (planned: number): void => void (planned >= countedFrom && (counts.refused += 1));
  const loop = { load, until, clock, stop, call };
  await (load.loop === 'open' ? openLoop(loop, begin, refuse) : closedLoop(loop));
  if (options.signal?.aborted) throw abortedError(options.signal, 'loadTest');
  return counts.result(load.loop, countedFrom, clock.now());
}

interface Load {
  readonly loop: 'open' | 'closed';
  readonly ratePerSecond: number;
  readonly callers: number;
  readonly durationMs: number;
  readonly warmUpMs: number;
  readonly maxPending: number;
  readonly expectedIntervalMs: number | undefined;
}

interface Loop {
  readonly load: Load;
  readonly until: number;
  readonly clock: LoadClock;
  readonly stop: AbortSignal;
  readonly call: (planned: number) => Promise<void>;
}

async function openLoop(
  { load, until, clock, stop, call }: Loop,
  begin: number,
  refuse: (planned: number) => void,
): Promise<void> {
  const pending = new Set<Promise<void>>();
  for (let number = 0; !stop.aborted; number += 1) {
    const planned = begin + (number * 1_000) / load.ratePerSecond;
    if (planned >= until) break;
    const wait = planned - clock.now();
    // A turn also when it is late, so that what was started can go on.
    await (wait > 0 ? clock.sleep(wait, stop) : clock.turn());
    if (pending.size >= load.maxPending) {
      refuse(planned);
      continue;
    }
    const running: Promise<void> = call(planned).finally(() => pending.delete(running));
    pending.add(running);
  }
  // The time after the last call belongs to its rate: without it one call a second would be thousands.
  const rest = until - clock.now();
  if (rest > 0 && !stop.aborted) await clock.sleep(rest, stop);
  await orStopped(Promise.all(pending), stop);
}

async function closedLoop({ load, until, clock, stop, call }: Loop): Promise<void> {
  const caller = async (): Promise<void> => {
    let last = clock.now();
    while (!stop.aborted && clock.now() < until) {
      const now = clock.now();
      await call(now);
      // Work that never waits would let nothing else run.
      if (clock.now() - last >= 10) {
        await clock.turn();
        last = clock.now();
      }
    }
  };
  await orStopped(Promise.all(Array.from({ length: load.callers }, caller)), stop);
}

/** Calls that hang must not keep an aborted test. */
async function orStopped(work: Promise<unknown>, stop: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve(), { once: true, signal: ended.signal });
  });
  await Promise.race([work, stopped]);
  ended.abort();
}

class LoadCounts {
  refused = 0;
  readonly #expectedIntervalMs: number | undefined;
  readonly #latency = new Durations();
  readonly #service = new Durations();
  readonly #errors = new Map<string, number>();

  constructor(expectedIntervalMs: number | undefined) {
    this.#expectedIntervalMs = expectedIntervalMs;
  }

  record(planned: number, startedAt: number, endedAt: number, error: unknown): void {
    const failed = error !== null;
    this.#service.record(endedAt - startedAt, failed);
    this.#latency.record(endedAt - planned, failed);
    const interval = this.#expectedIntervalMs;
    // The calls that the caller would have made meanwhile: each would have waited for the rest of this one.
    if (interval !== undefined) {
      for (let rest = endedAt - planned - interval; rest >= interval; rest -= interval)
        this.#latency.record(rest, false);
    }
    if (failed) {
      const type = typeOf(error);
      this.#errors.set(type, (this.#errors.get(type) ?? 0) + 1);
    }
  }

  result(loop: 'open' | 'closed', from: number, to: number): LoadTestResult {
    const { calls, errors } = this.#service;
    const durationMs = Math.max(0, to - from);
    return {
      loop,
      calls,
      errors,
      errorsByType: Object.fromEntries(this.#errors),
      refused: this.refused,
      durationMs,
      callsPerSecond: durationMs === 0 ? 0 : (calls * 1_000) / durationMs,
      latency: this.#latency.summary(),
      service: this.#service.summary(),
    };
  }
}

function typeOf(error: unknown): string {
  if (!isError(error)) return 'unknown';
  return 'type' in error && typeof error.type === 'string' ? error.type : error.name;
}

const known = ['ratePerSecond', 'callers', 'durationMs', 'warmUpMs', 'maxPending', 'expectedIntervalMs', 'signal'];

function readOptions(work: unknown, options: LoadTestOptions): Load {
  if (typeof work !== 'function') throw new TypeError('loadTest: work must be a function');
  refuseUnknownOptions('loadTest', options, known);
  refuseNoSignal('loadTest', options.signal);
  const { ratePerSecond, callers, expectedIntervalMs } = options;
  if ((ratePerSecond === undefined) === (callers === undefined))
    throw new TypeError('loadTest takes either ratePerSecond (an open loop) or callers (a closed loop)');
  if (ratePerSecond !== undefined) within('ratePerSecond', ratePerSecond, Number.MIN_VALUE, 100_000);
  if (callers !== undefined) within('callers', callers, 1, 100_000, true);
  if (expectedIntervalMs !== undefined) {
    if (callers === undefined)
      throw new TypeError('loadTest: expectedIntervalMs is of closed loops; an open one has its plan');
    within('expectedIntervalMs', expectedIntervalMs, 0.1, longestMs);
  }
  const durationMs = options.durationMs ?? loadTestDefaults.durationMs;
  const warmUpMs = options.warmUpMs ?? loadTestDefaults.warmUpMs;
  const maxPending = options.maxPending ?? loadTestDefaults.maxPending;
  within('durationMs', durationMs, 1, longestMs);
  within('warmUpMs', warmUpMs, 0, longestMs);
  within('maxPending', maxPending, 1, Number.MAX_SAFE_INTEGER, true);
  return {
    loop: callers === undefined ? 'open' : 'closed',
    ...{
      ratePerSecond: ratePerSecond ?? 0,
      callers: callers ?? 0,
      durationMs,
      warmUpMs,
      maxPending,
      expectedIntervalMs,
    },
  };
}

/** A day. */
const longestMs = 86_400_000;

function within(name: string, value: number, least: number, most: number, isWhole = false): void {
  if (typeof value === 'number' && value >= least && value <= most && (!isWhole || Number.isInteger(value))) return;
  const number = isWhole ? 'a whole number' : 'a number';
  const lower = least === Number.MIN_VALUE ? 'above 0' : `from ${least}`;
  throw new TypeError(`loadTest: ${name} must be ${number} ${lower} to ${most}`);
}
