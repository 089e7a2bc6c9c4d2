// The sentences of the property: what a state must be, and what a refusal must say.
import { isDatabaseError } from '@cc/tx/errors';
import { expect } from 'vitest';
import type { Loss, State } from './losses.js';
import type { Prediction } from './predict.js';
import type { Shape } from './shape.js';
import { buildSql } from './start.js';
import { type Dump, StockDatabase } from './stock.js';

/** Fails where the pragmas say other things than of a schema that is built anew. */
export function expectForm({ form }: Dump, shape: Shape, what: string): void {
  const expected = formOf(shape);
  const differs = {
    missing: expected.filter((line) => !form.includes(line)),
    left: form.filter((line) => !expected.includes(line)),
  };
  expect(differs, `the schema after ${what}\n${JSON.stringify(differs)}`).toEqual({ missing: [], left: [] });
}

function formOf(shape: Shape): readonly string[] {
  using built = new StockDatabase();
  built.run(buildSql(shape));
  const { form } = built.dump();
  const nameOf = (tid: number): string => shape.tables.find((table) => table.tid === tid)?.name ?? '';
  return [
    ...form,
    ...shape.views.map(({ name }) => `view ${name} ${name}`),
    ...shape.triggers.map(({ name, tid }) => `trigger ${name} ${nameOf(tid).toLowerCase()}`),
  ].toSorted();
}

/** Fails where the rows are others than predicted, or columns stand elsewhere than in the shape. */
export function expectState({ shape, dump }: State, predicted: Prediction | null, what: string): void {
  expect(predicted, `${what}\nmust fail: there are rows that do not fit`).not.toBeNull();
  for (const { name } of shape.tables) {
    const stored = dump.tables.get(name);
    const expected = predicted?.get(name);
    expect(stored?.columns, `columns of ${name} after ${what}`).toEqual(expected?.columns);
    const rows = stored?.rows.map((row) => row.join()).toSorted() ?? [];
    const differs = {
      missing: expected?.rows.filter((row) => !rows.includes(row)),
      left: rows.filter((row) => !expected?.rows.includes(row)),
      count: rows.length,
    };
    expect(differs, `rows of ${name} after ${what}\n${JSON.stringify(differs)}`).toEqual({ missing: [], left: [], count: expected?.rows.length });
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

/** Fails unless `error` refuses a loss, and names one that the model names, too. Returns the names it says. */
export function expectRefusal(
  error: unknown,
  { losses, sql, agreed }: { readonly losses: readonly Loss[]; readonly sql: string; readonly agreed: readonly string[] },
): ReadonlySet<string> {
  expect(error, `${JSON.stringify(losses)} is lost by\n${sql}`).toMatchObject({ code: 'MIGRATION_DATA_LOSS' });
  const message = isDatabaseError(error) ? error.message : '';
  const named = losses.flatMap(({ names }) => names).filter((name) => isIn(message, name));
  expect(named, `${message}\nnames none of ${JSON.stringify(losses)}, lost by\n${sql}`).not.toEqual([]);
  expect(agreed.some((name) => isIn(message, name) && !named.includes(name)), message).toBe(false);
  return new Set(named);
}

function isIn(message: string, name: string): boolean {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\w.])${escaped}(?![\w.]\w)`).test(message);
}
