// What openCacheManager and region take, their defaults, and the checks of both.
import type { CacheEvent, RegionOptions } from './types.js';

/** Options of `openCacheManager`. */
export interface CacheManagerOptions {
  /** Most memory for all regions together, by estimate; the least recently used entry goes first. 0 = keep nothing. Default 64 MiB. */
  readonly maxBytes?: number;
  /** The clock that entries expire by, in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  /** Called with each change of what is cached, while it happens. Its errors are ignored. */
  readonly onEvent?: (event: CacheEvent) => void;
}

/** The values of absent options. */
export const cacheManagerDefaults = Object.freeze({
  maxBytes: 64 * 1024 * 1024,
  region: Object.freeze({ ttlMs: Number.POSITIVE_INFINITY, negativeTtlMs: 30_000 }),
});

/** Manager options with every default filled in. */
export interface ResolvedManagerOptions {
  readonly maxBytes: number;
  readonly now: () => number;
  readonly emit: ((event: CacheEvent) => void) | undefined;
}

/** Fills in the defaults. @throws TypeError for an unknown option or a value out of range */
export function resolveManagerOptions(options: CacheManagerOptions): ResolvedManagerOptions {
  refuseUnknownOptions('openCacheManager', options, ['maxBytes', 'now', 'onEvent']);
  const { maxBytes = cacheManagerDefaults.maxBytes, now = Date.now, onEvent } = options;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
    throw new TypeError('maxBytes must be a whole number of at least 0');
  }
  if (typeof now !== 'function') throw new TypeError('now must be a function');
  if (onEvent !== undefined && typeof onEvent !== 'function') throw new TypeError('onEvent must be a function');
  return { maxBytes, now, emit: onEvent && guarded(onEvent) };
}

/** Fills in the defaults. @throws TypeError for an unknown option or a value out of range */
export function resolveRegionOptions(namespace: string, options: RegionOptions): Required<RegionOptions> {
  if (typeof namespace !== 'string' || namespace === '') throw new TypeError('region: the namespace must be a text');
  refuseUnknownOptions('region', options, ['ttlMs', 'negativeTtlMs']);
  const { ttlMs = cacheManagerDefaults.region.ttlMs, negativeTtlMs = cacheManagerDefaults.region.negativeTtlMs } =
    options;
  for (const [name, value] of Object.entries({ ttlMs, negativeTtlMs })) {
    if (typeof value !== 'number' || !(value >= 0)) throw new TypeError(`${name} must be a number of at least 0`);
  }
  return { ttlMs, negativeTtlMs };
}

function guarded(onEvent: (event: CacheEvent) => void): (event: CacheEvent) => void {
  return (event) => {
    try {
      onEvent(event);
    } catch {
      // An observer that fails must never fail the read it observes.
    }
  };
}

function refuseUnknownOptions(where: string, options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${where}: the options must be an object`);
  for (const key of Object.keys(options)) {
    if (names.includes(key)) continue;
    const near = nearest(key, names);
    const advice = near === undefined ? `it takes ${names.join(', ') || 'none'}` : `did you mean '${near}'?`;
    throw new TypeError(`${where}: unknown option '${key}'; ${advice}`);
  }
}

/** The option that may have been meant, letter case aside. */
function nearest(key: string, names: readonly string[]): string | undefined {
  const asked = key.toLowerCase();
  const near = names
    .map((name) => ({ name, low: name.toLowerCase(), wrong: distance(asked, name.toLowerCase()) }))
    .filter(({ low, wrong }) => isNear(asked, low, wrong));
  return near.sort((a, b) => a.wrong - b.wrong)[0]?.name;
}

/** Whether `known` begins or ends with it, both begin alike for more than half, or a third of the letters is wrong at most. */
function isNear(asked: string, known: string, wrong: number): boolean {
  const longest = Math.max(asked.length, known.length);
  const half = Math.floor(longest / 2) + 1;
  if (wrong <= longest / 3 || (asked.length >= half && known.startsWith(asked.slice(0, half)))) return true;
  return asked.length > 2 && (known.startsWith(asked) || known.endsWith(asked));
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
