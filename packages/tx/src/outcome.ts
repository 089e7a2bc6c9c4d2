// What became of a COMMIT whose answer was lost, and how a keyed transaction finds out: each leaves its key and result in
// the table __cc_outcomes, in the same COMMIT as its work.
import type { BoundArgs } from './binding.js';
import { isWholeText } from './call-arguments.js';
import type { Awaitable, StatementResult } from './connection-source.js';
import { DatabaseError, isDatabaseError } from './errors.js';
import type { Frame } from './frame.js';
import { exactJson } from './outcome-json.js';

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

/** Checks the key of a keyed transaction. @throws TypeError for what is no key, or would be stored as that of another */
export function checkIdempotencyKey(key: string): void {
  if (isWholeText(key) && key.length >= 1 && key.length <= 200) return;
  throw new TypeError('idempotencyKey must be a text of 1 to 200 characters, without NUL and lone surrogates');
}

/** Runs a statement in the keyed transaction. */
export type RunStatement = (sql: string, args: BoundArgs, firstOnly: boolean) => Awaitable<StatementResult>;

/** The result that a committed transaction left under `key`, unless it is older than `ttlMs`; undefined when there is none. */
export async function storedOutcome(
  run: RunStatement,
  key: string,
  ttlMs: number,
): Promise<{ readonly result: unknown } | undefined> {
  const { rows } = await run(find, [], true);
  if (rows.length === 0) {
    await run(create, [], false);
    return undefined;
  }
  const stored = await run(select, [key, letGoBefore(Date.now(), ttlMs)], true);
  const [row] = stored.rows;
  return row && { result: typeof row[0] === 'string' ? JSON.parse(row[0]) : undefined };
}

/** Leaves `result` under `key`, and lets go of what is older than `ttlMs`. @throws TypeError for what JSON would change */
export async function storeOutcome(run: RunStatement, key: string, result: unknown, ttlMs: number): Promise<void> {
  const json = exactJson(result);
  const now = Date.now();
  if (Number.isFinite(ttlMs)) {
    await run(createIndex, [], false);
    await run(letGo, [letGoBefore(now, ttlMs)], false);
  }
  await run(store, [key, json, now], false);
}

function letGoBefore(now: number, ttlMs: number): number {
  return Number.isFinite(ttlMs) ? Math.max(0, Math.floor(now - ttlMs)) : 0;
}

const find = `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '__cc_outcomes'`;
const create = `CREATE TABLE IF NOT EXISTS __cc_outcomes (
  key TEXT PRIMARY KEY NOT NULL, result TEXT, committed_at INTEGER NOT NULL) WITHOUT ROWID`;
const createIndex = 'CREATE INDEX IF NOT EXISTS __cc_outcomes_committed_at ON __cc_outcomes (committed_at)';
const select = 'SELECT result FROM __cc_outcomes WHERE key = ? AND committed_at >= ?';
const letGo = 'DELETE FROM __cc_outcomes WHERE committed_at < ?';
const store = 'INSERT INTO __cc_outcomes (key, result, committed_at) VALUES (?, ?, ?)';
