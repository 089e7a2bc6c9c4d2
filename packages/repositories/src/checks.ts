// Checks of what callers hand in: keys of options, so that a misspelt one is never a silent default, whole numbers, and
// texts that the database could not keep as they are. Each names the argument that is wrong.
import type { ModelId } from '@cc/schema';
import { holdsValues, parseModelId, textLimits } from '@cc/schema/validation';

export { refuseUnknownKeys } from '@cc/schema/validation';

/** Returns `value` when it is a whole number from `min` to `max`. @throws TypeError */
export function wholeNumber(subject: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(`${subject} must be a whole number from ${min} to ${max}`);
}

/** Returns `value`. @throws TypeError that begins with `subject` when it is no text, or one with NUL or a lone surrogate */
export function checkText(subject: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${subject} must be a text`);
  if (isStorable(value)) return value;
  throw new TypeError(`${subject} must be a text without NUL characters and lone surrogates`);
}

/** Returns `value` when it is an object with values of its own. @throws TypeError that begins with `subject` */
export function checkObject<T>(subject: string, value: T): T & object {
  if (holdsValues(value)) return value;
  throw new TypeError(`${subject} must be an object, with its values as properties of its own`);
}

/** Returns `ids` without repetitions. @throws TypeError that names `subject` when it is no list, or a member when it is no id */
export function checkModelIds(subject: string, ids: unknown): readonly ModelId[] {
  if (!Array.isArray(ids)) throw new TypeError(`${subject} must be a list of model ids`);
  return [...new Set(Array.from(ids, (id) => parseModelId(id)))];
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
