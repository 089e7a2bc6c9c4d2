// How many models a query describes: from the counters that triggers keep, from an index, or as all models without the
// few others. Of a range of sizes or triangles only the models at its ends are looked at: those between are counted already.
// Only conditions that each hold for nearly all models, two or more of them together, are read row by row.
import { modelStatuses, models, parseStatuses, tags } from '@cc/schema';
import { facetTokens, type Octaves, octaveOf, sizeOctaves, triangleOctaves } from '@cc/schema/derived';
import { and, eq, type SQL, sql } from 'drizzle-orm';
import { atOneMoment, type Context } from '../context.js';
import type { ModelFilter } from '../contract/filter.js';
import type { BoundFilter, FilterBinder } from '../filter/bind-filter.js';
import { filterKeyNames, filterKeys } from '../filter/filter-keys.js';
import type { CheckedFilter } from '../filter/model-filter.js';
import { sumNow } from '../rows/model-counts.js';
import { byShape, type Statement } from '../statement.js';
import { bindQuery, filterOf, isLookedUp, type ListQuery } from './list-query.js';

/** Counts up to `max`. */
export type CountModels = (query: ListQuery, max?: number) => Promise<number>;

/** Returns the count that all repositories of `context` share. */
export function createCounting(context: Context, bindFilter: FilterBinder): CountModels {
  const { db } = context;
  const counts = byShape<Statement<unknown, { count: number } | undefined, unknown>>();
  const prepareCount = (bound: BoundFilter) => {
    const matching = db
      .select({ one: sql`1`.as('one') })
      .from(models)
      .where(and(...bound.conditions))
      .limit(sql.placeholder('max'))
      .as('matching');
    return db.select({ count: sql<number>`count(*)` }).from(matching).prepare();
  };
  const sumOf = (of: Parameters<typeof sumNow>[0], values?: SQL) =>
    db
      .select({ count: sumNow(of, values) })
      .from(sql`(select 1)`)
      .prepare();
  const values = sql`${sql.placeholder('values')}`;
  const sums = {
    all: sumOf('format'),
    formats: sumOf('format', values),
    license: sumOf('license', values),
    size: sumOf('size', values),
    triangles: sumOf('triangles', values),
  };
  const carriers = db
    .select({ count: tags.modelCount })
    .from(tags)
    .where(eq(tags.key, sql.placeholder('key')))
    .prepare();
  const countAll = async (): Promise<number> => (await sums.all.get())?.count ?? 0;

  const countRows: CountModels = async (query, max) => {
    const bound = await bindQuery(bindFilter, query, 'count');
    if (bound === null) return 0;
    const row = await counts(bound.shape, () => prepareCount(bound)).get({ ...bound.values, max });
    return row?.count ?? 0;
  };

  /** The models at the two ends are looked at, those of the octaves between them are counted already. */
  const countRange = async ({ min, max, minKey, maxKey, token, of }: NumberRange): Promise<number> => {
    const countBetween = (from: number | null, to: number | null): Promise<number> =>
      countRows(
        { filter: { ...(from !== null && { [minKey]: from }), ...(to !== null && { [maxKey]: to }) } },
        Number.MAX_SAFE_INTEGER,
      );
    const first = min === null ? -1 : octaveOf(min, of);
    // The last octave has no end.
    const top = octaveOf(Number.POSITIVE_INFINITY, of);
    const last = max === null ? top + 1 : octaveOf(max, of);
    if (first >= last || first === top) return countBetween(min, max);
    const between = Array.from({ length: last - first - 1 }, (_, i) => facetTokens[token].letter + (first + 1 + i));
    const [known, low, high] = await Promise.all([
      sums[token].get({ values: JSON.stringify(between) }),
      min === null ? 0 : countBetween(min, justBelow(first + 1, of)),
      max === null ? 0 : countBetween(last === 0 ? null : startOf(last, of), max),
    ]);
    return low + (known?.count ?? 0) + high;
  };

  return async (query, max = Number.MAX_SAFE_INTEGER) => {
    if (query.text?.kind === 'nothing') return 0;
    const only = onlyCondition(query);
    if (only === 'none') return Math.min(await countAll(), max);
    const filter = filterOf(query);
    if (only === 'formats' || only === 'license') {
      const values = JSON.stringify([filter[only]].flat());
      return Math.min((await sums[only].get({ values }))?.count ?? 0, max);
    }
    const range = rangeOf(query, filter);
    if (range !== null) return Math.min(await atOneMoment(context, () => countRange(range)), max);
    const [tag, second] = only === 'tagsAll' ? [filter[only]].flat() : [];
    if (tag !== undefined && second === undefined) return Math.min((await carriers.get({ key: tag }))?.count ?? 0, max);
    const others = only === null ? null : withoutThose(only, filter, query.text);
    if (others !== null) {
      const countOthers = async () => {
        const [all, left] = await Promise.all([countAll(), countRows(others, Number.MAX_SAFE_INTEGER)]);
        return all - left;
      };
      return Math.min(await atOneMoment(context, countOthers), max);
    }
    return isLookedUp(query) ? atOneMoment(context, () => countRows(query, max)) : countRows(query, max);
  };
}

