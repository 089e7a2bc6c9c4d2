// What the cache throws for use at the wrong time. Wrong values are TypeErrors, failed loads keep their own error.

/** The one error class of the cache; its message says what failed and what to try. */
export class CacheError extends Error {
  override readonly name = 'CacheError';
  /** `CACHE_CLOSED`: the cache was used after `close()`. `CACHE_CIRCLE`: a load has asked for what waits for that load. */
  readonly code: 'CACHE_CLOSED' | 'CACHE_CIRCLE';
  readonly hint: string;

  constructor(code: CacheError['code'], reason: string, hint: string) {
    super(`${reason} [${code}]. ${hint}`);
    this.code = code;
    this.hint = hint;
  }
}

/** The error of every call on a closed cache. */
export function closedError(): CacheError {
  return new CacheError(
    'CACHE_CLOSED',
    'The cache is closed',
    'Close it after everything that reads through it, or open another with openCacheManager',
  );
}

/** The error of a load that would wait for itself. */
export function circleError(): CacheError {
  return new CacheError(
    'CACHE_CIRCLE',
    'A load has asked for a value that waits for that load, so neither would ever end',
    'Read it inside load without the cache, or give each a key of its own',
  );
}

/** Refuses what is no text. @throws TypeError that names `what` it is for */
export function requireText(text: string, what = 'key'): void {
  // A number would live beside its text: an entry that nobody invalidates.
  if (typeof text !== 'string') throw new TypeError(`The ${what} of a cached value must be a text`);
}

/** Refuses what is no function to load with. @throws TypeError */
export function requireFunction(load: unknown, where: string): void {
  if (typeof load !== 'function') throw new TypeError(`${where}: what loads must be a function that returns a promise`);
}
