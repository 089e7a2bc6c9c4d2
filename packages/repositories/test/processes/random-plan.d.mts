// The types of random-plan.mjs.
import type { schema } from '@cc/schema';
import type { TransactionManager } from '@cc/tx';
import type { Repositories, RepositoriesOptions } from '../../src/index.js';
import type { Step } from '../random-operations.mjs';

/** Steps and how they end. */
export interface Plan {
  readonly ending: 'alone' | 'commit' | 'rollback' | 'savepoint';
  readonly steps: readonly Step[];
}

export function repeatable(): Required<Pick<RepositoriesOptions, 'now' | 'newId'>> & {
  readonly begin: (number: number) => void;
};
export function planOf(seed: number, n: number): Plan;
export function commitsOf(plan: Plan): number;
export function perform(
  library: Repositories & { readonly transactions: TransactionManager<typeof schema> },
  plan: Plan,
  commit?: number,
): Promise<void>;
