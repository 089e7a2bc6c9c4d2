// The errors of calls that are good elsewhere, but not in the transaction that they are made in.
import type { TransactionMode } from '@libsql/client';
import { DatabaseError } from './errors.js';
import { type StatementKind, statementKind } from './statement-kind.js';
import { tokensOf } from './statement-text.js';

/** A write in a transaction that only reads. */
export function readOnly(operation: string): DatabaseError {
  return new DatabaseError('The transaction around it only reads', {
    type: 'readonly',
    code: 'TX_READ_ONLY',
    operation,
    hint: 'Begin the outer transaction with mode write, or move the write out of read()',
  });
}

/** @throws DatabaseError `readonly` (`TX_READ_ONLY`) for a statement that a client's transaction of mode `read` does not take */
export function refuseWriteIn(mode: TransactionMode, sql: string): void {
  if (mode !== 'read') return;
  const kind = statementKind(sql);
  const asks = kind === 'read' || kind === 'explain' || kind === 'control' || (kind === 'database' && !acts.test(sql));
  if (!asks) throw readOnly(sql);
}

const acts = /=|vacuum|optimize|checkpoint/i;

/** A call that would wait for the transaction that waits for it. */
export function wouldWait(): DatabaseError {
  return wrongContext('WOULD_DEADLOCK', 'This call would wait for the connection of the transaction around it');
}

/** A propagation that does not fit the transaction around the call, or its absence. */
export function wrongContext(code: string, reason: string): DatabaseError {
  return new DatabaseError(reason, {
    type: 'aborted',
    code,
    operation: 'transaction',
    hint: 'See the propagation modes in the documentation of @cc/tx',
  });
}

/** A write to a database that was opened for reading. */
export function databaseReadOnly(operation: string): DatabaseError {
  return new DatabaseError('The database is opened for reading only', {
    type: 'readonly',
    code: 'SQLITE_READONLY',
    operation,
    hint: 'Open it without readOnly, as a user who may write the file and its folder',
  });
}

/** Refuses what a statement of its own must not do, because it would meet one of several connections. @throws TypeError */
export function refuseForeign(kind: StatementKind, sql: string): void {
  if (kind === 'control') {
    throw new TypeError('Transactions are begun and ended by transaction() and savepoint(), not by SQL text');
  }
  if (kind !== 'connection') return;
  const [first = '', second = ''] = tokensOf(sql);
  throw new TypeError(
    `${first} ${second} … changes one connection only, and there are several: set pragmas with the option 'pragmas', and hold a connection with getConnection() for TEMP objects and ATTACH`,
  );
}
