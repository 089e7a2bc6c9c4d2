// Adding many models: items are checked one by one (new-item.ts), and written in batches (write-batch.ts), each of them a
// transaction; results to each item, and a place to go on from when a run ends early.
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { giveTurn, nextTurn } from '@cc/tx/event-loop';
import { checkWatched, refuseUnknownKeys, wholeNumber } from '../../checks.js';
import { type Context, writeTogether } from '../../context.js';
import type { CreateManyOptions, CreateResult, ModelRepository, NewModel } from '../../contract/models.js';
import type { NewWords } from '../../words/new-words.js';
import { checkDuplicatePolicy, oneOf, policyKeys } from '../duplicate-model.js';
import { untilAborted } from './abortable.js';
import type { BatchPolicy } from './batch-conflicts.js';
import { type CheckedItem, checkItem } from './new-item.js';
import { createBatchWriter } from './write-batch.js';

/** What `createMany` does when it is not told otherwise. */
export const createManyDefaults = Object.freeze({
  batchSize: 1_000,
  onConflict: 'reject',
  onDuplicateHash: 'reject',
  onDuplicatePath: 'reject',
  onInvalid: 'reject',
  startAt: 0,
});

/** Long texts in a batch: bounds its memory whatever the items hold. */
const maxBatchChars = 4_000_000;

/** Returns `createMany`. */
export function createCreateMany(context: Context, newWords: NewWords): ModelRepository['createMany'] {
  const writer = createBatchWriter(context, newWords);

  return async (items, options = {}) => {
    if (!isIterable(items))
      throw new TypeError('items must be a list, or anything else that can be iterated, async or not');
    const { policy, batchSize, startAt, skipInvalid } = checkOptions(options);
    const { signal, onProgress } = options;
    const sum = { created: 0, skipped: 0, invalid: 0 };
    let batch: CheckedItem[] = [];
    let invalid: CreateResult[] = [];
    let chars = 0;
    let done = 0;

    const write = async (at: Date): Promise<readonly CreateResult[]> => {
      try {
        return await writeTogether(context, () => writer.write(batch, at, policy));
      } catch (error) {
        throw await writer.explain(error, batch, policy);
      }
    };
    const flush = async (): Promise<void> => {
      signal?.throwIfAborted();
      const at = context.now();
      const written = batch.length === 0 ? [] : await write(at);
      const results = invalid.length === 0 ? written : inOrder([...written, ...invalid]);
      for (const { outcome } of results) sum[outcome] += 1;
      batch = [];
      invalid = [];
      chars = 0;
      await onProgress?.({ ...sum, done, results });
      // Whatever time it took: others get their turn between two batches.
      await setImmediate();
    };

    /** Takes one in; returns what to wait for, if there is something: most items have nothing, and a wait costs more than they do. */
    const take = (item: NewModel): Promise<void> | undefined => {
      const index = done;
      done += 1;
      if (index < startAt) return undefined;
      try {
        const checked = checkItem(item, index, context.newId);
        batch.push(checked);
        chars += checked.chars;
      } catch (error) {
        if (!skipInvalid || !(error instanceof TypeError)) throw error;
        invalid.push({ index, outcome: 'invalid', error });
      }
      return batch.length + invalid.length >= batchSize || chars >= maxBatchChars ? flush() : undefined;
    };
    if (Array.isArray(items)) {
      for (const item of items as readonly NewModel[]) {
        signal?.throwIfAborted();
        if (nextTurn(performance.now())) await giveTurn();
        const written = take(item);
        if (written !== undefined) await written;
      }
    } else {
      for await (const item of untilAborted(items, signal)) {
        if (nextTurn(performance.now())) await giveTurn();
        await take(item);
      }
    }
    if (batch.length + invalid.length > 0) await flush();
    await newWords.caughtUp();
    return sum;
  };
}

const optionKeys = ['batchSize', 'onConflict', ...policyKeys, 'onInvalid', 'startAt', 'signal', 'onProgress'];

interface CheckedOptions {
  readonly policy: BatchPolicy;
  readonly batchSize: number;
  readonly startAt: number;
  readonly skipInvalid: boolean;
}

function checkOptions(options: CreateManyOptions): CheckedOptions {
  refuseUnknownKeys('options', options, optionKeys);
  checkWatched(options);
  checkDuplicatePolicy(options);
  const { onConflict = createManyDefaults.onConflict, onInvalid = createManyDefaults.onInvalid } = options;
  oneOf('onConflict', onConflict, ['reject', 'skip']);
  oneOf('onInvalid', onInvalid, ['reject', 'skip']);
  return {
    policy: {
      id: onConflict,
      filePath: options.onDuplicatePath ?? onConflict,
      fileHash: options.onDuplicateHash ?? onConflict,
    },
    batchSize: wholeNumber('batchSize', options.batchSize ?? createManyDefaults.batchSize, 1, 10_000),
    startAt: wholeNumber('startAt', options.startAt ?? createManyDefaults.startAt, 0, Number.MAX_SAFE_INTEGER),
    skipInvalid: onInvalid === 'skip',
  };
}

function inOrder(results: CreateResult[]): readonly CreateResult[] {
  return results.sort((a, b) => a.index - b.index);
}

function isIterable(items: unknown): boolean {
  return typeof items === 'object' && items !== null && (Symbol.asyncIterator in items || Symbol.iterator in items);
}
