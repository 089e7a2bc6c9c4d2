// Collections of a filter, those inside them looked up, and as SQL.
import { collectionModels, collections, models } from '@cc/schema';
import { type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import type { CheckedFilter } from './model-filter.js';
import type { LinkCondition } from './tag-conditions.js';

/** Returns the condition on collections of a filter, if it has one; null when no model can meet it. */
export type CollectionConditions = (filter: CheckedFilter) => Promise<readonly LinkCondition[] | null>;

/** So many places in collections are made a set, whose look-up is shorter than one into the index. */
const fewPlaces = 10_000;

/** Returns what looks the collections of filters up. */
export function createCollectionConditions({ db }: Context): CollectionConditions {
  const given = sql`(select value from json_each(${sql.placeholder('ids')}))`;
  // Union, not union all: a circle that another writer made ends.
  const within = sql`with recursive within (id) as (
    select id from ${collections} where id in ${given}
    union select c.id from ${collections} c join within on c.parent_id = within.id
  )`;
  const places = sql`select 1 from ${collectionModels} where collection_id in (select id from within)`;
  const inside = db
    .select({ ids: sql<string>`ids`, places: sql<number>`places` })
    .from(
      sql`(${within} select json_group_array(id) as ids,
        (select count(*) from (${places} limit ${sql.raw(String(fewPlaces + 1))})) as places from within)`,
    )
    .prepare();

  return async ({ collectionsAny }) => {
    if (!Array.isArray(collectionsAny)) return [];
    if (collectionsAny.length === 0) return null;
    const found = await inside.get({ ids: JSON.stringify(collectionsAny) });
    if (found === undefined || found.places === 0) return null;
    return [
      found.places <= fewPlaces ? { ...few, estimate: found.places, value: found.ids } : { ...many, value: found.ids },
    ];
  };
}

const few = condition('fewCollected', (candidates) => sql`+${models.seq} in (${candidates})`);
const many = condition('collected', (_candidates, among) => {
  return sql`exists (select 1 from ${collectionModels} where ${collectionModels.modelSeq} = ${models.seq} and ${among})`;
});

function condition(name: string, probe: (candidates: SQL, among: SQL) => SQL): Omit<LinkCondition, 'value'> {
  const among = sql`${collectionModels.collectionId} in (select value from json_each(${sql.placeholder(name)}))`;
  const candidates = sql`select ${collectionModels.modelSeq} from ${collectionModels} where ${among}`;
  return {
    name,
    probe: probe(candidates, among),
    rowProbe: null,
    candidates,
    estimate: (max) => sql`select count(*) from (${candidates} limit ${sql.raw(String(max))})`,
  };
}
