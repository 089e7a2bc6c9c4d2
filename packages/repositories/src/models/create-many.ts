// Adding many models: batches in transactions, a few multi-row statements to a batch (write-batch.ts), results to each row.
import { setImmediate } from 'node:timers/promises';
import type { ModelId } from '@cc/schema';
import {
  type ModelInput,
  parseMetadataKey,
  parseMetadataValue,
  parseModelId,
  parseModelInput,
  parseTagName,
  tagKey,
} from '@cc/schema/validation';
import { type Context, writeTogether } from '../context.js';
import { refuseUnknownKeys, wholeNumber } from '../known-keys.js';
import { toColumns, type ValueColumns } from '../metadata/value.js';
import type { CreateManyOptions, CreateResult, ModelRepository, NewModel } from './model-repository.js';
import { checkDuplicatePolicy } from './new-model.js';
import { createBatchWriter } from './write-batch.js';

/** What `createMany` does when it is not told otherwise. */
export const createManyDefaults = Object.freeze({ batchSize: 1_000, onConflict: 'reject', onDuplicateHash: 'reject' });

/** One checked item. */
export interface CheckedItem {
  readonly index: number;
  readonly id: ModelId;
  readonly model: ModelInput;
  readonly metadata: readonly (ValueColumns & { readonly key: string })[];
  /** First spellings by key. */
  readonly tags: ReadonlyMap<string, string>;
}

/** Returns `createMany`: batches of new models, each written in one transaction. */
export function createCreateMany(context: Context): ModelRepository['createMany'] {
  const writeBatch = createBatchWriter(context);

  return async (items, options = {}) => {
    refuseUnknownKeys('options', options, optionKeys);
    checkDuplicatePolicy(options);
    checkConflictPolicy(options);
    const { signal, onProgress } = options;
    const batchSize = wholeNumber('batchSize', options.batchSize ?? createManyDefaults.batchSize, 1, 10_000);
    const sum = { created: 0, skipped: 0 };

    const flush = async (batch: readonly CheckedItem[]): Promise<void> => {
      signal?.throwIfAborted();
      const at = context.now();
      const results: readonly CreateResult[] = await writeTogether(context, () => writeBatch(batch, at, options));
      for (const { outcome } of results) sum[outcome] += 1;
      await onProgress?.({ ...sum, results });
      // Statements of a local database end without a turn of the event loop: others get theirs between two batches.
      await setImmediate();
    };

    let batch: CheckedItem[] = [];
    let index = 0;
    for await (const item of items) {
      batch.push(check(item, index, context));
      index += 1;
      if (batch.length < batchSize) continue;
      await flush(batch);
      batch = [];
    }
    if (batch.length > 0) await flush(batch);
    return sum;
  };
}

const optionKeys = ['batchSize', 'onConflict', 'onDuplicateHash', 'signal', 'onProgress'];

function checkConflictPolicy({ onConflict }: CreateManyOptions): void {
  if (onConflict === undefined || onConflict === 'reject' || onConflict === 'skip') return;
  throw new TypeError(`onConflict must be 'reject' or 'skip'`);
}

function check(item: NewModel, index: number, context: Context): CheckedItem {
  try {
    refuseUnknownKeys('item', item, ['model', 'metadata', 'tags']);
    const model = parseModelInput(item.model);
    const metadata = Object.entries(item.metadata ?? {}).map(([key, value]) => ({
      key: parseMetadataKey(key),
      ...toColumns(parseMetadataValue(value)),
    }));
    const tags = new Map<string, string>();
    for (const given of item.tags ?? []) {
      const name = parseTagName(given);
      if (!tags.has(tagKey(name))) tags.set(tagKey(name), name);
    }
    return { index, id: model.id ?? parseModelId(context.newId()), model, metadata, tags };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TypeError(`item ${index}: ${error.message}`, { cause: error });
  }
}
