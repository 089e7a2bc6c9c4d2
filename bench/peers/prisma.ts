// Prisma with one of its driver adapters, as its documentation has it: nested selects, interactive transactions.
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaClient } from '@prisma/client';
import { recordOf } from './by-hand.js';
import { type Peer, type PlainModel, pageSize, partsOf, pragmas, RolledBack, rolledBack } from './contract.js';
import { searchModels } from './plain-statements.js';

interface ModelRow extends Omit<PlainModel, 'createdAt' | 'updatedAt'> {
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Opens the peer on `engine`. */
export async function openPrisma(path: string, engine: 'better-sqlite3' | 'libsql'): Promise<Peer> {
  const url = `file:${path}`;
  const format = { timestampFormat: 'unixepoch-ms' } as const;
  const adapter = engine === 'libsql' ? new PrismaLibSql({ url }, format) : new PrismaBetterSqlite3({ url }, format);
  const client = new PrismaClient({ adapter });
  for (const pragma of pragmas) await client.$queryRawUnsafe(pragma);
  return {
    create: (model) =>
      client.$transaction(async (tx) => {
        const other = await tx.model.findFirst({ select: { id: true }, where: { fileHash: model.fileHash } });
        if (other !== null) return 'duplicate';
        await tx.model.create({ data: rowOf(model) });
        return 'created';
      }),
    async read(id) {
      const row = await client.model.findUnique({ where: { id } });
      return row && modelOf(row);
    },
    async setMetadata(modelId, record) {
      await client.$transaction(
        Object.entries(record).map(([key, value]) =>
          client.value.upsert({
            where: { modelId_key: { modelId, key } },
            create: { modelId, key, value },
            update: { value },
          }),
        ),
      );
    },
    readMetadata: async (modelId) =>
      recordOf(await client.value.findMany({ where: { modelId }, orderBy: { key: 'asc' } })),
    search: (match, modelFormat) => client.$queryRawUnsafe<PlainModel[]>(searchModels, match, modelFormat),
    async page(after) {
      const { createdAt, id } = after ?? { createdAt: 8.64e15, id: '' };
      const rows = await client.model.findMany({
        where: {
          createdAt: { lte: new Date(createdAt) },
          OR: [{ createdAt: { lt: new Date(createdAt) } }, { id: { lt: id } }],
        },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: pageSize,
        include: { metadata: true, tags: { include: { tag: true } } },
      });
      return rows.map(({ metadata, tags, ...row }) => ({
        model: modelOf(row),
        metadata: recordOf(metadata),
        tags: tags.map(({ tag }) => tag.name),
      }));
    },
    count: (modelFormat) => client.model.count({ where: { format: modelFormat } }),
    createMany: (items) =>
      client.$transaction(async (tx) => {
        const fileHash = { in: items.map(({ model }) => model.fileHash) };
        const other = await tx.model.findFirst({ select: { id: true }, where: { fileHash } });
        if (other !== null) throw new Error('a model has the same file content');
        for (const part of partsOf(items, 500)) {
          await tx.model.createMany({ data: part.map(({ model }) => rowOf(model)) });
          const rows = part.flatMap(({ model, metadata }) =>
            Object.entries(metadata).map(([key, value]) => ({ modelId: model.id, key, value })),
          );
          await tx.value.createMany({ data: rows });
        }
      }),
    increment: (id, otherId, pause) =>
      client.$transaction(
        async (tx) => {
          const row = await tx.model.findUniqueOrThrow({ select: { triangles: true }, where: { id } });
          if (pause) await pause();
          await tx.model.update({ where: { id }, data: { triangles: (row.triangles ?? 0) + 1 } });
          await tx.model.update({ where: { id: otherId }, data: { vertices: { increment: 1 } } });
        },
        // Its defaults of 2 and 5 s are meant for fewer at once.
        { maxWait: 60_000, timeout: 60_000 },
      ),
    readTriangles: async (id) =>
      (await client.model.findUnique({ select: { triangles: true }, where: { id } }))?.triangles ?? Number.NaN,
    holdWrite: (id, triangles, whileOpen) =>
      rolledBack(
        client.$transaction(async (tx) => {
          await tx.model.update({ where: { id }, data: { triangles } });
          await whileOpen();
          throw new RolledBack();
        }),
      ),
    async pragma(name, where) {
      const asked = `PRAGMA ${name}`;
      // One row with one column of that name.
      type Rows = Record<string, string | number | bigint>[];
      const rows =
        where === 'inside'
          ? await client.$transaction((tx) => tx.$queryRawUnsafe<Rows>(asked))
          : await client.$queryRawUnsafe<Rows>(asked);
      const value = rows[0]?.[name] ?? '';
      return typeof value === 'bigint' ? Number(value) : value;
    },
    async settle() {
      await client.$queryRawUnsafe('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close: () => client.$disconnect(),
  };
}

function rowOf(model: PlainModel): ModelRow {
  return { ...model, createdAt: new Date(model.createdAt), updatedAt: new Date(model.updatedAt) };
}

function modelOf(row: ModelRow): PlainModel {
  return { ...row, createdAt: row.createdAt.getTime(), updatedAt: row.updatedAt.getTime() };
}
