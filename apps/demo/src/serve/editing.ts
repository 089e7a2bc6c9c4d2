// Editing: several models in one transaction, with the edits that take it back, or a conflict with both values and nothing written.
import { collectionModels, type JsonValue, type Model, type ModelId, models as modelsTable } from '@cc/schema';
import type { ModelPatch } from '@cc/schema/validation';
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Library } from '../library.js';
import type { Conflict, Edit, Edited } from './contract.js';
import { asked, Refused, topic } from './problem.js';
import { postEdits } from './routes.js';
import type { Serving } from './serving.js';

/** The route of edits. */
export function editingRoutes(serving: Serving) {
  return topic().openapi(postEdits, async (c) => c.json(await applyEdits(serving, c.req.valid('json').edits), 200));
}

/** Applies edits, all or none. @throws Refused 409 with the values of both when somebody was faster */
async function applyEdits({ library, feed }: Serving, edits: readonly Edit[]): Promise<Edited> {
  const { transactions, repositories } = library;
  const ids = [...new Set(edits.map(({ id }) => id as ModelId))];
  return await feed.changing((told) =>
    transactions.transaction(
      async () => {
        const before = await repositories.models.readMany(ids);
        await refuseConflicts(library, edits, before);
        const undo: Edit[] = [];
        for (const edit of edits) undo.unshift(await apply(library, edit));
        const after = await repositories.models.readMany(ids);
        const versionOf = (id: string): number => after.get(id as ModelId)?.version ?? 0;
        told(ids);
        return {
          versions: ids.map((id) => ({ id, version: versionOf(id) })),
          undo: undo.map((edit) => (isVersioned(edit) ? { ...edit, ifVersion: versionOf(edit.id) } : edit)),
        };
      },
      { label: 'edit' },
    ),
  );
}

/** Tags and collections of several people add up; fields and metadata replace one another, and count as a version. */
function isVersioned({ set, metadata }: Edit): boolean {
  return set !== undefined || metadata !== undefined;
}

async function refuseConflicts(
  library: Library,
  edits: readonly Edit[],
  before: ReadonlyMap<ModelId, Model | null>,
): Promise<void> {
  const conflicts: Conflict['conflicts'] = [];
  for (const edit of edits) {
    const id = edit.id as ModelId;
    const model = before.get(id) ?? null;
    if (model === null) conflicts.push({ id, name: null, version: null, fields: [] });
    else if (edit.ifVersion !== undefined && edit.ifVersion !== model.version) {
      const fields = await differencesOf(library, edit, model);
      conflicts.push({ id, name: model.name, version: model.version, fields });
    }
  }
  if (conflicts.length === 0) return;
  const detail = 'Somebody has changed these models meanwhile. Nothing was written: look at both values and choose.';
  throw new Refused(409, 'CONFLICT', detail, { conflicts });
}

async function differencesOf(
  { repositories }: Library,
  { set = {}, metadata = {} }: Edit,
  model: Model,
): Promise<Conflict['conflicts'][number]['fields']> {
  const values = await repositories.metadata.getMetadata(model.id);
  const pairs: [field: string, yours: JsonValue, theirs: JsonValue][] = [
    ...Object.entries(set).map(([field, yours]): [string, JsonValue, JsonValue] => [
      field,
      yours ?? null,
      valueOf(model, field),
    ]),
    ...Object.entries(metadata.set ?? {}).map(([key, yours]): [string, JsonValue, JsonValue] => [
      `metadata.${key}`,
      yours,
      Object.hasOwn(values, key) ? (values[key] ?? null) : null,
    ]),
    ...(metadata.remove ?? []).flatMap((key): [string, JsonValue, JsonValue][] =>
      Object.hasOwn(values, key) ? [[`metadata.${key}`, null, values[key] ?? null]] : [],
    ),
  ];
  return pairs
    .filter(([, yours, theirs]) => JSON.stringify(yours) !== JSON.stringify(theirs))
    .map(([field, yours, theirs]) => ({ field, yours, theirs }));
}

/** The value of an editable field, as JSON has it. */
function valueOf(model: Model, field: string): JsonValue {
  const value = Reflect.get(model, field);
  return value instanceof Date ? value.toISOString() : value;
}

