// The packages: the repositories with and without @cc/cache, and plain drizzle through @cc/tx for an application's own SQL.
import { openCacheManager } from '@cc/cache';
import { createRepositories, type Repositories } from '@cc/repositories';
import { schema } from '@cc/schema';
import { isDatabaseError, openTransactionManager, type TransactionManager } from '@cc/tx';
import type { ConnectionDurability } from '../harness/suite.js';
import { type Contender, type LibraryOperations, pageSize, writtenAt } from './contender.js';
import {
  asModelId,
  collect,
  increment,
  prepareCollect,
  prepareIncrement,
  prepareReadByKey,
  prepareReadTriangles,
  prepareTouch,
  RolledBack,
  rolledBack,
  setTriangles,
} from './own-queries.js';

/** Opens the repositories on a prepared database. */
export async function openOurs(path: string, withCache: boolean): Promise<Contender> {
  const transactions = await openTransactionManager({ url: `file:${path}`, schema });
  const cache = withCache ? await openCacheManager({ transactions }) : undefined;
  const repositories = createRepositories(transactions, { cache, now: () => writtenAt.getTime() });
  const { db } = transactions;
  const readByKey = prepareReadByKey(db);
  const collectPrepared = prepareCollect(db);
  const incrementPrepared = prepareIncrement(db);
  const touch = prepareTouch(db);
  const region = cache?.region<{ i: number }>('bench');
  return {
    library: libraryOf(repositories),
    statements: {
      readByKey: (id) => readByKey.get({ id }),
      collect: (collectionId, modelId) => transactions.transaction(() => collectPrepared(collectionId, modelId)),
      collectUnprepared: (collectionId, modelId) => transactions.transaction(() => collect(db, collectionId, modelId)),
    },
    concurrent: {
      increment: (id, otherId, pause) => transactions.transaction(() => incrementPrepared(id, otherId, pause)),
      incrementUnprepared: (id, otherId, pause) => transactions.transaction(() => increment(db, id, otherId, pause)),
      readTriangles: prepareReadTriangles(db),
      holdWrite: (id, triangles, whileOpen) =>
        rolledBack(
          transactions.transaction(async () => {
            await setTriangles(db, id, triangles);
            await whileOpen();
            throw new RolledBack();
          }),
        ),
    },
    inTransaction: (work) =>
      transactions.transaction((tx) => {
        const bound = prepareReadByKey(tx.db);
        return work({
          readByKey: (id) => readByKey.get({ id }),
          readBound: (id) => bound.get({ id }),
          touch,
          touchInSavepoint: (id) => tx.savepoint(() => touch(id)),
          touchInJoined: (id) => transactions.transaction(() => touch(id)),
        });
      }),
    ...(region && {
      getCached(times: number) {
        // Whatever the rows before have committed has emptied it: nobody tells this region of them.
        if (region.get('model-0') == null) for (let i = 0; i < 1_000; i += 1) region.set(`model-${i}`, { i });
        let hits = 0;
        for (let i = 0; i < times; i += 1) if (region.get(`model-${i % 1_000}`) != null) hits += 1;
        return hits;
      },
    }),
    durability: () => durabilityOf(transactions),
    async settle() {
      using lease = await transactions.getConnection();
      await lease.client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    async close() {
      await cache?.close();
      await transactions.close();
    },
  };
}

function libraryOf({ models, metadata, search, tags: tagsOf }: Repositories): LibraryOperations {
  return {
    async create({ model }) {
      try {
        await models.create(model);
        return 'created';
      } catch (error) {
        if (isDatabaseError(error) && error.code === 'DUPLICATE_FILE_HASH') return 'duplicate';
        throw error;
      }
    },
    read: (id) => models.read(asModelId(id)),
    async setAndReadMetadata(id, values) {
      await metadata.updateMetadata(asModelId(id), values);
      return metadata.getMetadata(asModelId(id));
    },
    async search(words, format) {
      const page = await search.searchModels(words.join(' '), { formats: [format] }, { limit: pageSize });
      return { models: page.hits.map(({ model }) => model), total: page.total };
    },
    async page(after) {
      // What the page before returned as its end.
      const { items, next } = await models.list({ limit: pageSize, after: after as string | null });
      const ids = items.map(({ id }) => id);
      const values = await metadata.getMany(ids);
      const tags = await tagsOf.getTagsOfMany(ids);
      return {
        items: items.map((model) => ({ model, metadata: values.get(model.id) ?? {}, tags: tags.get(model.id) ?? [] })),
        end: next,
      };
    },
    async createMany(items, onDuplicateHash) {
      const { created } = await models.createMany(
        items.map(({ model, metadata: values }) => ({ model, metadata: values })),
        {
          onDuplicateHash,
        },
      );
      return created;
    },
    count: (format) => models.count({ formats: [format] }),
  };
}

/** Asks the connections of a manager. */
export async function durabilityOf(
  transactions: Pick<TransactionManager, 'getConnection'>,
): Promise<readonly ConnectionDurability[]> {
  using writer = await transactions.getConnection({ mode: 'write' });
  using reader = await transactions.getConnection({ mode: 'read' });
  const found: ConnectionDurability[] = [];
  const asked = { writer: writer.client, reader: reader.client };
  for (const [connection, client] of Object.entries(asked)) {
    const journal = await client.execute('PRAGMA journal_mode');
    const synchronous = await client.execute('PRAGMA synchronous');
    found.push({
      connection,
      journalMode: String(journal.rows[0]?.['journal_mode']),
      synchronous: Number(synchronous.rows[0]?.['synchronous']),
    });
  }
  return found;
}
