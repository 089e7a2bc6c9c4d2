// One error type for everything a database can answer, and the table that makes it from driver errors.
// No native import: other packages and clients without a driver may load this file.

/** What kind of failure it was; decides what a caller can do about it. */
export type DatabaseErrorType =
  | 'connection'
  | 'lock'
  | 'constraint'
  | 'syntax'
  | 'integrity'
  | 'full'
  | 'readonly'
  | 'timeout'
  | 'aborted'
  | 'closed'
  | 'auth'
  | 'overload'
  | 'unknown';

/** The constraint that a statement broke. Names are null where the database does not tell them. */
export interface ConstraintDetails {
  readonly kind: 'unique' | 'primary_key' | 'not_null' | 'check' | 'foreign_key' | 'trigger' | 'datatype';
  readonly table: string | null;
  readonly columns: readonly string[];
  /** Name of the CHECK constraint, or the message of RAISE(). */
  readonly name: string | null;
}

/** What a `DatabaseError` is made of. */
export interface DatabaseErrorFields {
  readonly type: DatabaseErrorType;
  /** The engine's extended code (`SQLITE_CONSTRAINT_UNIQUE`) or one of ours (`TX_CLOSED`). */
  readonly code: string;
  /** What failed, for the message: an SQL text with placeholders or a method's name. */
  readonly operation: string;
  readonly recoverable?: boolean;
  readonly outcome?: 'none' | 'unknown';
  readonly constraint?: ConstraintDetails;
  readonly hint?: string;
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
  /** The same work may succeed when it is tried again. */
  readonly recoverable: boolean;
  /** `none`: nothing of the work is in the database. `unknown`: a COMMIT was sent and its answer was lost. */
  readonly outcome: 'none' | 'unknown';
  readonly operation: string;
  readonly constraint?: ConstraintDetails;
  readonly hint: string;

