// Pages of models in a stable order: each page begins after the last row of the one before (keyset, never OFFSET). A
// query (list-query.ts) becomes conditions in ../filter, the conditions of a shape one prepared statement, its cells
// models, and the place of the last one the cursor. counting.ts counts the same queries, from counters where it can.
import { type Model, modelMetadata, models } from '@cc/schema';
import {
  and,
  asc,
  type Column,
  desc,
  eq,
  gt,
  isNotNull,
  isNull,
  lt,
  type Placeholder,
  type SQL,
  sql,
} from 'drizzle-orm';
import { entryOf, refuseUnknownKeys, wholeNumber } from '../checks.js';
import { atOneMoment, type Context, readInOrder } from '../context.js';
import type { ModelSort } from '../contract/models.js';
import type { Page, PageOptions } from '../contract/page.js';
import { checkAfter, decodeCursor, encodeCursor, type Position, type PositionType, queryHash } from '../cursor.js';
import type { BoundFilter, FilterBinder } from '../filter/bind-filter.js';
import type { ResultKind } from '../read-through.js';
import { modelCellCount, modelColumns, toModel } from '../rows/model-row.js';
import { byShape, type Cells, cellsOf, type Statement } from '../statement.js';
import { createCounting } from './counting.js';
import { bindQuery, isLookedUp, type ListQuery } from './list-query.js';

/** Pages and counts of the models that a query describes. */
export interface Listing {
  /** Through the cache. */
  page(query: ListQuery, sort: ModelSort | undefined, options: PageOptions): Promise<Page<Model>>;
  /** From the database: for pages that are a part of what is kept. */
  readPage(query: ListQuery, sort: ModelSort | undefined, options: PageOptions): Promise<Page<Model>>;
  /** Counts up to `max`, through the cache. */
  count(query: ListQuery, max?: number): Promise<number>;
}

/** Returns the pages and counts that every listing is made of. */
export function createListing(context: Context, bindFilter: FilterBinder): Listing {
  const { db } = context;
  const pages = byShape<Statement<unknown, unknown, unknown>>();

  const preparePage = (bound: BoundFilter, sort: Sort, part: Part, direction: Direction, after: boolean) => {
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
    const { order, conditions: ofPart, after: beyondPlace } = partOf(sort, part);
    const conditions = [...bound.conditions, ...ofPart, ...(after ? [beyondPlace(direction)] : [])];
    return db
      .select({ ...modelColumns, seq: models.seq, ...(sort.by === 'name' && { nameOrder: models.nameOrder }) })
      .from(models)
      .where(and(...conditions))
      .orderBy(...order.map((column) => ordered(column)))
      .limit(limit)
      .prepare();
  };
  const count = createCounting(context, bindFilter);
  const readRows = async (
    query: ListQuery,
    sort: Sort,
    direction: Direction,
    position: Position | null,
    wanted: number,
  ): Promise<readonly Cells[]> => {
    const bound = await bindQuery(bindFilter, query, sort.by);
    const rows: Cells[] = [];
    if (bound === null) return rows;
    // Only the first of the parts begins in its middle.
    let place = position;
    for (const part of partsFrom(sort, position)) {
      const start = place;
      const ofPart = await readInOrder(context, wanted - rows.length, (limit, last) => {
        const from = last === null ? start : placeOf(sort, last);
        const isLater = from !== null;
        const shape = `${sort.by} ${part} ${direction} ${isLater} ${bound.shape}`;
        const page = pages(shape, () => preparePage(bound, sort, part, direction, isLater));
        return cellsOf(page, { ...bound.values, ...(from && { seq: from[0], key: from[1] }), limit });
      });
      rows.push(...ofPart);
      if (rows.length === wanted) break;
      place = null;
    }
    return rows;
  };
  const readPage: Listing['readPage'] = async (query, sortOption, options) => {
    const [sort, direction] = checkSort(sortOption);
    const limit = checkLimit(options.limit);
    const after = options.after ?? null;
    const hash = () => pageHash(query, sort.by, direction);
    const position = after === null ? null : decodeCursor(after, hash(), sort.position);

    const read = () => readRows(query, sort, direction, position, limit + 1);
    const rows = isLookedUp(query) || sort.optional !== undefined ? await atOneMoment(context, read) : await read();
    const items: Model[] = [];
    for (const cells of rows) if (items.length < limit) items.push(toModel(cells));
    const last = rows[items.length - 1];
    const hasMore = rows.length > limit && last !== undefined;
    return { items, next: hasMore ? encodeCursor(hash(), placeOf(sort, last)) : null };
  };

  return {
    async page(query, sort, options) {
      const [{ by }, direction] = checkSort(sort);
      const after = checkAfter(options.after);
      const limit = checkLimit(options.limit);
      // What was checked, and not what the caller's objects are when a cache comes to load.
      const read = () => readPage(query, { by, direction }, { limit, after });
      // What lies in a collection changes without the models: such answers are not kept.
      if (limit > keptAtMost || query.filter.collectionsAny !== undefined) return read();
      return context.kept.result(kindOf(query), () => ['page', query, by, direction, limit, after], read);
    },
    readPage,
    async count(query, max) {
      if (query.filter.collectionsAny !== undefined) return count(query, max);
      const counted = async () => ({ models: await count(query, max) });
      return (await context.kept.result(kindOf(query), () => ['count', query, max], counted)).models;
    },
  };
}

