// Every order of what can happen to one row: loads, commits of this process and of others, rollbacks, savepoints, snapshots,
// answers that are late or lost, a slower tier. `npm run torture` runs them longer (CC_RACES: the number of steps).
import { beforeEach, expect, test, vi } from 'vitest';
import { clock } from './database.js';
import { everyOrder } from './orders.js';
import { runOrder, type WorldName, worlds } from './worlds.js';

beforeEach(() => {
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  return () => spy.mockRestore();
});

const longest = Number(process.env['CC_RACES'] ?? 0);

/** How many steps fit into the time of a test run. */
const lengths: Readonly<Record<WorldName, number>> = {
  'loads, commits of this process and of others': 5,
  'loads of two readers': 5,
  'a declared transaction step by step': 6,
  'an undeclared transaction step by step': 5,
  'savepoints and what is set inside': 6,
  snapshots: 5,
  'a slower tier': 5,
  'a slower tier and a transaction': 5,
  'a server': 5,
  'a server that tells when it is asked': 5,
  'a server that tells nothing': 5,
  'declared commits on their way to a server': 5,
  'undeclared commits on their way to a server': 5,
};

for (const name of Object.keys(worlds) as WorldName[]) {
  test(`no order of ${name} gives a reader what was replaced, undone, or older than it had`, async () => {
    const length = Math.max(longest, lengths[name]);
    const { runs, found } = await everyOrder((choose) => runOrder(worlds[name], length, 'getOrLoad', choose));
    expect(found).toBeNull();
    expect(runs).toBeGreaterThan(1_000);
  });
}
