// What counts as an object of named values, for checks of options: others hide what they hold, and would pass for empty ones.

/** Whether `value` is an object whose values are its own properties: no list, no Map, no Date, no promise that nobody awaited. */
export function holdsValues(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (Object.keys(value).length > 0) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // That of another realm's objects, too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
