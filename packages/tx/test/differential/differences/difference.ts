// What a listed difference is made of, and the words that the lists are written in.
import type { Call, Root } from '../call.js';
import { type Failure, failureOf, type Outcome } from '../picture.js';

/** A target of the suite. */
export type TargetName = 'file' | ':memory:' | 'http' | 'ws' | 'replica';

/** A call that came to something else on the two sides. */
export interface Observed {
  readonly call: Call;
  readonly stock: Outcome;
  readonly ours: Outcome;
  readonly target: TargetName;
}

/** A difference that stays. */
export interface Difference {
  readonly id: string;
  /** What is called, as the page shows it. */
  readonly call: string;
  readonly stock: string;
  readonly ours: string;
  readonly reason: string;
  readonly targets: readonly TargetName[];
  /**
   * What follows from it: nothing (default), another course of the `block` around it, or other `rows` in the database.
   */
  readonly effect?: 'none' | 'block' | 'rows';
  /** The outcomes are the same, and only the rows differ. */
  readonly silent?: boolean;
  readonly applies: (observed: Observed) => boolean;
  /** Calls of which each shows it. */
  readonly provoke: readonly Call[];
}

export const local: readonly TargetName[] = ['file', ':memory:'];
export const servers: readonly TargetName[] = ['http', 'ws'];
export const everywhere: readonly TargetName[] = ['file', ':memory:', 'http', 'ws', 'replica'];

/** What a failed outcome says; null for one that is no failure. */
export function failure(outcome: Outcome): Failure | null {
  return 'error' in outcome ? failureOf(outcome.error) : null;
}

/** Whether the outcome is a failure with this code. */
export function failedWith(outcome: Outcome, ...codes: readonly string[]): boolean {
  const failed = failure(outcome);
  return failed !== null && codes.includes(failed.code);
}

/** A call of a directed case, with the traits that random calls of its kind have. */
export function directed(label: string, traits: readonly string[], run: (root: Root) => unknown): Call {
  return { label, traits, run: ({ root }) => run(root) };
}

/** Whether the call has the trait. */
export function has(call: Call, trait: string): boolean {
  return call.traits?.includes(trait) ?? false;
}
