// The SQL of ranked search: which models match, newest first and never more than are looked at, with the texts that
// scoring.ts needs. What FTS5 itself offers for ranking reads every hit of every word, however few are wanted.
import { models } from '@cc/schema';
import { and, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import type { BoundFilter } from '../filter/bind-filter.js';
import { byShape, cellsOf, type Statement, type Values } from '../statement.js';
import { afterPrefixNocase, isBefore } from '../text/after-prefix.js';
import type { FacetSource } from './facets.js';
import type { ScoredTexts } from './scoring.js';

/** A matching model with what scores are made of. */
export interface Candidate extends ScoredTexts, FacetSource {
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
  /** The newest ones with what facets are made of. */
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
  const list = async (name: string, bound: BoundFilter, values: Values, cells: SQL, build: () => SQL) => {
    const query = prepared(`${name} ${bound.shape}`, () =>
      db
        .select({ rows: sql`json_group_array(${cells})` })
        .from(sql`(${build()})`)
        .prepare(),
    );
    const [found] = await cellsOf(query, { ...bound.values, ...values });
    // Written by json_group_array.
    return JSON.parse(String(found?.[0] ?? '[]')) as readonly unknown[];
  };
  const candidates = async (name: string, bound: BoundFilter, values: Values, build: (texts: SQL) => SQL) =>
    (await list(name, bound, values, cellsOfTexts, () => build(texts))).map(toCandidate);

  return {
    newest: (bound, match, range, max) =>
      candidates(
        'newest',
        bound,
        { ...range, match, limit: max },
        (columns) =>
          sql`select ${columns} from ${indexed(bound, true)} and ${within(row)} order by ${row} desc limit ${limit}`,
      ),
    facetSources: async (bound, match, range, max) =>
      (
        await list(
          'facetSources',
          bound,
          { ...range, match, limit: max },
          sql`json_array(tags_text, format, license, created_at)`,
          () =>
            sql`select ${facetColumns} from ${indexed(bound, true)} and ${within(row)} order by ${row} desc limit ${limit}`,
        )
      ).map(toFacetSource),
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
    async rows(bound, match, range, max) {
      const found = await list(
        'rows',
        bound,
        { ...range, match, limit: max },
        sql`seq`,
        () => sql`select ${row} as seq from ${indexed(bound)} and ${within(row)} order by ${row} desc limit ${limit}`,
      );
      return found.map(Number);
    },
    named: (bound, name, range, max) =>
      // The first names are taken as they come: with a rare filter the names of a common word are too many to read.
      candidates(
        'named',
        bound,
        { ...range, name, end: afterPrefixNocase(name), limit: max },
        (columns) =>
          sql`select ${columns} from (select ${models.seq} as named_seq from ${models}
            where ${nocaseName} >= ${sql.placeholder('name')} and ${isBefore(nocaseName, 'end')}
            order by ${nocaseName} limit ${limit}) cross join ${models}
          where ${and(sql`${models.seq} = named_seq`, within(sql`${models.seq}`), ...bound.conditions)}`,
      ),
    ofRows: (bound, rows) =>
      candidates(
        'ofRows',
        bound,
        { rows: JSON.stringify(rows) },
        (columns) =>
          sql`select ${columns} from ${models}
          where ${and(sql`${models.seq} in (select value from json_each(${sql.placeholder('rows')}))`, ...bound.conditions)}`,
      ),
  };
}

const facetColumns = sql`${models.tagsText} as tags_text, ${models.format} as format, ${models.license} as license,
  ${models.createdAt} as created_at`;
const texts = sql`${models.seq} as seq, ${models.name} as name, ${models.fileName} as file_name, ${facetColumns}`;
const cellsOfTexts = sql`json_array(tags_text, format, license, created_at, seq, name, file_name)`;
const row = sql<number>`models_fts.rowid`;
const matched = sql`models_fts match ${sql.placeholder('match')}`;
const joined = sql`${models.seq} = models_fts.rowid`;
const nocaseName = sql`${models.name} collate nocase`;

// Both below read json_array in the order of the columns above, from columns of these types.

function toFacetSource(cells: unknown): FacetSource {
  const [tagsText, format, license, createdAt] = cells as FacetCells;
  return { tagsText, format, license, createdAt };
}

function toCandidate(cells: unknown): Candidate {
  const [tagsText, format, license, createdAt, seq, name, fileName] = cells as CandidateCells;
  return { tagsText, format, license, createdAt, seq, name, fileName };
}

type FacetCells = readonly [tagsText: string, format: string, license: string | null, createdAt: number];
type CandidateCells = readonly [...FacetCells, seq: number, name: string, fileName: string];
