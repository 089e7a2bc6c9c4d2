// Columns that are NOT NULL, while rows are copied that have NULL in them (server-copy.ts): ALTER TABLE … ALTER COLUMN of libSQL makes
// such a rule, and looks at no row. It is taken out of the text of the table, which is put back behind the last row.
// https://sqlite.org/pragma.html#pragma_writable_schema
import type { Connection } from '../connections/local/connection.js';
import { isDatabaseError } from '../errors.js';
import { piecesOf } from '../statements/statement-text.js';

/** The rules of the tables of one file. */
export class NotNullRules {
  readonly #target: Connection;
  /** The whole texts of the tables that are without the rule for now. */
  readonly #lifted = new Map<string, string>();

  constructor(target: Connection) {
    this.#target = target;
  }

  /** Runs what writes a row into `table`; where that breaks a rule, once more without the rules. */
  around(table: string, insert: () => void): void {
    try {
      insert();
    } catch (error) {
      const isBroken = isDatabaseError(error) && error.extendedCode === 'SQLITE_CONSTRAINT_NOTNULL';
      if (!isBroken || this.#lifted.has(table)) throw error;
      const [[text] = []] = this.#target.run(`SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?`, [
        table,
      ]).rows;
      this.#lifted.set(table, String(text));
      this.#rewrite(table, allowingNull(String(text)));
      insert();
    }
  }

  /** Makes the tables what they are on the server. */
  restore(): void {
    for (const [table, text] of this.#lifted) this.#rewrite(table, text);
  }

  #rewrite(table: string, text: string): void {
    this.#target.exec('PRAGMA writable_schema = ON');
    this.#target.run(`UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?`, [text, table]);
    // Reads the schema again, too.
    this.#target.exec('PRAGMA writable_schema = RESET');
  }
}

/** A CREATE TABLE whose columns take NULL. What is inside further parentheses are expressions. */
function allowingNull(sql: string): string {
  let text = '';
  let copied = 0;
  let depth = 0;
  let word = '';
  let wordEnd = 0;
  for (const piece of piecesOf(sql)) {
    if (piece.text === '(') depth += 1;
    if (piece.text === ')') depth -= 1;
    if (depth === 1 && /^null$/i.test(piece.text) && /^not$/i.test(word)) {
      text += sql.slice(copied, wordEnd - word.length);
      copied = wordEnd;
    }
    word = piece.text;
    wordEnd = piece.end;
  }
  return text + sql.slice(copied);
}
