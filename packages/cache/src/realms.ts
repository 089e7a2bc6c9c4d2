// Values of other realms. Test runners give each test file globals of its own (jest; vitest's vmForks): what Node, the native
// driver, `structuredClone` and the engine's own format make is an instance of others, and no less an error, a date or a list.
import { types } from 'node:util';

/** Whether it is an error. */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/** Whether it is what plain objects have as their prototype, here or in another realm. */
export function isObjectPrototype(prototype: object | null): boolean {
  return prototype !== null && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** The name of what `await using` calls. Node 20 gives it to its own globals only; what compiles `using` falls back on this one. */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
