// The SQL of ranked search: which models match, newest first and never more than are looked at, with the texts that
// scoring.ts needs. What FTS5 itself offers for ranking reads every hit of every word, however few are wanted.
import { models } from '@cc/schema';
import { and, type Column, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import type { BoundFilter } from '../filter/bind-filter.js';
import { byShape, cellsOf, type Statement, type Values } from '../statement.js';
import { afterPrefixNocase, isBefore } from '../text/after-prefix.js';
import type { FacetSource } from './facets.js';
import type { ScoredTexts } from './scoring.js';

/** A matching model with what scores are made of. */
export interface Candidate extends ScoredTexts {
  readonly seq: number;
}

/** Which rows: `from` to `to`, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Every row. */
export const allRows: Range = Object.freeze({ from: 0, to: Number.MAX_SAFE_INTEGER });

/** The queries for models that match an FTS5 expression and pass a filter. */
export interface Candidates {
  /** The newest ones with their texts. */
  newest(bound: BoundFilter, match: string, range: Range, limit: number): Promise<readonly Candidate[]>;
  /** The same, with what facets are made of. */
  facetedNewest(
    bound: BoundFilter,
    match: string,
    range: Range,
    limit: number,
  ): Promise<readonly (Candidate & FacetSource)[]>;
  /** The newest ones with what facets are made of alone. */
  facetSources(bound: BoundFilter, match: string, range: Range, limit: number): Promise<readonly FacetSource[]>;
  /** How many there are, up to `limit`. */
  count(bound: BoundFilter, match: string, range: Range, limit: number): Promise<number>;
  /** The row numbers of the newest ones. */
  rows(bound: BoundFilter, match: string, range: Range, limit: number): Promise<readonly number[]>;
  /** Of the first `limit` whose name begins with `name`, in alphabetical order, those that pass. */
  named(bound: BoundFilter, name: string, range: Range, limit: number): Promise<readonly Candidate[]>;
  /** These models, those that are gone left out. */
  ofRows(bound: BoundFilter, rows: readonly number[]): Promise<readonly Candidate[]>;
}

/** Returns the queries, prepared by the shape of the filter. */
export function createCandidates({ db }: Context): Candidates {
  const prepared = byShape<Statement<unknown, unknown, unknown>>();
  const limit = sql.placeholder('limit');
  /** Numbers are bound as REAL, and FTS5 walks through all hits for a bound that is no INTEGER. */
  const whole = (name: string): SQL => sql`cast(${sql.placeholder(name)} as integer)`;
  const within = (seq: SQL): SQL => sql`${seq} between ${whole('from')} and ${whole('to')}`;
  /** CROSS JOIN keeps the index in front: in its order the query can stop early. */
  const indexed = ({ conditions }: BoundFilter, isJoined = conditions.length > 0): SQL =>
    isJoined
      ? sql`models_fts cross join ${models} where ${matched} and ${and(joined, ...conditions)}`
      : sql`models_fts where ${matched}`;

  /** Rows come as one JSON text: for hundreds of them that takes half the time of single rows, and one cell over a network. */
  const list = async <Row>({ name, bound, values, of, from }: Listed<Row>): Promise<readonly Row[]> => {
    const query = prepared(`${name} ${bound.shape}`, () => {
      const names = of.columns.map((_, i) => sql.identifier(`c${i}`));
      const selected = of.columns.map((column, i) => sql`${column} as ${sql.identifier(`c${i}`)}`);
      return db
        .select({ rows: sql`json_group_array(json_array(${sql.join(names, comma)}))` })
        .from(sql`(select ${sql.join(selected, comma)} from ${from()})`)
        .prepare();
    });
    const [found] = await cellsOf(query, { ...bound.values, ...values });
    // Written by json_group_array, from the columns of such rows.
    const rows = JSON.parse(String(found?.[0] ?? '[]')) as readonly (readonly never[])[];
    return rows.map(of.row);
  };
  const newest = (bound: BoundFilter, isJoined?: boolean): SQL =>
    sql`${indexed(bound, isJoined)} and ${within(row)} order by ${row} desc limit ${limit}`;

  const newestAs =
    <Row>(name: string, of: RowsOf<Row>) =>
    (bound: BoundFilter, match: string, range: Range, max: number): Promise<readonly Row[]> =>
      list({ name, bound, values: { ...range, match, limit: max }, of, from: () => newest(bound, true) });

  return {
    newest: newestAs('newest', scored),
    facetedNewest: newestAs('facetedNewest', scoredWithFacets),
    facetSources: newestAs('facetSources', facets),
    async count(bound, match, range, max) {
      const query = prepared(`count ${bound.shape}`, () =>
        db
          .select({ count: sql<number>`count(*)` })
          .from(sql`(select 1 from ${indexed(bound)} and ${within(row)} limit ${limit})`)
          .prepare(),
      );
      const [cells] = await cellsOf(query, { ...bound.values, ...range, match, limit: max });
      return Number(cells?.[0] ?? 0);
    },
    rows(bound, match, range, max) {
      return list<number>({
        name: 'rows',
        bound,
        values: { ...range, match, limit: max },
        of: { columns: [row], row: ([seq = 0]) => seq },
        from: () => newest(bound),
      });
    },
    named: (bound, name, range, max) =>
      list<Candidate>({
        name: 'named',
        bound,
        values: { ...range, name, end: afterPrefixNocase(name), limit: max },
        of: scored,
        // The first names are taken as they come: with a rare filter the names of a common word are too many to read.
        from: () =>
          sql`(select ${models.seq} as named_seq from ${models}
            where ${nocaseName} >= ${sql.placeholder('name')} and ${isBefore(nocaseName, 'end')}
            order by ${nocaseName} limit ${limit}) cross join ${models}
          where ${and(sql`${models.seq} = named_seq`, within(sql`${models.seq}`), ...bound.conditions)}`,
      }),
    ofRows: (bound, rows) =>
      list<Candidate>({
        name: 'ofRows',
        bound,
        values: { rows: JSON.stringify(rows) },
        of: scored,
        from: () =>
          sql`${models}
          where ${and(sql`${models.seq} in (select value from json_each(${sql.placeholder('rows')}))`, ...bound.conditions)}`,
      }),
  };
}

/** One list of rows. */
interface Listed<Row> {
  /** With the shape of the filter it tells the statements apart. */
  readonly name: string;
  readonly bound: BoundFilter;
  readonly values: Values;
  readonly of: RowsOf<Row>;
  /** What stands behind FROM. Built once for each shape. */
  readonly from: () => SQL;
}

/** What is read of a row, and what is made of its cells, in this order. */
interface RowsOf<Row> {
  readonly columns: readonly (Column | SQL)[];
  readonly row: (cells: readonly never[]) => Row;
}

const comma = sql`, `;
const row = sql<number>`models_fts.rowid`;
const facets: RowsOf<FacetSource> = {
  columns: [models.tagsText, models.format, models.license, models.createdAt],
  // Rows of one layout: written key by key they are hash tables.
  row: ([tagsText = '', format = '', license = null, createdAt = 0]) => ({ tagsText, format, license, createdAt }),
};
const scored: RowsOf<Candidate> = {
  columns: [models.seq, models.name, models.fileName, models.tagsText],
  row: ([seq = 0, name = '', fileName = '', tagsText = '']) => ({ seq, name, fileName, tagsText }),
};
const scoredWithFacets: RowsOf<Candidate & FacetSource> = {
  columns: [models.seq, models.name, models.fileName, ...facets.columns],
  row: ([seq = 0, name = '', fileName = '', tagsText = '', format = '', license = null, createdAt = 0]) => {
    return { seq, name, fileName, tagsText, format, license, createdAt };
  },
};
const matched = sql`models_fts match ${sql.placeholder('match')}`;
const joined = sql`${models.seq} = models_fts.rowid`;
const nocaseName = sql`${models.name} collate nocase`;
