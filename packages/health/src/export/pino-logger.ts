// Writes what a transaction manager reports to a logger of the shape of pino: what went wrong as warnings and errors, all
// the rest as debug lines. No values: statements without their literals, errors without their statement.
import { type DatabaseError, isDatabaseError, isError } from '@cc/tx/errors';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import type { HealthSource } from '../source.js';
import { fingerprint } from '../statistics/fingerprint.js';

/** What is needed of a logger. Those of pino have this shape. */
export interface LoggerLike {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Options of `pinoLogger`. */
export interface PinoLoggerOptions {
  /** A statement that takes this long is a warning. Default 100. */
  readonly slowQueryMs?: number | undefined;
}

/** Begins to log. Returns the function that ends it. A logger that throws is ignored, as every listener is. */
export function pinoLogger(
  transactions: Pick<HealthSource, 'subscribe'>,
  logger: LoggerLike,
  options: PinoLoggerOptions = {},
): () => void {
  refuseUnknownOptions('pinoLogger', options, ['slowQueryMs']);
  const { slowQueryMs = 100 } = options;
  return transactions.subscribe((event) => {
    switch (event.type) {
      case 'query': {
        const { sql, durationMs, rows, mode, transactionId, label, error } = event;
        const fields = { sql: fingerprint(sql), durationMs, rows, mode, transactionId, label };
        if (error) logger.error({ ...fields, err: fieldsOf(error) }, 'statement failed');
        else if (durationMs >= slowQueryMs) logger.warn(fields, 'slow statement');
        else logger.debug(fields, 'statement');
        return;
      }
      case 'transaction': {
        const { error, id, phase, depth, mode, label, durationMs } = event;
        const fields = { id, phase, depth, mode, label, durationMs };
        if (phase === 'unknown')
          logger.error({ ...fields, err: fieldsOf(error) }, 'the outcome of a transaction is unknown');
        else if (phase === 'rollback') logger.info({ ...fields, err: fieldsOf(error) }, 'transaction rolled back');
        else logger.debug(fields, `transaction: ${phase}`);
        return;
      }
      case 'retry':
        logger.warn({ attempt: event.attempt, delayMs: event.delayMs, err: fieldsOf(event.error) }, 'tried again');
        return;
      case 'hook_error':
        logger.error(
          { hook: event.hook, transactionId: event.transactionId, err: thrown(event.error) },
          'a hook threw',
        );
        return;
      case 'sync':
        if (event.error)
          logger.warn({ durationMs: event.durationMs, err: fieldsOf(event.error) }, 'the replica could not fetch');
        else logger.debug({ durationMs: event.durationMs }, 'the replica has fetched');
        return;
      case 'storage':
        logger.warn({ fileSystem: event.fileSystem, journal: event.journal }, event.hint);
        return;
      default:
        logger.debug(event, event.type);
    }
  });
}

/** What a hook threw, unless it is the failure of a statement or has one within: a logger writes those, too. */
function thrown(error: unknown): unknown {
  if (isDatabaseError(error)) return fieldsOf(error);
  const failure = failureWithin(error);
  return failure ? { message: isError(error) ? error.message : '', cause: fieldsOf(failure) } : error;
}

/** The first failure of a statement among the causes of an error and the errors that it gathers, as that of `Promise.any` does. */
function failureWithin(error: unknown): DatabaseError | undefined {
  // What is added while it is walked through is walked through, too.
  const reached = new Set([error]);
  for (const each of reached) {
    if (isDatabaseError(each)) return each;
    if (!isError(each)) continue;
    reached.add(each.cause);
    if ('errors' in each && Array.isArray(each.errors)) for (const gathered of each.errors) reached.add(gathered);
  }
  return undefined;
}

/** What is told of a failure: its message and its operation carry the text of the statement, and with it literals. */
function fieldsOf(error: DatabaseError | null): object | null {
  if (error === null) return null;
  const { type, code, recoverable, outcome, hint } = error;
  return { type, code, recoverable, outcome, hint };
}
