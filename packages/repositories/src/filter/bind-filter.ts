// Filters as SQL: every condition as a look at one model, and in front the one that leaves the fewest models, when it
// leaves few. A bound filter has a shape (which conditions it has) and values; queries are prepared once per shape.
import { models } from '@cc/schema';
import { type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import type { ModelSort } from '../contract/models.js';
import { byShape, cellsOf, type Statement, type Values } from '../statement.js';
import { createCollectionConditions } from './collection-conditions.js';
import { columnConditions } from './column-conditions.js';
import { nameCondition } from './metadata-conditions.js';
import type { Condition } from './metadata-criteria.js';
import type { CheckedFilter } from './model-filter.js';
import { createTagConditions } from './tag-conditions.js';

/** A filter that is ready to become part of a query. */
export interface BoundFilter {
  /** Equal for filters whose `conditions` have the same SQL text. */
  readonly shape: string;
  readonly conditions: readonly SQL[];
  readonly values: Values;
  /** Rows of `model_metadata` to begin with, in the order of adding; the conditions are those on their models. */
  readonly driver: SQL | null;
}

/** What else may narrow: an FTS5 expression that must (or must not) match, and metadata criteria. */
export interface FurtherConditions {
  readonly match?: string | null;
  readonly exclude?: string | null;
  readonly metadata?: readonly Condition[];
  /** The query reads models in the order of another table (full-text hits), so a filter only ever looks at a row. */
  readonly probing?: boolean;
  /**
   * What the query does with the models: reads them in this order until it has enough (default: the order of creation), or
   * counts them, and then any index that narrows is welcome.
   */
  readonly use?: 'count' | ModelSort['by'];
}

/** Looks the tags and collections of a filter up and returns its SQL; null when no model can match. */
export type FilterBinder = (filter: CheckedFilter, further?: FurtherConditions) => Promise<BoundFilter | null>;

/** Up to this many models are read first; when every condition leaves more, models are read in the order of the page. */
const fewModels = 5_000;
/** The same where the models of a value can be read in the order of the page: to count to five thousand takes longer. */
const fewBesideDriver = 500;
/** The same for words with other conditions: the hits are collected anyway, and most models fail the look into that set. */
const fewBesideHits = 50_000;

/** A way into the models: few of them, among which all are that pass the filter. */
interface Entrance {
  readonly shape: string;
  readonly candidates: SQL;
  /** Known, or a query that counts up to a number and one. */
  readonly estimate: number | ((max: number) => SQL);
  /** The condition that the candidates meet all; it need not be looked at again. */
  readonly replaces: string | null;
}

/** Returns the binder that all repositories of `context` share. */
export function createFilterBinder(context: Context): FilterBinder {
  const tagConditions = createTagConditions(context);
  const collectionConditions = createCollectionConditions(context);
  const estimates = byShape<Statement<unknown, unknown, unknown>>();

  /** Returns the entrance that leaves the fewest models, at most `limit`; they are counted up to `counted`. */
  const best = async (
    entrances: readonly Entrance[],
    values: Values,
    limit: number,
    countedTo: number,
  ): Promise<Entrance | null> => {
    const unknown = entrances.filter((entrance) => typeof entrance.estimate !== 'number');
    const counted = new Map<Entrance, number>();
    if (unknown.length > 0) {
      const query = estimates(`${countedTo} ${unknown.map(({ shape }) => shape).join()}`, () => {
        const columns = unknown.map(({ estimate }, i): [string, SQL<number>] => [
          String(i),
          sql<number>`(${typeof estimate === 'number' ? sql.raw(String(estimate)) : estimate(countedTo + 1)})`,
        ]);
        return context.db.select(Object.fromEntries(columns)).from(sql`(select 1)`).prepare();
      });
      const [cells] = await cellsOf(query, values);
      for (const [i, entrance] of unknown.entries()) counted.set(entrance, Number(cells?.[i] ?? 0));
    }
    const sized = entrances.map((entrance) => ({
      entrance,
      size: typeof entrance.estimate === 'number' ? entrance.estimate : (counted.get(entrance) ?? countedTo + 1),
    }));
    sized.sort((a, b) => a.size - b.size);
    const [smallest] = sized;
    return smallest !== undefined && smallest.size <= limit ? smallest.entrance : null;
  };

  return async (filter, further = {}) => {
    const { use = 'createdAt', probing = false } = further;
    const conditions = new Map<string, SQL>();
    const values: Values = {};
    const entrances: Entrance[] = [];
    let indexServes = false;

    const columns = columnConditions(filter);
    if (columns === null) return null;
    // First, because a look into the set of hits is the cheapest of all, and mostly the one that fails.
    if (further.match != null) {
      values['match'] = further.match;
      conditions.set('match', isAmongHits(use));
      entrances.push(matchEntrance);
    }
    for (const { name, indexed, unindexed, values: own, ordersByCreation, narrows, match } of columns) {
      const serves = narrows && match === null && (use === 'count' || (use === 'createdAt' && ordersByCreation));
      if (serves) indexServes = true;
      conditions.set(serves ? name : `+${name}`, serves ? indexed : unindexed);
      Object.assign(values, own);
      if (match !== null && !probing) {
        const place = `${name} match`;
        values[place] = match;
        const hits = hitsOf(place);
        entrances.push({ shape: place, candidates: hits, estimate: upTo(hits), replaces: null });
      } else if (narrows && !serves && !probing) {
        const rows = sql` from ${models} where ${indexed}`;
        entrances.push({
          shape: name,
          candidates: sql`select ${models.seq}${rows}`,
          estimate: upTo(sql`select 1${rows}`),
          replaces: `+${name}`,
        });
      }
    }
    const tagged = await tagConditions(filter);
    const collected = tagged && (await collectionConditions(filter));
    if (collected === null) return null;
    for (const { name, probe, rowProbe, candidates, estimate, value } of [...(tagged ?? []), ...collected]) {
      if (probing && rowProbe !== null) {
        conditions.set(`row ${name}`, rowProbe.condition);
        values[name] = rowProbe.value;
        continue;
      }
      conditions.set(name, probe);
      values[name] = value;
      if (candidates !== null) entrances.push({ shape: name, candidates, estimate, replaces: name });
    }
    let driver: { readonly name: string; readonly rows: SQL; readonly replaces: string | null } | null = null;
    for (const [i, condition] of (further.metadata ?? []).entries()) {
      const { shape, probe, candidates, countUpTo, inOrder, exact, values: own } = nameCondition(condition, `meta${i}`);
      const name = `meta${i}${shape}`;
      conditions.set(name, probe);
      Object.assign(values, own);
      const replaces = exact ? name : null;
      entrances.push({ shape: name, candidates, estimate: countUpTo, replaces });
      if (use === 'added' && inOrder !== null) driver ??= { name, rows: inOrder, replaces };
    }
    if (further.exclude != null) {
      values['exclude'] = further.exclude;
      // A set as well: an exclusion that most models have leaves a page with thousands to look at.
      conditions.set('exclude', sql`${models.seq} not in (${hitsOf('exclude')})`);
    }

    // A count reads all of them, so that one of the ways in is always shorter than all models.
    const isMixed = further.match != null && entrances.length > 1;
    const few = isMixed ? fewBesideHits : driver === null ? fewModels : fewBesideDriver;
    const limit = use === 'count' && !indexServes ? Number.POSITIVE_INFINITY : few;
    const entrance = probing ? null : await best(entrances, values, limit, few);
    if (entrance === null && driver !== null) {
      if (driver.replaces !== null) conditions.delete(driver.replaces);
      const shape = `${use} by ${driver.name} ${[...conditions.keys()].join()}`;
      return { shape, conditions: [...conditions.values()], values, driver: driver.rows };
    }
    if (entrance !== null) {
      if (entrance.replaces !== null) conditions.delete(entrance.replaces);
      conditions.set(`in ${entrance.shape}`, sql`${models.seq} in (${entrance.candidates})`);
    }
    return {
      shape: `${use} ${[...conditions.keys()].join()}`,
      conditions: [...conditions.values()],
      values,
      driver: null,
    };
  };
}

function upTo(rows: SQL): (max: number) => SQL {
  return (max) => sql`select count(*) from (${rows} limit ${sql.raw(String(max))})`;
}

/**
 * The hits are asked for once, as a set: a look into the full-text index takes 30 µs for one model, and as long as the whole
 * search when the last word is unfinished. The plus keeps the set from being read model by model and sorted.
 */
function isAmongHits(use: FurtherConditions['use']): SQL {
  return sql`${use === 'count' ? sql`` : sql.raw('+')}${models.seq} in (${hitsOf('match')})`;
}

function hitsOf(name: string): SQL {
  return sql`select rowid from models_fts where models_fts match ${sql.placeholder(name)}`;
}

const matchEntrance: Entrance = {
  shape: 'match',
  candidates: hitsOf('match'),
  estimate: upTo(hitsOf('match')),
  replaces: 'match',
};
