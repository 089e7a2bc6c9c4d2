// A short fingerprint of results, equal for contenders that gave the same answer in different clothes.
import { createHash } from 'node:crypto';

/**
 * Returns the fingerprint of a value. Dates count as epoch milliseconds, booleans as 0 and 1 (SQLite has neither),
 * `undefined` and the driver's `_metadata` do not count, and neither does the order of an object's keys.
 */
export function digest(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(plain(value)))
    .digest('hex')
    .slice(0, 16);
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item));
  if (value instanceof Map) return plain([...value]);
  const entries = Object.entries(value).filter(([key, item]) => key !== '_metadata' && item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return entries.map(([key, item]) => [key, plain(item)]);
}