/** Writes one edit and returns the one that takes it back. */
async function apply(library: Library, { id: given, set, metadata, tags, collections }: Edit): Promise<Edit> {
  const { repositories } = library;
  const id = given as ModelId;
  const undo: Edit = { id };
  if (set !== undefined || metadata !== undefined) {
    const model = await repositories.models.read(id);
    if (model === null) throw new Refused(409, 'CONFLICT', 'The model was removed meanwhile. Nothing was written.');
    // Metadata is a part of what a version is about.
    await asked(() => repositories.models.update(id, patchOf(set ?? {}, model)));
    if (set !== undefined) {
      undo.set = Object.fromEntries(Object.keys(set).map((field) => [field, valueOf(model, field)]));
    }
  }
  if (metadata !== undefined) undo.metadata = await applyMetadata(library, id, metadata);
  if (tags !== undefined) undo.tags = await applyTags(library, id, tags);
  if (collections !== undefined) undo.collections = await applyCollections(library, id, collections);
  return undo;
}

function patchOf({ name, printedAt, ...fields }: NonNullable<Edit['set']>, model: Model): ModelPatch {
  if (fields.status !== undefined && model.status === 'missing')
    throw new Refused(
      422,
      'MISSING',
      'The file of the model is gone: find it with an import, or forget the model. Nothing was written.',
    );
  return {
    ...fields,
    name: name ?? model.name,
    ...(printedAt !== undefined && { printedAt: printedAt === null ? null : new Date(printedAt) }),
  };
}

async function applyMetadata(
  { repositories: { metadata } }: Library,
  id: ModelId,
  { set = {}, remove = [] }: NonNullable<Edit['metadata']>,
): Promise<NonNullable<Edit['metadata']>> {
  const before = await metadata.getMetadata(id);
  const removed = remove.filter((key) => Object.hasOwn(before, key));
  for (const key of removed) await metadata.deleteMetadata(id, key);
  await asked(() => metadata.updateMetadata(id, set));
  const touched = [...new Set([...Object.keys(set), ...removed])];
  return {
    set: Object.fromEntries(
      touched.filter((key) => Object.hasOwn(before, key)).map((key) => [key, before[key] ?? null]),
    ),
    remove: touched.filter((key) => !Object.hasOwn(before, key)),
  };
}

async function applyTags(
  { repositories }: Library,
  id: ModelId,
  { add = [], remove = [] }: NonNullable<Edit['tags']>,
): Promise<NonNullable<Edit['tags']>> {
  const { search, tags } = repositories;
  const before = new Set(await tags.getTags(id));
  for (const name of remove) await asked(() => search.untag(id, name));
  for (const name of add) await asked(() => search.tag(id, name));
  const after = new Set(await tags.getTags(id));
  return {
    add: [...before].filter((name) => !after.has(name)),
    remove: [...after].filter((name) => !before.has(name)),
  };
}

async function applyCollections(
  library: Library,
  id: ModelId,
  { add = [], remove = [] }: NonNullable<Edit['collections']>,
): Promise<NonNullable<Edit['collections']>> {
  const { collections } = library.repositories;
  const before = await placesOf(library, id);
  for (const collection of remove) await asked(() => collections.removeModels(collection, [id]));
  for (const { id: collection, position } of add) {
    await asked(() => collections.addModels(collection, [id]));
    if (position !== undefined) await putAt(library, { id, collection, position });
  }
  const after = await placesOf(library, id);
  return {
    add: [...before].filter(([place]) => !after.has(place)).map(([place, position]) => ({ id: place, position })),
    remove: [...after.keys()].filter((place) => !before.has(place)),
  };
}

/** Where a model lies in each of its collections. */
export async function placesOf({ transactions: { db } }: Library, id: ModelId): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .select({ collection: collectionModels.collectionId, position: collectionModels.position })
    .from(collectionModels)
    .innerJoin(modelsTable, eq(modelsTable.seq, collectionModels.modelSeq))
    .where(eq(modelsTable.id, id));
  return new Map(rows.map(({ collection, position }) => [collection, position]));
}

/** Puts a model back to its place. */
export async function putAt(
  { transactions: { db } }: Library,
  { id, collection, position }: { readonly id: ModelId; readonly collection: string; readonly position: number },
): Promise<void> {
  const seq = db.select({ seq: modelsTable.seq }).from(modelsTable).where(eq(modelsTable.id, id));
  await db
    .update(collectionModels)
    .set({ position: sql`${position}` })
    .where(and(eq(collectionModels.collectionId, collection), inArray(collectionModels.modelSeq, seq)));
}
