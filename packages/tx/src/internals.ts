// What the packages' own recovery and the entry for tests need of an opened manager beyond its public face, behind a symbol.
import type { Connection } from './connections/local/connection.js';
import type { Target } from './connections/target.js';
import type { TransactionManager } from './types.js';

/** A transaction that every async context is in. */
export interface Adoption {
  /** @throws DatabaseError `aborted` (`TX_UNAWAITED_WORK`) while something runs in it */
  assertSettled(): void;
  /** Gives the contexts back. With `shut` they stay in the transaction, which has ended, so that all they do is refused. */
  end(shut: boolean): void;
}

/** The inside of a manager that recovery and tests work with. */
export interface ManagerInternals {
  readonly target: Target;
  /** What errors/met-by.ts tells managers apart by. */
  readonly owner: object;
  /** A function, so that whoever prints a manager with all that is hidden in it does not print the key. */
  encryptionKey(): string | undefined;
  /** @throws DatabaseError `closed` (`CLOSED`) once the manager is closed */
  assertOpen(): void;
  /** @throws DatabaseError `readonly` (`SQLITE_READONLY_DBMOVED`) when the file that is open does not lie at its path any more */
  assertPlace(operation: string): void;
  /**
   * Connections of the pool that can be asked in this turn of the event loop: to `read`, or for their `settings`. Null where
   * none ever can.
   */
  quiet(to: 'read' | 'settings'): readonly Connection[] | null;
  /**
   * Runs `work` alone: the writer is held and new readers wait. With `closed` every connection of the pool is closed
   * before and opened anew after, so that the file may be moved. Local targets only.
   */
  exclusively<T>(
    work: (connection: Connection | undefined) => Promise<T>,
    options: { readonly closed: boolean; readonly timeoutMs: number },
  ): Promise<T>;
  /** Makes the transaction of the calling context that of every context without one; `end` is called when the manager closes. */
  adopt(end: () => Promise<void>): Adoption;
  /** The test that begins, runs or ends: once its signal has fired, the next may wait for its end. */
  testing?: { readonly signal: AbortSignal; readonly ended: Promise<void> } | undefined;
  /** A test was given up while its body ran: nothing may run on this manager any more. */
  abandoned?: boolean;
  /** Ends the transaction of the test that is running, if any. */
  endTest?: (() => Promise<void>) | undefined;
}

/** Where a manager keeps its inside. */
export const internals = Symbol.for('@cc/tx/internals/1');

/** Returns the inside of a manager. @throws TypeError for anything that openTransactionManager did not return */
export function internalsOf(manager: Pick<TransactionManager, 'url'>): ManagerInternals {
  const inside = (manager as { [internals]?: ManagerInternals } | null | undefined)?.[internals];
  if (!inside) throw new TypeError('this is no transaction manager of @cc/tx');
  return inside;
}
