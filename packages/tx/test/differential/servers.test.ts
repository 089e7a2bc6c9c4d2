// Random programs on the stock client and ours, over two servers: by http, by WebSocket and as replicas of them.
// plan.ts says how many and how to repeat one.
import { describeWithSqld } from '@cc/testkit/targets';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder } from '../target.js';
import { compare } from './judge.js';
import { planFor } from './plan.js';
import { pairOfServers } from './sides.js';

describeWithSqld('against servers', () => {
  const pair = pairOfServers();
  afterAll(() => pair.close());

  for (const target of ['http', 'ws', 'replica'] as const) {
    const { skipped, steps, seed, timeoutMs } = planFor(target);
    it.skipIf(skipped)(
      `${steps} random calls over ${target} come to the same as on the stock client (seed ${seed})`,
      { timeout: timeoutMs },
      async () => {
        const open = pair.open(target);
        const { complaints } = await compare({ target, open, folder: await temporaryFolder(), seed, steps });
        expect(complaints.join('\n\n')).toBe('');
      },
    );
  }

  // Programs that have found something once.
  it.each([
    ['a large integer in front of what fails in a batch', 'http', 987_813, 28],
    ['what is thrown after an answer that was lost', 'ws', 987_708, 7],
    ['a rollback on request after an answer that was lost', 'http', 20_261_253, 16],
    ['a rollback on request after an answer that was lost', 'ws', 20_261_253, 16],
    ['a statement behind OR ROLLBACK', 'http', 72_000_174, 49],
    ['a statement behind OR ROLLBACK', 'ws', 72_000_174, 49],
    ['an upsert on a stream that was kept', 'http', 81_000_124, 17],
    ['every column of a table that has one more by now', 'http', 82_000_123, 17],
    ['every column of a table that has one more by now', 'replica', 82_000_123, 17],
    ['a statement behind OR ROLLBACK that no server could read', 'ws', 81_000_140, 54],
    ['a rollback behind OR ROLLBACK', 'http', 71_000_160, 52],
    ['what is thrown behind OR ROLLBACK', 'http', 91_000_477, 48],
    ['what is thrown behind OR ROLLBACK', 'ws', 91_000_477, 48],
    ['a large integer in front of what fails in a batch', 'replica', 91_000_513, 51],
    ['a row whose zero lost its sign on the server', 'replica', 71_000_136, 54],
    ['a row by values whose zero lost its sign', 'replica', 72_000_127, 19],
    ['a script with an open end whose statement fails', 'http', 20_261_270, 54],
  ] as const)('%s, over %s with seed %i', { timeout: 600_000 }, async (_title, target, seed, steps) => {
    const { complaints } = await compare({
      target,
      open: pair.open(target),
      folder: await temporaryFolder(),
      seed,
      steps,
    });
    expect(complaints.join('\n\n')).toBe('');
  });
});
