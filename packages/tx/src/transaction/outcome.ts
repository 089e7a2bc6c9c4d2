// What became of a COMMIT whose answer was lost, and how a keyed transaction finds out: each leaves its key and result in
// the table __cc_outcomes, in the same COMMIT as its work.
import { randomUUID } from 'node:crypto';
import { isWholeText } from '../call-arguments.js';
import type { StatementResult } from '../connection-source.js';
import type { DatabaseError } from '../errors.js';
import type { BoundArgs } from '../statements/binding.js';
import type { Awaitable } from '../waiting/awaitable.js';
import type { Frame } from './frame.js';
import { exactJson } from './outcome-json.js';

/** A transaction whose COMMIT was sent and not answered. Thrown inside the engine only. */
export class UnknownOutcome<T> extends Error {
  readonly frame: Frame;
  readonly result: T;
  readonly failure: DatabaseError;
  /** The run that may have been committed, for a keyed transaction. */
  readonly run: string | undefined;

  constructor(frame: Frame, result: T, { failure, run }: { failure: DatabaseError; run: string | undefined }) {
    super(failure.message, { cause: failure });
    this.frame = frame;
    this.result = result;
    this.failure = failure;
    this.run = run;
  }
}

/** Checks the key of a keyed transaction. @throws TypeError for what is no key, or would be stored as that of another */
export function checkIdempotencyKey(key: string): void {
  if (isWholeText(key) && key.length >= 1 && key.length <= 200) return;
  throw new TypeError('idempotencyKey must be a text of 1 to 200 characters, without NUL and lone surrogates');
}

/** Runs a statement in the keyed transaction. */
export type RunStatement = (sql: string, args: BoundArgs, firstOnly: boolean) => Awaitable<StatementResult>;

/** What a committed transaction left under a key. */
export interface StoredOutcome {
  readonly result: unknown;
  /** Which run of which process it was; null for one from before runs were told apart. */
  readonly run: unknown;
  /** Too old to count for anybody but the run itself. */
  readonly expired: boolean;
}

/** What was left under `key`; undefined when there is nothing. */
export async function storedOutcome(run: RunStatement, key: string, ttlMs: number): Promise<StoredOutcome | undefined> {
  const { rows: columns } = await run(find, [], false);
  if (columns.length === 0) await run(create, [], false);
  else if (!columns.some(([name]) => name === 'run')) await run(addRun, [], false);
  if (columns.length === 0) return undefined;
  const [row] = (await run(select, [key], true)).rows;
  if (!row) return undefined;
  const [result, by, committedAt] = row;
  return {
    result: typeof result === 'string' ? JSON.parse(result) : undefined,
    run: by,
    expired: Number(committedAt) < letGoBefore(Date.now(), ttlMs),
  };
}

/**
 * What a keyed transaction need not do any more: its own COMMIT in doubt has done it, or another run with the same key.
 * That of the own run counts however old it is by now.
 */
export function settledBy<T>(
  stored: StoredOutcome | undefined,
  doubt: UnknownOutcome<T> | undefined,
): { readonly isOwn: boolean; readonly result: T } | undefined {
  if (!stored) return undefined;
  if (doubt && stored.run === doubt.run) return { isOwn: true, result: doubt.result };
  return stored.expired ? undefined : { isOwn: false, result: stored.result as T };
}

/**
 * Leaves `result` under `key`, lets go of some of what is older than `ttlMs`, and returns the name of this run.
 *
 * @throws TypeError for what JSON would change
 */
export async function storeOutcome(run: RunStatement, key: string, result: unknown, ttlMs: number): Promise<string> {
  const json = exactJson(result);
  const name = randomUUID();
  const now = Date.now();
  if (Number.isFinite(ttlMs)) {
    await run(createIndex, [], false);
    const before = letGoBefore(now, ttlMs);
    await run(letGo, [before, key, before], false);
  }
  await run(store, [key, json, now, name], false);
  return name;
}

function letGoBefore(now: number, ttlMs: number): number {
  return Number.isFinite(ttlMs) ? Math.max(0, Math.floor(now - ttlMs)) : 0;
}

const find = `SELECT name FROM pragma_table_info('__cc_outcomes')`;
const create = `CREATE TABLE IF NOT EXISTS __cc_outcomes (
  key TEXT PRIMARY KEY NOT NULL, result TEXT, committed_at INTEGER NOT NULL, run TEXT) WITHOUT ROWID`;
const addRun = 'ALTER TABLE __cc_outcomes ADD COLUMN run TEXT';
const createIndex = 'CREATE INDEX IF NOT EXISTS __cc_outcomes_committed_at ON __cc_outcomes (committed_at)';
const select = 'SELECT result, run, committed_at FROM __cc_outcomes WHERE key = ?';
/** The own key, and some others: a million would take seconds in which nobody else writes, and more than servers allow. */
const letGo = `DELETE FROM __cc_outcomes WHERE +committed_at < ? AND key IN (
  SELECT ? UNION ALL SELECT key FROM (SELECT key FROM __cc_outcomes WHERE committed_at < ? LIMIT 500))`;
const store = 'INSERT INTO __cc_outcomes (key, result, committed_at, run) VALUES (?, ?, ?, ?)';
