// TypeORM with better-sqlite3, as its documentation has it: entity schemas, repositories, relations loaded by queries.
import type Sqlite from 'better-sqlite3';
import { DataSource, EntitySchema, In, LessThan, LessThanOrEqual } from 'typeorm';
import { recordOf } from './by-hand.js';
import { type Peer, type PlainModel, pageSize, partsOf, pragmas, RolledBack, rolledBack } from './contract.js';
import { searchModels } from './plain-statements.js';

type ModelRow = { -readonly [column in keyof PlainModel]: PlainModel[column] } & {
  metadata?: ValueRow[];
  tags?: TagRow[];
};

interface ValueRow {
  modelId: string;
  key: string;
  value: string;
  model?: ModelRow;
}

interface TagRow {
  id: number;
  name: string;
}

const tags = new EntitySchema<TagRow>({
  name: 'tags',
  columns: { id: { type: Number, primary: true }, name: { type: String } },
});

const metadata = new EntitySchema<ValueRow>({
  name: 'metadata',
  columns: {
    modelId: { type: String, primary: true, name: 'model_id' },
    key: { type: String, primary: true },
    value: { type: String },
  },
  relations: {
    model: { type: 'many-to-one', target: 'models', inverseSide: 'metadata', joinColumn: { name: 'model_id' } },
  },
});

const models = new EntitySchema<ModelRow>({
  name: 'models',
  columns: {
    id: { type: String, primary: true },
    name: { type: String },
    description: { type: String, nullable: true },
    format: { type: String },
    filePath: { type: String, name: 'file_path' },
    fileHash: { type: String, name: 'file_hash' },
    fileSize: { type: Number, name: 'file_size' },
    author: { type: String, nullable: true },
    triangles: { type: Number, nullable: true },
    vertices: { type: Number, nullable: true },
    createdAt: { type: Number, name: 'created_at' },
    updatedAt: { type: Number, name: 'updated_at' },
  },
  relations: {
    metadata: { type: 'one-to-many', target: 'metadata', inverseSide: 'model' },
    tags: {
      type: 'many-to-many',
      target: 'tags',
      joinTable: {
        name: 'model_tags',
        joinColumn: { name: 'model_id', referencedColumnName: 'id' },
        inverseJoinColumn: { name: 'tag_id', referencedColumnName: 'id' },
      },
    },
  },
});

/** Opens the peer. */
export async function openTypeorm(path: string): Promise<Peer> {
  const source = await new DataSource({
    type: 'better-sqlite3',
    database: path,
    entities: [models, metadata, tags],
    prepareDatabase(sqlite: Sqlite.Database) {
      for (const pragma of pragmas) sqlite.exec(pragma);
    },
  }).initialize();
  const library = source.getRepository(models);
  const values = source.getRepository(metadata);
  return {
    create: (model) =>
      source.transaction(async (manager) => {
        const inside = manager.getRepository(models);
        if (await inside.existsBy({ fileHash: model.fileHash })) return 'duplicate';
        await inside.insert({ ...model });
        return 'created';
      }),
    read: (id) => library.findOneBy({ id }),
    async setMetadata(id, record) {
      await values.upsert(
        Object.entries(record).map(([key, value]) => ({ modelId: id, key, value })),
        ['modelId', 'key'],
      );
    },
    readMetadata: async (id) => recordOf(await values.find({ where: { modelId: id }, order: { key: 'ASC' } })),
    search: (match, format) => source.query<PlainModel[]>(searchModels, [match, format]),
    async page(after) {
      const { createdAt, id } = after ?? { createdAt: Number.MAX_SAFE_INTEGER, id: '' };
      const rows = await library.find({
        where: [{ createdAt: LessThan(createdAt) }, { createdAt: LessThanOrEqual(createdAt), id: LessThan(id) }],
        order: { createdAt: 'DESC', id: 'DESC' },
        take: pageSize,
        relations: { metadata: true, tags: true },
        relationLoadStrategy: 'query',
      });
      return rows.map(({ metadata: found = [], tags: tagged = [], ...model }) => ({
        model,
        metadata: recordOf(found),
        tags: tagged.map(({ name }) => name),
      }));
    },
    count: (format) => library.countBy({ format }),
    createMany: (items) =>
      source.transaction(async (manager) => {
        const inside = manager.getRepository(models);
        const hashes = items.map(({ model }) => model.fileHash);
        if (await inside.existsBy({ fileHash: In(hashes) })) throw new Error('a model has the same file content');
        for (const part of partsOf(items, 500)) {
          await inside.insert(part.map(({ model }) => ({ ...model })));
          const rows = part.flatMap(({ model, metadata: record }) =>
            Object.entries(record).map(([key, value]) => ({ modelId: model.id, key, value })),
          );
          await manager.getRepository(metadata).insert(rows);
        }
      }),
    increment: (id, otherId, pause) =>
      source.transaction(async (manager) => {
        const inside = manager.getRepository(models);
        const row = await inside.findOneOrFail({ select: { id: true, triangles: true }, where: { id } });
        if (pause) await pause();
        await inside.update({ id }, { triangles: (row.triangles ?? 0) + 1 });
        await inside.increment({ id: otherId }, 'vertices', 1);
      }),
    async readTriangles(id) {
      const row = await library.findOne({ select: { id: true, triangles: true }, where: { id } });
      return row?.triangles ?? Number.NaN;
    },
    holdWrite: (id, triangles, whileOpen) =>
      rolledBack(
        source.transaction(async (manager) => {
          await manager.getRepository(models).update({ id }, { triangles });
          await whileOpen();
          throw new RolledBack();
        }),
      ),
    async pragma(name, where) {
      const asked = `PRAGMA ${name}`;
      const ask = where === 'inside' ? source.transaction((manager) => manager.query(asked)) : source.query(asked);
      // One row with one column of that name.
      const [row] = (await ask) as Record<string, string | number>[];
      return row?.[name] ?? '';
    },
    async settle() {
      await source.query('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close: () => source.destroy(),
  };
}
