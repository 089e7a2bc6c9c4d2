// The tags repository. A name has a key that makes it one tag however it is typed. Counters and the searchable text
// follow by triggers (migrations/0001_search.sql of @cc/schema): a method here writes `tags` and `model_tags` and
// nothing else.
import { models, modelTags, tags } from '@cc/schema';
import { parseModelId, parseNewTagName, parseTagName, tagKey } from '@cc/schema/validation';
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import { and, asc, desc, eq, gt, gte, inArray, lte, ne, sql } from 'drizzle-orm';
import { checkModelIds, checkText, refuseUnknownKeys, wholeNumber } from '../checks.js';
import { type Context, runInOrder, writeOnce, writeTogether, writeTogetherForLong } from '../context.js';
import type { TagRepository } from '../contract/tags.js';
import { ignoredRows } from '../rows/ignored-rows.js';
import type { ModelLookup } from '../rows/model-lookup.js';
import { cellsOf, direct, placeholderAt, readByIds } from '../statement.js';
import { afterPrefix, isBefore } from '../text/after-prefix.js';

/** Returns the tags repository over the shared context. */
export function createTagRepository(context: Context, lookup: ModelLookup): TagRepository {
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
  const named = db
    .select({ id: tags.id, name: tags.name })
    .from(tags)
    .where(eq(tags.key, sql.placeholder('key')))
    .prepare();
  // The key may be wanted again for another spelling. No key that was made of a name has a line feed.
  const setAside = db
    .update(tags)
    .set({ key: sql`${tags.key} || char(10)` })
    .where(eq(tags.id, sql.placeholder('tagId')))
    .prepare();
  const addNamed = db
    .insert(tags)
    .values({ key: sql.placeholder('key'), name: sql.placeholder('name') })
    .returning({ id: tags.id })
    .prepare();
  const keysAmong = inArray(tags.key, sql`(select value from json_each(${sql.placeholder('keys')}))`);
  const [tagId, after, last] = [sql.placeholder('tagId'), sql.placeholder('after'), sql.placeholder('last')];
  const idsAmong = db
    .select({ id: tags.id })
    .from(tags)
    .where(and(keysAmong, ne(tags.key, sql.placeholder('key'))))
    .prepare();
  const endOfSlice = db
    .select({ seq: sql<number | null>`max(seq)` })
    .from(sql`(select ${modelTags.modelSeq} as seq from ${modelTags} where ${modelTags.tagId} = ${tagId}
        and ${modelTags.modelSeq} > ${after} order by ${modelTags.modelSeq} limit ${modelsPerSlice})`)
    .prepare();
  const inSlice = and(eq(modelTags.tagId, tagId), gt(modelTags.modelSeq, after), lte(modelTags.modelSeq, last));
  const retagSlice = db
    .insert(modelTags)
    .select(sql`select ${idOfKey}, ${modelTags.modelSeq} from ${modelTags} where ${inSlice}`)
    .onConflictDoNothing()
    .prepare();
  const untagSlice = db.delete(modelTags).where(inSlice).prepare();
  const moveSlice = db
    .update(modelTags)
    .set({ tagId: sql`${sql.placeholder('to')}` })
    .where(inSlice)
    .prepare();
  const removeTags = db
    .delete(tags)
    .where(and(keysAmong, ne(tags.key, sql.placeholder('key'))))
    .prepare();
  const removeTag = db.delete(tags).where(eq(tags.id, tagId)).prepare();

  /** Calls `change` with the models that carry a tag, some at a time: triggers write each of them anew. */
  const inSlices = async (id: number, stepped: () => void, change: (slice: Slice) => Promise<void>): Promise<void> => {
    for (let from = Number.MIN_SAFE_INTEGER; ; ) {
      const end = (await endOfSlice.get({ tagId: id, after: from }))?.seq ?? null;
      if (end === null) return;
      await change({ tagId: id, after: from, last: end });
      stepped();
      from = end;
    }
  };

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
        if (isAdded) context.kept.written(written);
        // The tag is not made either for a model that is not there.
        else await lookup.requireSeq(modelId, 'tags.tag');
        return isAdded;
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
    async renameTag(given, newGiven) {
      const key = tagKey(parseTagName(given));
      const newName = parseNewTagName(newGiven);
      return writeTogetherForLong(context, async (stepped) => {
        const tag = await named.get({ key });
        if (tag === undefined || tag.name === newName) return tag !== undefined;
        await setAside.run({ tagId: tag.id });
        const made = await addNamed.get({ key: tagKey(newName), name: newName }).catch((error: unknown) => {
          throw isDatabaseError(error) && error.constraint?.kind === 'unique' ? duplicateTag(error) : error;
        });
        if (made === undefined) throw ignoredRows('tags.renameTag', 'tags');
        await inSlices(tag.id, stepped, async (slice) => void (await moveSlice.run({ ...slice, to: made.id })));
        await removeTag.run({ tagId: tag.id });
        context.kept.written({ tags: 'any' });
        return true;
      });
    },
    async mergeTags(names, given) {
      if (!Array.isArray(names)) throw new TypeError('names must be a list of tag names');
      const name = parseNewTagName(given);
      const key = tagKey(name);
      const keys = JSON.stringify(names.map((other) => tagKey(parseTagName(other))));
      return writeTogetherForLong(context, async (stepped) => {
        await addTag.run([key, name]);
        let added = 0;
        for (const { id } of await idsAmong.all({ key, keys }))
          await inSlices(id, stepped, async (slice) => {
            added += (await retagSlice.run({ ...slice, key })).rowsAffected;
            await untagSlice.run(slice);
          });
        await removeTags.run({ key, keys });
        context.kept.written({ tags: 'any' });
        return added;
      });
    },
    async deleteTag(given) {
      const key = tagKey(parseTagName(given));
      return writeTogetherForLong(context, async (stepped) => {
        const tag = await named.get({ key });
        if (tag === undefined) return false;
        await inSlices(tag.id, stepped, async (slice) => void (await untagSlice.run(slice)));
        const { rowsAffected } = await removeTag.run({ tagId: tag.id });
        if (rowsAffected > 0) context.kept.written({ tags: 'any' });
        return rowsAffected > 0;
      });
    },
  };
}

/** Models of a tag by their numbers. */
interface Slice extends Record<string, number> {
  readonly tagId: number;
  readonly after: number;
  readonly last: number;
}

/** Models that one statement writes anew: some milliseconds. */
const modelsPerSlice = 250;

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

function duplicateTag(cause: DatabaseError): DatabaseError {
  return new DatabaseError('Another tag has this name', {
    type: 'constraint',
    code: 'DUPLICATE_TAG',
    operation: 'tags.renameTag',
    hint: 'Use mergeTags to make one tag of the two',
    ...(cause.constraint && { constraint: cause.constraint }),
    cause,
  });
}
