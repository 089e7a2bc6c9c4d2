// Tests of users that fake timers: with them goes `performance`, which stands until such a test turns it on, by hours where it is about
// what expires. How long a call may take, and when the event loop is due, is told by the engine's own clock.
import { setImmediate } from 'node:timers';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { rolledBack } from '../src/testing.js';
import { openTarget, targets } from './target.js';

const dayMs = 24 * 3_600_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe.each(targets)('on %s', (target) => {
  test('a faked clock that goes on by a day ends no transaction', async () => {
    vi.useRealTimers();
    const manager = await openTarget(target);
    vi.useFakeTimers();
    const insert = (name: string) => manager.db.run(sql`insert into items (name) values (${name})`);
    await manager.transaction(async (tx) => {
      await insert('before');
      vi.advanceTimersByTime(dayMs);
      await tx.savepoint(() => insert('after'));
    });
    const seen = await rolledBack(manager, async () => {
      vi.advanceTimersByTime(dayMs);
      await insert('in a test');
      return manager.db.values(sql`select name from items order by id`);
    });
    expect(seen).toEqual([['before'], ['after'], ['in a test']]);
  });

  test('nor does one that is faked, or given back, in the middle of it', async () => {
    vi.useRealTimers();
    const manager = await openTarget(target);
    const insert = (name: string) => manager.db.run(sql`insert into items (name) values (${name})`);
    await manager.transaction(async () => {
      vi.useFakeTimers();
      vi.advanceTimersByTime(dayMs);
      await insert('faked');
    });
    await manager.transaction(async () => {
      vi.useRealTimers();
      await insert('given back');
    });
    expect(await manager.db.values(sql`select name from items order by id`)).toEqual([['faked'], ['given back']]);
  });
});

test('the event loop gets its turn while the faked clock stands', async () => {
  const manager = await openTarget('file');
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  // Half a second of them, and more on a busy machine.
  for (let calls = 0; calls < 200_000 && !turned; calls += 1) await manager.db.run(sql`select 1`);
  expect(turned).toBe(true);
});
