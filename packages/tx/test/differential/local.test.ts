// Random programs on the stock client and ours, over files and in memory.
// CC_DIFF_STEPS sets how many calls run on each target, CC_SEED repeats a run, CC_DIFF_TARGET runs one target alone.
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../target.js';
import { compare } from './judge.js';
import { inMemory, onFiles } from './sides.js';

const seed = Number(process.env.CC_SEED ?? Date.now() % 2 ** 31);
const only = process.env.CC_DIFF_TARGET;

describe.each([
  ['file', onFiles, 9_000],
  [':memory:', inMemory, 8_000],
] as const)('on %s', (target, open, usual) => {
  const steps = Number(process.env.CC_DIFF_STEPS ?? usual);
  const run = only === undefined || only === target ? it : it.skip;
  run(
    `${steps} random calls come to the same as on the stock client (seed ${seed})`,
    { timeout: 60_000 + steps * 200 },
    async () => {
      const { complaints } = await compare({ target, open, folder: await temporaryFolder(), seed, steps });
      expect(complaints.join('\n\n')).toBe('');
    },
  );
});
