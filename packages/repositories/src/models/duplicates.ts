// Models with the same file content, in pages of groups. Triggers keep the hashes that occur more than once in a table.
import { type Model, models } from '@cc/schema';
import { duplicateHashes } from '@cc/schema/derived';
import { asc, eq, gt, inArray, sql } from 'drizzle-orm';
import { wholeNumber } from '../checks.js';
import { atOneMoment, type Context } from '../context.js';
import type { DuplicateGroup, FindDuplicatesOptions } from '../contract/models.js';
import type { Page } from '../contract/page.js';
import { decodeCursor, encodeCursor, queryHash } from '../cursor.js';
import { listDefaults } from '../listing/listing.js';
import { modelColumns, toModel } from '../rows/model-row.js';
import { cellsOf, readByIds } from '../statement.js';

/** Returns `findDuplicates`: pages of models with the same file content. */
export function createFindDuplicates(
  context: Context,
): (options: FindDuplicatesOptions) => Promise<Page<DuplicateGroup>> {
  const { db } = context;
  const hashes = db
    .select({ fileHash: duplicateHashes.fileHash, count: duplicateHashes.models })
    .from(duplicateHashes)
    .where(gt(duplicateHashes.fileHash, sql.placeholder('after')))
    .orderBy(asc(duplicateHashes.fileHash))
    .limit(sql.placeholder('limit'))
    .prepare();
  const hash = sql`json_each.value`;
  const ofHashes = db
    .select(modelColumns)
    .from(sql`json_each(${sql.placeholder('hashes')})`)
    .crossJoin(models)
    .where(
      inArray(
        models.seq,
        db
          .select({ seq: models.seq })
          .from(models)
          .where(eq(models.fileHash, hash))
          .orderBy(asc(models.seq))
          .limit(sql.placeholder('modelsPerGroup')),
      ),
    )
    .orderBy(asc(models.seq))
    .prepare();

  return async (options) => {
    const limit = wholeNumber('limit', options.limit ?? listDefaults.limit, 1, 1_000);
    const { modelsPerGroup: given } = options;
    // For SQLite no limit.
    const modelsPerGroup = given === undefined ? -1 : wholeNumber('modelsPerGroup', given, 2, 1_000);
    const position = options.after == null ? [''] : decodeCursor(options.after, queryId, ['string']);
    const { page, hasMore, groups } = await atOneMoment(context, async () => {
      const found = await hashes.all({ after: position[0], limit: limit + 1 });
      const page = found.slice(0, limit);
      const groups = new Map<string, Model[]>(page.map(({ fileHash }) => [fileHash, []]));
      const read = (some: string) => cellsOf(ofHashes, { hashes: some, modelsPerGroup });
      await readByIds([...groups.keys()], read, (cells) => {
        const model = toModel(cells);
        groups.get(model.fileHash)?.push(model);
      });
      return { page, hasMore: found.length > limit, groups };
    });
    const last = page.at(-1);
    return {
      items: page.map(({ fileHash, count }) => ({ fileHash, models: groups.get(fileHash) ?? [], count })),
      next: hasMore && last !== undefined ? encodeCursor(queryId, [last.fileHash]) : null,
    };
  };
}

const queryId = queryHash({ duplicates: true });
