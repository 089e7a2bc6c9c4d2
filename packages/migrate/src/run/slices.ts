// Runs the chunked statements of a migration slice by slice. Each slice is a transaction that takes no step when the
// applied migrations are no longer those that were read, and that is undone when its rows would come up again.
// A crash in between leaves the migration pending, or half back; going on again handles the rows that are left. run-steps.ts
// records it.

import { types } from 'node:util';
import type { Connection } from '../contract/connection.js';
import { migrationError, refuse } from '../errors.js';
import type { Agreement } from '../loss/agreement.js';
import { lossesIn, nothingToMeasure, sliceMeasurementOf } from '../loss/measure.js';
import { type LossTable, readLossTables } from '../loss/table.js';
import { foldName } from '../sql/words.js';
import { lossProblem } from './loss-problem.js';
import type { SlicedStatement } from './slice-key.js';
import {
  type BoundStatement,
  checks,
  type Entry,
  enter,
  isCheck,
  leave,
  measure,
  tellingOf,
  thisEntry,
} from './transition.js';

/** What slices need. */
export interface SliceRun {
  readonly connection: Connection;
  readonly entry: Entry;
  /** For errors. */
  readonly operation: string;
  /** What may be lost. */
  readonly agreement: Agreement;
  /** Called after each slice with the statement's number and the rows it has changed so far. */
  readonly onSlice: (done: { readonly statement: number; readonly rows: number }) => void;
}

/** Runs every slice of every statement. @throws DatabaseError of the slice that failed; those before it stay */
export async function runSlices(run: SliceRun, statements: readonly SlicedStatement[]): Promise<void> {
  for (const [index, statement] of statements.entries()) await runStatement(run, statement, index + 1);
}

/** An SQL expression: whether rows are left that `statement` would handle. */
export function leftOver(statement: SlicedStatement): string {
  return `EXISTS (${selectRows(statement, '1', null, null).sql})`;
}

/** A key as a slice is bounded by it: as SQL, with what is bound in it. */
interface Key {
  readonly sql: string;
  readonly args: readonly BoundValue[];
}
type BoundValue = string | number | bigint | ArrayBuffer;

async function runStatement(run: SliceRun, statement: SlicedStatement, number: number): Promise<void> {
  let rows = 0;
  const tables = await readLossTables(run.connection);
  for (;;) {
    const before = rows;
    let from: Key | null = null;
    do {
      const to: Key | null = await lastKeyOf(run.connection, statement, from);
      rows += await runSlice(run, { statement, tables }, from, to);
      run.onSlice({ statement: number, rows });
      from = to;
    } while (from !== null);
    // Rows that came up behind the slices, from triggers or other writers, are for another pass.
    if (rows === before) return;
  }
}

/** The key at which a slice that begins behind `from` ends; null when it is the last one. */
async function lastKeyOf(connection: Connection, statement: SlicedStatement, from: Key | null): Promise<Key | null> {
  const { key, rows } = statement;
  const select = selectRows(
    statement,
    key.flatMap((column) => [`typeof(${column})`, portable(column)]).join(', '),
    from,
    null,
  );
  const { rows: found } = await connection.execute({
    sql: `${select.sql} ORDER BY ${key.join(', ')} LIMIT 1 OFFSET ${rows - 1}`,
    args: [...select.args],
  });
  const [last] = found;
  if (!last) return null;
  const bounds = key.map((_, index) => boundOf(String(last[index * 2]), last[index * 2 + 1]));
  return { sql: `(${bounds.map(({ sql }) => sql).join(', ')})`, args: bounds.flatMap(({ args }) => args) };
}

/** `column` so that JavaScript holds it: text ends at a NUL there, integers past 2^53 and infinities are none. */
function portable(column: string): string {
  return `CASE typeof(${column}) WHEN 'integer' THEN CAST(${column} AS TEXT) WHEN 'text' THEN CAST(${column} AS BLOB)
WHEN 'real' THEN CASE WHEN abs(${column}) < 9e999 THEN ${column} ELSE quote(${column} > 0) END ELSE ${column} END`;
}

