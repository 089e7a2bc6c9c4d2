// Takes back what a savepoint has done, and the savepoint with it.
import { type Awaitable, isPromise, type TransactionConnection } from './connection-source.js';

/** Rolls back to `savepoint` and releases it. Two statements: not every target takes both in one text. */
export function undo(connection: TransactionConnection, savepoint: string): Awaitable<void> {
  const rollingBack = connection.exec(`ROLLBACK TO ${savepoint}`);
  const release = (): Awaitable<void> => connection.exec(`RELEASE ${savepoint}`);
  return isPromise(rollingBack) ? rollingBack.then(release) : release();
}
