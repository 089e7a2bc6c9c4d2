// One error type for everything a database can answer. driver-error.ts reads what a driver says, diagnosis.ts is the
// table that decides what it means. No native import: other packages and clients without a driver may load this file.
import { LibsqlError } from '@libsql/core/api';
import { diagnose } from './errors/diagnosis.js';
import { chainOf, readSymptom } from './errors/driver-error.js';
import type { ConstraintDetails, DatabaseErrorType } from './errors/error-types.js';
import { isError } from './errors/is-error.js';
import { shortened, withoutSecrets, withoutValues } from './errors/redaction.js';
import { sqliteCodeName, sqliteCodeNumber } from './errors/sqlite-codes.js';

export type { ConstraintDetails, DatabaseErrorType } from './errors/error-types.js';
export { isError } from './errors/is-error.js';

/** What a `DatabaseError` is made of. */
export interface DatabaseErrorFields {
  readonly type: DatabaseErrorType;
  /** The engine's extended code (`SQLITE_CONSTRAINT_UNIQUE`) or one of ours (`TX_CLOSED`). */
  readonly code: string;
  /** What failed, for the message: an SQL text with placeholders or a method's name. */
  readonly operation: string;
  readonly recoverable?: boolean | undefined;
  readonly outcome?: 'none' | 'unknown' | undefined;
  readonly constraint?: ConstraintDetails | undefined;
  readonly hint?: string | undefined;
  /** Of the batch that failed, from 0. */
  readonly statementIndex?: number | undefined;
  readonly cause?: unknown;
}

const brand = Symbol.for('@cc/tx/DatabaseError/1');

/**
 * The one error of the data layer. Its message says what failed, why, and what to try; it carries SQL text, never bound values.
 */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly type: DatabaseErrorType;
  readonly code: string;
  /** `code` again where it is one of SQLite, for programs that were written for the errors of @libsql/client. */
  readonly extendedCode?: string | undefined;
  /** The number of `extendedCode`: https://sqlite.org/rescode.html */
  readonly rawCode?: number | undefined;
  /** The same work may succeed when it is tried again. */
  readonly recoverable: boolean;
  /**
   * `none`: nothing of the work is in the database. `unknown`: all of it may be (a COMMIT was sent and its answer was lost), or
   * a part (statements of a script that stand in front of the failing one).
   */
  readonly outcome: 'none' | 'unknown';
  readonly operation: string;
  readonly constraint?: ConstraintDetails | undefined;
  readonly hint: string;
  /** Which statement of a batch failed, from 0. Absent for what is no batch. */
  readonly statementIndex?: number | undefined;
  readonly #reason: string;

  constructor(reason: string, fields: DatabaseErrorFields) {
    const hint = fields.hint ?? hints[fields.type];
    const operation = withoutSecrets(fields.operation);
    super(`${withoutSecrets(reason)} [${fields.code}] in ${shortened(operation)}${hint ? `. ${hint}` : ''}`, {
      cause: fields.cause,
    });
    this.#reason = withoutSecrets(reason);
    this.type = fields.type;
    this.code = fields.code;
    if (fields.code.startsWith('SQLITE_')) this.extendedCode = fields.code;
    const rawCode = sqliteCodeNumber(fields.code);
    if (rawCode !== undefined) this.rawCode = rawCode;
    this.recoverable = fields.recoverable ?? false;
    this.outcome = fields.outcome ?? 'none';
    this.operation = operation;
    if (fields.constraint) this.constraint = fields.constraint;
    this.hint = hint;
    if (fields.statementIndex !== undefined) this.statementIndex = fields.statementIndex;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Why it failed: the message without code, operation and hint. */
  get reason(): string {
    return this.#reason;
  }
}

/** Whether `error` is a `DatabaseError`, also one made by another copy of this package. */
export function isDatabaseError(error: unknown): error is DatabaseError {
  return typeof error === 'object' && error !== null && brand in error;
}

/**
 * Returns `error` as a `DatabaseError`: itself when it is one, else what the table in docs/errors.md says of the
 * innermost error in its chain of causes. `operation` says what failed, without values.
 *
 * @param options.outcome `unknown` when the work may have been committed: a COMMIT, or a write on its own, was on its
 * way. It stays `none` where the error itself proves the contrary: nothing was sent, or the database refused it.
 * @param options.statementIndex the place of the failing statement in its batch
 */
export function toDatabaseError(
  error: unknown,
  operation: string,
  options: { readonly outcome?: 'none' | 'unknown' | undefined; readonly statementIndex?: number | undefined } = {},
): DatabaseError {
  const chain = chainOf(error);
  const known = chain.find(isDatabaseError);
  if (known) return known;
  const symptom = readSymptom(chain);
  const message = withoutSecrets(withoutValues(symptom, operation));
  const { reason, unanswered, ...diagnosis } = diagnose({ ...symptom, message });
  const inDoubt = options.outcome === 'unknown' && unanswered;
  return new DatabaseError(diagnosis.type === 'unknown' ? `The database failed: ${reason}` : reason, {
    ...diagnosis,
    operation,
    statementIndex: options.statementIndex,
    // Running it again could do it twice.
    ...(inDoubt && { outcome: 'unknown', recoverable: false, hint: inDoubtHint }),
    cause: asClient(
      message === symptom.message ? withoutParameters(error, chain) : withoutEcho(chain.at(-1), message),
      message,
    ),
  });
}

const inDoubtHint = 'It may or may not be in the database: read back before trying again, or use an idempotencyKey';

/** drizzle's wrapper has the bound values in its message; what it wraps has not. */
function withoutParameters(error: unknown, chain: readonly unknown[]): unknown {
  const wrapper = chain.findLastIndex((link) => isError(link) && 'query' in link && 'params' in link);
  return wrapper === -1 ? error : chain[wrapper + 1];
}

function withoutEcho(error: unknown, message: string): Error {
  if (error instanceof LibsqlError) return new LibsqlError(message, error.code, error.extendedCode, error.rawCode);
  const { name = 'Error', code, rawCode } = isError(error) ? (error as Partial<NativeError>) : {};
  return Object.assign(new Error(message), { name, code, ...(rawCode !== undefined && { rawCode }) });
}

type NativeError = Error & { readonly code: unknown; readonly rawCode: unknown };

/** The error of the native driver as @libsql/client throws it: the code without its kind, and the kind beside it. */
function asClient(cause: unknown, message: string): unknown {
  if (!isError(cause) || cause instanceof LibsqlError) return cause;
  const { code, rawCode } = cause as Partial<NativeError>;
  if (typeof code !== 'string' || typeof rawCode !== 'number' || cause.cause !== undefined) return cause;
  return new LibsqlError(message, sqliteCodeName(rawCode % 256), sqliteCodeName(rawCode), rawCode, cause);
}

const hints: Record<DatabaseErrorType, string> = {
  connection: 'Check that the file or server exists and can be reached, and that its folder can be written',
  lock: 'Another connection holds the lock; try the whole transaction again',
  constraint: 'The data breaks a rule of the schema; nothing was written',
  syntax: 'Check the statement, and that the migrations were applied',
  // SQLite calls a read that has failed so, too.
  integrity:
    'Stop writing, keep a copy of the file, look for a failing disk in the system log, and restore a verified backup',
  full: 'Free disk space, then try again',
  readonly: 'Use a write transaction on a database that can be written',
  timeout: 'Make the work shorter or the limit longer',
  aborted: '',
  closed: 'Open the transaction manager again',
  auth: 'Check the token or the key',
  overload: 'Lower the number of calls at once, then try again',
  unknown: '',
};
