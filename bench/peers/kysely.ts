// Kysely with better-sqlite3, as its documentation has it.
import Sqlite from 'better-sqlite3';
import { type Generated, Kysely, ParseJSONResultsPlugin, SqliteDialect, sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/sqlite';
import { recordOf } from './by-hand.js';
import {
  type Peer,
  type PlainItem,
  type PlainModel,
  pageSize,
  partsOf,
  pragmas,
  RolledBack,
  rolledBack,
} from './contract.js';
import { columns } from './plain-statements.js';

interface Tables {
  models: {
    id: string;
    name: string;
    description: string | null;
    format: string;
    file_path: string;
    file_hash: string;
    file_size: number;
    author: string | null;
    triangles: number | null;
    vertices: number | null;
    created_at: number;
    updated_at: number;
  };
  metadata: { model_id: string; key: string; value: string };
  tags: { id: Generated<number>; name: string };
  model_tags: { model_id: string; tag_id: number };
}

const named = [
  'models.id',
  'models.name',
  'models.description',
  'models.format',
  'models.file_path as filePath',
  'models.file_hash as fileHash',
  'models.file_size as fileSize',
  'models.author',
  'models.triangles',
  'models.vertices',
  'models.created_at as createdAt',
  'models.updated_at as updatedAt',
] as const;

/** Opens the peer. */
export function openKysely(path: string): Peer {
  const sqlite = new Sqlite(path);
  for (const pragma of pragmas) sqlite.exec(pragma);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }) });
  const withJson = db.withPlugin(new ParseJSONResultsPlugin());
  return {
    create: (model) =>
      db.transaction().execute(async (trx) => {
        const other = await trx
          .selectFrom('models')
          .select('id')
          .where('file_hash', '=', model.fileHash)
          .executeTakeFirst();
        if (other !== undefined) return 'duplicate';
        await trx.insertInto('models').values(rowOf(model)).execute();
        return 'created';
      }),
    read: async (id) => (await db.selectFrom('models').select(named).where('id', '=', id).executeTakeFirst()) ?? null,
    async setMetadata(id, values) {
      await db
        .insertInto('metadata')
        .values(Object.entries(values).map(([key, value]) => ({ model_id: id, key, value })))
        .onConflict((conflict) =>
          conflict.columns(['model_id', 'key']).doUpdateSet(({ ref }) => ({ value: ref('excluded.value') })),
        )
        .execute();
    },
    readMetadata: async (id) =>
      recordOf(
        await db.selectFrom('metadata').select(['key', 'value']).where('model_id', '=', id).orderBy('key').execute(),
      ),
    async search(match, format) {
      const { rows } = await sql<PlainModel>`select ${sql.raw(columns)} from models_fts
        join models on models.rowid = models_fts.rowid
        where models_fts match ${match} and models.format = ${format} order by models_fts.rank limit 20`.execute(db);
      return rows;
    },
    async page(after) {
      const { createdAt, id } = after ?? { createdAt: Number.MAX_SAFE_INTEGER, id: '' };
      const rows = await withJson
        .selectFrom('models')
        .select(named)
        .select((where) => [
          jsonArrayFrom(
            where
              .selectFrom('metadata')
              .select(['metadata.key', 'metadata.value'])
              .whereRef('metadata.model_id', '=', 'models.id'),
          ).as('values'),
          jsonArrayFrom(
            where
              .selectFrom('model_tags')
              .innerJoin('tags', 'tags.id', 'model_tags.tag_id')
              .select('tags.name')
              .whereRef('model_tags.model_id', '=', 'models.id'),
          ).as('tags'),
        ])
        .where('created_at', '<=', createdAt)
        .where((where) => where.or([where('created_at', '<', createdAt), where('models.id', '<', id)]))
        .orderBy('created_at', 'desc')
        .orderBy('models.id', 'desc')
        .limit(pageSize)
        .execute();
      return rows.map(({ values, tags, ...model }) => ({
        model,
        // The plugin parses whatever looks like JSON, a value that is a list or an object too.
        metadata: recordOf(
          values.map(({ key, value }) => ({ key, value: typeof value === 'string' ? value : JSON.stringify(value) })),
        ),
        tags: tags.map(({ name }) => name),
      }));
    },
    async count(format) {
      const { models } = await db
        .selectFrom('models')
        .select((of) => of.fn.countAll<number>().as('models'))
        .where('format', '=', format)
        .executeTakeFirstOrThrow();
      return models;
    },
    createMany: (items) =>
      db.transaction().execute(async (trx) => {
        const hashes = items.map(({ model }) => model.fileHash);
        const other = await trx.selectFrom('models').select('id').where('file_hash', 'in', hashes).executeTakeFirst();
        if (other !== undefined) throw new Error('a model has the same file content');
        for (const part of partsOf(items, 500)) {
          await trx
            .insertInto('models')
            .values(part.map(({ model }) => rowOf(model)))
            .execute();
          await trx.insertInto('metadata').values(valuesOf(part)).execute();
        }
      }),
    increment: (id, otherId, pause) =>
      db.transaction().execute(async (trx) => {
        const { triangles } = await trx
          .selectFrom('models')
          .select('triangles')
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        if (pause) await pause();
        await trx
          .updateTable('models')
          .set({ triangles: (triangles ?? 0) + 1 })
          .where('id', '=', id)
          .execute();
        await trx
          .updateTable('models')
          .set((of) => ({ vertices: of('vertices', '+', 1) }))
          .where('id', '=', otherId)
          .execute();
      }),
    async readTriangles(id) {
      const row = await db.selectFrom('models').select('triangles').where('id', '=', id).executeTakeFirst();
      return row?.triangles ?? Number.NaN;
    },
    holdWrite: (id, triangles, whileOpen) =>
      rolledBack(
        db.transaction().execute(async (trx) => {
          await trx.updateTable('models').set({ triangles }).where('id', '=', id).execute();
          await whileOpen();
          throw new RolledBack();
        }),
      ),
    pragma: (name) => sqlite.pragma(name, { simple: true }) as string | number,
    settle() {
      sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close: () => db.destroy(),
  };
}

function rowOf(model: PlainModel): Tables['models'] {
  return {
    id: model.id,
    name: model.name,
    description: model.description,
    format: model.format,
    file_path: model.filePath,
    file_hash: model.fileHash,
    file_size: model.fileSize,
    author: model.author,
    triangles: model.triangles,
    vertices: model.vertices,
    created_at: model.createdAt,
    updated_at: model.updatedAt,
  };
}

function valuesOf(items: readonly PlainItem[]): Tables['metadata'][] {
  return items.flatMap(({ model, metadata }) =>
    Object.entries(metadata).map(([key, value]) => ({ model_id: model.id, key, value })),
  );
}
