// What a person agreed to lose: everything, or tables and columns by name. From the options of a call, and from lines
// `-- cc:loss users.email, audit` in the file of the migration that loses it.
import { tokenize } from '../sql/tokenize.js';
import { foldName } from '../sql/words.js';

/** What may be lost. */
export interface Agreement {
  /** Everything: nothing has to be measured. */
  readonly isTotal: boolean;
  /** The names that were given. */
  readonly names: readonly string[];
  /** Whether the rows of `table` may go, or with a name the values of a column. */
  has(table: string, column: string | null): boolean;
}

/** What `allowDataLoss` and the text of a migration agree to. */
export function agreementOf(allowed: boolean | readonly string[], sql: string | null): Agreement {
  const names = [...(typeof allowed === 'boolean' ? [] : allowed), ...(sql === null ? [] : marksOf(sql))];
  const keys = new Set(names.map(foldName));
  return {
    isTotal: allowed === true,
    names,
    has: (table, column) => allowed === true || keys.has(lossName(table, column)),
  };
}

/** Nothing may be lost. */
export const noAgreement: Agreement = { isTotal: false, names: [], has: () => false };

/** `table` or `table.column`, as agreements name them, in lower case. */
export function lossName(table: string, column: string | null): string {
  return foldName(column === null ? table : `${table}.${column}`);
}

/** The names of all lines `-- cc:loss …` of a file. A text that cannot be read has none: plan.ts refuses it. */
function marksOf(sql: string): readonly string[] {
  const names: string[] = [];
  try {
    for (const { kind, start, end } of tokenize(sql)) {
      if (kind !== 'gap') continue;
      const [, list] = /^--\s*cc:loss\s+(.*)$/.exec(sql.slice(start, end).trimEnd()) ?? [];
      names.push(...(list ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()])));
    }
  } catch {
    return [];
  }
  return names;
}
