// How long the event loop goes without a turn, beyond the statement under way: the driver's calls are timed where they are
// made, and taken off the stretch that they fall into.
import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** What one piece of work did to the event loop. */
export interface Stretches {
  /** The longest stretch between two turns less the longest call of the driver in it, in milliseconds. */
  readonly beyondStatementMs: number;
  /** The longest stretch as it was. */
  readonly longestMs: number;
  readonly longestStatementMs: number;
  readonly turns: number;
}

/** Runs `work` and watches the loop meanwhile. */
export async function watchStretches(work: () => Promise<unknown>): Promise<Stretches> {
  watchDriver();
  const stretches = { beyondStatementMs: 0, longestMs: 0, longestStatementMs: 0, turns: 0 };
  let isOver = false;
  let last = performance.now();
  longestCallMs = 0;
  const look = (): void => {
    const now = performance.now();
    const stretchMs = now - last;
    stretches.turns += 1;
    stretches.longestMs = Math.max(stretches.longestMs, stretchMs);
    stretches.longestStatementMs = Math.max(stretches.longestStatementMs, longestCallMs);
    stretches.beyondStatementMs = Math.max(stretches.beyondStatementMs, stretchMs - longestCallMs);
    longestCallMs = 0;
    last = now;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  try {
    await work();
  } finally {
    await nextTurn();
    isOver = true;
  }
  return stretches;
}

let longestCallMs = 0;
let isWatched = false;

/** The driver has no hooks: its methods are wrapped, once in this process. */
function watchDriver(): void {
  if (isWatched) return;
  isWatched = true;
  const Database = createRequire(import.meta.url)('libsql');
  const database = new Database(':memory:');
  const statements: object = Object.getPrototypeOf(database.prepare('select 1'));
  wrap(Database.prototype, ['exec', 'prepare', 'close']);
  wrap(statements, ['run', 'all', 'get']);
  database.close();
}

function wrap(prototype: object, names: readonly string[]): void {
  const methods = prototype as Record<string, (...args: unknown[]) => unknown>;
  for (const name of names) {
    const original = methods[name];
    if (original === undefined) throw new Error(`the driver has no ${name}`);
    methods[name] = function (this: unknown, ...args: unknown[]): unknown {
      const started = performance.now();
      try {
        return original.apply(this, args);
      } finally {
        longestCallMs = Math.max(longestCallMs, performance.now() - started);
      }
    };
  }
}
