// Tags of a filter, looked up and as SQL.
import { models, modelTags, tags } from '@cc/schema';
import { asc, inArray, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import type { FilterValue } from './filter-keys.js';
import type { CheckedFilter } from './model-filter.js';

/** A condition on what belongs to a model: its tags, or the collections around it. */
export interface LinkCondition {
  readonly name: string;
  /** Looks at what belongs to `models.seq`, with `value`. */
  readonly probe: SQL;
  /** The same by the row's own copy of the names, for queries that look at hundreds of rows which they read anyway; or null. */
  readonly rowProbe: { readonly condition: SQL; readonly value: string } | null;
  /** Selects the numbers of the models that meet it; null for an exclusion. */
  readonly candidates: SQL | null;
  /** How many those are: known, or a query that counts up to a number. */
  readonly estimate: number | ((max: number) => SQL);
  readonly value: number | string;
}

/** Returns the conditions on tags of a filter; null when no model can meet them. */
export type TagConditions = (filter: CheckedFilter) => Promise<readonly LinkCondition[] | null>;

/** Returns what looks the tags of filters up. */
export function createTagConditions({ db }: Context): TagConditions {
  const tagsByKey = db
    .select({ id: tags.id, key: tags.key, name: tags.name, modelCount: tags.modelCount })
    .from(tags)
    .where(inArray(tags.key, sql`(select value from json_each(${sql.placeholder('keys')}))`))
    .orderBy(asc(tags.modelCount))
    .prepare();

  return async (filter) => {
    const [all, any, none] = [setOf(filter.tagsAll), setOf(filter.tagsAny), setOf(filter.tagsNone)];
    if (all.size + any.size + none.size === 0) return filter.tagsAny === undefined ? [] : null;
    const found = await tagsByKey.all({ keys: JSON.stringify([...all, ...any, ...none]) });
    const conditions: LinkCondition[] = [];
    // Rarest first: `found` is in the order of model_count.
    const wanted = found.filter((tag) => all.has(tag.key));
    if (wanted.length < all.size) return null;
    for (const [i, tag] of wanted.slice(0, conditionsAtMost).entries()) {
      const name = `tagAll${i}`;
      const same = sql`${modelTags.tagId} = ${sql.placeholder(name)}`;
      conditions.push({
        name,
        probe: sql`exists (select 1 from ${modelTags} where ${same} and ${ofModel})`,
        rowProbe: { condition: sql`instr(${lines}, ${sql.placeholder(name)}) > 0`, value: `\n${tag.name}\n` },
        candidates: sql`select ${modelTags.modelSeq} from ${modelTags} where ${same}`,
        estimate: tag.modelCount,
        value: tag.id,
      });
    }
    const others = wanted.slice(conditionsAtMost);
    if (others.length > 0) {
      conditions.push({
        name: 'tagOthers',
        probe: sql`(select count(*) from ${modelTags} where ${ofModel} and ${among('tagOthers')})
          = json_array_length(${sql.placeholder('tagOthers')})`,
        rowProbe: null,
        candidates: null,
        estimate: Number.POSITIVE_INFINITY,
        value: JSON.stringify(others.map((tag) => tag.id)),
      });
    }
    if (filter.tagsAny !== undefined) {
      const some = found.filter((tag) => any.has(tag.key));
      if (some.length === 0) return null;
      conditions.push({
        name: 'tagAny',
        probe: sql`exists (select 1 from ${modelTags} where ${ofModel} and ${among('tagAny')})`,
        rowProbe: null,
        candidates: sql`select ${modelTags.modelSeq} from ${modelTags} where ${among('tagAny')}`,
        estimate: some.reduce((sum, tag) => sum + tag.modelCount, 0),
        value: JSON.stringify(some.map((tag) => tag.id)),
      });
    }
    const unwanted = found.filter((tag) => none.has(tag.key));
    if (unwanted.length > 0) {
      conditions.push({
        name: 'tagNone',
        probe: sql`not exists (select 1 from ${modelTags} where ${ofModel} and ${among('tagNone')})`,
        rowProbe: null,
        candidates: null,
        estimate: Number.POSITIVE_INFINITY,
        value: JSON.stringify(unwanted.map((tag) => tag.id)),
      });
    }
    return conditions;
  };
}

/** Tags of which each has a condition, the rarest: SQLite takes a thousand at most. The others are counted together. */
const conditionsAtMost = 100;

/** The names in `tags_text` with a line end before and after each. */
const lines = sql`char(10) || ${models.tagsText} || char(10)`;
const ofModel = sql`${modelTags.modelSeq} = ${models.seq}`;

function among(name: string): SQL {
  return sql`${modelTags.tagId} in (select value from json_each(${sql.placeholder(name)}))`;
}

function setOf(value: FilterValue | undefined): ReadonlySet<string> {
  return new Set(Array.isArray(value) ? (value as readonly string[]) : []);
}
