// The SQL of ranked search: which models match, newest first and never more than are looked at, with the texts that
// scoring.ts needs. What FTS5 itself offers for ranking reads every hit of every word, however few are wanted.
import { models } from '@cc/schema';
import { and, asc, desc, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import type { BoundFilter } from '../models/bind-filter.js';
import { byShape, type Cells, type Statement, statement } from '../statement.js';
import type { ScoredTexts } from './scoring.js';

/** A matching model with what scores and facets are made of. */
export interface Candidate extends ScoredTexts {
  readonly seq: number;
  readonly format: string;
  readonly license: string | null;
  readonly createdAt: number;
}

/** Which rows: `from` to `to`, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The queries for models that match an FTS5 expression and pass a filter. */
export interface Candidates {
  /** The newest ones with their texts. */
  newest(bound: BoundFilter, match: string, range: Range, limit: number): Promise<readonly Candidate[]>;
  /** How many there are, up to `limit`. */
  count(bound: BoundFilter, match: string, limit: number): Promise<number>;
  /** The row numbers of the newest ones. */
  rows(bound: BoundFilter, match: string, range: Range, limit: number): Promise<readonly number[]>;
  /** Those whose name begins with `name`, in alphabetical order. */
  named(bound: BoundFilter, name: string, range: Range, limit: number): Promise<readonly Candidate[]>;
  /** These models, those that are gone left out. */
  ofRows(bound: BoundFilter, rows: readonly number[]): Promise<readonly Candidate[]>;
}

const operation = 'search.searchModels';

/** Returns the queries, prepared by the shape of the filter. */
export function createCandidates({ db }: Context): Candidates {
  const prepared = byShape<Statement<unknown, unknown, unknown>>();
  const texts = {
    seq: models.seq,
    name: models.name,
    fileName: models.fileName,
    tagsText: models.tagsText,
    format: models.format,
    license: models.license,
    createdAt: models.createdAt,
  };
  const limit = sql.placeholder('limit');
  const within = (row: SQL): SQL => sql`${row} between ${sql.placeholder('from')} and ${sql.placeholder('to')}`;

  const query = (name: string, bound: BoundFilter, build: () => Parameters<typeof statement>[1]) =>
    prepared(`${name} ${bound.shape}`, () => statement(operation, build()));
  const candidates = async (found: Promise<readonly Cells[]>) => (await found).map(toCandidate);

  return {
    newest: (bound, match, range, max) =>
      candidates(
        query('newest', bound, () =>
          db
            .select(texts)
            .from(sql`models_fts`)
            .crossJoin(models)
            .where(and(matched, within(row), joined, ...bound.conditions))
            .orderBy(desc(row))
            .limit(limit)
            .prepare(),
        ).cells({ ...bound.values, ...range, match, limit: max }),
      ),
    async count(bound, match, max) {
      const [cells] = await query('count', bound, () => {
        const found = db
          .select({ one: sql`1`.as('one') })
          .from(sql`models_fts`)
          .$dynamic();
        const all =
          bound.conditions.length === 0
            ? found.where(matched)
            : found.crossJoin(models).where(and(matched, joined, ...bound.conditions));
        return db.select({ count: sql<number>`count(*)` }).from(all.limit(limit).as('found')).prepare();
      }).cells({ ...bound.values, match, limit: max });
      return Number(cells?.[0] ?? 0);
    },
    async rows(bound, match, range, max) {
      const found = await query('rows', bound, () => {
        const all = db.select({ seq: row }).from(sql`models_fts`).$dynamic();
        const filtered =
          bound.conditions.length === 0
            ? all.where(and(matched, within(row)))
            : all.crossJoin(models).where(and(matched, within(row), joined, ...bound.conditions));
        return filtered.orderBy(desc(row)).limit(limit).prepare();
      }).cells({ ...bound.values, ...range, match, limit: max });
      return found.map((cells) => Number(cells[0]));
    },
    named: (bound, name, range, max) =>
      candidates(
        query('named', bound, () =>
          db
            .select(texts)
            .from(models)
            .where(
              and(
                sql`${nocaseName} >= ${sql.placeholder('name')} and ${nocaseName} < ${sql.placeholder('end')}`,
                within(sql`+${models.seq}`),
                ...bound.conditions,
              ),
            )
            .orderBy(asc(nocaseName))
            .limit(limit)
            .prepare(),
        ).cells({ ...bound.values, ...range, name, end: `${name}\u{10ffff}`, limit: max }),
      ),
    ofRows: (bound, rows) =>
      candidates(
        query('ofRows', bound, () =>
          db
            .select(texts)
            .from(models)
            .where(
              and(sql`${models.seq} in (select value from json_each(${sql.placeholder('rows')}))`, ...bound.conditions),
            )
            .prepare(),
        ).cells({ ...bound.values, rows: JSON.stringify(rows) }),
      ),
  };
}

const row = sql<number>`models_fts.rowid`;
const matched = sql`models_fts match ${sql.placeholder('match')}`;
/** CROSS JOIN keeps the index in front: in its order the query can stop early. */
const joined = sql`${models.seq} = models_fts.rowid`;
const nocaseName = sql`${models.name} collate nocase`;

function toCandidate(cells: Cells): Candidate {
  return {
    seq: Number(cells[0]),
    name: String(cells[1]),
    fileName: String(cells[2]),
    tagsText: String(cells[3]),
    format: String(cells[4]),
    license: cells[5] === null ? null : String(cells[5]),
    createdAt: Number(cells[6]),
  };
}
