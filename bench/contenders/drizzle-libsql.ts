// drizzle with @libsql/client as their documentation has it: what one would use without this project.
// Reads are prepared; what runs inside a transaction is built there, because a transaction has a session of its own.
import { type MetadataValueType, modelMetadata, models, schema } from '@cc/schema';
import { type Client, createClient } from '@libsql/client';
import { and, asc, desc, eq, getTableColumns, inArray, lt, or, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import type { ConnectionDurability } from '../harness/suite.js';
import {
  type Contender,
  equalPragmas,
  type LibraryOperations,
  type ModelPage,
  type NewModel,
  pageSize,
  writtenAt,
} from './contender.js';
import {
  collect,
  increment,
  prepareReadByKey,
  prepareReadTriangles,
  prepareTouch,
  RolledBack,
  rolledBack,
  setTriangles,
} from './own-queries.js';
import { storedValue, valueOf } from './stored-value.js';

/** Opens drizzle over @libsql/client. */
export async function openDrizzleLibsql(path: string): Promise<Contender> {
  const client = createClient({ url: `file:${path}` });
  for (const pragma of equalPragmas) await client.execute(pragma);
  const db = drizzle(client, { schema });
  const readByKey = prepareReadByKey(db);
  return {
    library: libraryOf(db),
    statements: {
      readByKey: (id) => readByKey.get({ id }),
      collect: (collectionId, modelId) => db.transaction((tx) => collect(tx, collectionId, modelId)),
    },
    concurrent: {
      increment: (id, otherId, pause) => db.transaction((tx) => increment(tx, id, otherId, pause)),
      readTriangles: prepareReadTriangles(db),
      holdWrite: (id, triangles, whileOpen) =>
        rolledBack(
          db.transaction(async (tx) => {
            await setTriangles(tx, id, triangles);
            await whileOpen();
            throw new RolledBack();
          }),
        ),
    },
    inTransaction: (work) =>
      db.transaction((tx) => {
        // A prepared query belongs to the session it was made by, and each transaction has a session of its own.
        const bound = prepareReadByKey(tx);
        const touch = prepareTouch(tx);
        return work({
          readByKey: (id) => bound.get({ id }),
          readBound: (id) => bound.get({ id }),
          touch,
          touchInSavepoint: (id) => tx.transaction((nested) => prepareTouch(nested)(id)),
          touchInJoined: touch,
        });
      }),
    durability: () => durabilityOf(client),
    async settle() {
      await client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    async close() {
      client.close();
    },
  };
}

/** Asks the connections of a client. */
export async function durabilityOf(client: Client): Promise<readonly ConnectionDurability[]> {
  // What drizzle's transaction() begins.
  const transaction = await client.transaction('write');
  const inside = await transaction.batch(['PRAGMA journal_mode', 'PRAGMA synchronous']);
  await transaction.commit();
  const [journal, synchronous] = await client.batch(['PRAGMA journal_mode', 'PRAGMA synchronous'], 'read');
  return [
    connectionOf('single statements', journal?.rows[0]?.[0], synchronous?.rows[0]?.[0]),
    connectionOf('transaction', inside[0]?.rows[0]?.[0], inside[1]?.rows[0]?.[0]),
  ];
}

function connectionOf(connection: string, journalMode: unknown, synchronous: unknown): ConnectionDurability {
  return { connection, journalMode: String(journalMode), synchronous: Number(synchronous) };
}

type LibsqlDatabase = ReturnType<typeof drizzle<typeof schema>>;

const {
  seq,
  tagsText: _tagsText,
  searchExtra: _searchExtra,
  nameKey: _nameKey,
  nameOrder: _nameOrder,
  sizeOctave: _sizeOctave,
  triangleOctave: _triangleOctave,
  facets: _facets,
  ...modelColumns
} = getTableColumns(models);

function libraryOf(db: LibsqlDatabase): LibraryOperations {
  const byId = db
    .select(modelColumns)
    .from(models)
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();
  const seqById = db
    .select({ seq })
    .from(models)
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();
  const valuesOfModel = db
    .select()
    .from(modelMetadata)
    .where(eq(modelMetadata.modelSeq, sql.placeholder('seq')))
    .orderBy(asc(modelMetadata.key))
    .prepare();
  const hits = db.$with('hits', { seq: sql<number>`seq`.as('seq'), score: sql<number>`score`.as('score') }).as(sql`
    select models_fts.rowid as seq, bm25(models_fts, 10, 1, 4, 6, 2, 1, 0) as score from models_fts cross join ${models}
    where models_fts match ${sql.placeholder('match')} and ${models.seq} = models_fts.rowid
      and ${models.format} = ${sql.placeholder('format')}
    order by models_fts.rowid desc limit 501`);
  const page = db
    .$with('page', { seq: sql<number>`seq`.as('seq'), score: sql<number>`score`.as('score') })
    .as(sql`select seq, score from hits order by score, seq desc limit 21`);
  const search = db
    .with(hits, page)
    .select({ ...modelColumns, total: sql<number>`(select count(*) from hits)` })
    .from(page)
    .crossJoin(models)
    .where(eq(models.seq, sql`page.seq`))
    .orderBy(sql`page.score`, sql`page.seq desc`)
    .prepare();
  const createdAt = sql`${sql.placeholder('createdAt')}`;
  const pageOfModels = db.query.models
    .findMany({
      columns: {
        tagsText: false,
        searchExtra: false,
        nameKey: false,
        nameOrder: false,
        sizeOctave: false,
        triangleOctave: false,
        facets: false,
      },
      with: { metadata: true, tags: { with: { tag: true } } },
      where: or(
        lt(models.createdAt, createdAt),
        and(eq(models.createdAt, createdAt), lt(models.seq, sql.placeholder('seq'))),
      ),
      orderBy: [desc(models.createdAt), desc(models.seq)],
      limit: pageSize,
    })
    .prepare();

  return {
    create: ({ model, searchExtra, nameKey }) =>
      db.transaction(async (tx) => {
        const other = await tx
          .select({ id: models.id })
          .from(models)
          .where(eq(models.fileHash, model.fileHash))
          .limit(1);
        if (other.length > 0) return 'duplicate';
        await tx.insert(models).values({ ...model, searchExtra, nameKey, updatedAt: writtenAt });
        return 'created';
      }),
    read: async (id) => (await byId.get({ id })) ?? null,
    async setAndReadMetadata(id, values) {
      const modelSeq = (await seqById.get({ id }))?.seq ?? 0;
      const rows = Object.entries(values).map(([key, value]) => valueRow(modelSeq, key, value));
      await db
        .insert(modelMetadata)
        .values(rows)
        .onConflictDoUpdate({
          target: [modelMetadata.modelSeq, modelMetadata.key],
          set: {
            valueType: sql`excluded.value_type`,
            valueText: sql`excluded.value_text`,
            valueNumber: sql`excluded.value_number`,
          },
        });
      return recordOf(await valuesOfModel.all({ seq: modelSeq }));
    },
    async search(words, format) {
      const match = `${words.map((word) => `"${word}"`).join(' AND ')} *`;
      // A cross join with a selection of single columns gives flat rows.
      const rows = await search.all({ match, format });
      return { models: rows.slice(0, pageSize), total: rows[0]?.total ?? 0 };
    },
    async page(after): Promise<ModelPage> {
      // What the page before returned as its end.
      const end = (after as readonly [number, number] | null) ?? [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
      const rows = await pageOfModels.execute({ createdAt: end[0], seq: end[1] });
      const last = rows.at(-1);
      return {
        items: rows.map(({ metadata, tags, ...model }) => ({
          model,
          metadata: recordOf(metadata),
          tags: tags.map(({ tag }) => tag.name),
        })),
        end: last && [last.createdAt.getTime(), last.seq],
      };
    },
    createMany: (items, onDuplicateHash) =>
      db.transaction(async (tx) => {
        if (onDuplicateHash === 'reject') {
          const hashes = items.map(({ model }) => model.fileHash);
          const there = await tx.select({ id: models.id }).from(models).where(inArray(models.fileHash, hashes));
          if (there.length > 0) throw new Error('a model has the same file content');
        }
        for (let start = 0; start < items.length; start += 500) {
          const part = items.slice(start, start + 500);
          const added = await tx
            .insert(models)
            .values(
              part.map(({ model, searchExtra, nameKey }: NewModel) => ({
                ...model,
                searchExtra,
                nameKey,
                updatedAt: writtenAt,
              })),
            )
            .returning({ seq: models.seq });
          const rows = part.flatMap(({ metadata }, i) =>
            Object.entries(metadata).map(([key, value]) => valueRow(added[i]?.seq ?? 0, key, value)),
          );
          await tx.insert(modelMetadata).values(rows);
        }
        return items.length;
      }),
  };
}

function valueRow(modelSeq: number, key: string, value: Parameters<typeof storedValue>[0]) {
  const [valueType, valueText, valueNumber] = storedValue(value);
  return { modelSeq, key, valueType, valueText, valueNumber };
}

interface StoredRow {
  readonly key: string;
  readonly valueType: MetadataValueType;
  readonly valueText: string | null;
  readonly valueNumber: number | null;
}

function recordOf(rows: readonly StoredRow[]) {
  return Object.fromEntries(
    rows.map(({ key, valueType, valueText, valueNumber }) => [key, valueOf(valueType, valueText, valueNumber)]),
  );
}
