// Times a statement and reports it as an event, when somebody listens.
import { performance } from 'node:perf_hooks';
import { currentLabel } from '../call-label.js';
import type { StatementResult } from '../connection-source.js';
import { toDatabaseError } from '../errors.js';
import type { Events, QueryEvent } from '../events.js';
import { type Awaitable, isPromise } from '../waiting/awaitable.js';

/** What is told of a statement beside its end. */
type About = Pick<QueryEvent, 'sql' | 'mode' | 'transactionId' | 'label'>;

/** Runs `run` and reports it when somebody listens. */
export function observed(
  events: Events,
  about: About,
  run: () => Awaitable<StatementResult>,
): Awaitable<StatementResult> {
  if (!events.active) return run();
  const started = performance.now();
  let result: Awaitable<StatementResult>;
  try {
    result = run();
  } catch (cause) {
    return failed(events, about, started, cause);
  }
  // Without functions made for it: most statements of a local file end right here.
  if (!isPromise(result)) return ended(events, about, started, result);
  return result.then(
    (settled) => ended(events, about, started, settled),
    (cause: unknown) => failed(events, about, started, cause),
  );
}

function ended(events: Events, about: About, started: number, result: StatementResult): StatementResult {
  const endedAt = performance.now();
  const durationMs = endedAt - started;
  const { sql, mode, transactionId, label = currentLabel() } = about;
  const { rowsAffected } = result;
  const rows = result.rows.length;
  events.emit({ type: 'query', sql, durationMs, endedAt, rows, rowsAffected, mode, transactionId, label, error: null });
  return result;
}

function failed(events: Events, about: About, started: number, cause: unknown): never {
  const { sql, mode, transactionId, label = currentLabel() } = about;
  const error = toDatabaseError(cause, sql);
  const durationMs = performance.now() - started;
  events.emit({ type: 'query', sql, durationMs, rows: 0, rowsAffected: 0, mode, transactionId, label, error });
  throw error;
}
