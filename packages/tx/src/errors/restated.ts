// What callers further out know of a failure: which statement of a batch it was, what their own library calls it, and how it
// says it.
import { DatabaseError, isDatabaseError } from '../errors.js';

/** Notes which statement of a batch has thrown `error`, unless it is noted already. Anything else is left as it is. */
export function withStatementIndex(error: unknown, statementIndex: number): unknown {
  if (isDatabaseError(error) && error.statementIndex === undefined) Object.assign(error, { statementIndex });
  return error;
}

/** Puts another error between `error` and what caused it, for those who look for it down the chain of causes. */
export function withCause(error: DatabaseError, wrap: (cause: unknown) => Error): DatabaseError {
  return Object.assign(error, { cause: wrap(error.cause) });
}

/**
 * The message of an error of @libsql/client: its code and SQLite's own words, with nothing behind them. Adapters read the names
 * of columns and tables up to the end of it (`UNIQUE constraint failed: parts.name`).
 */
export function clientMessage({ code, reason }: DatabaseError): string {
  return `${code}: ${reason}`;
}

/** Gives an error about the SQL or the data of a call of @libsql/client the message that its users know; the rest stays. */
export function asOfClient(error: unknown): unknown {
  if (!isDatabaseError(error) || !error.code.startsWith('SQLITE_')) return error;
  const isTold = error.type === 'constraint' || error.type === 'syntax';
  return isTold ? Object.assign(error, { message: clientMessage(error) }) : error;
}

/** The failure of work of which a part may have been committed: to run it again could do that part twice. */
export function inPart(error: unknown): unknown {
  if (!isDatabaseError(error) || error.outcome === 'unknown') return error;
  const { reason, type, code, operation, constraint, cause } = error;
  return new DatabaseError(reason, {
    type,
    code,
    operation,
    ...(constraint && { constraint }),
    outcome: 'unknown',
    hint: 'A part of it may be in the database: look before you run it again, and put what belongs together into one transaction',
    cause,
  });
}
