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
  const keys = new Set(names.map(keyOf));
  return {
    isTotal: allowed === true,
    names,
    has: (table, column) => allowed === true || keys.has(keyOf(lossName(table, column))),
  };
}

/** Nothing may be lost. */
export const noAgreement: Agreement = { isTotal: false, names: [], has: () => false };

/** `table` or `table.column`, as agreements name them: in double quotes what has a dot, a comma or a quote in it. */
export function lossName(table: string, column: string | null): string {
  return (column === null ? [table] : [table, column])
    .map((part) => (/[.,"]|^\s|\s$/.test(part) ? `"${part.replaceAll('"', '""')}"` : part))
    .join('.');
}

/** The names of a list such as `users.email, "odd,name"`. */
export function lossNamesIn(list: string): readonly string[] {
  return (list.match(/(?:"(?:[^"]|"")*"|[^",])+/g) ?? []).map((name) => name.trim()).filter((name) => name !== '');
}

/** One spelling of a name: SQLite's letters, and quotes only where they are needed. */
export function keyOf(name: string): string {
  const parts = name.match(/"(?:[^"]|"")*"|[^".]+/g) ?? [];
  const [table = '', ...rest] = parts.map((part) =>
    part.startsWith('"') && part.length > 1 ? part.slice(1, -1).replaceAll('""', '"') : part,
  );
  return foldName(lossName(table, rest.length === 0 ? null : rest.join('.')));
}

/** The names of all lines `-- cc:loss …` of a file. A text that cannot be read has none: plan.ts refuses it. */
function marksOf(sql: string): readonly string[] {
  if (!sql.includes('cc:loss')) return [];
  const names: string[] = [];
  try {
    for (const { kind, start, end } of tokenize(sql)) {
      if (kind !== 'gap') continue;
      const [, list] = /^--\s*cc:loss\s+(\S.*)$/.exec(sql.slice(start, end).trimEnd()) ?? [];
      names.push(...lossNamesIn(list ?? ''));
    }
  } catch {
    return [];
  }
  return names;
}
