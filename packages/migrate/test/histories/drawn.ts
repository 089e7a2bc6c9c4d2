// Which histories there are: how long they get, and of what.
import fc from 'fast-check';
import { handKinds } from './by-hand.js';
import type { History } from './play.js';
import { codeKinds } from './reshape.js';

const numbers = { a: fc.nat(1_000), b: fc.nat(1_000), c: fc.nat(1_000) };
const drawOf = <Kind extends string>(kinds: readonly Kind[]) =>
  fc.record({ kind: fc.constantFrom(...kinds), ...numbers });
const byHand = fc.record({
  by: fc.constant('hand' as const),
  draws: fc.array(drawOf(handKinds), { minLength: 1, maxLength: 2 }),
});
const byCode = fc.record({
  by: fc.constant('code' as const),
  draws: fc.array(drawOf(codeKinds), { minLength: 1, maxLength: 2 }),
});
const step = fc.oneof({ weight: 2, arbitrary: byHand }, { weight: 1, arbitrary: byCode });

/** Any history: of a few steps, or of so many that names come back. */
export function historyOf(length: 'short' | 'long'): fc.Arbitrary<History> {
  const most = length === 'short' ? { steps: 2, rounds: 1 } : { steps: 3, rounds: 4 };
  // Most runs of people have one step.
  const one = fc.array(step, { minLength: 1, maxLength: 1 });
  const several = fc.array(step, { minLength: 2, maxLength: most.steps });
  const round = fc.record({
    steps: fc.oneof({ weight: 2, arbitrary: one }, { weight: 1, arbitrary: several }),
    agree: fc.constantFrom('none' as const, 'all' as const, 'names' as const),
    rows: fc.nat(1_000),
    back: fc.nat(2),
  });
  return fc.record({ start: fc.nat(1_000), rounds: fc.array(round, { minLength: 1, maxLength: most.rounds }) });
}
