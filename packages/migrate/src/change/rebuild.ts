// Gives a table another shape the way SQLite's documentation of ALTER TABLE recommends: create the new one, copy, drop
// the old one, rename. plan-change.ts takes views and triggers out of the way first, because the drop would break them.
import { columnText, compareTables } from '../schema/compare-tables.js';
import { readCreateTable } from '../schema/create-table.js';
import { isName } from '../schema/normal-form.js';
import { type Column, rowidAlias, type Table } from '../schema/schema.js';
import { foldName, quoteName, quoteText, replaceSpans } from '../sql/words.js';
import { freeName } from './free-name.js';

/** How a rebuild treats what the new shape does not take as it is. */
export interface RebuildOptions {
  /** Whether NULL becomes a default or a placeholder where the new column is NOT NULL; else such a row stops the migration. */
  readonly fillNulls: boolean;
  /** Keeps the rowids of a table without INTEGER PRIMARY KEY: something refers to them. */
  readonly keepRowids: boolean;
  /** Whether something else has a name. */
  readonly isTaken: (name: string) => boolean;
}

/** A rebuild. */
export interface Rebuild {
  readonly statements: readonly string[];
  /** What a person has to know of it; with the column that every row gets the same value in. */
  readonly notes: readonly { readonly text: string; readonly column: string | null }[];
  /** Whether values of kept columns may come out changed. */
  readonly changesValues: boolean;
}

/** Plans the rebuild of `from` as `to`. */
export function rebuildTable(from: Table, to: Table, options: RebuildOptions): Rebuild {
  const draft = freeName(`__new_${to.name}`, options.isTaken);
  const copy = to.columns
    .filter(({ generated }) => generated === 'no')
    .flatMap((column) => (isNewAlias(column, from, to) ? numbered(column, from) : copyOf(column, from, options)));
  const rowid = options.keepRowids && isRowidTable(from) && isRowidTable(to) ? freeRowidName(from, to) : null;
  const targets = [...(rowid === null ? [] : [rowid]), ...copy.map(({ column }) => quoteName(column.name))];
  const values = [...(rowid === null ? [] : [rowid]), ...copy.map(({ value }) => value)];
  const keepsMark = from.isAutoIncrement && to.isAutoIncrement;
  return {
    statements: [
      renamedCreate(to, draft),
      ...(targets.length === 0
        ? []
        : [
            `INSERT INTO ${quoteName(draft)} (${targets.join(', ')}) SELECT ${values.join(', ')} FROM ${quoteName(from.name)}`,
          ]),
      // The mark is a row only once a row was inserted, and a deleted row's number must not come back.
      ...(keepsMark
        ? [
            `DELETE FROM sqlite_sequence WHERE name = ${quoteText(draft)}`,
            `INSERT INTO sqlite_sequence (name, seq) SELECT ${quoteText(draft)}, seq FROM sqlite_sequence WHERE name = ${quoteText(from.name)}`,
          ]
        : []),
      `DROP TABLE ${quoteName(from.name)}`,
      `ALTER TABLE ${quoteName(draft)} RENAME TO ${quoteName(to.name)}`,
    ],
    notes: copy.flatMap(({ note }) => (note === null ? [] : [note])),
    changesValues: changesValues(from, to),
  };
}

interface ColumnCopy {
  readonly column: Column;
  /** SQL expression over the old table. */
  readonly value: string;
  readonly note: Rebuild['notes'][number] | null;
}

const named = ({ columns }: Table, name: string): Column | undefined =>
  columns.find((each) => foldName(each.name) === foldName(name));

/** Whether `column` is the INTEGER PRIMARY KEY of `to`, and `from` has none of that name. */
function isNewAlias({ name }: Column, from: Table, to: Table): boolean {
  return rowidAlias(to) === name && named(from, name) === undefined;
}

/** A key that counts: the rowids that the rows have, or numbers that SQLite gives them. One value for all would be no key. */
function numbered(column: Column, from: Table): readonly ColumnCopy[] {
  const value = from.options.includes('without rowid') ? null : freeRowidName(from);
  return value === null ? [] : [{ column, value, note: null }];
}

function copyOf(column: Column, from: Table, { fillNulls }: RebuildOptions): readonly ColumnCopy[] {
  const before = named(from, column.name);
  const place = `${from.name}.${column.name}`;
  if (!before) {
    if (!column.notNull || hasDefault(column)) return [];
    const value = placeholder(column);
    const text = `${place} is NOT NULL without a default: rows that are there get ${value}`;
    return [{ column, value, note: { text, column: column.name } }];
  }
  const value = quoteName(before.name);
  if (!column.notNull || before.notNull || !(fillNulls || hasDefault(column))) return [{ column, value, note: null }];
  const fallback = hasDefault(column) ? (column.defaultSql ?? '') : placeholder(column);
  const text = `NULL in ${place} becomes ${fallback}`;
  return [{ column, value: `coalesce(${value}, ${fallback})`, note: { text, column: column.name } }];
}

function hasDefault({ defaultSql }: Column): boolean {
  return defaultSql !== null && defaultSql.toUpperCase() !== 'NULL';
}

/** A value of the column's affinity (https://sqlite.org/datatype3.html, section 3.1). */
export function placeholder({ type }: Column): string {
  if (/INT/i.test(type)) return '0';
  if (/CHAR|CLOB|TEXT/i.test(type)) return `''`;
  if (type === '' || /BLOB/i.test(type)) return `x''`;
  return '0';
}

function isRowidTable(table: Table): boolean {
  return rowidAlias(table) === null && !table.options.includes('without rowid');
}

function freeRowidName(...tables: readonly Table[]): string | null {
  const taken = new Set(tables.flatMap(({ columns }) => columns.map(({ name }) => foldName(name))));
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name)) ?? null;
}

/** The CREATE TABLE of `table` under another name, also where its expressions name the table. */
function renamedCreate({ sql, name }: Table, draft: string): string {
  const { nameWord, words } = readCreateTable(sql);
  const qualifiers = words.filter(
    (word, index) => isName(word) && foldName(word.name) === foldName(name) && words[index + 1]?.name === '.',
  );
  return replaceSpans(
    sql,
    [nameWord, ...qualifiers].map(({ start, end }) => ({ start, end, text: quoteName(draft) })),
  );
}

function changesValues(from: Table, to: Table): boolean {
  const { changed } = compareTables(from, to);
  return changed.some(({ from: before, to: after }) => {
    const isRelaxed = columnText({ ...before, notNull: false, defaultSql: null });
    return (
      isRelaxed !== columnText({ ...after, notNull: false, defaultSql: null }) || (after.notNull && !before.notNull)
    );
  });
}
