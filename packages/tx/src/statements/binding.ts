// Turns JavaScript values into what the native driver binds safely, or refuses them: a wrong bind can abort the process.
import { types } from 'node:util';
import type { InArgs, InValue } from '@libsql/client';
import { shortened } from '../errors/redaction.js';

/** A value that `libsql` binds without converting or aborting. */
export type BoundValue = null | number | bigint | string | Buffer;

/** Bound values by position or by name. */
export type BoundArgs = readonly BoundValue[] | Readonly<Record<string, BoundValue>>;

const maxInteger = 2n ** 63n - 1n;
const minInteger = -(2n ** 63n);

/**
 * Returns `args` of the statement `sql` ready to bind: booleans as 0 and 1, dates as epoch milliseconds, binary data as
 * `Buffer`, whose bytes are still those of the caller: `keepBytes` is for calls that wait.
 *
 * @throws TypeError that names the position, and the statement, which a library may have made, for what SQLite would change
 * silently (NaN, text with NUL or a lone surrogate, integers past 64 bits), what not every target takes (an infinity) or none
 * (undefined, objects, functions, symbols)
 */
export function bindable(args: InArgs, sql: string): BoundArgs {
  if (Array.isArray(args)) return args.map((value: InValue, index) => bind(value, index + 1, sql));
  if (typeof args !== 'object' || args === null || ArrayBuffer.isView(args) || types.isDate(args))
    throw new TypeError(
      `The values of a statement are an array, or an object with a value for each name (in ${shortened(sql)})`,
    );
  const named: Record<string, BoundValue> = {};
  for (const [name, value] of Object.entries(args)) named[name.replace(/^[:@$]/, '')] = bind(value, `'${name}'`, sql);
  return named;
}

/**
 * Gives bound values bytes of their own, for a call that has not run when it returns: its caller may fill a buffer anew while
 * it waits. Not for others, because to copy a megabyte costs as much as writing it to memory.
 */
export function keepBytes(args: BoundArgs): void {
  const own = args as Record<string | number, BoundValue>;
  // By place: a list of names would cost a call with many values as much as to look at each of them.
  if (Array.isArray(args)) for (let i = 0; i < args.length; i += 1) keepAt(own, i);
  else for (const name of Object.keys(args)) keepAt(own, name);
}

function keepAt(own: Record<string | number, BoundValue>, place: string | number): void {
  const value = own[place];
  if (typeof value === 'object' && value !== null) own[place] = Buffer.from(value);
}

function bind(value: InValue | undefined, where: number | string, sql: string): BoundValue {
  switch (typeof value) {
    case 'string':
      if (value.includes('\0'))
        throw refused(where, sql, 'text with a NUL character, which would be cut off when read');
      if (!value.isWellFormed()) throw refused(where, sql, 'text with a lone surrogate, which UTF-8 cannot hold');
      return value;
    case 'number':
      if (Number.isNaN(value)) throw refused(where, sql, 'NaN, which SQLite would store as NULL');
      if (!Number.isFinite(value)) throw refused(where, sql, `${value}, which servers do not take`);
      return value;
    case 'bigint':
      if (value > maxInteger || value < minInteger) throw refused(where, sql, 'an integer that does not fit 64 bits');
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'object':
      return bindObject(value, where, sql);
    default:
      throw refused(where, sql, `${typeof value}; use null for an absent value`);
  }
}

function bindObject(value: object | null, where: number | string, sql: string): BoundValue {
  if (value === null) return null;
  if (Buffer.isBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) {
    const kind: unknown = (value as Partial<Uint8Array>)[Symbol.toStringTag];
    // The bytes of others depend on the machine, and nothing that is read tells what they were.
    if (kind !== 'Uint8Array') throw refused(where, sql, `a ${String(kind)}; turn it into a Uint8Array first`);
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  if (types.isArrayBuffer(value)) return Buffer.from(value);
  if (types.isDate(value)) {
    const time = value.getTime();
    if (Number.isNaN(time)) throw refused(where, sql, 'an invalid Date');
    return time;
  }
  throw refused(where, sql, 'an object; turn it into text or bytes first');
}

function refused(where: number | string, sql: string, what: string): TypeError {
  return new TypeError(`Parameter ${where} is ${what} (in ${shortened(sql)})`);
}
