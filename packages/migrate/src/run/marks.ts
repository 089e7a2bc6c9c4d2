// Says where a migration changes what AUTOINCREMENT remembers: those are no rows of anybody, so nothing measures them. plan.ts
// asks.

import type { MigrationWarning } from '../contract/migration.js';
import type { Statement } from '../sql/statements.js';
import { foldName } from '../sql/words.js';
import { writingOf } from '../sql/writing.js';

/** Names the tables of `statements` that write to sqlite_sequence, but for copies of one mark to another, as rebuilds make them. */
export function markWarnings(version: string, statements: readonly Statement[]): readonly MigrationWarning[] {
  const isCopy = (statement: Statement | undefined): boolean =>
    statement !== undefined && writes(statement) === 'INSERT' && named(statement) > 1;
  const changes = statements.filter((statement, index) => {
    const verb = writes(statement);
    return verb !== null && !isCopy(statement) && !(verb === 'DELETE' && isCopy(statements[index + 1]));
  });
  if (changes.length === 0) return [];
  const message = `${version} writes to sqlite_sequence: numbers that AUTOINCREMENT has given out may come again, and nothing measures that`;
  return [{ kind: 'unmeasured', message, table: 'sqlite_sequence', rows: null }];
}

function writes({ words }: Statement): string | null {
  const writing = writingOf(words);
  return writing?.table === 'sqlite_sequence' ? writing.verb : null;
}

/** How often the table is named. */
function named({ words }: Statement): number {
  return words.filter(({ name }) => foldName(name) === 'sqlite_sequence').length;
}