/** Names the one condition of a query; null when it has several. */
function onlyCondition(query: ListQuery): string | null {
  const { text, metadata = [] } = query;
  const names = Object.keys(filterOf(query));
  if (text?.match != null) names.push('match');
  if (text?.exclude != null) names.push('exclude');
  if (metadata.length > 0) names.push('metadata');
  return names.length > 1 ? null : (names[0] ?? 'none');
}

/** A range of numbers of which octaves are counted; null = no bound. */
interface NumberRange {
  readonly min: number | null;
  readonly max: number | null;
  readonly minKey: keyof ModelFilter;
  readonly maxKey: keyof ModelFilter;
  readonly token: 'size' | 'triangles';
  readonly of: Octaves;
}

const ranges = [
  { minKey: 'minFileSize', maxKey: 'maxFileSize', token: 'size', of: sizeOctaves },
  { minKey: 'minTriangles', maxKey: 'maxTriangles', token: 'triangles', of: triangleOctaves },
] as const;

/** Returns the one range that a query asks for; null when it asks for something else, or for more. */
function rangeOf({ text, metadata = [] }: ListQuery, filter: CheckedFilter): NumberRange | null {
  const names = Object.keys(filter);
  if (text?.match != null || text?.exclude != null || metadata.length > 0 || names.length === 0) return null;
  const range = ranges.find(({ minKey, maxKey }) => names.every((name) => name === minKey || name === maxKey));
  if (range === undefined) return null;
  const [min, max] = [filter[range.minKey], filter[range.maxKey]];
  return { ...range, min: typeof min === 'number' ? min : null, max: typeof max === 'number' ? max : null };
}

/** The least number of an octave that is not the first. */
function startOf(octave: number, { first }: Octaves): number {
  return 2 ** (first + octave - 1);
}

function justBelow(octave: number, of: Octaves): number {
  return startOf(octave, of) * (1 - Number.EPSILON / 2);
}

/** Returns the query of all other models, for a condition that nearly all models meet. */
function withoutThose(only: string, filter: CheckedFilter, text: ListQuery['text']): ListQuery | null {
  const { statuses, parseStatuses: parsed, tagsNone } = filter;
  // Few models have what such a key asks for, and an index leads to them.
  const marks = filterKeyNames.filter((key) => ['flag', 'known'].includes(filterKeys[key].condition.kind));
  for (const mark of marks) if (only === mark && filter[mark] === false) return { filter: { [mark]: true } };
  if (only === 'tagsNone' && Array.isArray(tagsNone)) return { filter: { tagsAny: tagsNone } };
  if (only === 'statuses' && Array.isArray(statuses) && statuses.includes('active')) {
    return { filter: { statuses: modelStatuses.filter((status) => !statuses.includes(status)) } };
  }
  if (only === 'parseStatuses' && Array.isArray(parsed) && parsed.includes('parsed')) {
    return { filter: { parseStatuses: parseStatuses.filter((status) => !parsed.includes(status)) } };
  }
  if (only === 'exclude' && text?.kind === 'words')
    return { filter: {}, text: { ...text, match: text.exclude, exclude: null } };
  return null;
}
