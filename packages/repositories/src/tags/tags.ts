// The tags repository. A name has a key that makes it one tag however it is typed. Counters and the searchable text
// follow by triggers (migrations/0001_search.sql of @cc/schema): a method here writes `tags` and `model_tags` and
// nothing else. What changes every model of a tag is in long-changes.ts.
import { models, modelTags, tags } from '@cc/schema';
import { parseModelId, parseNewTagName, parseTagName, tagKey } from '@cc/schema/validation';
import { and, asc, desc, eq, gt, gte, inArray, sql } from 'drizzle-orm';
import { checkModelIds, checkText, refuseUnknownKeys, wholeNumber } from '../checks.js';
import { type Context, runInOrder, writeOnce, writeTogether } from '../context.js';
import type { TagRepository } from '../contract/tags.js';
import { ignoredRows } from '../rows/ignored-rows.js';
import { modelNotFound } from '../rows/model-lookup.js';
import { cellsOf, direct, placeholderAt, readByIds } from '../statement.js';
import { afterPrefix, isBefore } from '../text/after-prefix.js';
import { createLongTagChanges } from './long-changes.js';

/** Returns the tags repository over the shared context. */
export function createTagRepository(context: Context): TagRepository {
  const { db, client } = context;
  const addTag = direct(
    client,
    db
      .insert(tags)
      .values({ key: placeholderAt(0), name: placeholderAt(1) })
      .onConflictDoNothing(),
  );
  const idOfKey = db
    .select({ id: tags.id })
    .from(tags)
    .where(eq(tags.key, sql.placeholder('key')));
  const seqOfModel = sql`(select ${models.seq} from ${models} where ${models.id} = ${sql.placeholder('id')})`;
  const addModelTag = direct(
    client,
    db
      .insert(modelTags)
      .select(sql`select ${tags.id}, ${models.seq} from ${tags} cross join ${models}
        where ${tags.key} = ${placeholderAt(0)} and ${models.id} = ${placeholderAt(1)}`)
      .onConflictDoNothing(),
  );
  const removeModelTag = db
    .delete(modelTags)
    .where(and(eq(modelTags.tagId, sql`${idOfKey}`), eq(modelTags.modelSeq, seqOfModel)))
    .prepare();
  const carries = db
    .select({
      isCarried: sql<number>`exists (select 1 from ${modelTags} where ${modelTags.modelSeq} = ${models.seq}
        and ${modelTags.tagId} = ${idOfKey})`,
    })
    .from(models)
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();
  const texts = db
    .select({ id: models.id, tagsText: models.tagsText })
    .from(models)
    .where(inArray(models.id, sql`(select value from json_each(${sql.placeholder('ids')}))`))
    .prepare();
  const mostUsed = db
    .select({ name: tags.name, models: tags.modelCount })
    .from(tags)
    .where(gt(tags.modelCount, 0))
    .orderBy(desc(tags.modelCount), asc(tags.key))
    .limit(sql.placeholder('limit'))
    .prepare();
  const withPrefix = db
    .select({ name: tags.name, models: tags.modelCount })
    .from(tags)
    .where(and(gte(tags.key, sql.placeholder('from')), isBefore(tags.key, 'to'), gt(tags.modelCount, 0)))
    .orderBy(asc(tags.key))
    .limit(sql.placeholder('limit'))
    .prepare();

  const tagsOfRows = async (ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> => {
    const names = new Map<string, readonly string[]>(ids.map((id) => [id, []]));
    const read = (some: string) => cellsOf(texts, { ids: some });
    await readByIds(ids, read, (cells) => {
      if (cells[1] !== '') names.set(String(cells[0]), inOrder(String(cells[1]).split('\n')));
    });
    return names;
  };

  return {
    async tag(modelId, given) {
      const name = parseNewTagName(given);
      const key = tagKey(name);
      parseModelId(modelId);
      const written = { tags: [modelId] };
      const add = async () => (await addModelTag.run([key, modelId])).rowsAffected > 0;
      // One statement, where there are both and they do not know each other.
      if (await writeOnce(context, written, add)) return true;
      return writeTogether(context, async () => {
        const [, added] = await runInOrder(context, [addTag.bind([key, name]), addModelTag.bind([key, modelId])]);
        const isAdded = (added?.rowsAffected ?? 0) > 0;
        if (isAdded) {
          context.kept.written(written);
          return true;
        }
        // The tag is not made either for a model that is not there.
        const model = await carries.get({ key, id: modelId });
        if (model === undefined) throw modelNotFound('tags.tag');
        if (model.isCarried === 0) throw ignoredRows('tags.tag', 'model_tags');
        return false;
      });
    },
    async untag(modelId, given) {
      const key = tagKey(parseTagName(given));
      const id = parseModelId(modelId);
      const remove = async () => (await removeModelTag.run({ key, id })).rowsAffected > 0;
      return writeOnce(context, { tags: [modelId] }, remove);
    },
    async getTags(modelId) {
      const load = async () => (await tagsOfRows([parseModelId(modelId)])).get(modelId) ?? [];
      return (await context.kept.tagsOf.load(modelId, load)) ?? [];
    },
    async getTagsOfMany(modelIds) {
      return context.kept.tagsOf.loadMany(await checkModelIds('modelIds', modelIds), tagsOfRows, () => []);
    },
    async listTags(options = {}) {
      refuseUnknownKeys('options', options, ['limit', 'prefix']);
      const limit = wholeNumber('limit', options.limit ?? 100, 1, 10_000);
      const { prefix: given = '' } = options;
      const prefix = checkText('prefix', given).trimStart();
      const keys = prefix === '' ? null : keysOf(prefix);
      return context.kept.result(
        'tags',
        () => [keys?.from ?? null, limit],
        () => (keys === null ? mostUsed.all({ limit }) : withPrefix.all({ ...keys, limit })),
      );
    },
    ...createLongTagChanges(context),
  };
}

/** Returns where the keys of the tags lie whose names begin with `prefix`. */
function keysOf(prefix: string): { readonly from: string; readonly to: string | null } {
  const key = tagKey(prefix);
  // A name may go on where the prefix ends, and its sigma is then another letter: ς is the one before σ.
  return { from: key.replace(/σ$/, 'ς'), to: afterPrefix(key.replace(/ς$/, 'σ')) };
}

/** The order of the tags' keys, as the database has it. */
function inOrder(names: readonly string[]): readonly string[] {
  const keyed = names.map((name) => ({ name, key: tagKey(name) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ name }) => name);
}
