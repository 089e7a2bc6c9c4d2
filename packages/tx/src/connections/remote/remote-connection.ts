// One transaction of a libSQL server on one stream: its statements in order, each group of them in one round trip.
// remote-result.ts has what comes back in the form of this package; queued-transaction.ts is the client's own transaction.
import { nextTick } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResultSet, Transaction } from '@libsql/client';
import type { BatchStatement, Held, StatementResult, TransactionConnection } from '../../connection-source.js';
import { DatabaseError, isDatabaseError, toDatabaseError } from '../../errors.js';
import type { BoundArgs } from '../../statements/binding.js';
import { statementKind } from '../../statements/statement-kind.js';
import { withKeyKind } from './key-kind.js';
import { argsOf, asDatabaseError, isStillOpen, resultOf } from './remote-result.js';
import { groupsOf, operationOf, savepointAround, statementIndexOf } from './statement-groups.js';

/** A read that waits for its turn. */
interface WaitingRead extends BatchStatement {
  readonly resolve: (result: StatementResult) => void;
  readonly reject: (error: unknown) => void;
}

/** A transaction that is begun with its first statement. */
export class RemoteConnection implements TransactionConnection {
  readonly #reopen: () => Promise<Transaction>;
  #transaction: Transaction;
  #begun = false;
  #lost = false;
  #last: Promise<unknown> = Promise.resolve();
  /** Savepoints to set, release and roll back to: they go with the next statement, and need no round trip of their own. */
  #ahead: readonly string[] = [];
  /** Reads that wait for one turn, until it comes or something else waits behind them. */
  #reads: WaitingRead[] | undefined;

  /** @param reopen opens another one of the same kind, for when not even BEGIN of the first has run */
  constructor(transaction: Transaction, reopen: () => Promise<Transaction>) {
    this.#transaction = transaction;
    this.#reopen = reopen;
  }

  get inTransaction(): boolean {
    return !this.#lost && !this.#transaction.closed;
  }

  get poisoned(): boolean {
    return this.#lost;
  }

