// The kinds of value that the cache can keep, and a deep copy of them. `sealed-value.ts` decides with it what is
// shared between callers and what each caller gets a copy of.

/** A plain object or array, seen as its entries. */
export type Container = Record<string, unknown>;

/**
 * `container`: a plain object or array, which can be frozen. `bag`: a Map or Set, and `bytes`, `date`: objects whose
 * content no freeze protects. `other`: anything else, whose class would be lost or whose state is not data.
 */
export function kindOf(value: object): 'container' | 'bag' | 'bytes' | 'date' | 'other' {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === Array.prototype || prototype === null) return 'container';
  if (prototype === Date.prototype) return 'date';
  if (prototype === Map.prototype || prototype === Set.prototype) return 'bag';
  // Shared memory stays shared in every copy.
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (buffer instanceof ArrayBuffer) return 'bytes';
  return 'other';
}

/** Returns a copy of one container with the same entries. */
export function copyContainer(value: Container): Container {
  if (Array.isArray(value)) return value.slice() as unknown as Container;
  // A spread keeps V8's fast object layout; assigning key by key would not.
  if (Object.getPrototypeOf(value) !== null) return { ...value };
  return Object.assign(Object.create(null) as Container, value);
}

/** Returns a copy that shares nothing with `value`, which must have been weighed: it is plain data. */
export function deepCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return new Date(value.getTime());
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [deepCopy(key), deepCopy(item)]));
  if (value instanceof Set) return new Set([...value].map(deepCopy));
  if (kindOf(value) === 'bytes') return structuredClone(value);
  const copy = copyContainer(value as Container);
  for (const key of Object.keys(copy)) {
    const item = copy[key];
    if (typeof item === 'object' && item !== null) copy[key] = deepCopy(item);
  }
  return copy;
}
