// What lies in collections: models are put in and taken out, and say which collections they lie in. Pages of the models of one
// are in collection-pages.ts.
import { collectionModels, collections, models } from '@cc/schema';
import { parseModelId } from '@cc/schema/validation';
import { and, asc, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import { checkModelIds } from '../checks.js';
import { type Context, write, writeTogether } from '../context.js';
import type { CollectionRepository } from '../contract/collections.js';
import { idsAtOnce } from '../read-through.js';
import { ignoredRows } from '../rows/ignored-rows.js';
import { modelNotFound } from '../rows/model-lookup.js';
import { inSlices } from '../statement.js';
import { inNameOrder } from '../text/name-key.js';
import { collectionNotFound } from './collection-errors.js';
import { checkId } from './collection-input.js';

/** Returns `addModels`, `removeModels` and `collectionsOf`. */
export function createCollectionMembers(
  context: Context,
): Pick<CollectionRepository, 'addModels' | 'removeModels' | 'collectionsOf'> {
  const { db, kept } = context;
  const among = (name: string) => sql`(select value from json_each(${sql.placeholder(name)}))`;
  const one = db
    .select({ id: collections.id })
    .from(collections)
    .where(eq(collections.id, sql.placeholder('id')))
    .prepare();
  const seqsOf = db
    .select({ id: models.id, seq: models.seq })
    .from(models)
    .where(inArray(models.id, among('ids')))
    .prepare();
  const add = db
    .insert(collectionModels)
    .select(
      sql`select ${sql.placeholder('id')}, value, key + (select coalesce(max(${collectionModels.position}), -1) + 1
          from ${collectionModels} where ${collectionModels.collectionId} = ${sql.placeholder('id')})
          from json_each(${sql.placeholder('seqs')}) where true`,
    )
    .onConflictDoNothing()
    .prepare();
  const present = db
    .select({ count: sql<number>`count(*)` })
    .from(collectionModels)
    .where(
      and(eq(collectionModels.collectionId, sql.placeholder('id')), inArray(collectionModels.modelSeq, among('seqs'))),
    )
    .prepare();
  const take = db
    .delete(collectionModels)
    .where(
      and(
        eq(collectionModels.collectionId, sql.placeholder('id')),
        inArray(collectionModels.modelSeq, sql`(select seq from ${models} where id in ${among('ids')})`),
      ),
    )
    .prepare();
  const ofModel = db
    .select(getTableColumns(collections))
    .from(collections)
    .innerJoin(collectionModels, eq(collectionModels.collectionId, collections.id))
    .innerJoin(models, eq(models.seq, collectionModels.modelSeq))
    .where(eq(models.id, sql.placeholder('id')))
    .orderBy(asc(collections.name), asc(collections.id))
    .prepare();

  return {
    async addModels(id, modelIds) {
      const checked = checkModelIds('modelIds', modelIds);
      const ids = Array.isArray(checked) ? checked : await checked;
      checkId(id);
      return writeTogether(context, async () => {
        if ((await one.get({ id })) === undefined) throw collectionNotFound('collections.addModels');
        let added = 0;
        await inSlices(ids, idsAtOnce(context.transactions), async (slice) => {
          const rows = new Map((await seqsOf.all({ ids: JSON.stringify(slice) })).map((row) => [row.id, row.seq]));
          const found = slice.map((modelId) => {
            const seq = rows.get(modelId);
            if (seq === undefined) throw modelNotFound('collections.addModels');
            return seq;
          });
          const seqs = JSON.stringify(found);
          const { rowsAffected } = await add.run({ id, seqs });
          // The others are there already, unless something keeps them out.
          if (rowsAffected < found.length && (await present.get({ id, seqs }))?.count !== found.length)
            throw ignoredRows('collections.addModels', 'collection_models');
          added += rowsAffected;
        });
        if (added > 0) kept.written({ collections: true });
        return added;
      });
    },
    async removeModels(id, modelIds) {
      const checked = checkModelIds('modelIds', modelIds);
      const ids = Array.isArray(checked) ? checked : await checked;
      checkId(id);
      const takeAll = async (): Promise<number> => {
        let taken = 0;
        await inSlices(ids, idsAtOnce(context.transactions), async (slice) => {
          taken += (await take.run({ id, ids: JSON.stringify(slice) })).rowsAffected;
        });
        if (taken > 0) kept.written({ collections: true });
        return taken;
      };
      // One statement undoes itself when it fails; several need a savepoint.
      return ids.length <= idsAtOnce(context.transactions) ? write(context, takeAll) : writeTogether(context, takeAll);
    },
    async collectionsOf(modelId) {
      const id = parseModelId(modelId);
      return kept.result(
        'collections',
        () => ['of', id],
        async () => inNameOrder(await ofModel.all({ id })),
      );
    },
  };
}
