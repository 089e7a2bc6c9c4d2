// Random programs on the stock client and ours, over files and in memory. plan.ts says how many and how to repeat one.
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../target.js';
import { compare } from './judge.js';
import { planFor } from './plan.js';
import { inMemory, onFiles } from './sides.js';

describe.each([
  ['file', onFiles],
  [':memory:', inMemory],
] as const)('on %s', (target, open) => {
  const { skipped, steps, seed, timeoutMs } = planFor(target);
  it.skipIf(skipped)(
    `${steps} random calls come to the same as on the stock client (seed ${seed})`,
    { timeout: timeoutMs },
    async () => {
      const { complaints } = await compare({ target, open, folder: await temporaryFolder(), seed, steps });
      expect(complaints.join('\n\n')).toBe('');
    },
  );
});

// Programs that have found something once.
it.each([
  ['a statement kept over a change of the schema that was rolled back', 'file', onFiles, 988_364, 35],
  ['an EXPLAIN behind OR ROLLBACK', 'file', onFiles, 71_000_938, 20],
  ['a mistake in a callback behind OR ROLLBACK', 'file', onFiles, 91_005_390, 30],
  ['a mistake in a callback behind OR ROLLBACK', ':memory:', inMemory, 91_005_390, 32],
  ['a batch whose answer is no JSON', 'file', onFiles, 20_264_387, 33],
  ['calls at once of which one differs as listed', ':memory:', inMemory, 991_923, 44],
] as const)('%s (%s)', async (_title, target, open, seed, steps) => {
  const { complaints } = await compare({ target, open, folder: await temporaryFolder(), seed, steps });
  expect(complaints.join('\n\n')).toBe('');
});
