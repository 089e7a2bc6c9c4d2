// What the judge of the races is worth: with a fault in what the cache is told, some order of the same steps is found wrong.
import { beforeEach, expect, test } from 'vitest';
import { type Faults, stopClock } from './database.js';
import { everyOrder } from './orders.js';
import { runOrder, type WorldName, worlds } from './worlds.js';

beforeEach(() => stopClock());

const cases: readonly [fault: keyof Faults, world: WorldName, what: string][] = [
  ['blind', 'loads, commits of this process and of others', 'the number of the database does not move'],
  ['blind', 'a slower tier', 'the number does not move, with a slower tier'],
  ['blind', 'a server', 'the answers of a server do not move the number'],
  ['uncounted', 'loads, commits of this process and of others', 'nobody looks again after a statement'],
  ['outside', 'an undeclared transaction step by step', 'no context is inside a transaction'],
  ['outside', 'snapshots', 'no context is inside a snapshot'],
  ['hasty', 'a declared transaction step by step', 'a key is dropped before COMMIT'],
  ['hasty', 'savepoints and what is set inside', 'a value is kept before COMMIT'],
  ['forgetful', 'a declared transaction step by step', 'a key is not dropped at COMMIT'],
  ['sure', 'undeclared commits on their way to a server', 'the cache is served while a COMMIT is on its way'],
  ['trusting', 'a transaction that somebody outside it reads in', 'a load may keep what is not committed'],
  ['ageless', 'a server', 'what a server has told never gets old'],
];

for (const [fault, world, what] of cases) {
  test(`some order is found wrong when ${what}`, async () => {
    const ground = { ...worlds[world], faults: { [fault]: true } };
    const { found } = await everyOrder((choose) => runOrder(ground, 5, 'getOrLoad', choose));
    expect(found).not.toBeNull();
  });
}
