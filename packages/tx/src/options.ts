// What openTransactionManager takes, its defaults, and the checks of both.
import type { Casing } from 'drizzle-orm';
import type { Logger } from 'drizzle-orm/logger';
import { atLeast, checkEncryptionKey, checkFunction } from './call-arguments.js';
import type { SyncProgressEvent } from './events.js';
import { refuseUnknownOptions } from './known-options.js';
import { holdsValues } from './plain-object.js';
import { checkPragmas, inOrder, type Pragmas } from './pragma-values.js';
import type { RetryOptions, Schema } from './types.js';
import type { RetryBounds } from './waiting/retry.js';

/** Options of `openTransactionManager`. */
export interface TransactionManagerOptions<S extends Schema = Schema> {
  /** `file:path`, `file:///absolute/path` (percent-encoded), `:memory:`, or a server: `http(s):`, `ws(s):`, `libsql:`. */
  readonly url: string;
  /** The drizzle schema for `db.query`. */
  readonly schema?: S | undefined;
  /** drizzle's names for columns that have none of their own. Default: the keys of the table as they are. */
  readonly casing?: Casing | undefined;
  /**
   * drizzle's logger: called before each query of drizzle with its text and its values; `true` prints them. Values in logs
   * may be secrets: `subscribe` tells of the same queries without them. Default: none.
   */
  readonly logger?: boolean | Logger | undefined;
  /** Token of a server. Never part of a message or event. */
  readonly authToken?: string | undefined;
  /** Makes the file of `url` an embedded replica of this server: reads are local, writes go to the server. */
  readonly syncUrl?: string | undefined;
  /** How often a replica fetches what other writers wrote. Infinity = only on `sync()` and after own writes. Default 60,000. */
  readonly syncIntervalMs?: number | undefined;
  /** Hears how far the fetches of a replica are, also the first one, for which opening waits. What it throws is ignored. */
  readonly onSyncProgress?: ((progress: SyncProgressEvent) => void) | undefined;
  /** Passed to libSQL for encrypted local files: a text of at least one character. */
  readonly encryptionKey?: string | undefined;
  /**
   * Refuses writes, and makes no file. Default: whether the file cannot be written, as `capabilities.readOnly` tells then.
   */
  readonly readOnly?: boolean | undefined;
  /** Most connections for `read()` and read leases at once; single reads share one more. Default 4. */
  readonly readers?: number | undefined;
  /**
   * Set on every connection, over the defaults. `page_size` and `auto_vacuum` shape a file while it is new; they, and the others that
   * write to a file, are left out where it is only read, which a replica's copy is.
   */
  readonly pragmas?: Pragmas | undefined;
  /** Prepared statements kept per connection; a long text takes a place for each thousand characters. 0 = none. Default 500. */
  readonly statementCacheSize?: number | undefined;
  /** Longest wait for a connection or another process's lock, for the first answer of a server, and for the first fetch of a replica. Infinity = no limit. Default 10,000. */
  readonly acquireTimeoutMs?: number | undefined;
  /** Longest run of a transaction that holds its connection. Infinity = no limit. Default 60,000. */
  readonly transactionTimeoutMs?: number | undefined;
  /** Most transactions and statements under way at once on a server, of which `read()` leaves two free. Default 32: more than that it answers with 429. */
  readonly maxOpenTransactions?: number | undefined;
  /** How long the results of keyed transactions are kept: a later call with the same key runs again. Default: Infinity. */
  readonly outcomeTtlMs?: number | undefined;
  /** Retries of whole outermost transactions. `false` = one attempt. */
  readonly retry?: RetryOptions | false | undefined;
}

/** The values of absent options. */
export const transactionManagerDefaults = Object.freeze({
  readers: 4,
  statementCacheSize: 500,
  acquireTimeoutMs: 10_000,
  transactionTimeoutMs: 60_000,
  maxOpenTransactions: 32,
  syncIntervalMs: 60_000,
  outcomeTtlMs: Number.POSITIVE_INFINITY,
  retry: Object.freeze({ maxAttempts: 5, baseDelayMs: 5, maxDelayMs: 250 }),
  pragmas: Object.freeze({
    journal_mode: 'WAL',
    // Survives the death of the process; FULL also survives the loss of power, at about three times the cost of a commit.
    synchronous: 'NORMAL',
    foreign_keys: true,
    temp_store: 'MEMORY',
    // 24 MiB to a connection: searches in a million models take as long with 8 as with 64, and there are up to six connections.
    cache_size: -24_576,
    journal_size_limit: 67_108_864,
  }),
});

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly authToken: string | undefined;
  readonly encryptionKey: string | undefined;
  readonly readOnly: boolean | undefined;
  readonly maxOpenTransactions: number;
  readonly syncIntervalMs: number;
  readonly onSyncProgress: ((progress: SyncProgressEvent) => void) | undefined;
  readonly readers: number;
  readonly pragmas: Pragmas;
  readonly statementCacheSize: number;
  readonly acquireTimeoutMs: number;
  readonly transactionTimeoutMs: number;
  readonly outcomeTtlMs: number;
  readonly retry: RetryBounds | false;
}

