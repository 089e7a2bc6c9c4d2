// Conditions of a filter on columns of `models`, as SQL in two forms: one that an index of the column may serve, and one
// with a unary plus that keeps such an index out, for a query that reads models in another order and stops when it is full.
// Columns without an index have words of the full-text index instead.
import { models } from '@cc/schema';
import {
  type FacetToken,
  facetOfText,
  facetTokens,
  type Octaves,
  octaveOf,
  sizeOctaves,
  triangleOctaves,
} from '@cc/schema/derived';
import { type Column, type SQL, sql } from 'drizzle-orm';
import type { ModelFilter } from '../contract/filter.js';
import { anyToken } from '../text/match-expression.js';
import { fitsIn, roomSides } from './dimensions.js';
import { type FilterValue, filterKeyNames, filterKeys } from './filter-keys.js';
import type { CheckedFilter } from './model-filter.js';

/** The condition of one key of a filter, or of two that bound one range. */
export interface ColumnCondition {
  /** Tells conditions with different SQL texts apart. */
  readonly name: string;
  readonly indexed: SQL;
  readonly unindexed: SQL;
  readonly values: Readonly<Record<string, string | number>>;
  /** The index of the condition has the order of `created_at` as well. */
  readonly ordersByCreation: boolean;
  /** Those that meet it are found by an index, or by one walk through the table; false when nearly all do. */
  readonly narrows: boolean;
  /** What every model that meets it matches in the full-text index, for a column that has no index; null for one that has. */
  readonly match: string | null;
}

interface Bound {
  readonly key: keyof ModelFilter;
  readonly comparison: string;
  readonly value: number;
}

/** Returns the conditions on columns that a filter has; null when no model can meet them. */
export function columnConditions(filter: CheckedFilter): readonly ColumnCondition[] | null {
  const conditions: ColumnCondition[] = [];
  const add = (of: Column | SQL, bound: Bound): void => void ranges.set(of, [...(ranges.get(of) ?? []), bound]);
  const ranges = new Map<Column | SQL, Bound[]>();
  for (const key of filterKeyNames) {
    const value = filter[key];
    if (value === undefined) continue;
    const { condition } = filterKeys[key];
    switch (condition.kind) {
      case 'among':
        if (!Array.isArray(value) || value.length === 0) return null;
        conditions.push(among(key, condition.column, condition.common, value));
        break;
      case 'equal':
        conditions.push(equal(key, condition.column, String(value), condition.token));
        break;
      case 'flag':
        conditions.push(flag(key, condition.column, value === true));
        break;
      case 'known':
        conditions.push(known(key, condition.column, value === true));
        break;
      case 'bound':
        add(condition.column, { key, comparison: condition.comparison, value: Number(value) });
        break;
      case 'measure':
        add(condition.of, {
          key,
          comparison: condition.comparison,
          value: Number(value) + (condition.comparison === '>=' ? -condition.tolerance : condition.tolerance),
        });
        break;
      case 'fits':
        if (Array.isArray(value)) conditions.push(fits(value.map(Number)));
        break;
      case 'tags':
      case 'collections':
        // Looked up by tag-conditions.ts and collection-conditions.ts.
        break;
    }
  }
  for (const [column, bounds] of ranges) conditions.push(within(column, bounds));
  return conditions;
}

function among(key: string, column: Column, common: string | null, values: readonly FilterValue[]): ColumnCondition {
  const narrows = common === null || !values.includes(common);
  const isRare = common !== null && !values.includes(common);
  const notCommon = isRare ? sql`${column} <> ${sql.raw(`'${common}'`)} and ` : sql``;
  const bound = sql.placeholder(key);
  const [single] = values;
  if (values.length === 1) {
    const condition = (loose: SQL) => sql`${notCommon}${loose}${column} = ${bound}`;
    return twoForms(`${key}1${isRare}`, condition, { [key]: String(single) }, narrows, narrows);
  }
  const condition = (loose: SQL) => sql`${notCommon}${loose}${column} in (select value from json_each(${bound}))`;
  return twoForms(`${key}${isRare}`, condition, { [key]: JSON.stringify(values) }, false, narrows);
}

function equal(key: string, column: Column, value: string, { letter }: FacetToken): ColumnCondition {
  const asked = (loose: SQL) => sql`${loose}${column} = ${sql.placeholder(key)}`;
  return { ...twoForms(key, asked, { [key]: value }, false), match: anyToken([letter + facetOfText(value)]) };
}

function flag(key: string, column: Column, value: boolean): ColumnCondition {
  // A literal, as the partial index asks for.
  const literal = sql.raw(value ? '1' : '0');
  return twoForms(`${key}${value}`, (loose) => sql`${loose}${column} = ${literal}`, {}, value, value);
}

function known(key: string, column: Column, value: boolean): ColumnCondition {
  const asked = sql.raw(value ? 'is not null' : 'is null');
  return twoForms(`${key}${value}`, (loose) => sql`${loose}${column} ${asked}`, {}, false, value);
}

function fits(sides: readonly number[]): ColumnCondition {
  const values = Object.fromEntries(roomSides.map((name, i) => [name, sides[i] ?? 0]));
  return twoForms('fits', () => fitsIn, values, false);
}

function within(column: Column | SQL, bounds: readonly Bound[]): ColumnCondition {
  const condition = (loose: SQL) =>
    sql.join(
      bounds.map(({ key, comparison }) => sql`${loose}${column} ${sql.raw(comparison)} ${sql.placeholder(key)}`),
      sql` and `,
    );
  const values = Object.fromEntries(bounds.map(({ key, value }) => [key, value]));
  const form = twoForms(bounds.map(({ key }) => key).join('+'), condition, values, column === models.createdAt);
  const octaves = octavesOf(column);
  if (octaves === null) return form;
  const at = (value: number): number => octaveOf(value, octaves.of);
  const from = Math.max(0, ...bounds.filter(({ comparison }) => comparison === '>=').map(({ value }) => at(value)));
  const to = Math.min(
    octaves.of.last - octaves.of.first + 1,
    ...bounds.filter(({ comparison }) => comparison !== '>=').map(({ value }) => at(value)),
  );
  const tokens = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => octaves.letter + (from + i));
  return { ...form, match: anyToken(tokens.length === 0 ? ['none'] : tokens) };
}

/** How the numbers of a column are said by tokens; null for a column that has an index. */
function octavesOf(column: Column | SQL): { readonly letter: string; readonly of: Octaves } | null {
  if (column === models.fileSize) return { letter: facetTokens.size.letter, of: sizeOctaves };
  if (column === models.triangles) return { letter: facetTokens.triangles.letter, of: triangleOctaves };
  return null;
}

/** `condition` is asked once for each name. */
function twoForms(
  name: string,
  condition: (loose: SQL) => SQL,
  values: ColumnCondition['values'],
  ordersByCreation: boolean,
  narrows = true,
): ColumnCondition {
  let forms = formsByName.get(name);
  if (forms === undefined) {
    forms = { indexed: condition(sql``), unindexed: condition(sql.raw('+')) };
    formsByName.set(name, forms);
  }
  return { name, ...forms, values, ordersByCreation, narrows, match: null };
}

/** There are as many names as ways to combine the keys of a filter, a few dozen; building SQL costs as much as running it. */
const formsByName = new Map<string, Pick<ColumnCondition, 'indexed' | 'unindexed'>>();
