// Checks of what callers of the monitor give, so that a slip is told at once and not answered with nothing.
import { types } from 'node:util';
import { catalogue } from './metrics/catalogue.js';
import type { HealthSource } from './source.js';

/** Refuses what is no transaction manager. @throws TypeError for what cannot be watched, such as the `db` of a transaction manager */
export function refuseNoSource(source: HealthSource): void {
  const needed = ['subscribe', 'stats', 'getConnection'] as const;
  const isObject = typeof source === 'object' && source !== null;
  if (isObject && needed.every((name) => typeof source[name] === 'function')) return;
  throw new TypeError(
    'createHealthMonitor: the first argument must be what openTransactionManager() of @cc/tx returns, not its db or a URL',
  );
}

/** Refuses dates that are none. @throws TypeError that names the one */
export function refuseNoDate(where: string, dates: Readonly<Record<string, unknown>>): void {
  for (const [name, date] of Object.entries(dates)) {
    if (date !== undefined && !(types.isDate(date) && !Number.isNaN(date.getTime())))
      throw new TypeError(`${where}: ${name} must be a valid Date`);
  }
}

/** Refuses what is no number of answers. @throws TypeError */
export function refuseNoLimit(where: string, limit: unknown): void {
  const isWhole = typeof limit === 'number' && (limit === Number.POSITIVE_INFINITY || Number.isSafeInteger(limit));
  if (!isWhole || limit < 0) throw new TypeError(`${where}: limit must be a whole number of at least 0`);
}

/** Refuses names that no figure has. @throws TypeError */
export function refuseNoFigure(where: string, name: unknown): void {
  if (name === undefined || (typeof name === 'string' && Object.hasOwn(catalogue, name))) return;
  throw new TypeError(`${where}: there is no figure of this name; without a name all of them are returned`);
}

/** Refuses a figure that is too much to be kept at each reading. @throws TypeError for those of single statements and operations */
export function refuseUnkept(where: string, name: string | undefined): void {
  if (name === undefined || !/^cc_(?:db_statement|operation)_(?:duration|errors|rows)_/.test(name)) return;
  throw new TypeError(`${where}: ${name} is not kept over time; ask for it without since and until`);
}
