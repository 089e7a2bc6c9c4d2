// Tells from its first words what a statement needs: a reader, the writer, or a connection outside any transaction.

/**
 * - `read`: any connection.
 * - `write`: the writer, inside a transaction.
 * - `explain`: a connection outside any transaction that has compared itself with the schema of the file: EXPLAIN does not.
 * - `session`: the writer, outside a transaction (PRAGMA, VACUUM, ATTACH, DETACH).
 * - `control`: BEGIN, COMMIT and the like, which only this package may issue.
 */
export type StatementKind = 'read' | 'write' | 'explain' | 'session' | 'control';

/** Returns the kind of the first statement in `sql`. */
export function statementKind(sql: string): StatementKind {
  const word = firstWord.exec(sql)?.[1]?.toLowerCase() ?? '';
  switch (word) {
    case 'select':
    case 'values':
      return 'read';
    case 'with':
      // A false alarm (the word in a name or a text) only makes a read wait for the writer.
      return /\b(insert|update|delete|replace)\b/i.test(sql) ? 'write' : 'read';
    case 'explain':
      return 'explain';
    case 'pragma':
    case 'vacuum':
    case 'attach':
    case 'detach':
      return 'session';
    case 'begin':
    case 'commit':
    case 'end':
    case 'rollback':
    case 'savepoint':
    case 'release':
      return 'control';
    default:
      return 'write';
  }
}

/** Skips white space, both kinds of comments, and semicolons and parentheses in front. */
const firstWord = /^(?:\s+|;|\(|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)*([a-z]+)/i;
