// The reads of drizzle's two drivers, prepared once, as its documentation advises; and the writes that a transaction builds.
import { and, asc, count, desc, eq, lt, lte, or, sql } from 'drizzle-orm';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import { recordOf } from './by-hand.js';
import { type Peer, type PlainItem, pageSize } from './contract.js';
import { metadata, models, type schema } from './drizzle-tables.js';

/** drizzle over either driver. */
type Database = BaseSQLiteDatabase<'sync' | 'async', unknown, typeof schema>;

/** Prepares the reads. */
export function readsOf(
  db: Database,
): Pick<Peer, 'read' | 'readMetadata' | 'search' | 'page' | 'count' | 'readTriangles'> {
  const byId = db
    .select()
    .from(models)
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();
  const metadataOfOne = db
    .select({ key: metadata.key, value: metadata.value })
    .from(metadata)
    .where(eq(metadata.modelId, sql.placeholder('id')))
    .orderBy(asc(metadata.key))
    .prepare();
  const hits = db
    .select()
    .from(models)
    .innerJoin(sql`models_fts`, sql`models_fts.rowid = ${models}.rowid`)
    .where(and(sql`models_fts match ${sql.placeholder('match')}`, eq(models.format, sql.placeholder('format'))))
    .orderBy(sql`models_fts.rank`)
    .limit(pageSize)
    .prepare();
  const createdAt = sql`${sql.placeholder('createdAt')}`;
  const nextPage = db.query.models
    .findMany({
      with: { metadata: true, tags: { with: { tag: true } } },
      where: and(
        lte(models.createdAt, createdAt),
        or(lt(models.createdAt, createdAt), lt(models.id, sql`${sql.placeholder('id')}`)),
      ),
      orderBy: [desc(models.createdAt), desc(models.id)],
      limit: pageSize,
    })
    .prepare();
  const ofFormat = db
    .select({ models: count() })
    .from(models)
    .where(eq(models.format, sql.placeholder('format')))
    .prepare();
  const triangles = db
    .select({ triangles: models.triangles })
    .from(models)
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();
  return {
    read: async (id) => (await byId.get({ id })) ?? null,
    readMetadata: async (id) => recordOf(await metadataOfOne.all({ id })),
    search: async (match, format) => (await hits.all({ match, format })).map((row) => row.models),
    async page(after) {
      const { createdAt, id } = after ?? { createdAt: Number.MAX_SAFE_INTEGER, id: '' };
      const rows = await nextPage.execute({ createdAt, id });
      return rows.map(({ metadata: values, tags, ...model }) => ({
        model,
        metadata: recordOf(values),
        tags: tags.map(({ tag }) => tag.name),
      }));
    },
    count: async (format) => (await ofFormat.get({ format }))?.models ?? 0,
    readTriangles: async (id) => (await triangles.get({ id }))?.triangles ?? Number.NaN,
  };
}

/** Inserts or overwrites values. */
export function setValues(db: Database, id: string, values: Readonly<Record<string, string>>) {
  const rows = Object.entries(values).map(([key, value]) => ({ modelId: id, key, value }));
  return db
    .insert(metadata)
    .values(rows)
    .onConflictDoUpdate({ target: [metadata.modelId, metadata.key], set: { value: sql`excluded.value` } });
}

/** Inserts values of many models. */
export function insertValues(db: Database, items: readonly PlainItem[]) {
  return db
    .insert(metadata)
    .values(
      items.flatMap(({ model, metadata: values }) =>
        Object.entries(values).map(([key, value]) => ({ modelId: model.id, key, value })),
      ),
    );
}

/** Sets `triangles`. */
export function setTriangles(db: Database, id: string, triangles: number) {
  return db.update(models).set({ triangles }).where(eq(models.id, id));
}

/** Adds one to `vertices`. */
export function touch(db: Database, id: string) {
  return db
    .update(models)
    .set({ vertices: sql`${models.vertices} + 1` })
    .where(eq(models.id, id));
}
