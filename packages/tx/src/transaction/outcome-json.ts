// Results of keyed transactions are stored as JSON, so only what JSON gives back as it was may be returned.

/** Returns `result` as JSON, null for undefined. @throws TypeError that names the place of what would come back as something else */
export function exactJson(result: unknown): string | null {
  if (result === undefined) return null;
  refuseLoss(result, 'the result', []);
  return JSON.stringify(result);
}

/** Below what the recursion of a reader can take, here and in JSON.parse. */
const mostLevels = 500;
/** Enough of a place to find it by. */
const shownPlace = 70;

function refuseLoss(value: unknown, place: string, around: readonly object[]): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return;
    case 'number':
      if (!Number.isFinite(value) || Object.is(value, -0)) throw lossy(place, Object.is(value, -0) ? '-0' : `${value}`);
      return;
    case 'object':
      break;
    default:
      throw lossy(place, typeof value);
  }
  if (value === null) return;
  if (around.length >= mostLevels) throw tooDeep(place);
  if (around.includes(value)) throw lossy(place, 'an object that contains itself');
  if (Array.isArray(value)) refuseLossInArray(value, place, [...around, value]);
  else refuseLossInObject(value, place, [...around, value]);
}

function refuseLossInArray(values: readonly unknown[], place: string, around: readonly object[]): void {
  const prototype: object | null = Object.getPrototypeOf(values);
  // That of a list is a list itself.
  if (!Array.isArray(prototype) || !isObjectPrototype(Object.getPrototypeOf(prototype)))
    throw lossy(place, nameOf(values));
  if (Object.keys(values).length !== values.length) throw lossy(place, 'an array with holes or properties');
  for (const [index, value] of values.entries()) refuseLoss(value, `${place}[${index}]`, around);
}

function refuseLossInObject(value: object, place: string, around: readonly object[]): void {
  if (!isObjectPrototype(Object.getPrototypeOf(value))) throw lossy(place, nameOf(value));
  for (const key of Reflect.ownKeys(value)) {
    const { enumerable, value: inner } = Object.getOwnPropertyDescriptor(value, key) ?? {};
    const at = `${place}.${String(key)}`;
    if (typeof key === 'symbol' || !enumerable) throw lossy(at, 'a property that JSON leaves out');
    refuseLoss(inner, at, around);
  }
}

/** Of plain objects, also of those of another realm (`structuredClone` in a jest test). */
function isObjectPrototype(prototype: object | null): boolean {
  return prototype !== null && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

function nameOf(value: object): string {
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== '' ? `a ${name}` : 'an object without prototype';
}

function tooDeep(place: string): TypeError {
  return new TypeError(
    `idempotencyKey: ${place.slice(0, shownPlace).toWellFormed()}… is nested deeper than ${mostLevels} levels, which not every reader of JSON can take`,
  );
}

function lossy(place: string, what: string): TypeError {
  return new TypeError(
    `idempotencyKey: ${place} is ${what}, which JSON would not give back as it is: return text, numbers, booleans, null, plain objects and arrays`,
  );
}
