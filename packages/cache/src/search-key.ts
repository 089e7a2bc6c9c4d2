// The text that identifies a search: equal for equal searches, different for different ones.
import type { SearchFilters } from './types.js';

/** Returns the cache key of a search. @throws TypeError for filters that are not plain data */
export function searchKey(query: string, filters: SearchFilters = {}): string {
  // The leading digit is the version of this form; white space stays, because it may mean something to the search.
  return `1${JSON.stringify(query.normalize('NFC'))}${canonical(filters, 0)}`;
}

function canonical(value: unknown, depth: number): string {
  if (depth > 20) throw new TypeError('The filters of a search are nested too deep, or in a circle');
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.normalize('NFC'));
    case 'number':
      return Object.is(value, -0) ? '0' : String(value);
    case 'boolean':
      return String(value);
    case 'bigint':
      return `${value}n`;
    case 'undefined':
      return 'undefined';
    case 'object':
      return canonicalObject(value, depth);
    default:
      throw new TypeError(`The filters of a search must be plain data, not a ${typeof value}`);
  }
}

function canonicalObject(value: object, depth: number): string {
  if (value instanceof Date) return `D${value.getTime()}`;
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError('The filters of a search must be plain data, not an instance of a class');
  }
  const parts = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item, depth + 1)}`);
  return `{${parts.join(',')}}`;
}
