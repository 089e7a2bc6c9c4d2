// Pages of the models of a collection: by their places in it, or of all collections inside by their row numbers.
import { collectionModels, collections, type Model, models } from '@cc/schema';
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { checkFlag, refuseUnknownKeys } from '../checks.js';
import { type Context, readInOrder } from '../context.js';
import type { CollectionRepository } from '../contract/collections.js';
import type { Page } from '../contract/page.js';
import { checkAfter, decodeCursor, encodeCursor, queryHash } from '../cursor.js';
import { checkLimit, keptAtMost } from '../listing/listing.js';
import { modelCellCount, modelColumns, toModel } from '../rows/model-row.js';
import { type Cells, cellsOf } from '../statement.js';
import { checkId } from './collection-input.js';

/** Returns `modelsOf`. */
export function createCollectionPages(context: Context): CollectionRepository['modelsOf'] {
  const { db, kept } = context;
  const { position } = collectionModels;
  const direct = db
    .select({ ...modelColumns, position, seq: models.seq })
    .from(collectionModels)
    .innerJoin(models, eq(models.seq, collectionModels.modelSeq))
    .where(
      and(
        eq(collectionModels.collectionId, sql.placeholder('id')),
        sql`(${position}, ${collectionModels.modelSeq}) > (${sql.placeholder('position')}, ${sql.placeholder('seq')})`,
      ),
    )
    .orderBy(asc(position), asc(collectionModels.modelSeq))
    .limit(sql.placeholder('limit'))
    .prepare();
  // Union, not union all: a circle that another writer made ends.
  const within = sql`with recursive within (id) as (
    select ${sql.placeholder('id')} union select c.id from ${collections} c join within on c.parent_id = within.id
  ) select ${collectionModels.modelSeq} from ${collectionModels} join within on within.id = ${collectionModels.collectionId}`;
  const nested = db
    .select({ ...modelColumns, position: sql`0`, seq: models.seq })
    .from(models)
    .where(and(sql`${models.seq} in (${within})`, gt(models.seq, sql.placeholder('seq'))))
    .orderBy(asc(models.seq))
    .limit(sql.placeholder('limit'))
    .prepare();

  const read = async (id: string, isNested: boolean, limit: number, after: string | null): Promise<Page<Model>> => {
    const hash = queryHash({ collection: id, nested: isNested });
    const [place, seq] =
      after === null ? [Number.MIN_SAFE_INTEGER, -1] : decodeCursor(after, hash, ['integer', 'integer']);
    const rows = await readInOrder(context, limit + 1, (count, last) => {
      const [position, modelSeq] = last === null ? [place, seq] : placeOf(last);
      return cellsOf(isNested ? nested : direct, { id, position, seq: modelSeq, limit: count });
    });
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: Array.from(rows.slice(0, limit), (cells) => toModel(cells)),
      next: last === undefined ? null : encodeCursor(hash, placeOf(last)),
    };
  };

  return async (id, options = {}) => {
    refuseUnknownKeys('options', options, ['limit', 'after', 'nested']);
    checkId(id);
    const limit = checkLimit(options.limit);
    const after = checkAfter(options.after);
    const { nested: asked = false } = options;
    const isNested = checkFlag('nested', asked);
    const load = () => read(id, isNested, limit, after);
    if (limit > keptAtMost) return load();
    return kept.result('collection-models', () => [id, isNested, limit, after], load);
  };
}

/** The place of a row in the collection, and the number of its model. */
function placeOf(cells: Cells): readonly [position: number, seq: number] {
  return [Number(cells[modelCellCount]), Number(cells[modelCellCount + 1])];
}
