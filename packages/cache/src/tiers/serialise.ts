// A kept value as bytes for the tiers behind memory, and back. The first byte says how: JSON where it keeps the value exactly,
// which is several times faster, else the engine's own format, which is read by the same engine only.
import { types } from 'node:util';
import { deserialize as fromEngine, serialize as toEngine } from 'node:v8';
import { crc32 } from 'node:zlib';
import { type Container, deepCopy, kindOf } from '../values/plain-data.js';

const json = 1;
const engine = 2;
/** Format byte, then the number of the engine. */
const engineHead = 5;

/** Returns the bytes of `value`, plain data that is not `undefined`; what `deserialise` makes of them is deeply equal to it. */
export function serialise(value: unknown): Uint8Array {
  if (isJson(value)) return serialiseAsJson(value);
  const bare = bareContainers(value);
  const body = toEngine(bare.length === 0 ? [value] : [value, bare]);
  const data = Buffer.allocUnsafeSlow(engineHead + body.byteLength);
  data[0] = engine;
  data.writeUInt32LE(engineNumber, 1);
  body.copy(data, engineHead);
  return data;
}

/** Returns the value of `data`, or `undefined` when they are damaged or from another engine or version: a miss. */
export function deserialise(data: Uint8Array): unknown {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  try {
    if (bytes[0] === json) return JSON.parse(bytes.toString('utf8', 1));
    if (bytes[0] !== engine || bytes.readUInt32LE(1) !== engineNumber) return undefined;
    // A copy: the arrays of bytes that the engine makes are views of what it reads.
    const body = Buffer.allocUnsafeSlow(bytes.byteLength - engineHead);
    bytes.copy(body, 0, engineHead);
    const [value, bare] = fromEngine(body) as [unknown, number[]?];
    if (bare !== undefined) makeBare(value, bare);
    // The engine makes them with the globals of the process, which a test runner may have replaced for its tests.
    return value instanceof Object ? value : deepCopy(value);
  } catch {
    // Whoever has damaged them, it is a miss.
    return undefined;
  }
}

/** Types of arrays have numbers that differ between versions of Node, and Bun has a format of its own. */
const engineNumber = crc32(
  ['node', 'v8', 'bun'].map((name) => `${name} ${process.versions[name] ?? 'none'}`).join(', '),
);

function serialiseAsJson(value: unknown): Uint8Array {
  const text = JSON.stringify(value);
  const data = Buffer.allocUnsafeSlow(1 + Buffer.byteLength(text));
  data[0] = json;
  data.write(text, 1);
  return data;
}

/** Whether JSON brings the value back as it is. */
function isJson(value: unknown): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) {
    // A hole reads as undefined, which is none.
    for (let i = 0; i < value.length; i += 1) if (!isJson(value[i])) return false;
    return Object.keys(value).length === value.length;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key of Object.keys(value)) if (!isJson((value as Container)[key])) return false;
  return true;
}

/** The numbers of the objects without prototype, in the order of `visitContainers`: the engine's format forgets which they are. */
function bareContainers(value: unknown): number[] {
  const bare: number[] = [];
  visitContainers(value, (container, number) => {
    if (Object.getPrototypeOf(container) === null) bare.push(number);
  });
  return bare;
}

function makeBare(value: unknown, bare: readonly number[]): void {
  const numbers = new Set(bare);
  visitContainers(value, (container, number) => {
    if (numbers.has(number)) Object.setPrototypeOf(container, null);
  });
}

/** Visits the objects and arrays of a value, each before those that it holds. */
function visitContainers(root: unknown, visit: (container: object, number: number) => void): void {
  let number = 0;
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (types.isMap(value) || types.isSet(value)) {
      for (const item of value) look(item);
    } else if (kindOf(value) === 'container') {
      visit(value, number);
      number += 1;
      for (const key of Object.keys(value)) look((value as Container)[key]);
    }
  };
  look(root);
}
