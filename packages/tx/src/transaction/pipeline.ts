// Batches inside a transaction: in one round trip where there are any, else one by one.

import { performance } from 'node:perf_hooks';
import { currentLabel } from '../call-label.js';
import type { BatchStatement, StatementResult } from '../connection-source.js';
import { runEach } from '../drizzle/client.js';
import { toDatabaseError } from '../errors.js';
import type { Events } from '../events.js';
import type { Frame } from './frame.js';

/** Runs statements in order in `frame`, after the children that are open. The error of one that fails says which it is. */
export async function runAllIn(frame: Frame, statements: readonly BatchStatement[]): Promise<StatementResult[]> {
  const { connection, mode, id, label } = frame;
  if (!connection.runAll) return runEach(statements, ({ sql, args }) => frame.run(sql, args, false));
  const operation = statements.length === 1 ? (statements[0]?.sql ?? 'batch') : 'batch';
  const wait = { operation, timeoutMs: Number.POSITIVE_INFINITY, signal: undefined };
  const run = async (): Promise<StatementResult[]> => {
    const started = performance.now();
    for (const { sql } of statements) frame.ground?.ran(sql);
    try {
      const results = (await connection.runAll?.(statements)) ?? [];
      report(frame.events, { started, mode, transactionId: id, label }, statements, results);
      return results;
    } catch (cause) {
      const error = toDatabaseError(cause, operation);
      frame.noteFailure(error);
      report(frame.events, { started, mode, transactionId: id, label, error }, statements, []);
      throw error;
    }
  };
  return frame.soon(operation, () => frame.inTurn(wait, run));
}

/** Each statement with its share of the time; when one failed, those before it and itself. */
function report(
  events: Events,
  about: {
    readonly started: number;
    readonly mode: 'read' | 'write';
    readonly transactionId: string;
    readonly label: string | undefined;
    readonly error?: ReturnType<typeof toDatabaseError>;
  },
  statements: readonly BatchStatement[],
  results: readonly StatementResult[],
): void {
  if (!events.active) return;
  const { started, mode, transactionId, label = currentLabel(), error = null } = about;
  const failed = error === null ? statements.length : (error.statementIndex ?? 0);
  const durationMs = (performance.now() - started) / Math.max(1, Math.min(statements.length, failed + 1));
  for (const [i, { sql }] of statements.entries()) {
    if (i > failed) return;
    const { rows = [], rowsAffected = 0 } = results[i] ?? {};
    events.emit({
      ...{ type: 'query', sql, durationMs, rows: rows.length, rowsAffected, mode, transactionId, label },
      error: i === failed ? error : null,
    });
  }
}
