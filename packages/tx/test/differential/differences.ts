// Where ours answers otherwise than the stock client on purpose. docs/differences.md is this list for readers; a test
// provokes every row of it.
import type { Call } from './call.js';
import { type Outcome } from './picture.js';

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
  readonly applies: (observed: Observed) => boolean;
  /** Whether the databases may hold something else afterwards. */
  readonly apart?: boolean;
}

const differences: readonly Difference[] = [];

/** The difference of the list that explains what was observed. */
export function listed(observed: Observed): Difference | undefined {
  return differences.find(({ applies }) => applies(observed));
}
