// Gives the event loop its turn in loops of awaited calls that end without one: hits, loads that wait for nothing, refusals.
// By time, as @cc/tx does for its own calls; neither knows of the other, and both together stay far below 25 ms.
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';

/** The longest stretch of calls without a turn, in milliseconds. */
const stretchMs = 8;
/** A hit takes a quarter of a microsecond, a look at the clock a fifth of that. */
const hitsPerLook = 8;
/** Copies of so much take about a millisecond. */
const bytesPerLook = 65_536;

// One for the thread, as the event loop is.
let began: number | undefined;
let pausing: Promise<void> | undefined;
let hits = 0;
let copied = 0;

/** Notes that a value of so many bytes was copied for its reader. */
export function noteCopy(bytes: number): void {
  copied += bytes;
}

/** Returns a promise of the next turn when the loop has waited long enough, else undefined. */
function nextTurn(): Promise<void> | undefined {
  if (pausing) return pausing;
  const now = performance.now();
  hits = 0;
  copied = 0;
  if (began === undefined) {
    began = now;
    setImmediate(turned);
    return undefined;
  }
  if (now - began < stretchMs) return undefined;
  pausing = new Promise((resolve) => {
    setImmediate(() => {
      turned();
      pausing = undefined;
      resolve();
    });
  });
  return pausing;
}

/** The same for a hit: looks at the clock once in a few of them. */
export function nextTurnOfHits(): Promise<void> | undefined {
  hits += 1;
  return hits < hitsPerLook && copied < bytesPerLook ? pausing : nextTurn();
}

/** Runs `call` and hands on how it ends, after the turn that is due. */
export async function endInTurn<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } finally {
    const turn = nextTurn();
    if (turn) await turn;
  }
}

function turned(): void {
  began = undefined;
}
