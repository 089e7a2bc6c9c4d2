// What became of a COMMIT whose answer was lost, and how a keyed transaction finds out: each leaves its key and result in
// the table __cc_outcomes, in the same COMMIT as its work.
import type { StatementResult, TransactionConnection } from './connection-source.js';
import { DatabaseError, isDatabaseError } from './errors.js';
import type { Frame } from './frame.js';

/** A transaction whose COMMIT was sent and not answered. Thrown inside the engine only. */
export class UnknownOutcome<T> extends Error {
  readonly frame: Frame;
  readonly result: T;
  readonly failure: DatabaseError;

  constructor(frame: Frame, result: T, failure: DatabaseError) {
    super(failure.message, { cause: failure });
    this.frame = frame;
    this.result = result;
    this.failure = failure;
  }
}

/** The failure of a COMMIT that leaves open whether it took effect; undefined when the database has refused it. */
export function doubtOf(error: unknown): DatabaseError | undefined {
  if (!isDatabaseError(error)) return undefined;
  if (error.outcome === 'unknown') return error;
  if (error.type !== 'timeout') return undefined;
  const { type, code, operation } = error;
  return new DatabaseError('COMMIT was not answered in time', {
    type,
    code,
    operation,
    outcome: 'unknown',
    hint: 'It may or may not be in the database: read back before trying again, or use an idempotencyKey',
    cause: error,
  });
}

/** Checks the key of a keyed transaction. @throws TypeError when `key` is not a text of 1 to 200 characters */
export function checkIdempotencyKey(key: string): void {
  if (typeof key === 'string' && key.length >= 1 && key.length <= 200) return;
  throw new TypeError('idempotencyKey must be a text of 1 to 200 characters');
}

/** The result that a committed transaction left under `key`; undefined when there is none. */
export async function storedOutcome(
  connection: TransactionConnection,
  key: string,
): Promise<{ readonly result: unknown } | undefined> {
  const { rows } = await connection.run(find, [], true);
  if (rows.length === 0) {
    await connection.run(create, [], false);
    return undefined;
  }
  const stored: StatementResult = await connection.run('SELECT result FROM __cc_outcomes WHERE key = ?', [key], true);
  const [row] = stored.rows;
  return row && { result: typeof row[0] === 'string' ? JSON.parse(row[0]) : undefined };
}

/** Leaves `result` under `key`. @throws TypeError when JSON cannot hold it */
export async function storeOutcome(connection: TransactionConnection, key: string, result: unknown): Promise<void> {
  await connection.run(store, [key, asJson(result), Date.now()], false);
}

function asJson(result: unknown): string | null {
  try {
    return JSON.stringify(result) ?? null;
  } catch (cause) {
    throw new TypeError('The result of a transaction with an idempotencyKey is stored, so it must be JSON', { cause });
  }
}

const find = `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '__cc_outcomes'`;
const create = `CREATE TABLE IF NOT EXISTS __cc_outcomes (
  key TEXT PRIMARY KEY NOT NULL, result TEXT, committed_at INTEGER NOT NULL) WITHOUT ROWID`;
const store = 'INSERT INTO __cc_outcomes (key, result, committed_at) VALUES (?, ?, ?)';
