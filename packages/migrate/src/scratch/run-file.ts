// The text of a migration file on a scratch database, and why it does not run there: file, line, statement, what to do next.
import { isDatabaseError } from '@cc/tx/errors';
import { migrationError, saidBy } from '../errors.js';
import { lineAt, RefusedStatement, type Statement, splitStatements } from '../sql/statements.js';
import { removalOf, temporaryIn } from '../sql/temporary.js';
import type { ScratchDatabase } from './scratch-database.js';

/** Why a file does not run. */
export interface FileFailure {
  readonly fault: 'statement' | 'replay';
  /** A sentence without a full stop. */
  readonly reason: string;
  readonly hint: string;
  readonly cause: Error;
}

/**
 * Runs the text of a migration file as migrations run.
 *
 * @throws DatabaseError `MIGRATION_REPLAY` for a file that does not run, `MIGRATION_STATEMENT` for one that must not
 */
export async function runFile(scratch: ScratchDatabase, sql: string, source: string): Promise<void> {
  const failure = await tryFile(scratch, sql, source);
  if (failure === null) return;
  const { fault, reason, hint, cause } = failure;
  throw migrationError(fault, reason, { operation: `replay ${source}`, hint, cause });
}

/** Runs the text of a migration file; returns null when it ran. A file that does not leaves nothing behind. */
export async function tryFile(scratch: ScratchDatabase, sql: string, source: string): Promise<FileFailure | null> {
  let statements: readonly Statement[] = [];
  let done = 0;
  try {
    statements = splitStatements(sql, source);
    await scratch.run(
      [...statements.map((statement) => statement.sql), ...removalOf(temporaryIn(statements))],
      (count) => {
        done = count;
      },
    );
    return null;
  } catch (cause) {
    if (cause instanceof RefusedStatement)
      return { fault: 'statement', reason: cause.message, hint: `${cause.hint}. ${orSettle}`, cause };
    if (!isDatabaseError(cause)) throw cause;
    const statement = statements[done];
    const where = statement ? ` (line ${lineAt(sql, statement.words[0]?.start ?? 0)}: ${beginningOf(statement)})` : '';
    return {
      fault: 'replay',
      reason: `${source} does not run on a database without rows: ${saidBy(cause)}${where}`,
      hint: `Mend the file, or put what needs the rows of one database into a script of its own. ${orSettle}`,
      cause,
    };
  }
}

const orSettle = 'If it is applied already and must stay as it is, let the replay start behind it: cc-migrate settle';

const contents = new Set(['VALUES', 'SELECT', 'SET', 'AS', '(']);

/** What a statement is about: its words as far as no values can stand among them. */
function beginningOf({ words }: Statement): string {
  // A SELECT has no name before its contents.
  const begin = contents.has(words[0]?.keyword ?? '') ? 1 : words.findIndex(({ keyword }) => contents.has(keyword));
  const named = words
    .slice(0, Math.min(6, begin === -1 ? 6 : begin))
    .filter(({ kind }) => kind === 'word' || kind === 'name');
  return `${named.map(({ name }) => name).join(' ')} …`;
}
