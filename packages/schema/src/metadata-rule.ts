// What metadata can hold: the values of JSON, without what would come back as something else.
import { storableText } from './column-rules.js';

/** Says why `value` cannot be kept exactly, as the end of a sentence, or null. `maxLength` bounds a text of its own. */
export function metadataProblem(value: unknown, maxLength: number): string | null {
  if (typeof value === 'string' && value.length > maxLength) return `must have at most ${maxLength} characters`;
  const problem = jsonProblem(value, 0);
  return problem === null ? null : told(problem);
}

/** Deeper than any JSON that is meant; below what a reader's recursion can take. */
const maxDepth = 500;

/** What is wrong, and the steps to it, the innermost first. */
interface Problem {
  readonly what: string;
  readonly steps: string[];
}

function jsonProblem(value: unknown, depth: number): Problem | null {
  switch (typeof value) {
    case 'string':
      return problemOf(storableText(value));
    case 'number':
      return Number.isFinite(value) ? null : problemOf('must be a finite number');
    case 'boolean':
      return null;
    case 'bigint':
      return problemOf('must not be a bigint: numbers are kept exactly up to 2^53; keep a longer one as a text');
    case 'object':
      if (value === null) return null;
      if (depth >= maxDepth) return problemOf(`must not be nested deeper than ${maxDepth}`);
      return nestedProblem(value, depth + 1);
    default:
      return problemOf(`must be a value of JSON, not of type ${typeof value}`);
  }
}

function problemOf(what: string | null): Problem | null {
  return what === null ? null : { what, steps: [] };
}

function nestedProblem(value: object, depth: number): Problem | null {
  if (Array.isArray(value)) {
    // Index by index: a hole in the array is undefined, which JSON would make null of.
    for (let i = 0; i < value.length; i += 1) {
      const problem = jsonProblem(value[i], depth);
      if (problem !== null) return inside(String(i), problem);
    }
    return null;
  }
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype !== null && !isObjectPrototype(prototype)) {
    return problemOf('must be a value of JSON: only arrays and plain objects are kept as they are');
  }
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') return problemOf('must not have a symbol as a key');
    const problem = problemOf(storableText(key)) ?? jsonProblem(Reflect.get(value, key), depth);
    if (problem !== null) return inside(key, problem);
  }
  return null;
}

/** Of plain objects, also of those of another realm (`structuredClone` in a jest test). */
function isObjectPrototype(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

function inside(key: string, problem: Problem): Problem {
  problem.steps.push(key);
  return problem;
}

/** Enough to find the place by; a value may be hundreds of levels deep, and a key as long as a book. */
const shown = Object.freeze({ outermost: 6, innermost: 3, characters: 60 });

function told({ what, steps }: Problem): string {
  if (steps.length === 0) return what;
  const path = steps.toReversed().map(cut);
  const between = path.length - shown.outermost - shown.innermost;
  if (between > 1) path.splice(shown.outermost, between, `…${between} more…`);
  return `at ${path.join('.')}: ${what}`;
}

function cut(key: string): string {
  return key.length <= shown.characters ? key : `${key.slice(0, shown.characters).toWellFormed()}…`;
}
