// However many processes call at once, whatever they call, and whoever is killed, stopped or cut off meanwhile: what they did and
// saw is what they would have, one after another. CC_SERIALIZABLE_CALLS: calls to a file; else 200, and a third to servers. CC_SEED.
import { targets } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { describe, expect, test, vi } from 'vitest';
import type { Call } from './history.js';
import { faultsOf, type TimeLine } from './judge.js';
import { play, type Target } from './play.js';

const calls = Number(process.env['CC_SERIALIZABLE_CALLS'] ?? 200);
const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);
vi.setConfig({ testTimeout: Math.max(600_000, calls * 1_000) });

const all: TimeLine = () => 'all';
const ofProcess: TimeLine = ({ process }) => process;
const isCached = ({ kind }: Call): boolean => kind === 'cached';
const isWrite = ({ steps }: Call): boolean => steps.some(([what]) => what === 'append');
const inTransactions = ['transaction', 'insert', 'batch', 'drizzle', 'client', 'keyed'];

/** What a cache says of a server may be as old as `maxStaleMs`: it keeps to the writes of its process, and to what it has said. */
const onServer: readonly TimeLine[] = [
  (call) => (isCached(call) ? undefined : 'all'),
  (call) => (isCached(call) || isWrite(call) ? call.process : undefined),
];

/** What must have come before what. A replica reads what it has fetched: all that its process has written, nothing less than before. */
const lines: Readonly<Record<Target, readonly TimeLine[]>> = {
  file: [all],
  rollback: [all],
  http: onServer,
  ws: onServer,
  replica: [({ kind }) => (inTransactions.includes(kind) ? 'all' : undefined), ofProcess],
};

const played = (['file', 'rollback', 'http', 'ws', 'replica'] as const).filter(
  (target) => target === 'rollback' || targets.includes(target),
);

describe('what processes do and see is what they would have done one after another', () => {
  test.each(played)(`on %s (seed ${seed})`, async (target) => {
    // A million of calls that are judged together are a graph of gigabytes.
    const isFile = target === 'file' || target === 'rollback';
    for (let rest = isFile ? calls : Math.ceil(calls / 3), round = seed; rest > 0; rest -= 3_000, round += 1) {
      const part = Math.min(rest, 3_000);
      const folder = await temporaryFolder();
      const history = await play({ target, folder, seed: round, calls: part, harms: Math.ceil(part / 40) });
      expect({ seed: round, faults: faultsOf(history, lines[target]) }).toEqual({ seed: round, faults: [] });
    }
  });
});

describe('the judge hears of', () => {
  test.each(['stale', 'torn'] as const)('reads that are %s', async (broken) => {
    const history = await play({
      target: 'file',
      folder: await temporaryFolder(),
      seed: 7,
      calls: 500,
      harms: 0,
      broken,
    });
    expect(faultsOf(history, [all]).join('\n')).toContain('cannot have run one after another');
  });
});
