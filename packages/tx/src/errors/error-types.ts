// The words that errors are told in. Shared by the error class and by the files that read driver errors.

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
  /** Without a transaction manager servers tell a second equal key as `unique`, also when the column is the primary key. */
  readonly kind: 'unique' | 'primary_key' | 'not_null' | 'check' | 'foreign_key' | 'trigger' | 'datatype';
  readonly table: string | null;
  readonly columns: readonly string[];
  /** Name of the CHECK constraint or unique index, or the message of RAISE(). */
  readonly name: string | null;
}

/** What a driver's error means. */
export interface Diagnosis {
  readonly type: DatabaseErrorType;
  readonly code: string;
  readonly reason: string;
  /** The same work may succeed when it is tried again, as a whole. */
  readonly recoverable: boolean;
  /** Whether the database may have done what it was asked for: no answer came back. */
  readonly unanswered: boolean;
  /** Default: that of the type. */
  readonly hint?: string;
  readonly constraint?: ConstraintDetails;
}
