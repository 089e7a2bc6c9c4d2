// Conditions of a filter on columns of `models`, as SQL in two forms: one that an index of the column may serve, and one
// with a unary plus that keeps such an index out, for a query that reads models in another order and stops when it is full.
import { models } from '@cc/schema';
import { type SQL, sql } from 'drizzle-orm';
import type { CheckedFilter, FilterValue } from './model-filter.js';

/** The condition of one key of a filter, or of two that bound one range. */
export interface ColumnCondition {
  /** Tells conditions with different SQL texts apart. */
  readonly name: string;
  readonly indexed: SQL;
  readonly unindexed: SQL;
  readonly values: Readonly<Record<string, string | number>>;
  /** The index of the condition has the order of `created_at` as well. */
  readonly ordersByCreation: boolean;
  /** An index leads to the models that meet it; false when nearly all do. */
  readonly narrows: boolean;
}

/** Returns the conditions on columns that a filter has; null when no model can meet them. */
export function columnConditions(filter: CheckedFilter): readonly ColumnCondition[] | null {
  const conditions: ColumnCondition[] = [];
  for (const [key, { column, common }] of Object.entries(lists)) {
    const values = filter[key];
    if (!Array.isArray(values)) continue;
    if (values.length === 0) return null;
    conditions.push(among(key, column, common, values));
  }
  for (const [key, column] of Object.entries(texts)) {
    const value = filter[key];
    if (typeof value !== 'string') continue;
    const condition = (loose: SQL) => sql`${loose}${column} = ${sql.placeholder(key)}`;
    conditions.push(twoForms(key, condition, { [key]: value }, true));
  }
  const { favorite } = filter;
  if (typeof favorite === 'boolean') {
    // A literal, as the partial index idx_models_favorite asks for.
    const literal = sql.raw(favorite ? '1' : '0');
    conditions.push(
      twoForms(`favorite${favorite}`, (loose) => sql`${loose}${models.favorite} = ${literal}`, {}, favorite, favorite),
    );
  }
  for (const { column, bounds, ordersByCreation } of ranges) {
    const given = bounds.filter(({ key }) => typeof filter[key] === 'number');
    if (given.length === 0) continue;
    const condition = (loose: SQL) =>
      sql.join(
        given.map(({ key, comparison }) => sql`${loose}${column} ${sql.raw(comparison)} ${sql.placeholder(key)}`),
        sql` and `,
      );
    const values = Object.fromEntries(given.map(({ key }) => [key, Number(filter[key])]));
    conditions.push(twoForms(given.map(({ key }) => key).join('+'), condition, values, ordersByCreation));
  }
  return conditions;
}

/** Columns of a few values. `common` is what nearly all models have, and what a partial index leaves out. */
const lists: Readonly<Record<string, { readonly column: SQL; readonly common: string | null }>> = {
  formats: { column: sql`${models.format}`, common: null },
  statuses: { column: sql`${models.status}`, common: 'active' },
  parseStatuses: { column: sql`${models.parseStatus}`, common: 'parsed' },
};

const texts: Readonly<Record<string, SQL>> = {
  author: sql`${models.author}`,
  license: sql`${models.license}`,
};

interface Range {
  readonly column: SQL;
  readonly bounds: readonly { readonly key: string; readonly comparison: '>=' | '<=' | '<' }[];
  readonly ordersByCreation: boolean;
}

const range = (column: SQL, from: string, to: string, below: '<=' | '<' = '<='): Range => ({
  column,
  bounds: [
    { key: from, comparison: '>=' },
    { key: to, comparison: below },
  ],
  ordersByCreation: below === '<',
});

const ranges: readonly Range[] = [
  range(sql`${models.createdAt}`, 'createdFrom', 'createdTo', '<'),
  range(sql`${models.triangles}`, 'minTriangles', 'maxTriangles'),
  range(sql`${models.fileSize}`, 'minFileSize', 'maxFileSize'),
  range(sql`${models.rating}`, 'minRating', 'maxRating'),
];

function among(key: string, column: SQL, common: string | null, values: readonly FilterValue[]): ColumnCondition {
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
  return { name, ...forms, values, ordersByCreation, narrows };
}

/** There are as many names as ways to combine the keys of a filter, a few dozen; building SQL costs as much as running it. */
const formsByName = new Map<string, Pick<ColumnCondition, 'indexed' | 'unindexed'>>();
