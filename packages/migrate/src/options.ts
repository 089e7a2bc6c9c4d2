// Defaults and checks of every option object of this package.
import type { MigrationManagerOptions } from './types.js';

/** The values of absent options. */
export const migrationManagerDefaults = Object.freeze({ maxAttempts: 5 });

/** Fills in the defaults. @throws TypeError for an unknown option or a wrong value */
export function resolveManagerOptions(options: MigrationManagerOptions): Required<MigrationManagerOptions> {
  refuseUnknownOptions('createMigrationManager', options, ['folder', 'maxAttempts']);
  const { folder, maxAttempts = migrationManagerDefaults.maxAttempts } = options;
  if (typeof folder !== 'string' || folder === '')
    throw new TypeError('folder must be the path of a drizzle-kit folder');
  if (!isCount(maxAttempts)) throw new TypeError('maxAttempts must be a whole number of at least 1, or Infinity');
  return { folder, maxAttempts };
}

/** Options that say how far to go. */
export interface Reach {
  readonly targetVersion?: string | null;
  readonly steps?: number;
}

/** Passes when `steps` and `targetVersion` make sense together. @throws TypeError when `steps` is no count or comes together with `targetVersion` */
export function checkReach(where: string, { targetVersion, steps }: Reach): void {
  if (steps === undefined) return;
  if (targetVersion !== undefined) throw new TypeError(`${where}: give targetVersion or steps, not both`);
  if (!isCount(steps)) throw new TypeError(`${where}: steps must be a whole number of at least 1, or Infinity`);
}

/** Passes when every key of `options` is known. @throws TypeError that names the nearest known option when `options` has one that is not in `names` */
export function refuseUnknownOptions(where: string, options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${where}: the options must be an object`);
  for (const key of Object.keys(options)) {
    if (names.includes(key)) continue;
    const [nearest] = [...names].sort((a, b) => distance(key, a) - distance(key, b));
    throw new TypeError(`${where}: unknown option '${key}'; did you mean '${nearest}'?`);
  }
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 1 && (value === Infinity || Number.isSafeInteger(value));
}

/** Levenshtein distance of two short words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
