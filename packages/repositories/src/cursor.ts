// Opaque page cursors: where the last page ended, and the query that it belongs to.
import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { isStorable } from './checks.js';

/** The place where a page ended: numbers and texts of the sort key. */
export type Position = readonly (number | string)[];

/** What stands in one place of a position. Row numbers and times are integers. */
export type PositionType = 'integer' | 'number' | 'string';

/** Returns what binds a cursor to its query: equal for equal sort and filters, whatever the order of their keys. */
export function queryHash(query: object): string {
  return createHash('sha256').update(JSON.stringify(query, inKeyOrder)).digest('base64url').slice(0, 12);
}

/** Returns the cursor of `position` in the query of `hash`. */
export function encodeCursor(hash: string, position: Position): string {
  return Buffer.from(JSON.stringify([hash, ...position])).toString('base64url');
}

/**
 * Returns the position of `cursor`, which has a value of each of `types`.
 * @throws TypeError for anything but a cursor that the same query returned
 */
export function decodeCursor(cursor: unknown, hash: string, types: readonly PositionType[]): Position {
  const [owner, ...position] = parse(cursor);
  if (owner !== hash) throw new TypeError('after: this cursor belongs to another query. Start again without a cursor');
  if (position.length !== types.length) throw notACursor();
  return position.map((value, i) => {
    // JSON has numbers that are none here: 1e999.
    if (Number.isFinite(value) && types[i] === 'number') return Number(value);
    if (Number.isSafeInteger(value) && types[i] === 'integer') return Number(value);
    if (typeof value === 'string' && types[i] === 'string' && isStorable(value)) return value;
    throw notACursor();
  });
}

/** Returns `after` when it can be a cursor, or null when a first page is asked for. @throws TypeError */
export function checkAfter(after: unknown): string | null {
  if (after === undefined || after === null || typeof after === 'string') return after ?? null;
  throw notACursor();
}

function parse(cursor: unknown): readonly unknown[] {
  if (typeof cursor !== 'string' || !/^[\w-]{1,20000}$/.test(cursor)) throw notACursor();
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(value)) return value;
  } catch {
    // Not JSON: refused below.
  }
  throw notACursor();
}

/** The error of what no page has returned. */
export function notACursor(): TypeError {
  return new TypeError('after: this is not a cursor. Pass the `next` of a page of the same query');
}

function inKeyOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || types.isDate(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
