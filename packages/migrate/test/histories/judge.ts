// The sentences of the property: what a state must be, and what a refusal must say. Each fails with the SQL that did it.
import { isDeepStrictEqual } from 'node:util';
import { isDatabaseError } from '@cc/tx/errors';
import type { State } from './losses.js';
import type { Prediction } from './predict.js';
import type { Shape } from './shape.js';
import { buildSql } from './start.js';
import type { Dump, StockDatabase } from './stock.js';

/** Fails with `what` where the two are not the same. */
export function mustEqual(is: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(is, expected)) return;
  throw new Error(`${what}\nis ${textOf(is)}\nand must be ${textOf(expected)}`);
}

function textOf(value: unknown): string {
  return value instanceof Error ? String(value) : JSON.stringify(value);
}

/** Fails with `what` and the lines that are missing or too many. */
function mustHave(lines: readonly string[], expected: readonly string[], what: string): void {
  if (isDeepStrictEqual(lines.toSorted(), expected.toSorted())) return;
  const missing = expected.filter((line) => !lines.includes(line));
  const tooMany = lines.filter((line) => !expected.includes(line));
  throw new Error(`${what}\nhas ${lines.length} instead of ${expected.length}: ${textOf({ missing, tooMany })}`);
}

/** Fails where two databases differ in a byte of rows, schema or AUTOINCREMENT marks. */
export function mustBeSame(is: Dump, expected: Dump, what: string): void {
  const linesOf = ({ schema, tables, marks }: Dump): readonly string[] => [
    ...schema,
    ...marks.map((mark) => `mark ${mark}`),
    ...[...tables].flatMap(([name, { columns, rows }]) => [
      `columns of ${name}: ${columns.join()}`,
      ...rows.map((row) => `row of ${name}: ${row.join()}`),
    ]),
  ];
  mustHave(linesOf(is), linesOf(expected), what);
}

/** Fails where the pragmas say other things than of a schema that is built anew. */
export function mustHaveForm({ form }: Dump, shape: Shape, what: string, scratch: StockDatabase): void {
  mustHave(form, formOf(shape, scratch), `the schema after ${what}`);
}

function formOf(shape: Shape, scratch: StockDatabase): readonly string[] {
  scratch.run('BEGIN');
  scratch.run(buildSql(shape));
  const { form } = scratch.dump();
  scratch.run('ROLLBACK');
  const nameOf = (tid: number): string => shape.tables.find((table) => table.tid === tid)?.name ?? '';
  return [
    ...form,
    ...shape.views.map(({ name }) => `view ${name} ${name}`),
    ...shape.triggers.map(({ name, tid }) => `trigger ${name} ${nameOf(tid).toLowerCase()}`),
  ].toSorted();
}

/** Fails where the rows are others than predicted, or columns stand elsewhere than in the shape. */
export function mustHaveRows({ shape, dump }: State, predicted: Prediction | null, what: string): void {
  if (predicted === null) throw new Error(`There are rows that do not fit, and yet it went well: ${what}`);
  for (const { name } of shape.tables) {
    const stored = dump.tables.get(name);
    const expected = predicted.get(name);
    mustEqual(stored?.columns, expected?.columns, `columns of ${name} after ${what}`);
    const rows = stored?.rows.map((row) => row.join()) ?? [];
    mustHave(rows, expected?.rows ?? [], `rows of ${name} after ${what}`);
  }
}

/** The error of a call; null when it went well. */
export async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return null;
  } catch (error) {
    return error;
  }
}

/** What a refusal is about. */
export interface Refused {
  /** What may be named, each under any of its names. */
  readonly losses: readonly (readonly string[])[];
  /** Names that were agreed to, and are not to be refused again. */
  readonly agreed: readonly string[];
  readonly sql: string;
}

/** Fails unless `error` refuses a loss, and names what is lost and nothing that was agreed to. Returns those names. */
export function mustRefuse(error: unknown, { losses, agreed, sql }: Refused): ReadonlySet<string> {
  if (codeOf(error) !== 'MIGRATION_DATA_LOSS')
    throw new Error(`${textOf(losses)} is lost, and the answer is ${textOf(error)} to\n${sql}`);
  const message = error instanceof Error ? error.message : '';
  const names = losses.flat().filter((name) => isIn(message, name));
  if (names.length === 0) throw new Error(`${message}\nnames none of ${textOf(losses)}, lost by\n${sql}`);
  const again = agreed.filter((name) => isIn(message, name) && !names.includes(name));
  mustEqual(again, [], `What was agreed to is refused again: ${message}\n${sql}`);
  return new Set(names);
}

/** Fails unless `error` is what the stock database says as well, in our words. */
export function mustFail(error: unknown, saying: string, sql: string): void {
  if (error === null || codeOf(error) === 'MIGRATION_DATA_LOSS')
    throw new Error(`SQLite says "${saying}", and the answer is ${textOf(error)} to\n${sql}`);
}

/** The code of a database error; null for anything else. */
export function codeOf(error: unknown): string | null {
  return isDatabaseError(error) ? error.code : null;
}

function isIn(message: string, name: string): boolean {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\w.])${escaped}(?!\w|\.\w)`).test(message);
}
