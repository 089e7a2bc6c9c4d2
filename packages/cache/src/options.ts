// What openCacheManager, region and the methods of a region take, their defaults, and the checks of all of them.
import { freemem, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { BoundTransactions } from './contract/bound.js';
import type {
  CacheManagerOptions,
  DiskOptions,
  MemoryShare,
  RegionOptions,
  SetOptions,
  ValueOptions,
} from './contract/cache.js';
import type { CacheTier } from './contract/tier.js';
import { type Emit, emitter } from './events.js';
import { isError } from './realms.js';

const mebibyte = 1024 * 1024;

/** The values of absent options. */
export const cacheManagerDefaults = Object.freeze({
  maxBytes: 64 * mebibyte,
  /** The most that a share of memory comes to. */
  atMost: 500 * mebibyte,
  maxStaleMs: 1_000,
  disk: Object.freeze({ maxBytes: 256 * mebibyte }),
  region: Object.freeze({
    ttlMs: Number.POSITIVE_INFINITY,
    negativeTtlMs: 30_000,
    staleWhileRevalidateMs: 0,
    graceMs: 0,
    tiers: true,
    version: undefined,
    toldBy: undefined,
  }),
});

/** Manager options with every default filled in. */
export interface ResolvedManagerOptions {
  readonly transactions: BoundTransactions | undefined;
  readonly maxBytes: number;
  readonly maxStaleMs: number;
  readonly disk: { readonly path: string | undefined; readonly maxBytes: number } | undefined;
  readonly tiers: readonly CacheTier[];
  readonly isAway: (error: unknown) => boolean;
  readonly now: () => number;
  readonly emit: Emit;
}

/** Region options with every default filled in. */
export type ResolvedRegionOptions = Pick<RegionOptions, 'toldBy' | 'version'> & {
  readonly [Name in Exclude<keyof RegionOptions, 'toldBy' | 'version'>]-?: NonNullable<RegionOptions[Name]>;
};

/** Fills in the defaults. @throws TypeError for an unknown option or a value out of range */
export function resolveManagerOptions(options: CacheManagerOptions): ResolvedManagerOptions {
  const names = ['transactions', 'maxBytes', 'maxStaleMs', 'disk', 'tiers', 'isAway', 'now', 'onEvent'];
  refuseUnknownOptions('openCacheManager', options, names);
  const {
    transactions,
    maxBytes = cacheManagerDefaults.maxBytes,
    maxStaleMs = cacheManagerDefaults.maxStaleMs,
  } = options;
  const { disk = false, tiers = [], isAway = isConnectionError, now = Date.now, onEvent } = options;
  checkTransactions(transactions);
  if (typeof maxStaleMs !== 'number' || !(maxStaleMs > 0)) throw new TypeError('maxStaleMs must be a number above 0');
  checkTiers(tiers);
  for (const [name, value] of Object.entries({ isAway, now, ...(onEvent !== undefined && { onEvent }) })) {
    if (typeof value !== 'function') throw new TypeError(`${name} must be a function`);
  }
  if (!(typeof now() === 'number' && now() > Number.NEGATIVE_INFINITY)) {
    throw new TypeError('now must return milliseconds as a number');
  }
  return {
    ...{ transactions, maxBytes: bytesOf(maxBytes), maxStaleMs, disk: diskOf(disk), tiers, isAway, now: steady(now) },
    emit: emitter(onEvent),
  };
}

/** The clock without its steps back, which add no time: what was kept before one is not kept for longer. */
function steady(now: () => number): () => number {
  let last = Number.NEGATIVE_INFINITY;
  let ahead = 0;
  return () => {
    const time = now() + ahead;
    if (time >= last) {
      last = time;
    } else if (time < last) {
      ahead += last - time;
    }
    return last;
  };
}

/** Fills in the defaults. @throws TypeError for an unknown option or a value out of range */
export function resolveRegionOptions(namespace: string, options: RegionOptions): ResolvedRegionOptions {
  if (typeof namespace !== 'string' || namespace === '') throw new TypeError('region: the namespace must be a text');
  const { region: defaults } = cacheManagerDefaults;
  refuseUnknownOptions('region', options, Object.keys(defaults));
  const { tiers = defaults.tiers, version, toldBy } = options;
  if (toldBy !== undefined && (typeof toldBy !== 'object' || toldBy === null)) {
    throw new TypeError('toldBy must be an object: the one that `declared` is called with');
  }
  if (version !== undefined && typeof version !== 'string' && !Number.isFinite(version)) {
    throw new TypeError('version must be a text or a number');
  }
  if (typeof tiers !== 'boolean') throw new TypeError('tiers must be true or false');
  const time = (name: Exclude<keyof RegionOptions, 'tiers' | 'version' | 'toldBy'>): number =>
    duration(name, options[name] ?? defaults[name]);
  return {
    ...{ tiers, version, toldBy, ttlMs: time('ttlMs'), negativeTtlMs: time('negativeTtlMs') },
    ...{ staleWhileRevalidateMs: time('staleWhileRevalidateMs'), graceMs: time('graceMs') },
  };
}

/** Refuses options that differ from those of a region that is open. @throws TypeError */
export function checkReopening(
  namespace: string,
  open: ResolvedRegionOptions,
  options: RegionOptions | undefined,
): void {
  if (options === undefined) return;
  const asked = resolveRegionOptions(namespace, options);
  const names = Object.keys(asked) as (keyof ResolvedRegionOptions)[];
  if (names.every((name) => asked[name] === open[name])) return;
  throw new TypeError(`region: '${namespace}' is open with other options; leave them out to get it as it is`);
}

/** Checks the options of one value. @throws TypeError for an unknown option or a value out of range */
export function resolveValueOptions(where: keyof typeof ofValues, options: ValueOptions & SetOptions): ValueOptions {
  if (options === noOptions) return options;
  refuseUnknownOptions(where, options, ofValues[where]);
  const { lease } = options;
  if (lease !== undefined && typeof lease?.takenAt !== 'number') {
    throw new TypeError(`${where}: lease must be what lease() of the cache has returned`);
  }
  const { tags = [], ttlMs } = options;
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string')) {
    throw new TypeError(`${where}: tags must be a list of texts`);
  }
  if (ttlMs !== undefined) duration('ttlMs', ttlMs);
  // The caller's list may change while a load is under way.
  return { tags: [...new Set<string>(tags)], ttlMs };
}

