// Tags on models. Counters and the searchable text follow by triggers (see the search migration of @cc/schema).
import { type ModelId, models, modelTags, tags } from '@cc/schema';
import { parseModelId, parseTagName, tagKey } from '@cc/schema/validation';
import { and, asc, desc, eq, gt, inArray, sql } from 'drizzle-orm';
import { type Context, write, writeTogether } from '../context.js';
import { refuseUnknownKeys, wholeNumber } from '../known-keys.js';
import type { ModelLookup } from '../models/model-lookup.js';
import { statement } from '../statement.js';
import type { SearchRepository } from './search-repository.js';

type Tagging = Pick<SearchRepository, 'tag' | 'untag' | 'getTags' | 'getTagsOfMany' | 'listTags'>;

/** Returns the methods on tags. */
export function createTagging(context: Context, lookup: ModelLookup): Tagging {
  const { db } = context;
  const addTag = statement(
    'search.tag',
    db
      .insert(tags)
      .values({ key: sql.placeholder('key'), name: sql.placeholder('name') })
      .onConflictDoNothing()
      .prepare(),
  );
  const idOfKey = db
    .select({ id: tags.id })
    .from(tags)
    .where(eq(tags.key, sql.placeholder('key')));
  const addModelTag = statement(
    'search.tag',
    db
      .insert(modelTags)
      .values({ tagId: sql`${idOfKey}`, modelSeq: sql.placeholder('seq') })
      .onConflictDoNothing()
      .prepare(),
  );
  const removeModelTag = statement(
    'search.untag',
    db
      .delete(modelTags)
      .where(and(eq(modelTags.tagId, sql`${idOfKey}`), eq(modelTags.modelSeq, sql.placeholder('seq'))))
      .prepare(),
  );
  const texts = statement(
    'search.getTags',
    db
      .select({ id: models.id, tagsText: models.tagsText })
      .from(models)
      .where(inArray(models.id, sql`(select value from json_each(${sql.placeholder('ids')}))`))
      .prepare(),
  );
  const mostUsed = statement(
    'search.listTags',
    db
      .select({ name: tags.name, models: tags.modelCount })
      .from(tags)
      .where(gt(tags.modelCount, 0))
      .orderBy(desc(tags.modelCount), asc(tags.key))
      .limit(sql.placeholder('limit'))
      .prepare(),
  );

  const getTagsOfMany = async (modelIds: readonly ModelId[]) => {
    const names = new Map<ModelId, readonly string[]>(modelIds.map((id) => [parseModelId(id), []]));
    const rows = await texts.all({ ids: JSON.stringify([...names.keys()]) });
    for (const row of rows) if (row.tagsText !== '') names.set(row.id, inOrder(row.tagsText.split('\n')));
    return names;
  };

  return {
    async tag(modelId, given) {
      const name = parseTagName(given);
      const key = tagKey(name);
      parseModelId(modelId);
      return writeTogether(context, async () => {
        const seq = await lookup.requireSeq(modelId, 'search.tag');
        await addTag.run({ key, name });
        const { rowsAffected } = await addModelTag.run({ key, seq });
        if (rowsAffected > 0) context.cachedPages.written();
        return rowsAffected > 0;
      });
    },
    async untag(modelId, given) {
      const key = tagKey(parseTagName(given));
      parseModelId(modelId);
      return write(context, async () => {
        const seq = await lookup.seqOf(modelId);
        if (seq === null) return false;
        const { rowsAffected } = await removeModelTag.run({ key, seq });
        if (rowsAffected > 0) context.cachedPages.written();
        return rowsAffected > 0;
      });
    },
    getTags: async (modelId) => (await getTagsOfMany([modelId])).get(modelId) ?? [],
    getTagsOfMany,
    async listTags(options) {
      refuseUnknownKeys('options', options, ['limit']);
      return mostUsed.all({ limit: wholeNumber('limit', options?.limit ?? 100, 1, 10_000) });
    },
  };
}

/** The order of the tags' keys, as the database has it. */
function inOrder(names: readonly string[]): readonly string[] {
  const keyed = names.map((name) => ({ name, key: tagKey(name) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ name }) => name);
}
