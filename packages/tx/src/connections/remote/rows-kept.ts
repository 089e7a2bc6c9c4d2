// Whether a write on its own that broke a rule may have left rows. A server commits it by itself, and where the schema says
// FAIL the rows in front of the one that failed stay (https://sqlite.org/lang_conflict.html); its answer does not tell.
import type { ResultSet } from '@libsql/client';
import { inPart } from '../../errors/restated.js';
import { isDatabaseError } from '../../errors.js';
import { tokensOf } from '../../statements/statement-text.js';

/**
 * Returns `error`, told as one of unknown outcome when rows may be there. `ask` runs a read on the same server; when that
 * fails nobody knows.
 */
export async function withRowsKept(error: unknown, ask: (sql: string) => Promise<ResultSet>): Promise<unknown> {
  if (!isDatabaseError(error) || error.type !== 'constraint' || error.outcome === 'unknown') return error;
  try {
    const { rows } = await ask(mayFail);
    return rows.some(({ sql }) => typeof sql === 'string' && saysFail(sql)) ? inPart(error) : error;
  } catch {
    return inPart(error);
  }
}

const mayFail = "SELECT sql FROM sqlite_schema WHERE sql LIKE '%fail%'";

/** `ON CONFLICT FAIL` of a table; `RAISE(FAIL, …)` and `INSERT OR FAIL` of a trigger. */
function saysFail(sql: string): boolean {
  return /(?:^| )(?:conflict|or|raise \() fail(?: |$)/i.test([...tokensOf(sql)].join(' '));
}
