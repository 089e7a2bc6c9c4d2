// Refuses a TEMP table or view that has the name of a table of the database: it would stand before it in statements, and where
// rows are compared and migrations recorded. plan.ts asks.
import type { MigrationProblem } from '../contract/migration.js';
import { drizzleTable } from '../sql/bookkeeping.js';
import { lineAt, type Statement } from '../sql/statements.js';
import { temporaryIn } from '../sql/temporary.js';
import { foldName } from '../sql/words.js';
import type { Step } from './plan.js';

/** The problems of `statements`, which are those of `step`. `present`: the tables there are, in lower case. */
export function hiddenTables(
  { version, source, sql, direction }: Step,
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
