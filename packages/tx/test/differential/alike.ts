// Whether two values are alike except for one thing that a listed difference allows.
import { pictureOf } from './picture.js';

/** A row as @libsql/client gives it: values by position that are not enumerable, and by name that are. */
type ClientRow = ArrayLike<unknown> & Readonly<Record<string, unknown>>;

/** Whether `ours` is `stock` with arrays in the place of the client's rows, and else the same. */
export function alikeWithArrays(stock: unknown, ours: unknown): boolean {
  return alike(stock, ours, (row) => Array.from(row));
}

/** Whether `ours` is `stock` with plain objects, by name alone, in the place of the client's rows, and else the same. */
export function alikeWithObjects(stock: unknown, ours: unknown): boolean {
  return alike(stock, ours, (row) => Object.fromEntries(Object.entries(row)));
}

function alike(stock: unknown, ours: unknown, turned: (row: ClientRow) => unknown): boolean {
  return pictureOf({ value: turnRows(stock, turned) }) === pictureOf({ value: ours });
}

function turnRows(value: unknown, turned: (row: ClientRow) => unknown): unknown {
  if (isClientRow(value)) return turned(value);
  return Array.isArray(value) ? value.map((each) => turnRows(each, turned)) : value;
}

function isClientRow(value: unknown): value is ClientRow {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.getOwnPropertyDescriptor(value, 'length')?.enumerable === false;
}