/** Returns what binds a cursor to the pages of a query in one order. */
export function pageHash(query: ListQuery, by: ModelSort['by'], direction: Direction): string {
  return queryHash({ ...query, sort: by, direction });
}

/** Who asks for longer pages reads on to the end, and comes by once. */
export const keptAtMost = 100;

function kindOf({ metadata }: ListQuery): ResultKind {
  return metadata === undefined ? 'lists' : 'metadata-lists';
}

/** Returns how many models a page has. @throws TypeError */
export function checkLimit(limit: number | undefined): number {
  return wholeNumber('limit', limit ?? listDefaults.limit, 1, 1_000);
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
  readonly position: readonly PositionType[];
  /** `nameOrder` is the cell of that column when names are the order. */
  key(model: Model, nameOrder: unknown): Position;
  /** The rows after the placeholders `seq` and `key`. */
  readonly after: (direction: Direction) => SQL;
  /** The sort column, when not every model has a value in it: those without come last, in the order of adding. */
  readonly optional?: Column | undefined;
}

/** Where a row stands in an order. */
function placeOf(sort: Sort, cells: Cells): Position {
  return [Number(cells[modelCellCount]), ...sort.key(toModel(cells), cells[modelCellCount + 1])];
}

/** A page is read from one part of the models, or from its end and the beginning of the other. */
type Part = 'all' | 'known' | 'unknown';

/** The key of the models without one. Below every time. */
const unknownKey = Number.MIN_SAFE_INTEGER;

function partsFrom({ optional }: Sort, position: Position | null): readonly Part[] {
  if (optional === undefined) return ['all'];
  return position?.[1] === unknownKey ? ['unknown'] : ['known', 'unknown'];
}

function partOf(sort: Sort, part: Part): Pick<Sort, 'order' | 'after'> & { readonly conditions: readonly SQL[] } {
  if (sort.optional === undefined || part === 'all') return { ...sort, conditions: [] };
  if (part === 'known') return { ...sort, conditions: [isNotNull(sort.optional)] };
  return { order: sorts.added.order, after: sorts.added.after, conditions: [isNull(sort.optional)] };
}

const seq = sql.placeholder('seq');
const key = sql.placeholder('key');

const sorts: Readonly<Record<ModelSort['by'], Sort>> = {
  added: {
    by: 'added',
    direction: 'asc',
    order: [models.seq],
    position: ['integer'],
    key: () => [],
    after: (direction) => beyond(models.seq, seq, direction),
  },
  createdAt: {
    by: 'createdAt',
    direction: 'desc',
    order: [models.createdAt, models.seq],
    position: ['integer', 'integer'],
    key: (model) => [model.createdAt.getTime()],
    after: (direction) => beyondBoth(models.createdAt, direction),
  },
  name: {
    by: 'name',
    direction: 'asc',
    order: [models.nameOrder, models.seq],
    position: ['integer', 'string'],
    key: (_model, nameOrder) => [String(nameOrder)],
    after: (direction) => beyondBoth(models.nameOrder, direction),
  },
  printedAt: {
    by: 'printedAt',
    direction: 'desc',
    order: [models.printedAt, models.seq],
    position: ['integer', 'integer'],
    key: (model) => [model.printedAt?.getTime() ?? unknownKey],
    after: (direction) => beyondBoth(models.printedAt, direction),
    optional: models.printedAt,
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
  const chosen = entryOf(sorts, sort.by);
  if (chosen === undefined) throw new TypeError(`sort.by must be one of ${Object.keys(sorts).join(', ')}`);
  const { direction = chosen.direction } = sort;
  if (direction !== 'asc' && direction !== 'desc') throw new TypeError(`sort.direction must be 'asc' or 'desc'`);
  return [chosen, direction];
}
