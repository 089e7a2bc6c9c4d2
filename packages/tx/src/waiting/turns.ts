// Gives the event loop its turn while work is nothing but awaited local calls, which resolve without one: timers, signals
// and sockets would starve, and the driver frees what rows took only between turns. By time, because a count of quick
// statements says nothing of slow ones.
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';
import { toldBy } from '../errors/told-by.js';

/** The longest stretch of our own calls without a turn, in milliseconds; the statement under way comes on top. */
const stretchMs = 8;

// One for the thread, as the event loop is: managers that take turns share the stretch.
let began: number | undefined;
let pausing: Promise<void> | undefined;

/**
 * Returns a promise of the next turn when the loop has waited long enough, else undefined. Calls that come while one is
 * awaited wait for it too, so that they stay in order.
 */
export function nextTurn(now: number): Promise<void> | undefined {
  if (pausing) return pausing;
  if (began === undefined) {
    began = now;
    setImmediate(turned);
    return undefined;
  }
  if (now - began < stretchMs) return undefined;
  pausing = new Promise((resolve) => {
    setImmediate(() => {
      pausing = undefined;
      began = undefined;
      resolve();
    });
  });
  return pausing;
}

/** A look at the clock takes a twentieth of a microsecond, which is felt in a call of half a microsecond. */
const quickCallsPerLook = 8;
let quickCalls = 0;

/** The same for calls that may take less than a microsecond and take no more than a few milliseconds. */
function nextTurnOfQuick(): Promise<void> | undefined {
  quickCalls = (quickCalls + 1) % quickCallsPerLook;
  return quickCalls === 0 ? nextTurn(performance.now()) : pausing;
}

/**
 * Awaits turns of the loop as long as one is due: of many calls that have waited for the same turn, those that it has no time
 * for wait for the next one, in order. Whoever waits in a queue takes a place there first, or later calls would pass.
 */
export async function giveTurn(): Promise<void> {
  for (let turn = nextTurn(performance.now()); turn; turn = nextTurn(performance.now())) await turn;
}

/** Runs `work` after the turns that are due, in the same step in which there is time for it. */
export async function inTurnOfLoop<T>(work: () => T | Promise<T>): Promise<T> {
  for (let turn = nextTurn(performance.now()); turn; turn = nextTurn(performance.now())) await turn;
  return work();
}

/** Rejects with `error`, after the turn that is due: loops that go on after what is refused at once keep it no less. */
export async function refuseInTurn(error: unknown): Promise<never> {
  toldBy(error);
  const turn = nextTurn(performance.now());
  if (turn) await turn;
  throw error;
}

/** Runs `call` and hands on how it ends, after the turn that is due: it may end without having waited for anything. */
export async function endInTurn<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    toldBy(error);
    throw error;
  } finally {
    const turn = nextTurn(performance.now());
    if (turn) await turn;
  }
}

/**
 * Returns an object with the methods of `calls`, each of which gives the event loop its turns. One that is called when a turn is due starts
 * at once, so that it keeps its place in every queue, and hands on how it ends after that turn: also those that end without
 * a statement, such as refused values, give the loop its turn so. `streams` names the methods that return no promise.
 */
export function endingInTurn<T extends object>(calls: T, streams: readonly (keyof T)[] = []): T {
  const wrapped = Object.entries(calls).map(([name, call]: [string, unknown]) => {
    if (typeof call !== 'function' || streams.some((stream) => stream === name)) return [name, call];
    return [
      name,
      (...values: readonly unknown[]): unknown => {
        const turn = nextTurnOfQuick();
        const result: unknown = call(...values);
        return turn === undefined ? result : behind(turn, result);
      },
    ];
  });
  return Object.fromEntries(wrapped) as T;
}

async function behind(turn: Promise<void>, result: unknown): Promise<unknown> {
  try {
    return await result;
  } finally {
    await turn;
  }
}

function turned(): void {
  began = undefined;
}
