// Plain data of every kind, at random, and a judge of whether two values are the same to the last bit of a number and the
// last hole of an array. It shares nothing with what it judges.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';

/** Any text, halves of surrogate pairs included. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', '\0', 'a\0b', '\ud800', 'toJSON', 'constructor', 'length', '0', '-1'),
);

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  anyText,
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE, 2 ** 53, 1e21),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.uint8Array().map((bytes) => new Uint8Array([9, ...bytes, 9]).subarray(1, 1 + bytes.length)),
  fc.uint8Array().map((bytes) => bytes.slice().buffer),
  fc.float64Array(),
  fc.int16Array(),
  fc.bigUint64Array(),
  fc.uint8ClampedArray(),
  fc.uint8Array().map((bytes) => new DataView(bytes.slice().buffer)),
);

const key = anyText.filter((name) => name !== '__proto__');

/** Any plain data, `undefined` only inside. */
export const plainValues: fc.Arbitrary<unknown> = fc
  .letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('object'), tie('list'), tie('bag')),
    object: fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: false }),
    list: fc.oneof(
      fc.array(tie('value'), { maxLength: 5 }),
      fc.sparseArray(tie('value'), { maxLength: 5 }),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => Object.assign([...items], { extra: 1 })),
    ),
    bag: fc.oneof(
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
      fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
    ),
  }))
  .value.filter((value) => value !== undefined);

/** Why `b` is not the same as `a`; undefined when it is. */
export function difference(a: unknown, b: unknown): string | undefined {
  const found = unlike(a, b, 'value');
  // Node calls two dates that are none unequal.
  if (found !== undefined || (a instanceof Date && Number.isNaN(a.getTime()))) return found;
  return isDeepStrictEqual(a, b) ? undefined : 'not deeply equal';
}

function unlike(a: unknown, b: unknown, path: string): string | undefined {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) {
    return Object.is(a, b) ? undefined : `${path}: ${typeof a} is ${typeof b}, or another`;
  }
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path}: another prototype`;
  const [mine, others] = [partsOf(a), partsOf(b)];
  if (mine.length !== others.length) return `${path}: ${mine.length} parts are ${others.length}`;
  for (const [i, part] of mine.entries()) {
    const found = unlike(part, others[i], `${path}.${i}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Keys and entries in their order, bytes one by one. */
function partsOf(value: object): readonly unknown[] {
  if (value instanceof Date) return [value.getTime()];
  if (value instanceof Map) return [...value].flat();
  if (value instanceof Set) return [...value];
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (ArrayBuffer.isView(value)) return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  const own = value as Record<string, unknown>;
  return [Array.isArray(value) ? value.length : 0, ...Object.keys(own).flatMap((name) => [name, own[name]])];
}
