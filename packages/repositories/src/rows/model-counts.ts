// How many models have a value, now: what the triggers have counted, and the models that they have not counted yet. They count
// 32 at a time; `search_state.counted` is the number up to which they have (docs/decisions/0020).
import { modelMetadata, models } from '@cc/schema';
import { type FacetToken, facetTokens, modelCounts, searchState } from '@cc/schema/derived';
import { type SQL, sql } from 'drizzle-orm';

/** The number up to which models are counted. */
const countedUpTo: SQL = sql`coalesce((select ${searchState.value} from ${searchState}
  where ${searchState.name} = 'counted'), 0)`;

/** By an index of formats or marks every model would be read: NOT INDEXED leaves the number. */
const uncounted = sql`${models} not indexed where ${models.seq} > ${countedUpTo}`;
/** How often the texts of the index have changed: with each model that is not counted yet once more. */
export const changesNow: SQL = sql`(select ${searchState.value} from ${searchState} where ${searchState.name} = 'changes')
  + (select count(*) from ${uncounted})`;

const all = sql`${models} where true`;
const year = sql`strftime('%Y', ${models.createdAt} / 1000.0, 'unixepoch')`;

const tokensAmong = (among: SQL): readonly SQL[] =>
  Object.values(facetTokens)
    .filter(({ counted }) => counted)
    .map(({ letter, value, has }: FacetToken) => {
      const token = sql.raw(value === '' ? `'${letter}'` : `'${letter}' || ${value}`);
      const having = sql.raw(has === 'all' ? 'true' : has === 'some' ? `${value} is not null` : has.when);
      return sql`select 'token', ${token}, count(*) from ${among} and ${having} group by 2`;
    });

const valuesAmong = (among: SQL): readonly SQL[] => [
  sql`select 'format' as kind, ${models.format} as value, count(*) as models from ${among} group by 2`,
  sql`select 'license', ${models.license}, count(*) from ${among} and ${models.license} is not null group by 2`,
  sql`select 'year', ${year}, count(*) from ${among} and ${year} is not null group by 2`,
];

const together = (parts: readonly SQL[]): SQL => sql.join([...parts], sql` union all `);

/** What all counters should add up to, part by part: to count all at once would keep the event loop ten times as long. */
export const countsOfModels: readonly SQL[] = [
  ...valuesAmong(all),
  ...tokensAmong(all),
  sql`select 'key', ${modelMetadata.key}, count(*) from ${modelMetadata} group by 2`,
];

/** The same of the models with numbers past `after` up to `last`: they add up. */
export function countsBetween(after: SQL, last: SQL): readonly SQL[] {
  const isBetween = (seq: typeof models.seq | typeof modelMetadata.modelSeq): SQL =>
    sql`${seq} > ${after} and ${seq} <= ${last}`;
  // As above.
  const among = sql`${models} not indexed where ${isBetween(models.seq)}`;
  return [
    ...valuesAmong(among),
    ...tokensAmong(among),
    sql`select 'key', ${modelMetadata.key}, count(*) from ${modelMetadata} where ${isBetween(modelMetadata.modelSeq)} group by 2`,
  ];
}

/** Everything that is counted of models: rows of kind, value and models, several to a value. */
export const countsNow: SQL = sql`select kind, value, models from ${modelCounts}
  where kind in ('format', 'license', 'year', 'token')
  union all ${together([...valuesAmong(uncounted), ...tokensAmong(uncounted)])}`;

/** With the keys of metadata, which are counted at once. */
export const allCountsNow: SQL = sql`select kind, value, models from ${modelCounts} where kind = 'key'
  union all ${countsNow}`;

/** The same of formats, licenses and years. */
export const valueCountsNow: SQL = sql`select kind, value, models from ${modelCounts}
  where kind in ('format', 'license', 'year') union all ${together(valuesAmong(uncounted))}`;

/** How the value of a counter is read from a model that is not counted, for those that are added up. */
const valueOf = {
  format: models.format,
  license: models.license,
  size: sql`'${sql.raw(facetTokens.size.letter)}' || ${models.sizeOctave}`,
  triangles: sql`'${sql.raw(facetTokens.triangles.letter)}' || ${models.triangleOctave}`,
} as const;

/** Returns the number of all models, or of those that have one of the values that the JSON list `values` names. */
export function sumNow(of: keyof typeof valueOf, values?: SQL): SQL<number> {
  const kind = of === 'format' || of === 'license' ? of : 'token';
  const among = (value: SQL | (typeof valueOf)[typeof of]): SQL =>
    values === undefined ? sql`true` : sql`${value} in (select value from json_each(${values}))`;
  return sql<number>`(select coalesce(sum(models), 0) from ${modelCounts}
      where kind = ${sql.raw(`'${kind}'`)} and ${among(sql`${modelCounts.value}`)})
    + (select count(*) from ${uncounted} and ${among(valueOf[of])})`;
}
