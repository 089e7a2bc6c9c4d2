// What the loads of caches read. A statement that reads in the context of a load what only its caller sees (in a transaction that
// began before the load, or that has written), or what no look at the database is about (attached files, other databases),
// leaves a doubt there: the value is for whoever asked, and not to be kept.

import { context, type LoadScope, type Scope } from '../context.js';
import { mayWrite } from '../statements/statement-kind.js';
import type { Witnessed } from '../types.js';

interface Shared {
  /** Loads under way in this process: without any a statement has nothing to note. */
  underWay: number;
  /** Doubtful statements that ran in the context of no load. */
  strays: number;
  /** All doubtful statements. */
  doubts: number;
}

const slot = Symbol.for('@cc/tx/loads/1');
const slots = globalThis as typeof globalThis & { [slot]?: Shared };
slots[slot] ??= { underWay: 0, strays: 0, doubts: 0 };
const shared = slots[slot];

/** Runs `load`, of a cache of `database` that calls it `about`, and answers with its value and with what is doubtful about it. */
export async function witness<T>(database: unknown, load: () => Promise<T>, about: unknown): Promise<Witnessed<T>> {
  const outer = context.getStore();
  const scope: LoadScope = { kind: 'load', owner: undefined, database, about, doubt: undefined, outer };
  const { strays } = shared;
  shared.underWay += 1;
  try {
    // drizzle's builders are lazy and start where they are awaited.
    const value = await context.run(scope, async () => await load());
    // A context may get lost on the way to a connection, in a queue of the caller's: then it may have been this load's.
    const doubt = scope.doubt ?? (shared.strays === strays ? undefined : doubts.transaction);
    return { value, doubt };
  } finally {
    shared.underWay -= 1;
  }
}

/** What the cache calls the innermost load that waits for the calling context, of those that it has told something of. */
export function loadAround(): unknown {
  let scope = shared.underWay === 0 ? undefined : context.getStore();
  while (scope !== undefined && !((scope.kind === 'load' || scope.kind === 'waited') && scope.about !== undefined))
    scope = scope.outer;
  return scope?.about;
}

/** Grows with each statement of this process that has read what is not for others. */
export function doubtfulReads(): number {
  return shared.doubts;
}

/** Why a value is not for others. */
export const doubts = Object.freeze({
  transaction: 'its load has read inside a transaction what others do not see: uncommitted, or older than the load',
  ownWrites: 'its load has written in a transaction of its own, and may have read what is not committed',
  attached: 'its load has read on a connection with settings, files or tables of its own, which nobody watches',
  elsewhere: 'its load has read another database than the one that the cache is bound to',
});

/** Notes a statement that has read what is not for others. */
export function leaveDoubt(doubt: string): void {
  const load = innermostLoad();
  shared.doubts += 1;
  if (load === undefined) shared.strays += 1;
  for (let each = load; each !== undefined; each = loadIn(each.outer)) each.doubt ??= doubt;
}

/** Notes a statement that has run in a transaction of a caller's, in the context of no load. */
export function noteRows({ columns }: { readonly columns: readonly unknown[] }): void {
  if (columns.length > 0) leaveDoubt(doubts.transaction);
}

/** Notes a statement that reaches a transaction from a context outside it. */
export function noteOutside(): void {
  if (innermostLoad() === undefined) leaveDoubt(doubts.transaction);
}

/** Notes a statement on `database` that has read what everybody may read there. */
export function noteRead(database: unknown): void {
  for (let load = innermostLoad(); load !== undefined; load = loadIn(load.outer)) {
    if (load.database !== database) load.doubt ??= doubts.elsewhere;
  }
}

/** What one transaction sees, compared with the loads in which its statements run. */
export class Ground {
  readonly #database: unknown;
  readonly #begunIn: LoadScope | undefined;

  /** Made where the transaction begins. */
  constructor(database: unknown) {
    this.#database = database;
    this.#begunIn = innermostLoad();
  }

  /** A statement of it runs. False when it runs in the context of no load. */
  ran(sql: string): boolean {
    let load = innermostLoad();
    if (load === undefined) return false;
    const writes = mayWrite(sql);
    for (; load !== undefined; load = loadIn(load.outer)) {
      const doubt = this.#doubtFor(load, writes);
      if (doubt === undefined) continue;
      load.doubt ??= doubt;
      shared.doubts += 1;
    }
    return true;
  }

  #doubtFor(load: LoadScope, writes: boolean): string | undefined {
    if (load.database !== this.#database) return doubts.elsewhere;
    if (!this.#hasBegunIn(load)) return doubts.transaction;
    return writes ? doubts.ownWrites : undefined;
  }

  #hasBegunIn(load: LoadScope): boolean {
    for (let each = this.#begunIn; each !== undefined; each = loadIn(each.outer)) if (each === load) return true;
    return false;
  }
}

/** The load that the calling context is in, if any is under way. */
function innermostLoad(): LoadScope | undefined {
  return shared.underWay === 0 ? undefined : loadIn(context.getStore());
}

function loadIn(scope: Scope | undefined): LoadScope | undefined {
  let around = scope;
  while (around !== undefined && around.kind !== 'load') around = around.outer;
  return around;
}