/** What `portable` gave of a value of this type, as it was. A plus keeps the type of a CAST from converting the column. */
function boundOf(type: string, value: unknown): Key {
  if (type === 'integer') return { sql: '?', args: [BigInt(String(value))] };
  if (type === 'real') {
    if (typeof value === 'string') return { sql: value === '1' ? '9e999' : '-9e999', args: [] };
    return { sql: '?', args: [Number(value)] };
  }
  const bytes = types.isArrayBuffer(value) && value.byteLength > 0 ? [value] : [];
  const blob = bytes.length === 0 ? `x''` : '?';
  return { sql: type === 'text' ? `+CAST(${blob} AS TEXT)` : blob, args: bytes };
}

/** Runs one slice and returns the number of rows it changed. */
async function runSlice(
  run: SliceRun,
  { statement, tables }: { readonly statement: SlicedStatement; readonly tables: ReadonlyMap<string, LossTable> },
  from: Key | null,
  to: Key | null,
): Promise<number> {
  const { connection, entry, operation, agreement } = run;
  const range = rangeOf(statement, from, to);
  const left = selectRows(statement, '1', from, to);
  const source = `${statement.from} WHERE ${range.sql}`;
  const table = tables.get(foldName(statement.table));
  const measured = table
    ? sliceMeasurementOf(table, [...tables.values()], { ...statement, source }, agreement)
    : nothingToMeasure;
  const copies = measured.copies.map((sql): BoundStatement => ({ sql, args: [...range.args] }));
  const change: BoundStatement = { sql: `${statement.head}WHERE ${range.sql}`, args: [...range.args] };
  const opening = [...enter(entry, statement.touchesForeignKeys), ...copies];
  const batch: BoundStatement[] = [
    ...opening,
    change,
    ...measure(measured.compared),
    ...measured.removal,
    { sql: `UPDATE __cc_migrations SET left_over = EXISTS (${left.sql}) ${thisEntry}`, args: [...left.args] },
    ...leave(entry, statement.touchesForeignKeys),
  ];
  try {
    return (await connection.migrate(batch))[opening.length]?.rowsAffected ?? 0;
  } catch (error) {
    if (isCheck(error, checks.dataLoss)) {
      const { statements, places } = tellingOf({ ...measured, copies }, [change]);
      const results = await connection.migrate(statements);
      const losses = places.flatMap(({ probe, at }) => lossesIn(probe, results[at]?.rows[0]));
      refuse(lossProblem(entry.version, entry.direction, losses), operation);
    }
    if (!isCheck(error, checks.leftOver)) throw error;
    throw migrationError('statement', `A slice of ${statement.rows} rows would come up again`, {
      operation,
      hint: 'Its rows are as they were. Make the condition of the statement false for the rows it has handled',
      cause: error,
    });
  }
}

interface Selection {
  readonly sql: string;
  readonly args: readonly BoundValue[];
}

function selectRows(statement: SlicedStatement, columns: string, from: Key | null, to: Key | null): Selection {
  const { sql, args } = rangeOf(statement, from, to);
  return { sql: `SELECT ${columns} FROM ${statement.from} WHERE ${sql}`, args };
}

/** The statement's condition between two keys. A comment at its end must not hide what follows. */
function rangeOf({ condition, key }: SlicedStatement, from: Key | null, to: Key | null): Selection {
  const columns = `(${key.join(', ')})`;
  const bounds = [...(from ? [`${columns} > ${from.sql}`] : []), ...(to ? [`${columns} <= ${to.sql}`] : [])];
  return { sql: [`(${condition}\n)`, ...bounds].join(' AND '), args: [...(from?.args ?? []), ...(to?.args ?? [])] };
}