  /** Reads that are asked for side by side go in one request: they change nothing, so they can be repeated when one fails. */
  run(sql: string, args: BoundArgs): Promise<StatementResult> {
    if (statementKind(sql) !== 'read') return this.#inTurn(() => this.#runOne(sql, args));
    return new Promise((resolve, reject) => {
      const read = { sql, args, resolve, reject };
      if (this.#reads) {
        this.#reads.push(read);
        return;
      }
      const reads = [read];
      void this.#inTurn(async () => {
        // Calls of the same step may have more to do before they come here.
        await new Promise<void>(nextTick);
        if (this.#reads === reads) this.#reads = undefined;
        await this.#runReads(reads);
      });
      this.#reads = reads;
    });
  }

  async #runOne(sql: string, args: BoundArgs): Promise<StatementResult> {
    const [result] = await this.#send([{ sql, args }], undefined);
    return resultOf(result, sql);
  }

  async #runReads(reads: readonly WaitingRead[]): Promise<void> {
    if (reads.length > 1) {
      try {
        const results = await this.#runGroups(reads);
        for (const [i, result] of results.entries()) reads[i]?.resolve(result);
        return;
      } catch (error) {
        if (this.#lost) {
          for (const { reject } of reads) reject(error);
          return;
        }
        // Else each says by itself what is wrong with it.
      }
    }
    for (const { sql, args, resolve, reject } of reads) await this.#runOne(sql, args).then(resolve, reject);
  }

  /** The server runs none of those that stand behind one that fails. */
  runAll(statements: readonly BatchStatement[]): Promise<StatementResult[]> {
    return this.#inTurn(() => this.#runGroups(statements));
  }

  async #runGroups(statements: readonly BatchStatement[]): Promise<StatementResult[]> {
    const results: StatementResult[] = [];
    for (const group of groupsOf(statements)) results.push(...(await this.#runGroup(group, results.length)));
    return results;
  }

  async exec(sql: string): Promise<void> {
    if (sql !== 'COMMIT') return this.#inTurn(async () => this.#sendLater(sql));
    await this.#inTurn(async () => {
      // COMMIT ends savepoints by itself, also such as are still to be set.
      if (this.#ahead.some((control) => control.startsWith('ROLLBACK TO'))) await this.#send([], undefined);
      this.requireWhole(sql);
      await asDatabaseError(sql, () => this.#transaction.commit(), 'unknown');
    });
  }

  /** @throws DatabaseError `aborted` (`TRANSACTION_LOST`) when the server has ended the transaction before `operation` */
  requireWhole(operation: string): void {
    if (this.#lost) throw lostError(operation);
  }

  async rollbackIfOpen(): Promise<void> {
    const transaction = this.#transaction;
    if (transaction.closed) return;
    try {
      // A server that does not answer rolls back by itself when the stream is gone.
      await Promise.race([transaction.rollback(), sleep(1_000, undefined, { ref: false })]);
    } catch {
      this.#lost = true;
    } finally {
      transaction.close();
    }
  }

  /** One call at a time: what is sent beside a statement that fails could run outside the transaction. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#reads = undefined;
    const turn = this.#last.then(work);
    this.#last = turn.then(nothing, nothing);
    return turn;
  }

  #sendLater(control: string): void {
    this.requireWhole(control);
    const before = this.#ahead.at(-1);
    const name = control.slice(control.lastIndexOf(' ') + 1);
    if (before !== `SAVEPOINT ${name}`) this.#ahead = [...this.#ahead, control];
    // Nothing has run in a savepoint that was not set yet.
    else if (control === `RELEASE ${name}`) this.#ahead = this.#ahead.slice(0, -1);
  }

  async #runGroup(group: readonly BatchStatement[], offset: number): Promise<StatementResult[]> {
    const around = savepointAround(group);
    const transaction = this.#transaction;
    try {
      const sent = around ? [around.set, ...group, around.release] : group;
      const results = await this.#send(sent, around ? offset - 1 : offset);
      return (around ? results.slice(1, -1) : results).map((result, i) =>
        resultOf(result, group[i]?.sql ?? '', offset + i),
      );
    } catch (error) {
      if (!isDatabaseError(error) || error.statementIndex !== undefined || this.#lost || !isAboutWhole(error))
        throw error;
      const hasRun = error.type !== 'syntax' && transaction === this.#transaction;
      if (hasRun && around) await this.#send([around.undo, around.release], undefined);
      const middle = Math.ceil(group.length / 2);
      const first = await this.#runGroup(group.slice(0, middle), offset);
      return [...first, ...(await this.#runGroup(group.slice(middle), offset + middle))];
    }
  }

  /** Sends what waits and `statements` in one request. With `offset` the failing one is told by its place. */
  async #send(statements: readonly BatchStatement[], offset: number | undefined): Promise<ResultSet[]> {
    const ahead = this.#ahead;
    const sent = [...ahead, ...statements.map(({ sql, args }) => ({ sql, args: argsOf(args) }))];
    this.requireWhole(operationOf(statements, 0) ?? 'ROLLBACK TO');
    try {
      const results = await this.#transaction.batch(sent);
      this.#begun = true;
      this.#ahead = [];
      return results.slice(ahead.length);
    } catch (cause) {
      const told = statementIndexOf(cause);
      const at = told === undefined ? 0 : told - ahead.length;
      const isKnown = told !== undefined || statements.length === 1;
      const error = toDatabaseError(cause, operationOf(statements, Math.max(at, 0)) ?? 'ROLLBACK TO', {
        statementIndex: isKnown && at >= 0 && offset !== undefined ? offset + at : undefined,
      });
      await this.#look(error, told);
      throw this.#lost ? error : await withKeyKind(error, (read) => this.#transaction.execute(read));
    }
  }

  /** Finds out what the failure has left: a transaction, and savepoints that were set or are still to be set. */
  async #look(error: DatabaseError, at: number | undefined): Promise<void> {
    if (at === undefined && isAboutWhole(error) && !this.#begun && this.#transaction.closed) {
      // The client gives up a transaction whose first request fails as a whole. Nothing of it has happened.
      this.#transaction = await this.#reopen();
      return;
    }
    // A server that cannot read one of the statements runs none.
    const hasRun = at !== undefined || error.type !== 'syntax';
    // The rows of a savepoint that could not be rolled back are still there.
    const controlFailed = at !== undefined && at < this.#ahead.length;
    if (hasRun) {
      this.#ahead = [];
      this.#begun = true;
    }
    // A stream that the server or the network has ended took the transaction with it.
    this.#lost = controlFailed || endsStream.has(error.type) || !(await isStillOpen(this.#transaction));
  }
}

/** A transaction that only reads: whatever becomes of its end, what was read stays true, so only whoever comes next waits for it. */
export function heldForReads(connection: RemoteConnection, release: () => void): Held {
  let ending: Promise<void> | undefined;
  return {
    connection,
    commit: () => {
      connection.requireWhole('COMMIT');
      ending = connection.rollbackIfOpen();
    },
    release: () => (ending === undefined ? release() : void ending.then(release)),
  };
}

const nothing = (): void => undefined;

const endsStream: ReadonlySet<string> = new Set(['connection', 'aborted', 'overload', 'closed']);

/** Of such failures the server does not say which statement it is, and a smaller group may pass. */
function isAboutWhole(error: DatabaseError): boolean {
  return error.type === 'syntax' || error.code === 'RESPONSE_TOO_LARGE';
}

function lostError(operation: string): DatabaseError {
  return new DatabaseError('The server has ended the transaction', {
    type: 'aborted',
    code: 'TRANSACTION_LOST',
    operation,
    recoverable: true,
    hint: 'Nothing of it is in the database; run the whole transaction again',
  });
}

/** The error of BEGIN as a text on a connection that is held. */
export function noSession(): TypeError {
  return new TypeError(
    'A server runs each statement of a held connection on its own, so BEGIN would be lost: use transaction() of the connection or of the manager',
  );
}