const known = [
  'url',
  'schema',
  'casing',
  'logger',
  'authToken',
  'syncUrl',
  'syncIntervalMs',
  'onSyncProgress',
  'maxOpenTransactions',
  'encryptionKey',
  'readOnly',
  'readers',
  'pragmas',
  'statementCacheSize',
  'acquireTimeoutMs',
  'transactionTimeoutMs',
  'outcomeTtlMs',
  'retry',
];

/** Fills in the defaults. @throws TypeError for an unknown option or a value out of range */
export function resolveOptions(options: TransactionManagerOptions): ResolvedOptions {
  refuseDrizzleCache(options);
  refuseUnknownOptions('openTransactionManager', options, known);
  checkDrizzleOptions(options);
  checkEncryptionKey(options.encryptionKey);
  if (options.onSyncProgress !== undefined) checkFunction('onSyncProgress', options.onSyncProgress);
  const defaults = transactionManagerDefaults;
  return {
    authToken: token(options.authToken),
    encryptionKey: options.encryptionKey,
    readOnly: trueOrFalse('readOnly', options.readOnly),
    maxOpenTransactions: atLeast(
      'maxOpenTransactions',
      given(options.maxOpenTransactions, defaults.maxOpenTransactions),
      1,
      true,
    ),
    syncIntervalMs: atLeast('syncIntervalMs', given(options.syncIntervalMs, defaults.syncIntervalMs), 1),
    onSyncProgress: options.onSyncProgress,
    readers: atLeast('readers', given(options.readers, defaults.readers), 1, true),
    statementCacheSize: atLeast(
      'statementCacheSize',
      given(options.statementCacheSize, defaults.statementCacheSize),
      0,
      true,
    ),
    acquireTimeoutMs: atLeast('acquireTimeoutMs', given(options.acquireTimeoutMs, defaults.acquireTimeoutMs), 0),
    transactionTimeoutMs: atLeast(
      'transactionTimeoutMs',
      given(options.transactionTimeoutMs, defaults.transactionTimeoutMs),
      1,
    ),
    outcomeTtlMs: atLeast('outcomeTtlMs', given(options.outcomeTtlMs, defaults.outcomeTtlMs), 1),
    retry: resolveRetry(options.retry, defaults.retry),
    pragmas: inOrder({ ...defaults.pragmas, ...checkPragmas(options.pragmas === undefined ? {} : options.pragmas) }),
  };
}

/** An option of drizzle that has no place here: in transactions its cache would hand out what is rolled back. */
function refuseDrizzleCache(options: object): void {
  if (typeof options !== 'object' || options === null || !('cache' in options)) return;
  throw new TypeError(
    "openTransactionManager: drizzle's option 'cache' is not supported; use @cc/cache, which knows of transactions",
  );
}

function checkDrizzleOptions({ schema, casing, logger }: TransactionManagerOptions): void {
  if (schema !== undefined && !holdsValues(schema)) {
    throw new TypeError('schema must be an object of drizzle tables and relations by name');
  }
  if (casing !== undefined && casing !== 'snake_case' && casing !== 'camelCase') {
    throw new TypeError("casing must be 'snake_case' or 'camelCase'");
  }
  if (logger === undefined || typeof logger === 'boolean') return;
  if (typeof logger !== 'object' || logger === null || typeof logger.logQuery !== 'function') {
    throw new TypeError('logger must be true or an object with the method logQuery(query, params)');
  }
}

/** Fills in the missing bounds of `retry` from `defaults`. @throws TypeError for a value out of range */
export function resolveRetry(
  retry: RetryOptions | false | undefined,
  defaults: RetryBounds | false,
): RetryBounds | false {
  if (retry === false) return false;
  if (retry === undefined) return defaults;
  refuseUnknownOptions('retry', retry, ['maxAttempts', 'baseDelayMs', 'maxDelayMs']);
  const absent = defaults === false ? transactionManagerDefaults.retry : defaults;
  const { maxAttempts = absent.maxAttempts, baseDelayMs = absent.baseDelayMs, maxDelayMs = absent.maxDelayMs } = retry;
  atLeast('retry.maxAttempts', maxAttempts, 1, true);
  atLeast('retry.baseDelayMs', baseDelayMs, 0);
  atLeast('retry.maxDelayMs', maxDelayMs, 0);
  return { maxAttempts, baseDelayMs, maxDelayMs };
}

function token(value: string | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new TypeError('authToken must be a text');
}

/** Only what is absent has a default: null is no figure. */
function given<T>(value: T | undefined, absent: T): T {
  return value === undefined ? absent : value;
}

function trueOrFalse(name: string, value: boolean | undefined): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw new TypeError(`${name} must be true or false`);
}
