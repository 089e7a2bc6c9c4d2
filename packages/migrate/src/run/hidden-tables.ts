// Refuses a TEMP table or view that has the name of a table of the database: it would stand before it in statements, and where
// rows are compared and migrations recorded. plan.ts asks.
import type { MigrationDirection, MigrationProblem } from '../contract/migration.js';
import { drizzleTable } from '../sql/bookkeeping.js';
import { lineAt, type Statement } from '../sql/statements.js';
import { temporaryIn } from '../sql/temporary.js';
import { foldName } from '../sql/words.js';

/** What is asked of the text of a migration. */
interface Text {
  readonly version: string;
  /** File name for messages. */
  readonly source: string;
  readonly sql: string | null;
  readonly downSql: string | null;
  readonly direction: MigrationDirection;
}

/** Whether it matters which tables there are: to what changes rows and has no way back, and to what may hide one. */
export function asksForTables({ direction, sql, downSql }: Text): boolean {
  return (direction === 'up' && downSql === null) || /temp/i.test(sql ?? '');
}

/** The problems of `statements`, which are those of `step`. `present`: the tables there are, in lower case. */
export function hiddenTables(
  { version, source, sql, direction }: Text,
  statements: readonly Statement[],
  { present, ledger }: { readonly present: ReadonlySet<string>; readonly ledger: string },
): readonly MigrationProblem[] {
  const records = [drizzleTable, '__cc_migrations', foldName(ledger)];
  return temporaryIn(statements).flatMap(({ type, name, word }) => {
    const key = foldName(name);
    if (type === 'TRIGGER' || !(present.has(key) || records.includes(key))) return [];
    const message = `${source} makes a temporary ${type.toLowerCase()} ${name} on line ${lineAt(sql ?? '', word.start)}, which hides the table of that name`;
    return [{ kind: 'statement', version, message, hint: `Give it another name. Then: cc-migrate ${direction}` }];
  });
}
