// One text for equal plain data, different for different data: what keys are made of.

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
  if (value instanceof Date) return `D${value.getTime()}`;
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, what, depth + 1)).join(',')}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`${what} must be plain data, not an instance of a class; ${remedy}`);
  }
  const parts = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item, what, depth + 1)}`);
  return `{${parts.join(',')}}`;
}

const remedy = 'give the text that tells them apart yourself (wrap: the option key)';
