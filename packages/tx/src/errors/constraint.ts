// Reads which constraint a statement broke. libsql tells the kind in its code; servers tell it in the message only, from
// which the same code is made here.
import type { ConstraintDetails } from './error-types.js';

/** Returns the extended code and the details for a failed constraint. */
export function readConstraint(
  code: string,
  message: string,
): { readonly code: string; readonly constraint: ConstraintDetails } {
  const known = kinds.find(({ suffix }) => code === `SQLITE_CONSTRAINT_${suffix}`) ?? byMessage(code, message);
  const kind = known?.kind ?? 'primary_key';
  const extended = known && code === 'SQLITE_CONSTRAINT' ? `${code}_${known.suffix}` : code;
  return { code: extended, constraint: { kind, ...namesIn(kind, message) } };
}

interface Known {
  readonly suffix: string;
  readonly kind: ConstraintDetails['kind'];
  readonly message: RegExp | null;
}

const kinds: readonly Known[] = [
  { suffix: 'ROWID', kind: 'primary_key', message: /^UNIQUE constraint failed: [^,]*\.rowid$/ },
  { suffix: 'UNIQUE', kind: 'unique', message: /^UNIQUE constraint failed/ },
  { suffix: 'PRIMARYKEY', kind: 'primary_key', message: null },
  { suffix: 'NOTNULL', kind: 'not_null', message: /^NOT NULL constraint failed/ },
  { suffix: 'CHECK', kind: 'check', message: /^(?:CHECK|rtree) constraint failed/ },
  { suffix: 'FOREIGNKEY', kind: 'foreign_key', message: /^FOREIGN KEY constraint failed/ },
  { suffix: 'DATATYPE', kind: 'datatype', message: /^cannot store \w+ value in \w+ column / },
  { suffix: 'TRIGGER', kind: 'trigger', message: null },
];

function byMessage(code: string, message: string): Known | undefined {
  if (code === 'SQLITE_MISMATCH') return kinds.find(({ kind }) => kind === 'datatype');
  const told = kinds.find((known) => known.message?.test(message));
  // The bare words come from virtual tables such as FTS5, for a row that exists. Any other text is that of RAISE().
  return told ?? (message === 'constraint failed' ? undefined : kinds.find(({ kind }) => kind === 'trigger'));
}

function namesIn(kind: ConstraintDetails['kind'], message: string): Omit<ConstraintDetails, 'kind'> {
  if (kind === 'datatype') {
    const [, table = null, column] = / column ([^]+)\.([^.]+\.*)$/.exec(message) ?? [];
    return { table, columns: column === undefined ? [] : [column], name: null };
  }
  const detail = /constraint failed: ([^]+)$/.exec(message)?.[1]?.trim() ?? null;
  if (kind === 'trigger') return { table: null, columns: [], name: message };
  if (kind === 'check' || kind === 'foreign_key' || detail === null) return { table: null, columns: [], name: detail };
  // "models.file_path, models.id" and "index 'idx_x'" are the two forms for keys.
  const index = /^index '([^]+)'$/.exec(detail)?.[1];
  if (index !== undefined) return { table: null, columns: [], name: index };
  const parts = detail.split(', ');
  const table = parts[0]?.slice(0, parts[0].indexOf('.')) ?? null;
  return { table, columns: parts.map((part) => part.slice(part.indexOf('.') + 1)), name: null };
}
