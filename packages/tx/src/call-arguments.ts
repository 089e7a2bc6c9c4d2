// Checks what the calls of the public interface are given, before anything is done with it: wrong use is a TypeError.

import { refuseUnknownOptions } from './known-options.js';
import { holdsValues } from './plain-object.js';
import type { BackupOptions, ConnectionOptions, OffloadOptions, Propagation, TransactionOptions } from './types.js';

/** Checks the function that a call runs. @throws TypeError */
export function checkWork(where: string, work: unknown): void {
  checkFunction(`${where}: the first argument`, work);
}

/** Checks the options of a transaction. @throws TypeError for options that no transaction takes */
export function checkTransaction(options: TransactionOptions): void {
  refuseUnknownOptions('transaction', options, [
    'mode',
    'propagation',
    'retry',
    'timeoutMs',
    'signal',
    'idempotencyKey',
    'label',
  ]);
  checkCallOptions('transaction', options);
  checkPropagation(options.propagation);
  if (options.label !== undefined) checkLabel('transaction', options.label);
}

/** Returns the options of a `transaction` that reads. What is no object comes back as it is, to be refused there. */
export function reading(options: Omit<TransactionOptions, 'mode' | 'propagation'>): TransactionOptions {
  return holdsValues(options) ? { ...options, mode: 'read' } : options;
}

/** Checks the options of `getConnection`. @throws TypeError for options that it does not take */
export function checkLease(options: ConnectionOptions): void {
  refuseUnknownOptions('getConnection', options, ['mode', 'timeoutMs', 'signal']);
  checkCallOptions('getConnection', options);
}

/** Checks the options of `close`. @throws TypeError for options that it does not take */
export function checkClose(options: { readonly drainMs?: number | undefined }): void {
  refuseUnknownOptions('close', options, ['drainMs']);
  if (options.drainMs !== undefined) atLeast('close: drainMs', options.drainMs, 0);
}

/** Checks what `offload` is given. @throws TypeError for what cannot be offloaded */
export function checkOffload(query: unknown, options: OffloadOptions): void {
  const awaitable = typeof query === 'object' && query !== null && 'then' in query && typeof query.then === 'function';
  if (typeof query === 'function') checkFunction('offload: the first argument', query);
  else if (!awaitable)
    throw new TypeError('offload: the first argument must be a drizzle query, or a function that awaits some');
  refuseUnknownOptions('offload', options, ['timeoutMs', 'signal']);
  atLeast('offload: timeoutMs', options.timeoutMs, 0);
  checkCallOptions('offload', options);
}

/** Checks what `backup` is given. @throws TypeError for what is no path, or for options that it does not take */
export function checkBackup(path: string, options: BackupOptions): void {
  refuseUnknownOptions('backup', options, ['onProgress', 'signal', 'checksum']);
  checkPath('backup: the first argument', path);
  const { signal, onProgress, checksum } = options;
  checkCallOptions('backup', { signal });
  if (onProgress !== undefined) checkFunction('backup: onProgress', onProgress);
  if (checksum !== undefined && typeof checksum !== 'boolean')
    throw new TypeError('backup: checksum must be true or false');
}

/** The driver takes '' for no key, and opens a plain file. @throws TypeError */
export function checkEncryptionKey(key: string | undefined): void {
  if (key === undefined || (isWholeText(key) && key !== '')) return;
  throw new TypeError('encryptionKey must be a text of at least one character, without NUL and lone surrogates');
}

/** Checks a path. @throws TypeError for what names no file, or another one than it says */
export function checkPath(what: string, path: unknown): void {
  if (isWholeText(path) && path !== '') return;
  throw new TypeError(`${what} must be a path, without NUL and lone surrogates`);
}

/** Checks a function. @throws TypeError for anything else, and for a generator: called, it runs nothing of its body */
export function checkFunction(what: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${what} must be a function`);
  if (Object.prototype.toString.call(value).endsWith('GeneratorFunction]'))
    throw new TypeError(`${what} must not be a generator function (function*): write async () => …, and await in it`);
}

/** Whether `value` is a text that is bound, and names a file, as it is: others would be taken for one another. */
export function isWholeText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0') && value.isWellFormed();
}

/** Returns `value`. @throws TypeError when it is no number, or a smaller one */
export function atLeast(name: string, value: number, min: number, whole = false): number {
  if (typeof value !== 'number' || Number.isNaN(value) || value < min || (whole && !Number.isSafeInteger(value))) {
    throw new TypeError(`${name} must be a ${whole ? 'whole ' : ''}number of at least ${min}`);
  }
  return value;
}

/** Checks the values that the calls share. @throws TypeError that names the wrong one */
export function checkCallOptions(
  where: string,
  options: { readonly mode?: unknown; readonly timeoutMs?: number | undefined; readonly signal?: unknown },
): void {
  const { mode, timeoutMs, signal } = options;
  if (mode !== undefined && mode !== 'write' && mode !== 'read')
    throw new TypeError(`${where}: mode must be 'write' or 'read'`);
  if (timeoutMs !== undefined) atLeast(`${where}: timeoutMs`, timeoutMs, 0);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new TypeError(`${where}: signal must be an AbortSignal`);
}

/** Refuses what is no label. @throws TypeError that says what one is */
export function checkLabel(where: string, label: unknown): void {
  if (isWholeText(label) && label !== '' && label.length <= 100) return;
  throw new TypeError(`${where}: label must be a text of 1 to 100 characters, without NUL and lone surrogates`);
}

/** @throws TypeError for what is no propagation */
function checkPropagation(propagation: unknown): void {
  if (propagation === undefined || propagations.some((each) => each === propagation)) return;
  throw new TypeError(`transaction: propagation must be one of ${propagations.map((each) => `'${each}'`).join(', ')}`);
}

const propagations: readonly Propagation[] = [
  'required',
  'nested',
  'requires_new',
  'mandatory',
  'supports',
  'not_supported',
  'never',
];
