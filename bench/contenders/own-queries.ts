// The same drizzle queries for two drivers: an application's own statements, and what happens at the same time.
// They are what drizzle's documentation shows; @cc/tx and drizzle-orm/libsql run them unchanged.
import type { schema } from '@cc/schema';
import { collectionModels, collections, models } from '@cc/schema';
import { eq, sql } from 'drizzle-orm';
import type { LibSQLDatabase } from 'drizzle-orm/libsql';
import { writtenAt } from './contender.js';

/** drizzle over the library's schema, whatever runs its queries. */
export type LibraryDatabase = Pick<LibSQLDatabase<typeof schema>, 'select' | 'insert' | 'update'>;

/** Prepares the read of ten columns by key. */
export function prepareReadByKey(db: LibraryDatabase) {
  return db
    .select({
      id: models.id,
      name: models.name,
      format: models.format,
      fileName: models.fileName,
      filePath: models.filePath,
      fileHash: models.fileHash,
      fileSize: models.fileSize,
      author: models.author,
      triangles: models.triangles,
      createdAt: models.createdAt,
    })
    .from(models)
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();
}

/** Prepares the three statements that put a model into a new collection. */
export function prepareCollect(db: LibraryDatabase) {
  const seqById = db
    .select({ seq: models.seq })
    .from(models)
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();
  const addCollection = db
    .insert(collections)
    .values({ id: sql.placeholder('id'), name: sql.placeholder('id'), createdAt: writtenAt, updatedAt: writtenAt })
    .prepare();
  const addToCollection = db
    .insert(collectionModels)
    .values({ collectionId: sql.placeholder('collectionId'), modelSeq: sql.placeholder('seq') })
    .prepare();
  return async (collectionId: string, modelId: string): Promise<void> => {
    const row = await seqById.get({ id: modelId });
    await addCollection.run({ id: collectionId });
    await addToCollection.run({ collectionId, seq: row?.seq });
  };
}

/** Builds and runs the same three statements. */
export async function collect(db: LibraryDatabase, collectionId: string, modelId: string): Promise<void> {
  const row = await db
    .select({ seq: models.seq })
    .from(models)
    .where(eq(models.id, asModelId(modelId)))
    .get();
  await db
    .insert(collections)
    .values({ id: collectionId, name: collectionId, createdAt: writtenAt, updatedAt: writtenAt });
  await db.insert(collectionModels).values({ collectionId, modelSeq: row?.seq ?? 0 });
}

/** Prepares a read and, after a pause, two updates. */
export function prepareIncrement(db: LibraryDatabase) {
  const read = prepareReadTriangles(db);
  const touch = prepareTouch(db);
  const write = db
    .update(models)
    .set({ triangles: sql`${sql.placeholder('triangles')}` })
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();
  return async (id: string, otherId: string, pause?: () => Promise<unknown>): Promise<void> => {
    const triangles = await read(id);
    if (pause) await pause();
    await write.run({ id, triangles: triangles + 1 });
    await touch(otherId);
  };
}

/** Prepares the update that adds one to `vertices`. */
export function prepareTouch(db: LibraryDatabase): (id: string) => Promise<void> {
  const query = db
    .update(models)
    .set({ vertices: sql`${models.vertices} + 1` })
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();
  return async (id) => {
    await query.run({ id });
  };
}

/** Builds and runs a read and, after a pause, two updates. */
export async function increment(
  db: LibraryDatabase,
  id: string,
  otherId: string,
  pause?: () => Promise<unknown>,
): Promise<void> {
  const row = await db
    .select({ triangles: models.triangles })
    .from(models)
    .where(eq(models.id, asModelId(id)))
    .get();
  if (pause) await pause();
  await setTriangles(db, id, (row?.triangles ?? 0) + 1);
  await db
    .update(models)
    .set({ vertices: sql`${models.vertices} + 1` })
    .where(eq(models.id, asModelId(otherId)));
}

/** Builds and runs the update of `triangles`. */
export async function setTriangles(db: LibraryDatabase, id: string, triangles: number): Promise<void> {
  await db
    .update(models)
    .set({ triangles })
    .where(eq(models.id, asModelId(id)));
}

/** Prepares the read of `triangles`. */
export function prepareReadTriangles(db: LibraryDatabase): (id: string) => Promise<number> {
  const query = db
    .select({ triangles: models.triangles })
    .from(models)
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();
  return async (id) => (await query.get({ id }))?.triangles ?? Number.NaN;
}

/** An id that the suite read from the library; the brand has no runtime form. */
export function asModelId(id: string): typeof models.$inferSelect.id {
  return id as typeof models.$inferSelect.id;
}

/** Ends a transaction that is meant to be rolled back. */
export class RolledBack extends Error {}

/** Swallows the error that rolled a transaction back, and no other. */
export async function rolledBack(transaction: Promise<unknown>): Promise<void> {
  try {
    await transaction;
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
}
