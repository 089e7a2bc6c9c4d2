// Checks of what callers hand in: keys of options, so that a misspelt one is never a silent default, whole numbers, and
// texts that the database could not keep as they are. Each names the argument that is wrong.
import { performance } from 'node:perf_hooks';
import type { ModelId } from '@cc/schema';
import { holdsValues, parseModelId, textLimits } from '@cc/schema/validation';
import { giveTurn, nextTurn } from '@cc/tx/event-loop';

export { refuseUnknownKeys } from '@cc/schema/validation';

/** Returns `value` when it is a whole number from `min` to `max`. @throws TypeError */
export function wholeNumber(subject: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(`${subject} must be a whole number from ${min} to ${max}`);
}

/** Returns `value` when it is true or false. @throws TypeError that begins with `subject` */
export function checkFlag(subject: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new TypeError(`${subject} must be a boolean`);
}

/** Returns `value`. @throws TypeError that begins with `subject` when it is no text, or one with NUL or a lone surrogate */
export function checkText(subject: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${subject} must be a text`);
  if (isStorable(value)) return value;
  throw new TypeError(`${subject} must be a text without NUL characters and lone surrogates`);
}

/** Returns what `table` has under `key`; undefined for any other value, whatever becomes of it as a text. */
export function entryOf<T extends object>(table: T, key: unknown): T[keyof T] | undefined {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key as keyof T] : undefined;
}

/** Checks the options by which a long call is ended and heard. @throws TypeError that names the option */
export function checkWatched({
  signal,
  onProgress,
}: {
  readonly signal?: unknown;
  readonly onProgress?: unknown;
}): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError('signal must be an AbortSignal');
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new TypeError('onProgress must be a function');
}

/** Returns `value` when it is an object with values of its own. @throws TypeError that begins with `subject` */
export function checkObject<T>(subject: string, value: T): T & object {
  if (holdsValues(value)) return value;
  throw new TypeError(`${subject} must be an object, with its values as properties of its own`);
}

/**
 * Returns `ids` without repetitions: at once, so that a call keeps its place in every queue, unless they are so many that the
 * event loop needs its turns. @throws TypeError that names `subject` when it is no list, or a member when it is no id
 */
export function checkModelIds(subject: string, ids: unknown): readonly ModelId[] | Promise<readonly ModelId[]> {
  if (!Array.isArray(ids)) throw new TypeError(`${subject} must be a list of model ids`);
  // As it is now: the caller may change the list while a turn is awaited.
  const given: readonly unknown[] = Array.from(ids);
  return given.length <= checkedAtOnce ? [...new Set(given.map((id) => parseModelId(id)))] : checkInTurns(given);
}

/** What is checked without a look at the clock: less than a millisecond. */
export const checkedAtOnce = 1_000;

async function checkInTurns(ids: readonly unknown[]): Promise<readonly ModelId[]> {
  const checked = new Set<ModelId>();
  for (let start = 0; start < ids.length; start += checkedAtOnce) {
    for (const id of ids.slice(start, start + checkedAtOnce)) checked.add(parseModelId(id));
    if (nextTurn(performance.now())) await giveTurn();
  }
  return [...checked];
}

/** Whether a text can be kept as it is: SQLite ends a text at NUL, and UTF-8 has no lone surrogates. */
export function isStorable(text: string): boolean {
  return !suspicious.test(text) || (text.isWellFormed() && !text.includes('\0'));
}

/** Whether `id` can be the id of a collection. */
export function isCollectionId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.length <= textLimits.short && isStorable(id);
}

/** Returns what a person typed with � for each character that cannot be kept; it parts words as those do. */
export function storable(typed: string): string {
  return typed.toWellFormed().replaceAll('\0', '\ufffd');
}

/** One look answers for nearly all texts: without NUL and surrogates a text is well-formed. */
const suspicious = /[\0\ud800-\udfff]/;
