// One batch of createMany inside its transaction: what is in the way, then models, metadata and tags in multi-row statements.
import { type ModelId, modelMetadata, models, modelTags, tags } from '@cc/schema';
import { inArray, or, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import { byShape, placeholderAt, positional, type Statement, statement } from '../statement.js';
import type { CheckedItem } from './create-many.js';
import type { CreateManyOptions, CreateResult } from './model-repository.js';
import { newModelPlaceholders, newModelRow, newModelValueCount, newModelValues } from './model-row.js';
import { duplicateModel } from './new-model.js';

type BatchWriter = (
  batch: readonly CheckedItem[],
  at: Date,
  options: CreateManyOptions,
) => Promise<readonly CreateResult[]>;

const operation = 'models.createMany';
/** 30 columns to a model and 5 to a metadata row: a few hundred values to a statement, where a longer one gains nothing. */
const modelsPerInsert = 20;
const metadataPerInsert = 100;

/** Returns what writes one batch of new models with their metadata and tags. */
export function createBatchWriter(context: Context): BatchWriter {
  const { db } = context;
  const inserts = byShape<Statement<unknown, unknown, unknown>>();
  const insertModels = (size: number) =>
    inserts(`models ${size}`, () => {
      const width = 1 + newModelValueCount;
      const rows = Array.from({ length: size }, (_, i) => ({
        seq: placeholderAt(i * width),
        ...newModelPlaceholders(i * width + 1),
      }));
      return statement(operation, db.insert(models).values(rows).prepare());
    });
  const insertMetadata = (size: number) =>
    inserts(`metadata ${size}`, () => {
      const rows = Array.from({ length: size }, (_, i) => ({
        modelSeq: placeholderAt(5 * i),
        key: placeholderAt(5 * i + 1),
        valueType: placeholderAt(5 * i + 2),
        valueText: placeholderAt(5 * i + 3),
        valueNumber: placeholderAt(5 * i + 4),
      }));
      return statement(operation, db.insert(modelMetadata).values(rows).prepare());
    });
  const among = (name: string) => sql`(select value from json_each(${sql.placeholder(name)}))`;
  const inTheWay = statement(
    operation,
    db
      .select({ id: models.id, filePath: models.filePath, fileHash: models.fileHash })
      .from(models)
      .where(
        or(
          inArray(models.id, among('ids')),
          inArray(models.filePath, among('filePaths')),
          inArray(models.fileHash, among('fileHashes')),
        ),
      )
      .prepare(),
  );
  const lastSeq = statement(
    operation,
    db.select({ seq: sql<number>`seq` }).from(sql`sqlite_sequence`).where(sql`name = 'models'`).prepare(),
  );
  const addTags = statement(
    operation,
    db
      .insert(tags)
      // The unused columns are there because drizzle inserts from a selection of all of them.
      .select(sql`select null, value ->> 0, value ->> 1, 0 from json_each(${sql.placeholder('tags')}) where true`)
      .onConflictDoNothing()
      .prepare(),
  );
  const tagsByKey = statement(
    operation,
    db
      .select({ id: tags.id, key: tags.key, name: tags.name })
      .from(tags)
      .where(inArray(tags.key, among('keys')))
      .prepare(),
  );
  const addModelTags = statement(
    operation,
    db
      .insert(modelTags)
      .select(sql`select value ->> 0, value ->> 1 from json_each(${sql.placeholder('pairs')})`)
      .prepare(),
  );

  const readTags = async (batch: readonly CheckedItem[]) => {
    const names = new Map<string, string>();
    for (const item of batch) for (const [key, name] of item.tags) if (!names.has(key)) names.set(key, name);
    if (names.size === 0) return new Map<string, { id: number; key: string; name: string }>();
    await addTags.run({ tags: JSON.stringify([...names]) });
    const rows = await tagsByKey.all({ keys: JSON.stringify([...names.keys()]) });
    return new Map(rows.map((row) => [row.key, row]));
  };

  return async (batch, at, options) => {
    const results = await findConflicts(batch, options, inTheWay);
    const added = batch.filter((_item, i) => results[i]?.outcome === 'created');
    const tagRows = await readTags(added);
    // The write lock is held, so the numbers after the last one given out are free: metadata needs them at once.
    const firstSeq = ((await lastSeq.get())?.seq ?? 0) + 1;

    const modelRow = (item: CheckedItem, i: number) => {
      const names = [...item.tags.keys()].sort().map((key) => tagRows.get(key)?.name ?? '');
      return [firstSeq + i, ...newModelValues(newModelRow(item.model, item.id, at, names))];
    };
    for (let start = 0; start < added.length; start += modelsPerInsert) {
      const part = added.slice(start, start + modelsPerInsert);
      await insertModels(part.length).run(positional(part.flatMap((item, i) => modelRow(item, start + i))));
    }
    const metadata = added.flatMap((item, i) => item.metadata.map((row) => ({ seq: firstSeq + i, row })));
    for (let start = 0; start < metadata.length; start += metadataPerInsert) {
      const part = metadata.slice(start, start + metadataPerInsert);
      const values = part.flatMap(({ seq, row }) => [seq, row.key, row.valueType, row.valueText, row.valueNumber]);
      await insertMetadata(part.length).run(positional(values));
    }
    const pairs = added.flatMap((item, i) =>
      [...item.tags.keys()].map((key) => [tagRows.get(key)?.id ?? 0, firstSeq + i] as const),
    );
    if (pairs.length > 0) await addModelTags.run({ pairs: JSON.stringify(pairs) });

    const ids = added.map((item) => item.id);
    context.cachedModels.written(ids);
    context.cachedMetadata.written(ids);
    context.cachedPages.written();
    return results;
  };
}

type Conflict = NonNullable<CreateResult['conflict']>;

/** Says for each item whether it can be added, looking at the library and at the items before it in the batch. */
async function findConflicts(
  batch: readonly CheckedItem[],
  { onConflict, onDuplicateHash }: CreateManyOptions,
  inTheWay: Statement<{ id: ModelId; filePath: string; fileHash: string }[], unknown, unknown>,
): Promise<readonly CreateResult[]> {
  const hashesCount = onDuplicateHash !== 'allow';
  const taken = {
    id: new Map<string, ModelId>(),
    filePath: new Map<string, ModelId>(),
    fileHash: new Map<string, ModelId>(),
  };
  const take = (id: ModelId, filePath: string, fileHash: string): void => {
    taken.id.set(id, id);
    taken.filePath.set(filePath, id);
    if (hashesCount && !taken.fileHash.has(fileHash)) taken.fileHash.set(fileHash, id);
  };
  const there = await inTheWay.all({
    ids: JSON.stringify(batch.flatMap((item) => item.model.id ?? [])),
    filePaths: JSON.stringify(batch.map((item) => item.model.filePath)),
    fileHashes: JSON.stringify(hashesCount ? batch.map((item) => item.model.fileHash) : []),
  });
  for (const row of there) take(row.id, row.filePath, row.fileHash);

  return batch.map(({ index, id, model }): CreateResult => {
    const conflictWith = (conflict: Conflict, value: string): CreateResult | undefined => {
      const existing = taken[conflict].get(value);
      if (existing === undefined) return undefined;
      if (onConflict !== 'skip') {
        throw duplicateModel(conflict, operation, `Model ${existing} is in the way of item ${index}. `);
      }
      return { index, outcome: 'skipped', id: existing, conflict };
    };
    const skipped =
      conflictWith('id', id) ?? conflictWith('filePath', model.filePath) ?? conflictWith('fileHash', model.fileHash);
    if (skipped !== undefined) return skipped;
    take(id, model.filePath, model.fileHash);
    return { index, outcome: 'created', id, conflict: null };
  });
}
