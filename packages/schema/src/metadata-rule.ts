// What metadata can hold: the values of JSON, without what would come back as something else.
import { storableText } from './column-rules.js';
import type { MetadataValue } from './types.js';

/**
 * Returns a copy of `value`, of plain arrays and objects: what is written is what was checked, whatever getters, a Proxy or a
 * `toJSON` would say the next time. `maxLength` bounds a text of its own.
 * @throws TypeError that names the place of what cannot be kept exactly
 */
export function metadataCopy(value: unknown, maxLength: number): MetadataValue {
  if (typeof value === 'string' && value.length > maxLength)
    throw problem(`must have at most ${maxLength} characters`, [], 0);
  return copyOf(value, [], 0);
}

/** Deeper than any JSON that is meant; below what a reader's recursion can take. */
const maxDepth = 500;

/** The steps to a value, the outermost first; what is behind its depth was left. Never cut: lists that shrink are made anew. */
type Path = (string | number)[];

function copyOf(value: unknown, path: Path, depth: number): MetadataValue {
  switch (typeof value) {
    case 'string':
      requireStorable(value, path, depth);
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw problem('must be a finite number', path, depth);
      return value;
    case 'boolean':
      return value;
    case 'bigint':
      throw problem(
        'must not be a bigint: numbers are kept exactly up to 2^53; keep a longer one as a text',
        path,
        depth,
      );
    case 'object':
      if (value === null) return null;
      if (depth >= maxDepth) throw problem(`must not be nested deeper than ${maxDepth}`, path, depth);
      return Array.isArray(value) ? listCopy(value, path, depth) : objectCopy(value, path, depth);
    default:
      throw problem(`must be a value of JSON, not of type ${typeof value}`, path, depth);
  }
}

function listCopy(list: readonly unknown[], path: Path, depth: number): MetadataValue {
  // As long as it will be: one that grows to some hundred thousand values takes five times as long.
  const copy: MetadataValue[] = [];
  copy.length = list.length;
  // Index by index: a hole in the array is undefined, which JSON would make null of.
  for (let i = 0; i < copy.length; i += 1) {
    path[depth] = i;
    copy[i] = copyOf(list[i], path, depth + 1);
  }
  return copy;
}

function objectCopy(value: object, path: Path, depth: number): MetadataValue {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype !== null && !isObjectPrototype(prototype)) {
    throw problem('must be a value of JSON: only arrays and plain objects are kept as they are', path, depth);
  }
  const copy: Record<string, MetadataValue> = {};
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') throw problem('must not have a symbol as a key', path, depth);
    path[depth] = key;
    requireStorable(key, path, depth + 1);
    const kept = copyOf(Reflect.get(value, key), path, depth + 1);
    // What is hidden is checked as well, and left out as JSON does.
    if (!Object.prototype.propertyIsEnumerable.call(value, key)) continue;
    if (key !== '__proto__') copy[key] = kept;
    else Object.defineProperty(copy, key, { value: kept, enumerable: true });
  }
  return copy;
}

function requireStorable(text: string, path: Readonly<Path>, depth: number): void {
  const what = storableText(text);
  if (what !== null) throw problem(what, path, depth);
}

/** Of plain objects, also of those of another realm (`structuredClone` in a jest test). */
function isObjectPrototype(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** Enough to find the place by; a value may be hundreds of levels deep, and a key as long as a book. */
const shown = Object.freeze({ outermost: 6, innermost: 3, characters: 60 });

function problem(what: string, path: Readonly<Path>, depth: number): TypeError {
  if (depth === 0) return new TypeError(`value ${what}`);
  const steps = path.slice(0, depth).map((step) => cut(String(step)));
  const between = steps.length - shown.outermost - shown.innermost;
  if (between > 1) steps.splice(shown.outermost, between, `…${between} more…`);
  return new TypeError(`value at ${steps.join('.')}: ${what}`);
}

function cut(key: string): string {
  return key.length <= shown.characters ? key : `${key.slice(0, shown.characters).toWellFormed()}…`;
}
