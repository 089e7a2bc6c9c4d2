// The collections repository: the tree of collections. Inputs are checked in collection-input.ts, levels are counted in levels.ts,
// what lies in them is in members.ts and collection-pages.ts, broken rules get their names in collection-errors.ts. What lies in
// a deleted collection or belongs to a deleted model goes by foreign keys.
import { collectionModels, collections } from '@cc/schema';
import { asc, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import { type Context, write, writeTogether } from '../context.js';
import type { Collection, CollectionRepository } from '../contract/collections.js';
import { ignoredRows } from '../rows/ignored-rows.js';
import { inNameOrder } from '../text/name-key.js';
import { collectionCycle, collectionTooDeep, conflictOf } from './collection-errors.js';
import { checkId, checkInput } from './collection-input.js';
import { createCollectionPages } from './collection-pages.js';
import { type Levels, levelsFrom, maxLevels, wayTo } from './levels.js';
import { createCollectionMembers } from './members.js';

/** Returns the collections repository over the shared context. */
export function createCollectionRepository(context: Context): CollectionRepository {
  const { db } = context;
  const selected = getTableColumns(collections);
  const byId = eq(collections.id, sql.placeholder('id'));
  const insert = db
    .insert(collections)
    .values({
      id: sql.placeholder('id'),
      parentId: sql.placeholder('parentId'),
      name: sql.placeholder('name'),
      description: sql.placeholder('description'),
      createdAt: sql.placeholder('now'),
      updatedAt: sql.placeholder('now'),
    })
    .prepare();
  const one = db.select().from(collections).where(byId).prepare();
  const set = db
    .update(collections)
    .set({
      parentId: sql`${sql.placeholder('parentId')}`,
      name: sql`${sql.placeholder('name')}`,
      description: sql`${sql.placeholder('description')}`,
      // The clock may have gone back.
      updatedAt: sql`max(${collections.createdAt}, ${collections.updatedAt}, ${sql.placeholder('now')})`,
    })
    .where(byId)
    .prepare();
  const remove = db
    .delete(collections)
    .where(inArray(collections.id, sql`(select value from json_each(${sql.placeholder('ids')}))`))
    .prepare();
  const summary = {
    ...selected,
    models: sql<number>`(select count(*) from ${collectionModels} where ${collectionModels.collectionId} = ${collections.id})`,
    collections: sql<number>`(select count(*) from ${collections} as inner_ones where inner_ones.parent_id = ${collections.id})`,
  };
  const inside = (where: ReturnType<typeof eq>) =>
    // The join tells drizzle that columns need the names of their tables.
    db
      .select(summary)
      .from(collections)
      .innerJoin(sql`(select 1)`, sql`true`)
      .where(where)
      .orderBy(asc(collections.name))
      .prepare();
  const atTop = inside(sql`${collections.parentId} is null`);
  const insideOf = inside(eq(collections.parentId, sql.placeholder('parentId')));
  // Unions, not union all: a circle that another writer made ends.
  const above = sql`with recursive above (id) as (
    select ${sql.placeholder('id')} union select c.parent_id from ${collections} c join above on c.id = above.id
  ) select id from above`;
  const path = db
    .select(selected)
    .from(collections)
    .where(inArray(collections.id, sql`(${above})`))
    .prepare();
  const within = sql`with recursive within (id) as (
    select ${sql.placeholder('id')} union select c.id from ${collections} c join within on c.parent_id = within.id
  ) select id from within`;
  const places = db
    .select({ id: collections.id, parentId: collections.parentId })
    .from(collections)
    .where(inArray(collections.id, sql`(${within})`))
    .prepare();
  const named = async <T>(operation: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw conflictOf(error, operation);
    }
  };
  const { kept } = context;
  const pathOf = async (id: string): Promise<readonly Collection[]> => {
    checkId(id);
    return kept.result(
      'collections',
      () => ['path', id],
      async () => wayTo(id, await path.all({ id })),
    );
  };
  /** The collection and all inside it, level by level. */
  const levelsOf = async (id: string): Promise<Levels> => levelsFrom(id, await places.all({ id }));

  /** Refuses a place inside the collection, and one that takes it deeper than collections may lie. */
  const checkMove = async (id: string, parentId: string): Promise<void> => {
    const around = await pathOf(parentId);
    if (around.some((each) => each.id === id)) throw collectionCycle();
    // What another writer has put too deep may move up.
    if (around.length < (await pathOf(id)).length) return;
    if (around.length + (await levelsOf(id)).length > maxLevels) throw collectionTooDeep('collections.update');
  };

  return {
    async create(input) {
      const { name, parentId = null, description = null } = checkInput(input);
      if (name === undefined) throw new TypeError('collection.name must be a text, and is missing');
      const id = context.newId();
      const values = { id, name, parentId, description, now: context.now() };
      await named('collections.create', () =>
        write(context, async () => {
          if (parentId !== null && (await pathOf(parentId)).length >= maxLevels)
            throw collectionTooDeep('collections.create');
          if ((await insert.run(values)).rowsAffected === 0) throw ignoredRows('collections.create', 'collections');
          kept.written({ collections: true });
        }),
      );
      return id;
    },
    async read(id) {
      checkId(id);
      const load = async () => ({ collection: (await one.get({ id })) ?? null });
      return (await kept.result('collections', () => ['one', id], load)).collection;
    },
    async update(id, patch) {
      const changes = checkInput(patch);
      checkId(id);
      return named('collections.update', () =>
        write(context, async () => {
          const current = await one.get({ id });
          if (current === undefined) return false;
          const { name = current.name, parentId = current.parentId, description = current.description } = changes;
          if (parentId !== null && parentId !== current.parentId) await checkMove(id, parentId);
          const { rowsAffected } = await set.run({ id, name, parentId, description, now: context.now().getTime() });
          if (rowsAffected === 0) throw ignoredRows('collections.update', 'collections');
          kept.written({ collections: true });
          return true;
        }),
      );
    },
    async delete(id) {
      checkId(id);
      return write(context, async () => {
        const levels = await levelsOf(id);
        const removed = async (ids: readonly string[]): Promise<boolean> =>
          (await remove.run({ ids: JSON.stringify(ids) })).rowsAffected > 0;
        const fromBelow = async (): Promise<boolean> => {
          // At the top, by a name that no other has there: in a circle that another writer made the lowest would take all along.
          await set.run({ id, name: id, parentId: null, description: null, now: context.now().getTime() });
          for (const ids of levels.toReversed()) await removed(ids);
          if ((await one.get({ id })) !== undefined) throw ignoredRows('collections.delete', 'collections');
          return true;
        };
        // One statement takes what lies inside along, but SQLite's foreign keys no more than 1,000 levels of it.
        const isGone = await (levels.length > maxLevels ? writeTogether(context, fromBelow) : removed([id]));
        if (isGone) kept.written({ collections: true });
        return isGone;
      });
    },
    async list(parentId = null) {
      if (parentId !== null) checkId(parentId);
      return kept.result(
        'collections',
        () => ['inside', parentId],
        async () => inNameOrder(await (parentId === null ? atTop.all() : insideOf.all({ parentId }))),
      );
    },
    pathOf,
    modelsOf: createCollectionPages(context),
    ...createCollectionMembers(context),
  };
}
