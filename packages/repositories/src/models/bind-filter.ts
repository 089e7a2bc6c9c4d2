// Filters as SQL: the only place that knows which condition becomes which column or join.
// A bound filter has a shape (which conditions it has) and values; queries are prepared once per shape.
import { models, modelTags, tags } from '@cc/schema';
import { asc, eq, gte, inArray, lt, lte, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import type { Criterion } from '../metadata/criteria.js';
import { criterionCondition, criterionShape, criterionValue } from '../metadata/criteria.js';
import { statement, type Values } from '../statement.js';
import type { CheckedFilter } from './model-filter.js';

/** A filter that is ready to become part of a query. */
export interface BoundFilter {
  /** Equal for filters whose `conditions` have the same SQL text. */
  readonly shape: string;
  readonly conditions: readonly SQL[];
  readonly values: Values;
}

/** What else may narrow: an FTS5 expression that must (or must not) match, and metadata criteria. */
export interface FurtherConditions {
  readonly match?: string | null;
  readonly exclude?: string | null;
  readonly metadata?: readonly Criterion[];
  /** The query reads models in the order of another table (full-text hits), so a filter only ever probes a row. */
  readonly probing?: boolean;
}

/** Looks the tags of a filter up and returns its SQL; null when no model can match. */
export type FilterBinder = (filter: CheckedFilter, further?: FurtherConditions) => Promise<BoundFilter | null>;

/** Below this many models of a tag, the tag's rows are read first; above it, rows are probed for the tag. */
const rareTagModels = 5_000;

/** Returns the binder that all repositories of `context` share. */
export function createFilterBinder(context: Context): FilterBinder {
  const tagsByKey = statement(
    'tags of a filter',
    context.db
      .select({ id: tags.id, key: tags.key, modelCount: tags.modelCount })
      .from(tags)
      .where(inArray(tags.key, sql`(select value from json_each(${sql.placeholder('keys')}))`))
      .orderBy(asc(tags.modelCount))
      .prepare(),
  );

  return async (filter, further = {}) => {
    const shape: string[] = [];
    const conditions: SQL[] = [];
    const values: Values = {};
    const add = (name: string, condition: SQL): void => {
      shape.push(name);
      conditions.push(condition);
    };

    for (const [key, value] of Object.entries(filter)) {
      const column = columnConditions[key];
      if (column === undefined) continue;
      if (Array.isArray(value) && value.length === 0) return null;
      const single = Array.isArray(value) && value.length === 1;
      add(single ? `${key}1` : key, single ? column.one(key) : column.many(key));
      values[key] = single ? value[0] : Array.isArray(value) ? JSON.stringify(value) : Number(value);
      if (typeof value === 'string') values[key] = value;
    }

    const wanted = [...list(filter['tagsAll']), ...list(filter['tagsAny']), ...list(filter['tagsNone'])];
    if (filter['tagsAny'] !== undefined && list(filter['tagsAny']).length === 0) return null;
    if (wanted.length > 0) {
      const found = await tagsByKey.all({ keys: JSON.stringify(wanted) });
      const named = (keys: FilterValueList) => found.filter((tag) => keys.includes(tag.key));
      const all = named(list(filter['tagsAll']));
      if (all.length < list(filter['tagsAll']).length) return null;
      all.forEach((tag, i) => {
        const name = `tagAll${i}`;
        // Rarest first: `found` is in the order of model_count.
        const drives = i === 0 && further.probing !== true && tag.modelCount <= rareTagModels;
        add(drives ? `${name}drives` : name, drives ? seqOfTag(name) : hasTag(name));
        values[name] = tag.id;
      });
      if (filter['tagsAny'] !== undefined) {
        const any = named(list(filter['tagsAny']));
        if (any.length === 0) return null;
        const rare = any.reduce((sum, tag) => sum + tag.modelCount, 0) <= rareTagModels;
        const drives = further.probing !== true && rare;
        add(drives ? 'tagAnyDrives' : 'tagAny', drives ? seqOfAnyTag : hasAnyTag);
        values['tagAny'] = JSON.stringify(any.map((tag) => tag.id));
      }
      const none = named(list(filter['tagsNone']));
      if (none.length > 0) {
        add('tagNone', hasNoneOfTags);
        values['tagNone'] = JSON.stringify(none.map((tag) => tag.id));
      }
    }

    if (further.match != null) {
      add(
        'match',
        sql`${models.seq} in (select rowid from models_fts where models_fts match ${sql.placeholder('match')})`,
      );
      values['match'] = further.match;
    }
    if (further.exclude != null) {
      add(
        'exclude',
        sql`${models.seq} not in (select rowid from models_fts where models_fts match ${sql.placeholder('exclude')})`,
      );
      values['exclude'] = further.exclude;
    }
    further.metadata?.forEach((criterion, i) => {
      add(`meta${i}${criterionShape(criterion)}`, criterionCondition(criterion, `meta${i}`));
      values[`meta${i}Key`] = criterion.key;
      Object.assign(values, criterionValue(criterion, `meta${i}`));
    });
    return { shape: shape.join(), conditions, values };
  };
}

type FilterValueList = readonly string[];

function list(value: CheckedFilter[string] | undefined): FilterValueList {
  return Array.isArray(value) ? value : [];
}

interface ColumnCondition {
  one(name: string): SQL;
  many(name: string): SQL;
}

const among = (column: typeof models.format | typeof models.status | typeof models.parseStatus): ColumnCondition => ({
  one: (name) => sql`${column} = ${sql.placeholder(name)}`,
  many: (name) => sql`${column} in (select value from json_each(${sql.placeholder(name)}))`,
});

const scalar = (condition: (value: SQL) => SQL): ColumnCondition => {
  const build = (name: string): SQL => condition(sql`${sql.placeholder(name)}`);
  return { one: build, many: build };
};

const columnConditions: Readonly<Record<string, ColumnCondition>> = {
  formats: among(models.format),
  statuses: among(models.status),
  parseStatuses: among(models.parseStatus),
  createdFrom: scalar((value) => gte(models.createdAt, value)),
  createdTo: scalar((value) => lt(models.createdAt, value)),
  minTriangles: scalar((value) => gte(models.triangles, value)),
  maxTriangles: scalar((value) => lte(models.triangles, value)),
  minFileSize: scalar((value) => gte(models.fileSize, value)),
  maxFileSize: scalar((value) => lte(models.fileSize, value)),
  minRating: scalar((value) => gte(models.rating, value)),
  favorite: scalar((value) => eq(models.favorite, value)),
  author: scalar((value) => eq(models.author, value)),
  license: scalar((value) => eq(models.license, value)),
};

const hasTag = (name: string): SQL =>
  sql`exists (select 1 from ${modelTags} where ${modelTags.tagId} = ${sql.placeholder(name)} and ${modelTags.modelSeq} = ${models.seq})`;

const seqOfTag = (name: string): SQL =>
  sql`${models.seq} in (select ${modelTags.modelSeq} from ${modelTags} where ${modelTags.tagId} = ${sql.placeholder(name)})`;

const anyTag = (name: string): SQL =>
  sql`${modelTags.tagId} in (select value from json_each(${sql.placeholder(name)}))`;

const hasAnyTag = sql`exists (select 1 from ${modelTags} where ${modelTags.modelSeq} = ${models.seq} and ${anyTag('tagAny')})`;

const seqOfAnyTag = sql`${models.seq} in (select ${modelTags.modelSeq} from ${modelTags} where ${anyTag('tagAny')})`;

const hasNoneOfTags = sql`not exists (select 1 from ${modelTags} where ${modelTags.modelSeq} = ${models.seq} and ${anyTag('tagNone')})`;
