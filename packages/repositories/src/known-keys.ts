// Checks of options: their keys, so that a misspelt one is never a silent default, and their numbers.
export { refuseUnknownKeys } from '@cc/schema/validation';

/** Returns `value` when it is a whole number from `min` to `max`. @throws TypeError */
export function wholeNumber(subject: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(`${subject} must be a whole number from ${min} to ${max}`);
}
