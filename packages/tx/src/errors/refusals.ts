// The errors of calls that are good elsewhere, but not in the transaction that they are made in.
import { DatabaseError } from '../errors.js';

/** A write in a transaction that only reads. */
export function readOnly(operation: string): DatabaseError {
  return new DatabaseError('The transaction around it only reads', {
    type: 'readonly',
    code: 'TX_READ_ONLY',
    operation,
    hint: 'Begin the outer transaction with mode write, or move the write out of read()',
  });
}

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

/** A key on a connection that was opened without one. The operation is told without its text, which has the key. */
export function needsKey(operation: string): DatabaseError {
  return new DatabaseError('This connection was opened without a key, so it can encrypt nothing', {
    type: 'syntax',
    code: 'UNSUPPORTED_STATEMENT',
    operation,
    hint: "Open the encrypted file with the option encryptionKey, and attach the plain one to it with KEY ''",
  });
}
