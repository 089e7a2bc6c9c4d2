// The models repository: checks what it is given, then hands over to the file of each task: one new model
// (new-model.ts), many (many/create-many.ts), changes and upserts (update-model.ts), equal files (duplicates.ts). Reads
// by id, path and hash are in ../rows, pages and counts in ../listing. A write notes its words (../words); after COMMIT
// what was cached is dropped.
import { performance } from 'node:perf_hooks';
import { type ModelId, models } from '@cc/schema';
import { parseModelId, parseModelInput, parseModelPatch } from '@cc/schema/validation';
import { giveTurn, nextTurn } from '@cc/tx/event-loop';
import { asc, eq, gt, sql } from 'drizzle-orm';
import { checkModelIds, checkObject, checkWatched, refuseUnknownKeys, wholeNumber } from '../checks.js';
import { type Context, writeOnce } from '../context.js';
import type { ListAllOptions, ModelCriteria, ModelRepository } from '../contract/models.js';
import { checkCriteria } from '../filter/metadata-criteria.js';
import { checkFilter } from '../filter/model-filter.js';
import { onFirstCall } from '../first-call.js';
import type { ListQuery } from '../listing/list-query.js';
import type { Listing } from '../listing/listing.js';
import type { ModelLookup } from '../rows/model-lookup.js';
import { modelCellCount, modelColumns, toModel } from '../rows/model-row.js';
import { asManyAsFit, cellsOf } from '../statement.js';
import { parseQuery } from '../text/parse-query.js';
import type { NewWords } from '../words/new-words.js';
import { checkDuplicatePolicy, policyKeys } from './duplicate-model.js';
import { createFindDuplicates } from './duplicates.js';
import { createCreateMany } from './many/create-many.js';
import { createModelInsert } from './new-model.js';
import { createModelUpdates } from './update-model.js';

/** Returns the models repository over the shared context. */
export function createModelRepository(
  context: Context,
  lookup: ModelLookup,
  listing: Listing,
  newWords: NewWords,
): ModelRepository {
  const { db } = context;
  const insert = createModelInsert(context);
  const { update, upsertByPath } = createModelUpdates(context, lookup, insert);
  const createMany = onFirstCall(() => createCreateMany(context, newWords));
  const findDuplicates = onFirstCall(() => createFindDuplicates(context));
  const remove = db
    .delete(models)
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();
  const nextBatch = db
    .select({ ...modelColumns, seq: models.seq })
    .from(models)
    .where(gt(models.seq, sql.placeholder('after')))
    .orderBy(asc(models.seq))
    .limit(sql.placeholder('limit'))
    .prepare();

  async function* readAll({ batchSize = 500, signal }: ListAllOptions) {
    let size = batchSize;
    for (let after = 0; ; ) {
      signal?.throwIfAborted();
      const from = after;
      const { answer: rows, asked } = await asManyAsFit(size, (limit) => cellsOf(nextBatch, { after: from, limit }));
      size = asked;
      for (const cells of rows) {
        yield toModel(cells);
        if (nextTurn(performance.now())) await giveTurn();
        signal?.throwIfAborted();
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < size) return;
      after = Number(last[modelCellCount]);
    }
  }

  return {
    async create(input, options = {}) {
      refuseUnknownKeys('options', options, policyKeys);
      checkDuplicatePolicy(options);
      const checked = parseModelInput(input);
      const { id } = await insert('models.create', checked, options);
      await newWords.written();
      return id;
    },
    createMany,
    read: lookup.read,
    async readMany(ids) {
      return lookup.readMany(await checkModelIds('ids', ids));
    },
    readByPath: lookup.readByPath,
    findByHash: lookup.readByHash,
    async update(id, patch, options) {
      refuseUnknownKeys('options', options, ['ifVersion']);
      const updated = await update(id, parseModelPatch(patch), options?.ifVersion);
      await newWords.written();
      return updated;
    },
    async delete(id) {
      parseModelId(id);
      const written = { models: [id], metadata: [id], tags: [id], collections: true } as const;
      const isDeleted = await writeOnce(context, written, async () => (await remove.run({ id })).rowsAffected > 0);
      if (!isDeleted) context.kept.outdated(id);
      return isDeleted;
    },
    async upsertByPath(input, options = {}) {
      refuseUnknownKeys('options', options, ['onDuplicateHash']);
      checkDuplicatePolicy(options);
      const result = await upsertByPath(parseModelInput(input), options);
      if (result.outcome !== 'unchanged') await newWords.written();
      return result;
    },
    exists: async (id: ModelId) => (await lookup.seqOf(id)) !== null,
    count: async (criteria = {}) => listing.count(checkCriteriaOf(criteria)),
    async list(options = {}) {
      refuseUnknownKeys('options', options, ['filter', 'sort', ...pageKeys]);
      return listing.page({ filter: checkFilter(options.filter) }, options.sort, options);
    },
    async search(criteria, options = {}) {
      refuseUnknownKeys('options', options, ['sort', ...pageKeys]);
      return listing.page(checkCriteriaOf(criteria), options.sort, options);
    },
    listAll(options = {}) {
      refuseUnknownKeys('options', options, ['batchSize', 'signal']);
      checkWatched(options);
      if (options.batchSize !== undefined) wholeNumber('batchSize', options.batchSize, 1, 10_000);
      return readAll(options);
    },
    async findDuplicates(options = {}) {
      refuseUnknownKeys('options', options, [...pageKeys, 'modelsPerGroup']);
      return findDuplicates(options);
    },
  };
}

/** What is asked for, checked. */
function checkCriteriaOf(criteria: ModelCriteria): ListQuery {
  const { text, metadata, ...filter } = checkObject('criteria', criteria);
  return {
    filter: checkFilter(filter),
    ...(text !== undefined && { text: parseQuery(text) }),
    ...(metadata !== undefined && { metadata: checkCriteria(metadata) }),
  };
}

/** The options of every page. */
const pageKeys: readonly string[] = ['limit', 'after'];
