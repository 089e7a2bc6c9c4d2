// Times a statement and reports it as an event, when somebody listens.
import type { StatementResult } from '../connection-source.js';
import { toDatabaseError } from '../errors.js';
import type { Events, QueryEvent } from '../events.js';
import { type Awaitable, isPromise } from '../waiting/awaitable.js';

/** Runs `run` and reports it when somebody listens. */
export function observed(
  events: Events,
  about: Pick<QueryEvent, 'sql' | 'mode' | 'transactionId' | 'label'>,
  run: () => Awaitable<StatementResult>,
): Awaitable<StatementResult> {
  if (!events.active) return run();
  const { sql, mode, transactionId, label } = about;
  const started = performance.now();
  const report = (result: StatementResult): StatementResult => {
    const durationMs = performance.now() - started;
    const { rows, rowsAffected } = result;
    const { length } = rows;
    events.emit({
      type: 'query',
      sql,
      durationMs,
      rows: length,
      rowsAffected,
      mode,
      transactionId,
      label,
      error: null,
    });
    return result;
  };
  const failed = (cause: unknown): never => {
    const error = toDatabaseError(cause, sql);
    const durationMs = performance.now() - started;
    events.emit({ type: 'query', sql, durationMs, rows: 0, rowsAffected: 0, mode, transactionId, label, error });
    throw error;
  };
  let result: Awaitable<StatementResult>;
  try {
    result = run();
  } catch (cause) {
    return failed(cause);
  }
  return isPromise(result) ? result.then(report, failed) : report(result);
}