const ofValues = {
  getOrLoad: ['tags', 'ttlMs'],
  getOrLoadMany: ['tags', 'ttlMs'],
  set: ['tags', 'ttlMs', 'lease'],
  wrap: ['tags', 'ttlMs', 'key'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** In place of absent options of a value. */
export const noOptions: ValueOptions = Object.freeze({});

function duration(name: string, value: number): number {
  if (typeof value !== 'number' || !(value >= 0)) throw new TypeError(`${name} must be a number of at least 0`);
  return value;
}

function checkTransactions(transactions: BoundTransactions | undefined): void {
  if (transactions === undefined) return;
  const isManager =
    typeof transactions === 'object' &&
    transactions !== null &&
    typeof transactions.current === 'function' &&
    typeof transactions.changes?.look === 'function';
  if (!isManager)
    throw new TypeError('transactions must be a transaction manager: what openTransactionManager of @cc/tx returns');
}

function checkTiers(tiers: unknown): void {
  if (!Array.isArray(tiers)) throw new TypeError('tiers must be a list of tiers');
  const names = new Set<unknown>();
  for (const tier of tiers as readonly unknown[]) {
    const fields = (typeof tier === 'object' && tier !== null ? tier : {}) as Readonly<Record<string, unknown>>;
    const { name } = fields;
    if (typeof name !== 'string' || name === '') throw new TypeError('tiers: each tier must have a name, a text');
    if (names.has(name)) throw new TypeError(`tiers: two of them are called '${name}'`);
    names.add(name);
    const missing = ['get', 'set', 'delete', 'clear', 'close'].find((method) => typeof fields[method] !== 'function');
    if (missing !== undefined) throw new TypeError(`tiers: '${name}' has no method ${missing}; see CacheTier`);
  }
}

function bytesOf(maxBytes: number | MemoryShare): number {
  if (typeof maxBytes === 'object' && maxBytes !== null) return bytesOfShare(maxBytes);
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
    throw new TypeError('maxBytes must be a whole number of at least 0, or a share of memory such as { share: 0.25 }');
  }
  return maxBytes;
}

function bytesOfShare(asked: MemoryShare): number {
  refuseUnknownOptions('maxBytes', asked, ['share', 'atMost']);
  const { share, atMost = cacheManagerDefaults.atMost } = asked;
  if (typeof share !== 'number' || !(share > 0 && share <= 1))
    throw new TypeError('share must be above 0 and at most 1');
  return Math.floor(Math.min(share * availableBytes(), bytesOf(atMost)));
}

/** What the process may still take, within the limit of its container. */
function availableBytes(): number {
  // Older than Node 20.13 there is only the limit itself, which is 0 or far too large where there is none.
  if (typeof process.availableMemory === 'function') return process.availableMemory();
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 && limit < totalmem() ? Math.max(0, limit - process.memoryUsage().rss) : freemem();
}

function diskOf(disk: boolean | string | DiskOptions): ResolvedManagerOptions['disk'] {
  if (disk === false) return undefined;
  if (disk === true) return { path: undefined, ...cacheManagerDefaults.disk };
  if (typeof disk === 'string') return diskOf({ path: disk });
  refuseUnknownOptions('disk', disk, ['path', 'maxBytes']);
  const { path, maxBytes = cacheManagerDefaults.disk.maxBytes } = disk;
  if (path !== undefined && (typeof path !== 'string' || path === '')) throw new TypeError('disk: path must be a text');
  if (path === ':memory:' || path?.startsWith('file::memory:')) {
    throw new TypeError(`disk: '${path}' names no file, and memory is the tier in front of it; leave disk out`);
  }
  if (!Number.isSafeInteger(maxBytes) || maxBytes <= 0) {
    throw new TypeError('disk: maxBytes must be a whole number above 0');
  }
  return { path: path?.startsWith('file:') ? pathOf(path) : path, maxBytes };
}

/** The path in the URL of a file, as that of a database is written: `file:app.cache`, `file:///folder/app.cache`. */
export function pathOf(url: string): string {
  try {
    return url.startsWith('file://') ? fileURLToPath(url) : decodeURIComponent(url.slice('file:'.length));
  } catch (cause) {
    const reason = isError(cause) ? cause.message : String(cause);
    throw new TypeError(`disk: '${url}' is no URL of a file: ${reason}; write its path, or a percent sign as %25`, {
      cause,
    });
  }
}

function isConnectionError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('type' in error)) return false;
  return error.type === 'connection' || error.type === 'timeout';
}

/** Whether it is an object of named values: a list, a Map or a Date would pass for options that are all absent. */
function holdsValues(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // That of another realm's objects, too.
  return Object.keys(value).length > 0 || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function refuseUnknownOptions(where: string, options: object, names: readonly string[]): void {
  if (!holdsValues(options))
    throw new TypeError(`${where}: the options must be an object such as { ${names[0] ?? ''}: … }`);
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
