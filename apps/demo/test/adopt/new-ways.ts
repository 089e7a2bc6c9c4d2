// The new ways of docs/migration-guide.md, word for word: typechecked with the tests of this folder, and run by
// migration-guide.test.ts.
import { openCacheManager } from '@cc/cache';
import { createHealthMonitor } from '@cc/health';
import { createRepositories } from '@cc/repositories';
import { type MetadataValue, type ModelId, schema } from '@cc/schema';
import type { ModelInput, ModelPatch } from '@cc/schema/validation';
import { createErrorHandler, isDatabaseError, openTransactionManager } from '@cc/tx';

export async function openDatabase(url: string) {
  const transactions = await openTransactionManager({ url, schema, pragmas: { recursive_triggers: true } });
  const cache = await openCacheManager({ transactions });
  const { models, metadata, search } = createRepositories(transactions, { cache });
  return { transactions, cache, models, metadata, search };
}

type Database = Awaited<ReturnType<typeof openDatabase>>;

export async function getModel({ models }: Database, id: ModelId) {
  return await models.read(id);
}

export async function createModel({ models }: Database, input: ModelInput) {
  return await models.create(input);
}

export async function getMetadata({ metadata }: Database, id: ModelId) {
  return await metadata.getMetadata(id);
}

export async function addMetadata({ metadata }: Database, id: ModelId, values: Record<string, MetadataValue>) {
  await metadata.addMetadata(id, values);
}

export async function searchModels({ search }: Database, query: string) {
  const { hits } = await search.searchModels(query, { formats: ['stl'] }, { limit: 20 });
  return hits.map(({ model }) => model);
}

export async function updateBoth(
  { transactions, models, metadata }: Database,
  id: ModelId,
  patch: ModelPatch,
  values: Record<string, MetadataValue>,
) {
  await transactions.transaction(async () => {
    await models.update(id, patch);
    await metadata.updateMetadata(id, values);
  });
}

export async function readWithRecovery({ transactions, models }: Database, id: ModelId) {
  const errors = createErrorHandler(transactions);
  try {
    return await errors.run(() => models.read(id));
  } catch (error) {
    if (isDatabaseError(error)) console.error(`${error.code}: ${error.message} ${error.hint}`);
    throw error;
  }
}

export async function watch({ transactions, cache }: Database) {
  const health = createHealthMonitor(transactions, { cacheStats: () => cache.getCacheStats() });
  health.onAlert((alert) => console.warn(alert.reason));
  await health.startMonitoring();
  return health;
}

export async function timings({ transactions, models, search }: Database, id: ModelId) {
  const health = createHealthMonitor(transactions);
  const reads = await health.measure('100 reads', async () => {
    for (let i = 0; i < 100; i += 1) await models.read(id);
  });
  const searches = await health.measure('50 searches', async () => {
    for (let i = 0; i < 50; i += 1) await search.searchModels('test');
  });
  return { readsMs: reads.durationMs, searchesMs: searches.durationMs };
}
