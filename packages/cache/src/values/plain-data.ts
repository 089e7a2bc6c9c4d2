// The kinds of value that the cache can keep, and a deep copy of them. `sealed-value.ts` decides with it what is
// shared between callers and what each caller gets a copy of.
import { types } from 'node:util';
import { isObjectPrototype } from '../realms.js';

/** A plain object or array, seen as its entries. */
export type Container = Record<string, unknown>;

/**
 * `container`: a plain object or array, which can be frozen. `bag`: a Map or Set, and `bytes`, `date`: objects whose
 * content no freeze protects. `other`: anything else, whose class would be lost or whose state is not data.
 */
export function kindOf(value: object): 'container' | 'bag' | 'bytes' | 'date' | 'other' {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === Array.prototype || prototype === null) return 'container';
  if (prototype === Date.prototype) return 'date';
  if (prototype === Map.prototype || prototype === Set.prototype) return 'bag';
  // Shared memory stays shared in every copy.
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (types.isArrayBuffer(buffer)) return isKnownBytes(value, prototype) ? 'bytes' : 'other';
  return kindOfOtherRealm(value, prototype);
}

function kindOfOtherRealm(value: object, prototype: object): 'container' | 'bag' | 'date' | 'other' {
  if (isObjectPrototype(prototype)) return 'container';
  // A class on top of one has a prototype between.
  if (!isObjectPrototype(Object.getPrototypeOf(prototype))) return 'other';
  if (Array.isArray(value)) return 'container';
  if (types.isDate(value)) return 'date';
  return types.isMap(value) || types.isSet(value) ? 'bag' : 'other';
}

/** Whether it is an `ArrayBuffer`, `Buffer`, typed array or `DataView`, and no class on top of one. */
function isKnownBytes(value: object, prototype: object): boolean {
  if (prototype === Buffer.prototype) return true;
  const name: unknown = Reflect.get(value, Symbol.toStringTag);
  const type: unknown = typeof name === 'string' ? Reflect.get(globalThis, name) : undefined;
  if (typeof type === 'function' && type.prototype === prototype) return true;
  // Of another realm.
  if (types.isTypedArray(value)) return Object.hasOwn(prototype, 'BYTES_PER_ELEMENT');
  return isObjectPrototype(Object.getPrototypeOf(prototype));
}

/** Returns a copy of one container with the same entries; of a list without its names. */
export function copyContainer(value: Container): Container {
  if (Array.isArray(value)) return sliceOf(value) as unknown as Container;
  // A spread keeps V8's fast object layout; assigning key by key would not.
  if (Object.getPrototypeOf(value) !== null) return { ...value };
  return copyToFreeze(value);
}

/**
 * The same for a copy that is frozen later: V8 makes a hash table of four times the size when it freezes what a spread has made.
 * With the names of a list.
 */
export function copyToFreeze(value: Container): Container {
  if (Array.isArray(value)) return copyList(value) as unknown as Container;
  const copy = Object.getPrototypeOf(value) === null ? (Object.create(null) as Container) : {};
  return Object.assign(copy, value);
}

/** With its holes. That of a list of another realm would be of that realm if its own `slice` made it. */
const sliceOf = (list: readonly unknown[]): unknown[] => Array.prototype.slice.call(list);

function copyList(list: readonly unknown[]): readonly unknown[] {
  const keys = Object.keys(list);
  const copy = sliceOf(list);
  if (hasNames(keys)) for (const key of keys) Reflect.set(copy, key, Reflect.get(list, key));
  return copy;
}

/** Whether a list with these keys has names beside its numbers, which come first. */
export function hasNames(keys: readonly string[]): boolean {
  const last = keys.at(-1);
  return last !== undefined && String(Number(last) >>> 0) !== last;
}

/** Returns a copy that shares nothing with `value`, which must have been weighed: it is plain data. */
export function deepCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (types.isDate(value)) return new Date(value.getTime());
  if (types.isMap(value)) return new Map([...value].map(([key, item]) => [deepCopy(key), deepCopy(item)]));
  if (types.isSet(value)) return new Set([...value].map(deepCopy));
  if (kindOf(value) === 'bytes') return copyBytes(value as ArrayBuffer | ArrayBufferView);
  const copy = copyToFreeze(value as Container);
  for (const key of Object.keys(copy)) {
    const item = copy[key];
    if (typeof item === 'object' && item !== null) copy[key] = deepCopy(item);
  }
  return copy;
}

/** In a buffer of their own: those of a small Buffer lie in one of many, which a copy like that would keep alive. */
function copyBytes(value: ArrayBuffer | ArrayBufferView): unknown {
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
  // Those of a view of this realm are, whosever `value` is.
  const own = bytes.slice().buffer;
  if (!ArrayBuffer.isView(value)) return own;
  if (Buffer.isBuffer(value)) return Buffer.from(own);
  const View = Reflect.get(globalThis, Reflect.get(value, Symbol.toStringTag)) as new (
    buffer: ArrayBuffer,
  ) => ArrayBufferView;
  return new View(own);
}
