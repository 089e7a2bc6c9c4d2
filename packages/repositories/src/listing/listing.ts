// Pages of models in a stable order: each page begins after the last row of the one before (keyset, never OFFSET). A
// query (list-query.ts) becomes conditions in ../filter, the conditions of a shape one prepared statement, its cells
// models, and the place of the last one the cursor. counting.ts counts the same queries, from counters where it can.
import { type Model, modelMetadata, models } from '@cc/schema';
import { and, asc, type Column, desc, eq, gt, lt, type Placeholder, type SQL, sql } from 'drizzle-orm';
import { refuseUnknownKeys, wholeNumber } from '../checks.js';
import type { Context } from '../context.js';
import type { ModelSort } from '../contract/models.js';
import type { Page, PageOptions } from '../contract/page.js';
import { decodeCursor, encodeCursor, type Position, queryHash } from '../cursor.js';
import type { BoundFilter, FilterBinder } from '../filter/bind-filter.js';
import { modelCellCount, modelColumns, toModel } from '../rows/model-row.js';
import { byShape, cellsOf, type Statement } from '../statement.js';
import { createCounting } from './counting.js';
import { bindQuery, type ListQuery } from './list-query.js';

/** Pages and counts of the models that a query describes. */
export interface Listing {
  page(query: ListQuery, sort: ModelSort | undefined, options: PageOptions): Promise<Page<Model>>;
  /** Counts up to `max`. */
  count(query: ListQuery, max?: number): Promise<number>;
}

/** Returns the pages and counts that every listing is made of. */
export function createListing(context: Context, bindFilter: FilterBinder): Listing {
  const { db } = context;
  const pages = byShape<Statement<unknown, unknown, unknown>>();

  const preparePage = (bound: BoundFilter, sort: Sort, direction: Direction, after: boolean) => {
    const ordered = direction === 'asc' ? asc : desc;
    const limit = sql.placeholder('limit');
    if (bound.driver !== null) {
      const { modelSeq } = modelMetadata;
      const rows = [bound.driver, ...(after ? [beyond(modelSeq, seq, direction)] : []), eq(models.seq, modelSeq)];
      // CROSS JOIN keeps the values in front: their index has the order of the page.
      return db
        .select({ ...modelColumns, seq: models.seq })
        .from(modelMetadata)
        .crossJoin(models)
        .where(and(...rows, ...bound.conditions))
        .orderBy(ordered(modelSeq))
        .limit(limit)
        .prepare();
    }
    const conditions = after ? [...bound.conditions, sort.after(direction)] : [...bound.conditions];
    return db
      .select({ ...modelColumns, seq: models.seq, ...(sort.by === 'name' && { nameOrder: models.nameOrder }) })
      .from(models)
      .where(and(...conditions))
      .orderBy(...sort.order.map((column) => ordered(column)))
      .limit(limit)
      .prepare();
  };
  const count = createCounting(context, bindFilter);

  return {
    async page(query, sortOption, options) {
      const [sort, direction] = checkSort(sortOption);
      const limit = wholeNumber('limit', options.limit ?? listDefaults.limit, 1, 1_000);
      const after = options.after ?? null;
      const hash = () => queryHash({ ...query, sort: sort.by, direction });
      const position = after === null ? null : decodeCursor(after, hash(), sort.position);

      const bound = await bindQuery(bindFilter, query, sort.by);
      if (bound === null) return { items: [], next: null };
      const shape = `${sort.by} ${direction} ${position !== null} ${bound.shape}`;
      const statementOfShape = pages(shape, () => preparePage(bound, sort, direction, position !== null));
      const rows = await cellsOf(statementOfShape, {
        ...bound.values,
        ...(position && { seq: position[0], key: position[1] }),
        limit: limit + 1,
      });
      const items: Model[] = [];
      for (const cells of rows) if (items.length < limit) items.push(toModel(cells));
      const last = items.at(-1);
      const lastCells = rows[items.length - 1];
      if (rows.length <= limit || last === undefined || lastCells === undefined) return { items, next: null };
      const end: Position = [Number(lastCells[modelCellCount]), ...sort.key(last, lastCells[modelCellCount + 1])];
      return { items, next: encodeCursor(hash(), end) };
    },
    count,
  };
}

/** What a listing does when it is not told otherwise. */
export const listDefaults = Object.freeze({ limit: 50 });

type Direction = 'asc' | 'desc';

interface Sort {
  readonly by: ModelSort['by'];
  /** When no other is given. */
  readonly direction: Direction;
  /** The sort columns; the last one makes the order total. */
  readonly order: readonly Column[];
  /** What a cursor holds: `seq`, then the sort key if there is one. */
  readonly position: readonly ('number' | 'string')[];
  /** `nameOrder` is the cell of that column when names are the order. */
  key(model: Model, nameOrder: unknown): Position;
  /** The rows after the placeholders `seq` and `key`. */
  after(direction: Direction): SQL;
}

const seq = sql.placeholder('seq');
const key = sql.placeholder('key');

const sorts: Readonly<Record<ModelSort['by'], Sort>> = {
  added: {
    by: 'added',
    direction: 'asc',
    order: [models.seq],
    position: ['number'],
    key: () => [],
    after: (direction) => beyond(models.seq, seq, direction),
  },
  createdAt: {
    by: 'createdAt',
    direction: 'desc',
    order: [models.createdAt, models.seq],
    position: ['number', 'number'],
    key: (model) => [model.createdAt.getTime()],
    after: (direction) => beyondBoth(models.createdAt, direction),
  },
  name: {
    by: 'name',
    direction: 'asc',
    order: [models.nameOrder, models.seq],
    position: ['number', 'string'],
    key: (_model, nameOrder) => [String(nameOrder)],
    after: (direction) => beyondBoth(models.nameOrder, direction),
  },
};

function beyond(column: Column, place: Placeholder, direction: Direction): SQL {
  return direction === 'asc' ? gt(column, place) : lt(column, place);
}

/** SQLite seeks an index by a row value, the row number at its end included. */
function beyondBoth(column: Column, direction: Direction): SQL {
  return sql`(${column}, ${models.seq}) ${sql.raw(direction === 'asc' ? '>' : '<')} (${key}, ${seq})`;
}

function checkSort(sort: ModelSort | undefined): readonly [Sort, Direction] {
  if (sort === undefined) return [sorts.createdAt, sorts.createdAt.direction];
  refuseUnknownKeys('sort', sort, ['by', 'direction']);
  const chosen = Object.hasOwn(sorts, sort.by) ? sorts[sort.by] : undefined;
  if (chosen === undefined) throw new TypeError(`sort.by must be one of ${Object.keys(sorts).join(', ')}`);
  const { direction = chosen.direction } = sort;
  if (direction !== 'asc' && direction !== 'desc') throw new TypeError(`sort.direction must be 'asc' or 'desc'`);
  return [chosen, direction];
}
