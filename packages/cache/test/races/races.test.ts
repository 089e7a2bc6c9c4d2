// Every order of what can happen to one row: loads, commits of this process and of others, rollbacks, savepoints, snapshots,
// leases, answers that are late or lost, slower tiers. CC_RACES is the number of steps; `npm run torture` takes eight.
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { stopClock } from './database.js';
import { everyOrder } from './orders.js';
import type { Way } from './scene.js';
import { runOrder, type WorldName, worlds } from './worlds.js';

/** As many as fit into the time of a test run. */
const steps = Number(process.env['CC_RACES'] ?? 5);
// Each more takes about seven times as long.
if (steps > 5) vi.setConfig({ testTimeout: 24 * 3_600_000 });
const names = Object.keys(worlds) as WorldName[];

beforeEach(() => stopClock());

describe('no order gives a reader what was replaced, undone, or older than it had', () => {
  test.each(names)('%s', async (name) => {
    const { runs, found } = await everyOrder((choose) => runOrder(worlds[name], steps, 'getOrLoad', choose));
    expect(found).toBeNull();
    expect(runs).toBeGreaterThan(10 * steps);
  });
});

describe('nor to one that reads in another way', () => {
  test.each<Way>(['getOrLoadMany', 'fetch', 'wrap'])('%s', async (way) => {
    for (const name of names) {
      const { found } = await everyOrder((choose) => runOrder(worlds[name], steps - 2, way, choose));
      expect(found).toBeNull();
    }
  });
});
