// How the statements of a batch are put into requests: what the server takes at once, and what makes a group repeatable.
import type { BatchStatement } from '../../connection-source.js';
import { isError } from '../../errors/is-error.js';
import { statementKind } from '../../statements/statement-kind.js';

/** The bounds of one request. */
const groupLimits = Object.freeze({
  /** A WebSocket message may have 16 MiB. */
  bytes: 4 * 2 ** 20,
  /** Each is a step with conditions on those before. */
  statements: 2_000,
});

/** Cuts statements into groups of which each fits into one request. */
export function groupsOf(statements: readonly BatchStatement[]): BatchStatement[][] {
  const groups: BatchStatement[][] = [];
  let group: BatchStatement[] = [];
  let bytes = 0;
  for (const statement of statements) {
    const size = bytesOf(statement);
    if (group.length > 0 && (bytes + size > groupLimits.bytes || group.length === groupLimits.statements)) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(statement);
    bytes += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

function bytesOf({ sql, args }: BatchStatement): number {
  let bytes = sql.length + 64;
  for (const value of Array.isArray(args) ? args : Object.values(args)) {
    if (typeof value === 'string') bytes += value.length * (isAscii(value) ? 1 : 3);
    // JSON carries bytes as base64.
    else bytes += Buffer.isBuffer(value) ? Math.ceil(value.length * 1.4) : 24;
  }
  return bytes;
}

// Short texts are not worth a look.
const isAscii = (text: string): boolean => text.length > 256 && /^[\0-\x7f]*$/.test(text);

/**
 * The savepoint around a group that writes and whose answer may become too large: the server says so when all of it has
 * run, and without it could not be run again in parts.
 */
export function savepointAround(
  group: readonly BatchStatement[],
): { readonly set: BatchStatement; readonly release: BatchStatement; readonly undo: BatchStatement } | undefined {
  if (group.length === 1) return undefined;
  let writes = false;
  let answers = false;
  for (const { sql } of group) {
    const read = statementKind(sql) === 'read';
    writes ||= !read;
    answers ||= read || /\breturning\b|^\s*pragma/i.test(sql);
  }
  return writes && answers ? batchSavepoint : undefined;
}

const control = (sql: string): BatchStatement => ({ sql, args: [] });

const batchSavepoint = Object.freeze({
  set: control('SAVEPOINT cc_batch'),
  release: control('RELEASE cc_batch'),
  undo: control('ROLLBACK TO cc_batch'),
});

/** What a failure names: the statement at `at`, or where the failing one is not known, or is ours, the first of the caller's. */
export function operationOf(statements: readonly BatchStatement[], at: number): string | undefined {
  const isOurs = (each: BatchStatement | undefined): boolean =>
    Object.values(batchSavepoint).some((own) => own === each);
  const failed = isOurs(statements[at]) ? undefined : statements[at];
  return (failed ?? statements.find((each) => !isOurs(each)))?.sql;
}

/** Which statement of a request failed, when the server has told. */
export function statementIndexOf(error: unknown): number | undefined {
  return isError(error) && 'statementIndex' in error && typeof error.statementIndex === 'number'
    ? error.statementIndex
    : undefined;
}
