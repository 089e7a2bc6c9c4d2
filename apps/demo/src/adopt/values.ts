// The metadata of one old model, in either form: a row for each key, or a row with a column for each. Of several values of a
// key the last row's counts, as it was the last that was written.
import type { MetadataValue } from '@cc/schema';
import { textLimits } from '@cc/schema/validation';
import type { Cell } from './cell.js';
import { booleanOf, type Extras, storable, textOf } from './fields.js';
import { type Columns, snakeCase, type ValueRole } from './old-columns.js';
import type { OldRow } from './old-database.js';
import { type Remark, type RemarkList, remarksOn } from './remarks.js';

/** What the metadata of one model comes to. */
export interface OldValues {
  /** Rows of which something was taken. */
  readonly taken: number;
  /** In the form of a row for each model: its columns, by their names. */
  readonly wide: ReadonlyMap<string, Cell | null>;
}

/** Reads the rows that name one model; those of a row for each key go into `extras`. */
export function readValues(
  rows: readonly OldRow[],
  columns: Columns<ValueRole>,
  extras: Extras,
  remarks: Remark[],
): OldValues {
  const key = columns.of.get('key');
  if (key === undefined) return { taken: rows.length, wide: joined(rows) };
  const latest = new Map<string, { readonly row: OldRow; readonly on: RemarkList }>();
  for (const row of rows) {
    const on = remarksOn('model_metadata', rowName(row), remarks);
    const name = keyOf(row.cells.get(key) ?? null, on, key);
    if (name === null) {
      on.refused('no key', key);
      continue;
    }
    latest.get(name)?.on.refused('later value');
    latest.set(name, { row, on });
  }
  let taken = 0;
  for (const [name, { row, on }] of latest) {
    const value = valueOf(row, columns, on);
    if (value === undefined) continue;
    extras.set(name, value);
    taken += 1;
  }
  return { taken, wide: new Map() };
}

/** The name of a row of metadata in a report. */
export function rowName({ number }: OldRow): string {
  return `row ${number}`;
}

function joined(rows: readonly OldRow[]): ReadonlyMap<string, Cell | null> {
  const cells = new Map<string, Cell | null>();
  for (const row of rows) {
    for (const [name, cell] of row.cells) {
      const column = snakeCase(name);
      if (cell !== null || !cells.has(column)) cells.set(column, cell);
    }
  }
  return cells;
}

function keyOf(cell: Cell | null, on: RemarkList, column: string): string | null {
  const text = cell === null ? null : textOf(cell, on, column);
  return text === null || text === '' || text.length > textLimits.metadataKey ? null : text;
}

function valueOf(row: OldRow, columns: Columns<ValueRole>, on: RemarkList): MetadataValue | undefined {
  const column = columns.of.get('value');
  const cell = column === undefined ? null : (row.cells.get(column) ?? null);
  if (column === undefined || cell === null) return null;
  const typed = columns.of.get('type');
  const typeCell = typed === undefined ? null : (row.cells.get(typed) ?? null);
  const type = typeCell?.kind === 'text' ? typeCell.value.trim().toLowerCase() : '';
  const plain = cell.kind === 'number' ? cell.value : textOf(cell, on, column);
  if (plain === null) return undefined;
  const meant = asType(plain, type);
  if (meant === undefined) on.changed('type converted', column);
  const value = storable(meant === undefined ? plain : meant);
  if (value === undefined) on.refused('too long', column);
  return value;
}

/** The value as its row says it is meant; undefined when it cannot be. Without a type it is what SQLite stored. */
function asType(value: string | number, type: string): MetadataValue | undefined {
  switch (type) {
    case 'number':
    case 'int':
    case 'integer':
    case 'float':
    case 'real': {
      const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
      // A text of more digits than a number holds stays one.
      if (Number.isInteger(number) && !Number.isSafeInteger(number)) return undefined;
      return Number.isFinite(number) ? number : undefined;
    }
    case 'bool':
    case 'boolean':
      return booleanOf(String(value)) ?? undefined;
    case 'null':
    case 'none':
      return null;
    case 'json':
    case 'list':
    case 'dict':
      return storable(parsed(String(value)));
    case 'text':
    case 'string':
    case 'str':
      return String(value);
    default:
      return value;
  }
}

function parsed(text: string): MetadataValue {
  try {
    return JSON.parse(text) as MetadataValue;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
