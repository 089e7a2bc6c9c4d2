// The types of random-operations.mjs.
import type { schema } from '@cc/schema';
import type { TransactionManager } from '@cc/tx';
import type { Repositories } from '../src/index.js';

/** One random write: `n` is its number, `at` and `word` are what it writes and where. */
export interface Step {
  readonly kind: string;
  readonly n: number | string;
  readonly at: number;
  readonly word: string;
}

export const kinds: readonly string[];
export const searchKinds: readonly string[];
export const replaceKinds: readonly string[];
export const words: readonly string[];
export const batchesOfMany: number;
export function apply(
  library: Repositories & { readonly transactions: TransactionManager<typeof schema> },
  step: Step,
  batch?: number,
): Promise<void>;
