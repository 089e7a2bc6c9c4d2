// Values and errors as texts in which everything that a user could tell apart is different.
import { LibsqlBatchError, LibsqlError } from '@libsql/client';
import { DrizzleQueryError, TransactionRollbackError } from 'drizzle-orm/errors';
import { isDatabaseError } from '../../src/index.js';

/** What a call came to. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** What `work` comes to, thrown at once or later. */
export async function settle(work: () => unknown): Promise<Outcome> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

/** An error that a program throws itself. */
export class OwnError extends Error {}

/** What an error says to a program: the same text for the stock client's and ours when they mean the same. */
export interface Failure {
  /** SQLite's most exact code, or the kind of the error where none came from a database. */
  readonly code: string;
  /** Whether a DrizzleQueryError is in the chain of causes. */
  readonly query: boolean;
  /** Which statement of a batch failed. */
  readonly statementIndex: number | null;
}

/** Reads an error of either client. */
export function failureOf(error: unknown): Failure {
  const chain: unknown[] = [];
  for (let link = error; link instanceof Error && chain.length < 20; link = link.cause) chain.push(link);
  const query = chain.some((link) => link instanceof DrizzleQueryError);
  return { code: codeOf(error, chain), query, statementIndex: indexOf(chain) };
}

function codeOf(error: unknown, chain: readonly unknown[]): string {
  if (chain.some((link) => link instanceof TransactionRollbackError)) return 'rollback()';
  if (chain.some((link) => link instanceof OwnError)) return 'thrown by the program';
  if (isDatabaseError(error)) return error.code;
  const said = chain.find((link) => link instanceof LibsqlError);
  if (said) return said.extendedCode ?? said.code;
  const innermost = chain.at(-1);
  return innermost instanceof Error ? innermost.name : typeof error;
}

function indexOf(chain: readonly unknown[]): number | null {
  for (const link of chain) {
    if (link instanceof LibsqlBatchError) return link.statementIndex;
    const told = (link as { statementIndex?: unknown }).statementIndex;
    if (typeof told === 'number') return told;
  }
  return null;
}

/** An outcome as lines. Only a failed batch tells which of its statements it was. */
export function pictureOf(outcome: Outcome, batch = false): string {
  if ('error' in outcome) {
    const { statementIndex, ...failure } = failureOf(outcome.error);
    return `error ${JSON.stringify({ ...failure, ...(batch && { statementIndex }) })}`;
  }
  return `${describe(outcome.value, '')}\njson ${jsonOf(outcome.value)}`;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch (error) {
    return `fails: ${error instanceof Error ? error.name : 'what is no error'}`;
  }
}

function describe(value: unknown, indent: string): string {
  switch (typeof value) {
    case 'string':
      return value.length > 300
        ? `text of ${value.length}: ${JSON.stringify(value.slice(0, 60))}…${hashOf(value)}`
        : JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? 'null' : describeObject(value, indent);
    default:
      return String(value);
  }
}

function describeObject(value: object, indent: string): string {
  if (Buffer.isBuffer(value))
    return `Buffer ${value.length > 40 ? hashOf(value.toString('hex')) : value.toString('hex')}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength}`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer ${describeObject(Buffer.from(value), indent)}`;
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (value instanceof Error) return `${value.name} as a value`;
  const inner = `${indent}  `;
  const lines = Reflect.ownKeys(value).flatMap((key) => {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (!property || (Array.isArray(value) && key === 'length')) return [];
    const shown = property.enumerable ? String(key) : `(${String(key)})`;
    return [`${inner}${shown}: ${describe(property.value, inner)}`];
  });
  const kind = kindOf(value);
  return lines.length === 0 ? `${kind} empty` : `${kind}\n${lines.join('\n')}`;
}

function kindOf(value: object): string {
  if (Array.isArray(value)) return `Array of ${value.length}`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return 'Object without a prototype';
  if (prototype === Object.prototype) return 'Object';
  return typeof (value as { toJSON?: unknown }).toJSON === 'function' ? 'instance with toJSON' : 'instance';
}

function hashOf(text: string): string {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return `#${hash >>> 0}`;
}

/** The first line in which two pictures differ, with the lines around it. */
export function firstDifference(stock: string, ours: string): string {
  const left = stock.split('\n');
  const right = ours.split('\n');
  const at = left.findIndex((line, index) => line !== right[index]);
  const from = at === -1 ? Math.min(left.length, right.length) : at;
  const around = (lines: readonly string[]): string => lines.slice(from, from + 4).join('\n    ') || '(nothing more)';
  const path = left.slice(Math.max(0, from - 2), from).join('\n    ');
  return `  after ${path}\n  stock:\n    ${around(left)}\n  ours:\n    ${around(right)}`;
}
