// The SQL of ranked search: hits and their number up to a limit, and one page of them in the order of their scores.
import { models } from '@cc/schema';
import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import type { BoundFilter } from '../models/bind-filter.js';
import { modelColumns } from '../models/model-row.js';
import { byShape, type Cells, type Statement, statement } from '../statement.js';

/** Up to this many hits are counted and ranked; beyond it the total is a lower bound and the ranking is bounded. */
export const rankedHits = 1_000;
const nameHits = 500;
const wholeNameHits = 50;

/** How much a word counts in name, description, file name, tags and the parts of glued names. */
const score = sql`bm25(models_fts, 10, 1, 4, 6, 2)`;

/** One page of ranked hits. */
export interface RankedPage {
  readonly match: string | null;
  readonly nameMatch: string | null;
  readonly wholeName: string | null;
  readonly after: { readonly score: number | string; readonly seq: number | string | null } | null;
  readonly limit: number;
}

/** The queries of ranked search. */
export interface Ranking {
  /**
   * Returns models with `seq`, their score and the number of hits after their own cells. `all` ranks every hit, which
   * holds while there are no more than `rankedHits`; `tiered` the newest ones, the newest ones with the words in their
   * name, and first of all the models whose name is the query.
   */
  page(bound: BoundFilter, tier: Tier, page: RankedPage): Promise<readonly Cells[]>;
}

/** Which part of the matching models a ranking looks at. */
export type Tier = 'all' | 'tiered';

/** Returns the ranked queries of full-text search, prepared by shape. */
export function createRanking(context: Context): Ranking {
  const pages = byShape<Statement<unknown, unknown, unknown>>();
  return {
    page(bound, tier, { match, nameMatch, wholeName, after, limit }) {
      const query = pages(`${tier} ${after === null} ${bound.shape}`, () =>
        preparePage(context, bound, tier, after === null),
      );
      return query.cells({ ...bound.values, match, nameMatch, wholeName, ...after, limit });
    },
  };
}

/** The models are joined to the hits of the page only: their text columns are long. */
function preparePage({ db }: Context, bound: BoundFilter, tier: Tier, first: boolean) {
  const columns = { seq: sql<number>`seq`.as('seq'), score: sql<number>`score`.as('score') };
  const ranked = tier === 'all' ? allHits(bound) : tieredHits(bound);
  const hits = db.$with('hits', columns).as(ranked);
  const after = first ? sql`` : sql`where (score, -seq) > (${sql.placeholder('score')}, -${sql.placeholder('seq')})`;
  const page = db
    .$with('page', columns)
    .as(sql`select * from hits ${after} order by score, seq desc limit ${sql.placeholder('limit')}`);
  return statement(
    'search.searchModels',
    db
      .with(hits, page)
      .select({ ...modelColumns, seq: models.seq, score: sql`page.score`, counted: sql`(select count(*) from hits)` })
      .from(page)
      .crossJoin(models)
      .where(eq(models.seq, sql`page.seq`))
      .orderBy(sql`page.score`, sql`page.seq desc`)
      .prepare(),
  );
}

/** From and where of the hits that pass the filter. CROSS JOIN keeps the index in front: in its order it can stop early. */
function matches({ conditions }: BoundFilter, match: 'match' | 'nameMatch'): SQL {
  const matched = sql`models_fts match ${sql.placeholder(match)}`;
  if (conditions.length === 0) return sql`models_fts where ${matched}`;
  return sql`models_fts cross join ${models}
    where ${matched} and ${models.seq} = models_fts.rowid and ${and(...conditions)}`;
}

function scored(bound: BoundFilter, match: 'match' | 'nameMatch'): SQL {
  return sql`select models_fts.rowid as seq, ${score} as score from ${matches(bound, match)}`;
}

/** One more than are ranked, so that the count tells whether these are all. */
function allHits(bound: BoundFilter): SQL {
  return sql`${scored(bound, 'match')} limit ${sql.raw(String(rankedHits + 1))}`;
}

function tieredHits(bound: BoundFilter): SQL {
  const newest = (match: 'match' | 'nameMatch', limit: number): SQL =>
    sql`select * from (${scored(bound, match)} order by models_fts.rowid desc limit ${sql.raw(String(limit))})`;
  const named = sql`select seq as named_seq from ${models}
    where name = ${sql.placeholder('wholeName')} collate nocase limit ${sql.raw(String(wholeNameHits))}`;
  return sql`select seq, min(score) as score from (
    ${newest('match', rankedHits)}
    union all ${newest('nameMatch', nameHits)}
    union all select ${models.seq}, -1000.0 from (${named}) cross join ${models}
      where ${and(sql`${models.seq} = named_seq`, ...bound.conditions)}
  ) group by seq`;
}
