// MikroORM on libsql, as its documentation has it: an entity manager forked for each piece of work; batches without entities.
import { type Collection, type EntityManager, EntitySchema, MikroORM, type Ref, raw } from '@mikro-orm/libsql';
import { recordOf } from './by-hand.js';
import { type Peer, type PlainModel, pageSize, partsOf, pragmas, RolledBack, rolledBack } from './contract.js';
import { searchModels } from './plain-statements.js';

type ModelRow = { -readonly [column in keyof PlainModel]: PlainModel[column] } & {
  metadata: Collection<ValueRow>;
  tags: Collection<TagRow>;
};

interface ValueRow {
  model: Ref<ModelRow>;
  key: string;
  value: string;
}

interface TagRow {
  id: number;
  name: string;
}

const tags = new EntitySchema<TagRow>({
  name: 'Tag',
  tableName: 'tags',
  properties: { id: { type: 'integer', primary: true }, name: { type: 'string' } },
});

const values: EntitySchema<ValueRow> = new EntitySchema<ValueRow>({
  name: 'Value',
  tableName: 'metadata',
  properties: {
    model: { kind: 'm:1', entity: () => models, primary: true, joinColumn: 'model_id', ref: true },
    key: { type: 'string', primary: true },
    value: { type: 'string' },
  },
});

const models: EntitySchema<ModelRow> = new EntitySchema<ModelRow>({
  name: 'Model',
  tableName: 'models',
  properties: {
    id: { type: 'string', primary: true },
    name: { type: 'string' },
    description: { type: 'string', nullable: true },
    format: { type: 'string' },
    filePath: { type: 'string', fieldName: 'file_path' },
    fileHash: { type: 'string', fieldName: 'file_hash' },
    fileSize: { type: 'integer', fieldName: 'file_size' },
    author: { type: 'string', nullable: true },
    triangles: { type: 'integer', nullable: true },
    vertices: { type: 'integer', nullable: true },
    createdAt: { type: 'integer', fieldName: 'created_at' },
    updatedAt: { type: 'integer', fieldName: 'updated_at' },
    metadata: { kind: '1:m', entity: () => values, mappedBy: 'model' },
    tags: {
      kind: 'm:n',
      entity: () => tags,
      owner: true,
      pivotTable: 'model_tags',
      joinColumn: 'model_id',
      inverseJoinColumn: 'tag_id',
    },
  },
});

/** Opens the peer. */
export async function openMikroOrm(path: string): Promise<Peer> {
  const orm = await MikroORM.init({ dbName: path, entities: [models, values, tags] });
  const connection = orm.em.getConnection();
  for (const pragma of pragmas) await connection.execute(pragma);
  const fork = (): EntityManager => orm.em.fork();
  return {
    create: (model) =>
      fork().transactional(async (em) => {
        if ((await em.count(models, { fileHash: model.fileHash })) > 0) return 'duplicate';
        em.create(models, { ...model });
        return 'created';
      }),
    async read(id) {
      const found = await fork().findOne(models, { id });
      return found && plain(found);
    },
    async setMetadata(id, record) {
      const rows = Object.entries(record).map(([key, value]) => ({ model: id, key, value }));
      await fork().upsertMany(values, rows);
    },
    readMetadata: async (id) => recordOf(await fork().find(values, { model: id }, { orderBy: { key: 'asc' } })),
    search: (match, format) => connection.execute<PlainModel[]>(searchModels, [match, format]),
    async page(after) {
      const { createdAt, id } = after ?? { createdAt: Number.MAX_SAFE_INTEGER, id: '' };
      const rows = await fork().find(
        models,
        { createdAt: { $lte: createdAt }, $or: [{ createdAt: { $lt: createdAt } }, { id: { $lt: id } }] },
        { orderBy: { createdAt: 'desc', id: 'desc' }, limit: pageSize, populate: ['metadata', 'tags'] },
      );
      return rows.map((row) => ({
        model: plain(row),
        metadata: recordOf(row.metadata.getItems()),
        tags: row.tags.getItems().map(({ name }) => name),
      }));
    },
    count: (format) => fork().count(models, { format }),
    createMany: (items) =>
      fork().transactional(async (em) => {
        const hashes = items.map(({ model }) => model.fileHash);
        if ((await em.count(models, { fileHash: { $in: hashes } })) > 0)
          throw new Error('a model has the same file content');
        for (const part of partsOf(items, 500)) {
          await em.insertMany(
            models,
            part.map(({ model }) => ({ ...model })),
          );
          const rows = part.flatMap(({ model, metadata }) =>
            Object.entries(metadata).map(([key, value]) => ({ model: model.id, key, value })),
          );
          await em.insertMany(values, rows);
        }
      }),
    increment: (id, otherId, pause) =>
      fork().transactional(async (em) => {
        const row = await em.findOneOrFail(models, { id });
        if (pause) await pause();
        row.triangles = (row.triangles ?? 0) + 1;
        await em.flush();
        await em.nativeUpdate(models, { id: otherId }, { vertices: raw<number>('vertices + 1') });
      }),
    readTriangles: async (id) => (await fork().findOneOrFail(models, { id })).triangles ?? Number.NaN,
    holdWrite: (id, triangles, whileOpen) =>
      rolledBack(
        fork().transactional(async (em) => {
          await em.nativeUpdate(models, { id }, { triangles });
          await whileOpen();
          throw new RolledBack();
        }),
      ),
    async pragma(name, where) {
      const asked = `PRAGMA ${name}`;
      const rows: Record<string, string | number>[] =
        where === 'inside' ? await fork().transactional((em) => em.execute(asked)) : await connection.execute(asked);
      return rows[0]?.[name] ?? '';
    },
    async settle() {
      await connection.execute('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close: () => orm.close(),
  };
}

/** The columns of an entity. */
function plain({ metadata: _metadata, tags: _tags, ...model }: ModelRow): PlainModel {
  return model;
}
