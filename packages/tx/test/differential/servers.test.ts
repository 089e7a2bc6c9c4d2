// Random programs on the stock client and ours, over two servers: by http, by WebSocket and as replicas of them.
// The variables of local.test.ts hold here too.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithSqld } from '../sqld.js';
import { temporaryFolder } from '../target.js';
import { compare } from './judge.js';
import { startPair } from './sides.js';

const seed = Number(process.env.CC_SEED ?? Date.now() % 2 ** 31);
const only = process.env.CC_DIFF_TARGET;

describeWithSqld('against servers', () => {
  let pair: Awaited<ReturnType<typeof startPair>> | undefined;
  beforeAll(async () => {
    pair = await startPair();
  });
  afterAll(async () => {
    await pair?.close();
  });

  for (const [target, usual] of [
    ['http', 1_100],
    ['ws', 1_100],
    ['replica', 800],
  ] as const) {
    const steps = Number(process.env.CC_DIFF_STEPS ?? usual);
    const run = only === undefined || only === target ? it : it.skip;
    run(
      `${steps} random calls over ${target} come to the same (seed ${seed})`,
      { timeout: 120_000 + steps * 500 },
      async () => {
        if (!pair) throw new Error('no servers');
        const open = pair.open(target);
        const { complaints } = await compare({ target, open, folder: await temporaryFolder(), seed, steps });
        expect(complaints.join('\n\n')).toBe('');
      },
    );
  }
});
