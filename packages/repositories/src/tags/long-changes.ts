// Changes of a tag that reach every model with it: renamed, merged or removed, some models to a statement, as triggers write the
// searchable text of each anew. All or none, and as long as it takes.
import { modelTags, tags } from '@cc/schema';
import { parseNewTagName, parseTagName, tagKey } from '@cc/schema/validation';
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import { and, eq, gt, inArray, lte, ne, sql } from 'drizzle-orm';
import { type Context, writeTogetherForLong } from '../context.js';
import type { TagRepository } from '../contract/tags.js';
import { ignoredRows } from '../rows/ignored-rows.js';

/** Returns `renameTag`, `mergeTags` and `deleteTag`. */
export function createLongTagChanges(context: Context): Pick<TagRepository, 'renameTag' | 'mergeTags' | 'deleteTag'> {
  const { db } = context;
  const hasKey = eq(tags.key, sql.placeholder('key'));
  const idOfKey = db.select({ id: tags.id }).from(tags).where(hasKey);
  const named = db.select({ id: tags.id, name: tags.name }).from(tags).where(hasKey).prepare();
  // The key may be wanted again for another spelling. No key that was made of a name has a line feed.
  const setAside = db
    .update(tags)
    .set({ key: sql`${tags.key} || char(10)` })
    .where(eq(tags.id, sql.placeholder('tagId')))
    .prepare();
  const insert = () => db.insert(tags).values({ key: sql.placeholder('key'), name: sql.placeholder('name') });
  const addNamed = insert().returning({ id: tags.id }).prepare();
  const addUnlessThere = insert().onConflictDoNothing().prepare();
  const keysAmong = inArray(tags.key, sql`(select value from json_each(${sql.placeholder('keys')}))`);
  const [tagId, after, last] = [sql.placeholder('tagId'), sql.placeholder('after'), sql.placeholder('last')];
  const idsAmong = db
    .select({ id: tags.id })
    .from(tags)
    .where(and(keysAmong, ne(tags.key, sql.placeholder('key'))))
    .prepare();
  const endOfSlice = db
    .select({ seq: sql<number | null>`max(seq)`, models: sql<number>`count(*)` })
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
  // The others would be without a tag.
  const untagRetagged = db
    .delete(modelTags)
    .where(
      and(
        inSlice,
        sql`exists (select 1 from ${modelTags} as retagged where retagged.tag_id = ${idOfKey}
          and retagged.model_seq = ${modelTags.modelSeq})`,
      ),
    )
    .prepare();
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

  /**
   * Calls `change` with the models that carry a tag, some at a time: triggers write each of them anew. It answers from how many it has
   * taken the tag: all of them, or with the tag itself what is left would go.
   */
  const inSlices = async (
    operation: string,
    id: number,
    stepped: () => void,
    change: (slice: Slice) => Promise<{ readonly rowsAffected: number }>,
  ): Promise<void> => {
    for (let from = Number.MIN_SAFE_INTEGER; ; ) {
      const { seq: end = null, models: carriers = 0 } = (await endOfSlice.get({ tagId: id, after: from })) ?? {};
      if (end === null) return;
      requireRows(operation, 'model_tags', carriers, await change({ tagId: id, after: from, last: end }));
      stepped();
      from = end;
    }
  };

  return {
    async renameTag(given, newGiven) {
      const key = tagKey(parseTagName(given));
      const newName = parseNewTagName(newGiven);
      return writeTogetherForLong(context, async (stepped) => {
        const tag = await named.get({ key });
        if (tag === undefined || tag.name === newName) return tag !== undefined;
        requireRows('tags.renameTag', 'tags', 1, await setAside.run({ tagId: tag.id }));
        const made = await addNamed.get({ key: tagKey(newName), name: newName }).catch((error: unknown) => {
          throw isDatabaseError(error) && error.constraint?.kind === 'unique' ? duplicateTag(error) : error;
        });
        if (made === undefined) throw ignoredRows('tags.renameTag', 'tags');
        await inSlices('tags.renameTag', tag.id, stepped, (slice) => moveSlice.run({ ...slice, to: made.id }));
        requireRows('tags.renameTag', 'tags', 1, await removeTag.run({ tagId: tag.id }));
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
        await addUnlessThere.run({ key, name });
        let added = 0;
        const merged = await idsAmong.all({ key, keys });
        for (const { id } of merged)
          await inSlices('tags.mergeTags', id, stepped, async (slice) => {
            added += (await retagSlice.run({ ...slice, key })).rowsAffected;
            return untagRetagged.run({ ...slice, key });
          });
        requireRows('tags.mergeTags', 'tags', merged.length, await removeTags.run({ key, keys }));
        context.kept.written({ tags: 'any' });
        return added;
      });
    },
    async deleteTag(given) {
      const key = tagKey(parseTagName(given));
      return writeTogetherForLong(context, async (stepped) => {
        const tag = await named.get({ key });
        if (tag === undefined) return false;
        await inSlices('tags.deleteTag', tag.id, stepped, (slice) => untagSlice.run(slice));
        requireRows('tags.deleteTag', 'tags', 1, await removeTag.run({ tagId: tag.id }));
        context.kept.written({ tags: 'any' });
        return true;
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

/** Refuses a change of fewer rows than there are. @throws DatabaseError `ROWS_IGNORED` */
function requireRows(
  operation: string,
  table: string,
  rows: number,
  { rowsAffected }: { readonly rowsAffected: number },
): void {
  if (rowsAffected !== rows) throw ignoredRows(operation, table);
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
