// The object that transaction() hands to its work: the public face of a frame.
import { TransactionRollbackError } from 'drizzle-orm/errors';
import { checkWork } from '../call-arguments.js';
import { DatabaseError } from '../errors.js';
import type { Database, Schema, Transaction } from '../types.js';
import type { Frame } from './frame.js';

/** The public face of a frame. */
export class FrameHandle<S extends Schema> implements Transaction<S> {
  readonly #frame: Frame;
  readonly #bind: () => Database<S>;
  readonly savepoint: Transaction<S>['savepoint'];
  #db: Database<S> | undefined;

  constructor(frame: Frame, bind: () => Database<S>, savepoint: Transaction<S>['savepoint']) {
    this.#frame = frame;
    this.#bind = bind;
    this.savepoint = savepoint;
  }

  get id(): string {
    return this.#frame.id;
  }

  get depth(): number {
    return this.#frame.depth;
  }

  get mode(): 'read' | 'write' {
    return this.#frame.mode;
  }

  /** Made on first use: most code goes through the ambient `manager.db`. */
  get db(): Database<S> {
    this.#db ??= this.#bind();
    return this.#db;
  }

  rollback(): never {
    return rollback(this.#frame);
  }

  afterCommit(hook: () => unknown): void {
    checkWork('afterCommit', hook);
    this.#frame.addCommitHook(hook);
  }

  afterRollback(hook: () => unknown): void {
    checkWork('afterRollback', hook);
    this.#frame.addRollbackHook(hook);
  }

  afterUnknown(hook: () => unknown): void {
    checkWork('afterUnknown', hook);
    this.#frame.addUnknownHook(hook);
  }
}

/** Throws the error that rolls `frame` back. @throws DatabaseError `aborted` (`TX_ROLLBACK`, `TX_CLOSED`) */
export function rollback(frame: Frame): never {
  // What has been taken back already needs no more than the end of its work.
  if (!frame.lost) frame.assertOpen('rollback');
  throw new DatabaseError('The transaction was rolled back on request', {
    type: 'aborted',
    code: 'TX_ROLLBACK',
    operation: 'rollback',
    // What drizzle's own rollback() throws.
    cause: new TransactionRollbackError(),
  });
}
