// One text for equal plain data, different for different data: what keys are made of.
import { types } from 'node:util';
import { isObjectPrototype } from '../realms.js';

/** Returns the text. The order of keys does not matter, that of arrays does; `undefined` is left out of objects. @throws TypeError */
export function canonical(value: unknown, what: string, depth = 0): string {
  if (depth > 20) throw new TypeError(`${what} are nested too deep, or in a circle; ${remedy}`);
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '0' : String(value);
    case 'boolean':
      return String(value);
    case 'bigint':
      return `${value}n`;
    case 'undefined':
      return 'undefined';
    case 'object':
      return canonicalObject(value, what, depth);
    default:
      throw new TypeError(`${what} must be plain data, not a ${typeof value}; ${remedy}`);
  }
}

function canonicalObject(value: object, what: string, depth: number): string {
  if (types.isDate(value)) {
    refuseHidden(value, 0, what);
    return `D${value.getTime()}`;
  }
  if (Array.isArray(value)) {
    // Holes are none of its keys, and names beside the numbers are too many.
    refuseHidden(value, value.length + 1, what);
    return `[${value.map((item) => canonical(item, what, depth + 1)).join(',')}]`;
  }
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype !== null && !isObjectPrototype(prototype)) {
    throw new TypeError(`${what} must be plain data, not an instance of a class; ${remedy}`);
  }
  const entries = Object.entries(value);
  refuseHidden(value, entries.length, what);
  const parts = entries
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item, what, depth + 1)}`);
  return `{${parts.join(',')}}`;
}

/** What the text would not tell apart would be answered with each other's values. */
function refuseHidden(value: object, visible: number, what: string): void {
  if (Reflect.ownKeys(value).length === visible) return;
  throw new TypeError(
    `${what} must be plain data, without hidden properties, symbols as keys, or lists with holes; ${remedy}`,
  );
}

const remedy = 'give the text that tells them apart yourself (wrap: the option key)';
