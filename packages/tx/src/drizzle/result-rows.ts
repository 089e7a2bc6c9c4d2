// What is made of the rows of a statement: result sets as @libsql/client gives them, values, and rows by name as drizzle
// does. session.ts lets drizzle map the rest.
import { performance } from 'node:perf_hooks';
import type { ResultSet, Row, Value } from '@libsql/client';
import { ResultSetImpl } from '@libsql/core/util';
import type { StatementResult } from '../connection-source.js';
import { type Awaitable, isPromise } from '../waiting/awaitable.js';
import { nextTurn } from '../waiting/turns.js';

/** The result of a statement as @libsql/client gives it. */
export function toResultSet(result: StatementResult): Awaitable<ResultSet> {
  const columns = [...result.columns];
  const columnTypes = result.columnTypes ? [...result.columnTypes] : columns.map(() => '');
  const ofRows = (rows: Row[]): ResultSet =>
    new ResultSetImpl(columns, columnTypes, rows, result.rowsAffected, result.lastInsertRowid ?? undefined);
  const rows = inPieces(result.rows, (piece) => piece.map((row) => toRow(columns, row)));
  return isPromise(rows) ? rows.then(ofRows) : ofRows(rows);
}

/** The same for several, one after another. */
export async function toResultSets(results: readonly StatementResult[]): Promise<ResultSet[]> {
  const sets: ResultSet[] = [];
  for (const result of results) sets.push(await toResultSet(result));
  return sets;
}

/** The rows themselves, which nobody else has: to copy each cell would cost as much as reading it. */
export function asValues({ rows }: StatementResult): Awaitable<unknown[][]> {
  return inPieces(rows, (piece) => {
    for (const row of piece) {
      for (let i = 0; i < row.length; i += 1) if (typeof row[i] === 'object') row[i] = shownValue(row[i]);
    }
    return piece;
  });
}

/** Rows by name. Of columns with the same name the first counts, as everywhere in drizzle. */
export function namedRows({ columns, rows }: StatementResult): Awaitable<Record<string, unknown>[]> {
  const named = columns
    .map((name, index) => ({ name, index }))
    .filter(({ name, index }) => columns.indexOf(name) === index);
  return inPieces(rows, (piece) =>
    piece.map((values) => Object.fromEntries(named.map(({ name, index }) => [name, shownValue(values[index])]))),
  );
}

/**
 * Returns what `make` makes of all rows: at once of few, else piece by piece, so that the event loop gets its turns. To make a
 * row costs as much as reading it, or twice.
 */
export function inPieces<T>(rows: unknown[][], make: (piece: unknown[][]) => T[]): Awaitable<T[]> {
  return rows.length <= rowsPerPiece ? make(rows) : allPieces(rows, make);
}

/** A few milliseconds. */
const rowsPerPiece = 200;

async function allPieces<T>(rows: unknown[][], make: (piece: unknown[][]) => T[]): Promise<T[]> {
  const made: T[] = [];
  for (let start = 0; start < rows.length; start += rowsPerPiece) {
    const turn = nextTurn(performance.now());
    if (turn) await turn;
    for (const each of make(rows.slice(start, start + rowsPerPiece))) made.push(each);
  }
  return made;
}

/** Reads by name (enumerable) and by position (not enumerable), as @libsql/client's rows do. */
function toRow(columns: readonly string[], values: readonly unknown[]): Row {
  const row: Record<string, unknown> = {};
  Object.defineProperty(row, 'length', { value: values.length });
  values.forEach((value, index) => {
    const shown = shownValue(value);
    Object.defineProperty(row, index, { value: shown });
    const name = columns[index];
    if (name === undefined || Object.hasOwn(row, name)) return;
    Object.defineProperty(row, name, { value: shown, enumerable: true, configurable: true, writable: true });
  });
  // Values come from SQLite: null, number, text or bytes.
  return row as Record<string, Value> & { length: number };
}

/** A value as @libsql/client shows it: bytes as an `ArrayBuffer` of their own. */
function shownValue(value: unknown): unknown {
  return Buffer.isBuffer(value) ? arrayBufferOf(value) : value;
}

function arrayBufferOf(bytes: Buffer): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}
