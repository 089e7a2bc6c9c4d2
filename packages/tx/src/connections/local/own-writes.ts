// What one connection has written since its last commit, and whether it keeps other writers away meanwhile. connection.ts runs
// through here whatever may write, or begins or ends a transaction.
import type { Counts } from '../../changes/counts.js';
import { tellers } from '../../changes/declared.js';
import { firstWordOf, mayWrite, statementKind } from '../../statements/statement-kind.js';

/** What is known of a text before it is run. */
interface Text {
  readonly sql: string;
  /** It may change what others read. */
  readonly writes: boolean;
  /** It begins or ends a transaction, or a part of one. */
  readonly controls: boolean;
}

/** The writes of one connection. */
export class OwnWrites {
  readonly #counts: Counts;
  readonly #connection: { readonly inTransaction: boolean };
  #some = false;
  /** Who tells caches of every write so far. */
  #tellers: readonly object[] = none;
  #hasLock = false;

  constructor(counts: Counts, connection: { readonly inTransaction: boolean }) {
    this.#counts = counts;
    this.#connection = connection;
  }

  /** Whether the transaction that is open, if any, was begun with the write lock of the file. */
  get hasLock(): boolean {
    return this.#hasLock;
  }

  /** Runs a text that was not prepared. */
  exec(sql: string, run: () => void): void {
    const kind = control.test(sql) ? 'control' : statementKind(sql);
    this.around({ sql, controls: kind === 'control', writes: mayWrite(sql, kind) }, run);
    if (locks.test(sql)) this.#hasLock = true;
  }

  /** Runs a text, and counts what it has committed: by itself, or as the end of a transaction. */
  around<T>({ sql, writes, controls }: Text, run: () => T): T {
    const now = writes ? tellers(this.#counts) : none;
    // What this package keeps for itself is in nobody's cache.
    if (writes && !now.includes(this.#counts)) {
      this.#tellers = this.#some ? this.#tellers.filter((teller) => now.includes(teller)) : now;
      this.#some = true;
    }
    let failed = true;
    try {
      const result = run();
      failed = false;
      return result;
    } finally {
      if (this.#some || this.#hasLock) this.#settle(sql, failed, controls);
    }
  }

  /** A statement that wrote nothing has failed, which may have ended the transaction. */
  readFailed(): void {
    if (!this.#connection.inTransaction) this.rolledBack();
  }

  /** What was not committed is undone, also where the engine has done that by itself. */
  rolledBack(): void {
    this.#some = false;
    this.#tellers = none;
    this.#hasLock = false;
  }

  #settle(sql: string, failed: boolean, controls: boolean): void {
    // What runs well in a transaction leaves it open, and asking costs as much as the rest of this.
    if (this.#hasLock && !failed && !controls) return;
    if (this.#connection.inTransaction) return;
    // Has a transaction ended otherwise, a failure has rolled it back; what fails on its own may have left something.
    const isUndone = controls ? firstWordOf(sql) === 'rollback' : this.#hasLock;
    if (this.#some && !isUndone) {
      const { told } = this.#counts;
      this.#counts.commits += 1;
      for (const teller of this.#tellers) told.set(teller, (told.get(teller) ?? 0) + 1);
    }
    this.rolledBack();
  }
}

const none: readonly never[] = Object.freeze([]);

/** What writes nothing by itself. With comments or white space in front it takes a closer look. */
const control = /^(?:begin|commit|end|rollback|savepoint|release|pragma query_only)\b/i;

const locks = /^begin\s+(?:immediate|exclusive)\b/i;
