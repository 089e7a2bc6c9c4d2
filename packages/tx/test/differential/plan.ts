// How many random calls run on a target, and from which seed.
// CC_CALLS: calls in all, spread over the targets (20,000); CC_SEED repeats a run; CC_TARGET runs one target alone.
import type { TargetName } from './differences.js';

/** The run of one target. */
export interface Plan {
  readonly skipped: boolean;
  readonly steps: number;
  readonly seed: number;
  readonly timeoutMs: number;
}

// A call to a server takes ten to thirty times as long.
const shares: Readonly<Record<TargetName, number>> = {
  file: 0.48,
  ':memory:': 0.44,
  http: 0.03,
  ws: 0.03,
  replica: 0.02,
};

const calls = Number(process.env.CC_CALLS ?? 20_000);
// The same programs in every `npm test`; torture draws new ones.
const seed = Number(process.env.CC_SEED ?? 20_261_128);
const only = process.env.CC_TARGET;

/** What the environment asks for. */
export function planFor(target: TargetName): Plan {
  const steps = only === target ? calls : Math.round(calls * shares[target]);
  return { skipped: only !== undefined && only !== target, steps, seed, timeoutMs: 600_000 + steps * 300 };
}
