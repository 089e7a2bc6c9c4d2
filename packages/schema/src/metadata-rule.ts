// What metadata can hold: the values of JSON, without what would come back as something else.
import { storableText } from './column-rules.js';

/** Says why `value` cannot be kept exactly, as the end of a sentence, or null. `maxLength` bounds a text of its own. */
export function metadataProblem(value: unknown, maxLength: number): string | null {
  if (typeof value === 'string' && value.length > maxLength) return `must have at most ${maxLength} characters`;
  return jsonProblem(value, 0);
}

/** Deeper than any JSON that is meant; below what a reader's recursion can take. */
const maxDepth = 500;

function jsonProblem(value: unknown, depth: number): string | null {
  switch (typeof value) {
    case 'string':
      return storableText(value);
    case 'number':
      return Number.isFinite(value) ? null : 'must be a finite number';
    case 'boolean':
      return null;
    case 'bigint':
      return 'must not be a bigint: numbers are kept exactly up to 2^53; keep a longer one as a text';
    case 'object':
      if (value === null) return null;
      return depth >= maxDepth ? `must not be nested deeper than ${maxDepth}` : nestedProblem(value, depth + 1);
    default:
      return `must be a value of JSON, not of type ${typeof value}`;
  }
}

function nestedProblem(value: object, depth: number): string | null {
  if (Array.isArray(value)) {
    // Index by index: a hole in the array is undefined, which JSON would make null of.
    for (let i = 0; i < value.length; i += 1) {
      const problem = jsonProblem(value[i], depth);
      if (problem !== null) return inside(String(i), problem);
    }
    return null;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return 'must be a value of JSON: only arrays and plain objects are kept as they are';
  }
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') return 'must not have a symbol as a key';
    const problem = storableText(key) ?? jsonProblem(Reflect.get(value, key), depth);
    if (problem !== null) return inside(key, problem);
  }
  return null;
}

function inside(key: string, problem: string): string {
  return problem.startsWith('at ') ? `at ${key}.${problem.slice(3)}` : `at ${key}: ${problem}`;
}
