// Whether two values are alike except for one thing that a listed difference allows.
import { pictureOf } from './picture.js';

/** A row as @libsql/client gives it: values by position that are not enumerable, and by name that are. */
type ClientRow = ArrayLike<unknown> & Readonly<Record<string, unknown>>;

/** Whether `ours` is `stock` with arrays in the place of the client's rows, and else the same. */
export function alikeWithArrays(stock: unknown, ours: unknown): boolean {
  return Array.isArray(ours) && ours.every(Array.isArray) && alikeButRows(stock, ours);
}

/** Whether `ours` is `stock` with plain objects or arrays in the place of the client's rows, but for `lastInsertRowid`. */
export function alikeButRows(stock: unknown, ours: unknown): boolean {
  return alikeButLastRowid(turnedLike(stock, ours), ours);
}

/** Whether the two differ in `lastInsertRowid` alone. */
export function alikeButLastRowid(stock: unknown, ours: unknown): boolean {
  const [left, right] = [stock, ours].map((value) => withoutLastRowid(pictureOf({ value })));
  return left === right;
}

/** Whether the two differ in `rowsAffected` and `lastInsertRowid` alone. */
export function alikeButCounts(stock: unknown, ours: unknown): boolean {
  const [left, right] = [stock, ours].map((value) => withoutCounts(pictureOf({ value })));
  return left === right;
}

/** The same, with 0 for -0, and with the client's rows in any form. */
export function alikeButCountsAndSign(stock: unknown, ours: unknown): boolean {
  const [left, right] = [turnedLike(stock, ours), ours].map((value) =>
    withoutCounts(pictureOf({ value }).replaceAll(/: -0$/gm, ': 0')),
  );
  return left === right;
}

function withoutCounts(picture: string): string {
  return withoutLastRowid(picture)
    .replaceAll(/("?rowsAffected"?: ?)\d+/g, '$1…')
    .replaceAll(' (', '(')
    .toLowerCase();
}

function withoutLastRowid(picture: string): string {
  return picture.replaceAll(/("?lastInsertRowid"?: ?)(?:"?-?\d+n?"?|undefined|null)/g, '$1…');
}

/** Whether `ours` has columns with the names that the client's rows keep for themselves, and is else the same. */
export function alikeButOddNames(stock: unknown, ours: unknown): boolean {
  const without = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(without);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).filter(([name]) => !/^(?:\d+|length|__proto__)$/.test(name)));
  };
  return pictureOf({ value: stock }) === pictureOf({ value: without(ours) });
}

/** Whether the two differ in capitals, spaces before parentheses, and `lastInsertRowid`, alone. */
export function alikeButPrinting(stock: unknown, ours: unknown): boolean {
  const [left, right] = [stock, ours].map((value) =>
    withoutLastRowid(pictureOf({ value })).replaceAll(' (', '(').toLowerCase(),
  );
  return left === right;
}

/** `stock` with its rows turned into what `ours` has in their places. */
function turnedLike(stock: unknown, ours: unknown): unknown {
  if (isClientRow(stock)) return Array.isArray(ours) ? Array.from(stock) : Object.fromEntries(Object.entries(stock));
  if (!Array.isArray(stock) || !Array.isArray(ours)) return stock;
  return stock.map((each, index) => turnedLike(each, ours[index]));
}

function isClientRow(value: unknown): value is ClientRow {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.getOwnPropertyDescriptor(value, 'length')?.enumerable === false;
}
