// Turns single values of the old database into what a field of a model holds. What a field cannot hold is not thrown away: it
// is kept whole among the model's metadata, and told.
import type { MetadataValue } from '@cc/schema';
import { parseMetadataValue, textLimits } from '@cc/schema/validation';
import { type Cell, textOfBytes } from './cell.js';
import { dateOf } from './old-dates.js';
import type { RemarkList } from './remarks.js';

/** The values of one model that have no field of their own, by their keys. */
export class Extras {
  readonly #values = new Map<string, MetadataValue>();

  /** Adds a value; a second one under a key goes under one that says where it is from. */
  add(key: string, value: MetadataValue): void {
    this.#values.set(this.#free(key), value);
  }

  /** Sets the value of a key. What had the key gets another one. */
  set(key: string, value: MetadataValue): void {
    const former = this.#values.get(key);
    if (former !== undefined) this.#values.set(this.#free(key), former);
    this.#values.set(key, value);
  }

  #free(key: string): string {
    const short = key.slice(0, textLimits.metadataKey).toWellFormed();
    for (let n = 0, name = short; ; n += 1) {
      if (!this.#values.has(name)) return name;
      name = `${n === 0 ? 'models' : `models ${n + 1}`}.${short}`.slice(0, textLimits.metadataKey).toWellFormed();
    }
  }

  /** An object whose keys may be any, `__proto__` too. */
  record(): Readonly<Record<string, MetadataValue>> {
    return Object.fromEntries(this.#values);
  }
}

/** Reads the values of one row. */
export class Fields {
  readonly #cell: (column: string) => Cell | null;
  readonly #remarks: RemarkList;
  readonly #extras: Extras;

  constructor(cell: (column: string) => Cell | null, remarks: RemarkList, extras: Extras) {
    [this.#cell, this.#remarks, this.#extras] = [cell, remarks, extras];
  }

  /** The text of a column; null for none and for bytes that are no text. */
  text(column: string | undefined): string | null {
    if (column === undefined) return null;
    const cell = this.#cell(column);
    return cell === null ? null : textOf(cell, this.#remarks, column);
  }

  /** A text within the bounds of its field. `cut`: a longer one is cut there; else the field stays empty. */
  bounded(column: string | undefined, most: number, { cut = false } = {}): string | null {
    const text = this.text(column);
    if (column === undefined || text === null) return null;
    if (this.#cell(column)?.kind === 'number') this.#remarks.changed('type converted', column);
    if (text.length <= most) return text;
    this.#keep(column, text, cut ? 'text cut' : 'kept as metadata');
    // Not between the halves of a character.
    return cut ? text.slice(0, most).replace(/[\ud800-\udbff]$/, '') : null;
  }

  /** A number of a column, also one that was written as a text, if `fits` takes it. */
  number(column: string | undefined, fits: (value: number) => boolean): number | null {
    if (column === undefined) return null;
    const cell = this.#cell(column);
    if (cell === null) return null;
    if (cell.kind === 'number' && fits(cell.value)) return cell.value;
    const text = textOf(cell, this.#remarks, column);
    if (text === null) return null;
    if (cell.kind !== 'number' && /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) && fits(Number(text))) {
      this.#remarks.changed('type converted', column);
      return Number(text);
    }
    if (text.trim() !== '') this.#keep(column, cell.kind === 'number' ? cell.value : text, 'kept as metadata');
    return null;
  }

  date(column: string | undefined): Date | null {
    if (column === undefined) return null;
    const cell = this.#cell(column);
    if (cell === null) return null;
    const date = dateOf(cell);
    if (date !== null) return date;
    const text = textOf(cell, this.#remarks, column);
    if (text !== null && text.trim() !== '') this.#keep(column, text, 'kept as metadata');
    return null;
  }

  boolean(column: string | undefined): boolean | null {
    if (column === undefined) return null;
    const cell = this.#cell(column);
    if (cell === null) return null;
    const text = textOf(cell, this.#remarks, column);
    if (text === null) return null;
    const value = booleanOf(text);
    if (value === null && text.trim() !== '') this.#keep(column, text, 'kept as metadata');
    return value;
  }

  /** Keeps a value of a column under the column's name. */
  extra(column: string): void {
    const cell = this.#cell(column);
    if (cell === null) return;
    const value = cell.kind === 'number' ? cell.value : textOf(cell, this.#remarks, column);
    if (value !== null) this.keep(column, value);
  }

  /** Keeps a value under a name, unless no metadata can hold it. */
  keep(column: string, value: MetadataValue): void {
    const stored = storable(value);
    if (stored === undefined) this.#remarks.refused('too long', column);
    else this.#extras.add(column === '' ? 'unnamed' : column, stored);
  }

  #keep(column: string, value: MetadataValue, kind: 'kept as metadata' | 'text cut'): void {
    this.#remarks.changed(kind, column);
    this.keep(column, value);
  }
}

/** The text of a value, as storage can hold it; null for bytes that are no text. */
export function textOf(cell: Cell, remarks: RemarkList, column: string): string | null {
  if (cell.kind === 'number') {
    return String(cell.value);
  }
  const text = cell.kind === 'text' ? cell.value : textOfBytes(cell.value);
  if (text === null) {
    remarks.refused('binary', column);
    return null;
  }
  if (cell.kind === 'bytes') remarks.changed('type converted', column);
  const isDamaged = (cell.kind === 'text' && cell.damaged) || text.includes('\0');
  if (isDamaged) remarks.changed('bytes replaced', column);
  return text.replaceAll('\0', '\ufffd');
}

/** A value that metadata can hold; undefined for any other. */
export function storable(value: MetadataValue): MetadataValue | undefined {
  try {
    return parseMetadataValue(value);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** What people and programs write for yes and no. */
export function booleanOf(text: string): boolean | null {
  const word = text.trim().toLowerCase();
  if (['1', 'true', 'yes', 't', 'y', 'on'].includes(word)) return true;
  return ['0', 'false', 'no', 'f', 'n', 'off'].includes(word) ? false : null;
}
