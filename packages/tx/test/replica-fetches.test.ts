// Calls of sync() at once: each is answered by a fetch that began after it, and one fetch runs at a time.
import { join } from 'node:path';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { expect, it, onTestFinished } from 'vitest';
import { Follower } from '../src/connections/replica/follower.js';
import { Events } from '../src/events.js';

describeWithSqld('calls of sync()', () => {
  it('share the fetch that waits, also one that comes just as the fetch before it ends', async () => {
    const sqld = await startSqld();
    onTestFinished(() => sqld.close());
    const events = new Events();
    let fetches = 0;
    events.subscribe(({ type }) => {
      if (type === 'sync') fetches += 1;
    });
    const place = { path: join(await temporaryFolder(), 'replica.db'), syncUrl: sqld.url.http };
    const server = { ask: async () => undefined, close: async () => undefined };
    const follower = new Follower(place, 60_000, events, () => server);
    onTestFinished(() => follower.close());
    const first = follower.sync();
    const second = follower.sync();
    const third = first.then(() => follower.sync());
    await Promise.all([first, second, third]);
    expect(fetches).toBe(2);
  });
});