  constructor(reason: string, fields: DatabaseErrorFields) {
    const hint = fields.hint ?? hints[fields.type];
    super(`${reason} [${fields.code}] in ${shorten(fields.operation)}${hint ? `. ${hint}` : ''}`, {
      cause: fields.cause,
    });
    this.type = fields.type;
    this.code = fields.code;
    this.recoverable = fields.recoverable ?? false;
    this.outcome = fields.outcome ?? 'none';
    this.operation = fields.operation;
    if (fields.constraint) this.constraint = fields.constraint;
    this.hint = hint;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether `error` is a `DatabaseError`, also one made by another copy of this package. */
export function isDatabaseError(error: unknown): error is DatabaseError {
  return typeof error === 'object' && error !== null && brand in error;
}

/**
 * Returns `error` as a `DatabaseError`: itself when it is one, else classified by the code of the first
 * driver error in its chain of causes. `operation` says what failed, without values.
 */
export function toDatabaseError(error: unknown, operation: string): DatabaseError {
  const driver = driverErrorIn(error);
  if (isDatabaseError(driver)) return driver;
  const message = driver instanceof Error ? driver.message : String(driver);
  const code = codeOf(driver, message);
  const type = typeOf(code);
  const constraint = type === 'constraint' ? constraintOf(code, message) : undefined;
  return new DatabaseError(type === 'unknown' ? `The database failed: ${message}` : message, {
    type,
    code,
    operation,
    recoverable: type === 'lock',
    ...(constraint && { constraint }),
    cause: error,
  });
}

const hints: Record<DatabaseErrorType, string> = {
  connection: 'Check that the file or server exists and can be reached, and that its folder can be written',
  lock: 'Another connection holds the lock; try the whole transaction again',
  constraint: 'The data breaks a rule of the schema; nothing was written',
  syntax: 'Check the statement, and that the migrations were applied',
  integrity: 'Stop writing, keep a copy of the file and restore a verified backup',
  full: 'Free disk space, then try again',
  readonly: 'Use a write transaction on a database that can be written',
  timeout: 'Make the work shorter or the limit longer',
  aborted: '',
  closed: 'Open the transaction manager again',
  auth: 'Check the token or the key',
  overload: 'Lower the number of calls at once, then try again',
  unknown: '',
};

/** The innermost error that says something: drizzle and clients wrap the driver's own error as `cause`. */
function driverErrorIn(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < 10; depth += 1) {
    if (isDatabaseError(current)) return current;
    if (!(current instanceof Error) || current.cause === undefined) return current;
    current = current.cause;
  }
  return current;
}

function codeOf(error: unknown, message: string): string {
  if (typeof error === 'object' && error !== null) {
    if ('extendedCode' in error && typeof error.extendedCode === 'string') return error.extendedCode;
    if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code;
  }
  // libsql reports a failed open as a plain Error: ConnectionFailed("Unable to open connection to local database …: 14")
  const opened = /ConnectionFailed\(.*: (\d+)\b/s.exec(message);
  if (opened) return opened[1] === '14' ? 'SQLITE_CANTOPEN' : `SQLITE_${opened[1]}`;
  return 'UNKNOWN';
}

/** By the primary part of the code, extended codes included: https://sqlite.org/rescode.html */
const typesByCode: readonly (readonly [prefix: string, type: DatabaseErrorType])[] = [
  ['SQLITE_BUSY', 'lock'],
  ['SQLITE_LOCKED', 'lock'],
  ['SQLITE_CONSTRAINT', 'constraint'],
  ['UNKNOWN_SQLITE_ERROR_3091', 'constraint'],
  ['SQLITE_MISMATCH', 'constraint'],
  ['SQLITE_ERROR', 'syntax'],
  ['SQLITE_RANGE', 'syntax'],
  ['SQLITE_TOOBIG', 'constraint'],
  ['SQLITE_CORRUPT', 'integrity'],
  ['SQLITE_NOTADB', 'integrity'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_READONLY', 'readonly'],
  ['SQLITE_CANTOPEN', 'connection'],
  ['SQLITE_IOERR', 'connection'],
  ['SQLITE_INTERRUPT', 'aborted'],
  ['SQLITE_AUTH', 'auth'],
];

function typeOf(code: string): DatabaseErrorType {
  return typesByCode.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'unknown';
}

const constraintKinds: readonly (readonly [suffix: string, text: string, kind: ConstraintDetails['kind']])[] = [
  ['_UNIQUE', 'UNIQUE constraint failed', 'unique'],
  ['_PRIMARYKEY', '', 'primary_key'],
  ['_ROWID', '', 'primary_key'],
  ['_NOTNULL', 'NOT NULL constraint failed', 'not_null'],
  ['_CHECK', 'CHECK constraint failed', 'check'],
  ['_FOREIGNKEY', 'FOREIGN KEY constraint failed', 'foreign_key'],
  ['_TRIGGER', '', 'trigger'],
];

function constraintOf(code: string, message: string): ConstraintDetails {
  // Servers tell the kind in the message only.
  const known =
    constraintKinds.find(([suffix]) => code.endsWith(suffix)) ??
    constraintKinds.find(([, text]) => text !== '' && message.includes(text));
  const kind = known?.[2] ?? 'datatype';
  const detail = /constraint failed: ([^]*)$/.exec(message)?.[1]?.trim() ?? null;
  const named = kind === 'unique' || kind === 'primary_key' || kind === 'not_null';
  // "models.file_path, models.id" and "index 'idx_x'" are the two forms for keys.
  const parts = named && detail !== null && !detail.startsWith('index ') ? detail.split(', ') : [];
  return {
    kind,
    table: parts[0]?.split('.')[0] ?? null,
    columns: parts.map((part) => part.slice(part.indexOf('.') + 1)),
    name: named ? (parts.length === 0 ? detail : null) : (detail ?? message),
  };
}

function shorten(operation: string): string {
  const oneLine = operation.replace(/\s+/g, ' ').trim();
  return oneLine.length > 300 ? `${oneLine.slice(0, 300)}…` : oneLine;
}
