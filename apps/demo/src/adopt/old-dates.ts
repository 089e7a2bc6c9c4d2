// The dates of the old database: seconds or milliseconds since 1970, or a text of ISO 8601 as Python and SQLite write it.
import type { Cell } from './cell.js';

/** The date in a value; null for what is none. A text without a zone is UTC, as SQLite's CURRENT_TIMESTAMP is. */
export function dateOf(cell: Cell): Date | null {
  if (cell.kind === 'number') return sinceEpoch(cell.value);
  if (cell.kind !== 'text') return null;
  const text = cell.value.trim();
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? sinceEpoch(Number(text)) : written(text);
}

/** By its size: 1e11 seconds are the year 5138, as many milliseconds 1973; then come microseconds. */
function sinceEpoch(value: number): Date | null {
  const size = Math.abs(value);
  return dateAt(Math.round(size < 1e11 ? value * 1000 : size < 1e14 ? value : value / 1000));
}

const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i;

function written(text: string): Date | null {
  const match = iso.exec(text);
  if (match === null) return null;
  const [, year, month, day, hours = '0', minutes = '0', seconds = '0', fraction = '', zone = 'Z'] = match;
  const fields = [year, month, day, hours, minutes, seconds].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = fields;
  // What is past the millisecond is cut off, as SQLite does.
  const local = new Date(0);
  local.setUTCFullYear(y, mo - 1, d);
  local.setUTCHours(h, mi, s, Number(fraction.padEnd(3, '0').slice(0, 3)));
  const read = [local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate(), local.getUTCHours()];
  // The 30th of February would become one of March.
  if (![...read, local.getUTCMinutes(), local.getUTCSeconds()].every((field, i) => field === fields[i])) return null;
  return dateAt(local.getTime() - offsetMs(zone));
}

function offsetMs(zone: string): number {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (match === null) return 0;
  const [, sign, hours, minutes = '0'] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** Up to the year 9999: what is past it was no date, whatever it was. */
function dateAt(ms: number): Date | null {
  return Number.isFinite(ms) && Math.abs(ms) < 253_402_300_800_000 ? new Date(ms) : null;
}
