// Calls of sync() at once: each is answered by a fetch that began after it, and one fetch runs at a time.
import { once } from 'node:events';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { createClient } from '@libsql/client';
import { expect, it, onTestFinished } from 'vitest';
import { Follower } from '../src/connections/replica/follower.js';
import { Events } from '../src/events.js';
import { open } from './driver-alone.js';

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

  it('end as closed, whether they ask at that moment or wait for the lock of somebody else', async () => {
    const sqld = await startSqld();
    onTestFinished(() => sqld.close());
    const folder = await temporaryFolder();
    const server = { ask: async () => undefined, close: async () => undefined };
    const follow = (path: string): Follower =>
      new Follower({ path, syncUrl: sqld.url.http }, 60_000, new Events(), () => server);
    const paths = [1, 2, 3, 4, 5, 6].map((number) => join(folder, `${number}.db`));
    for (const path of paths) {
      const first = follow(path);
      await first.sync();
      await first.close();
      open(path).exec('begin exclusive');
    }
    const writer = createClient({ url: sqld.url.http });
    await writer.execute('create table t (a)');
    writer.close();
    const ended = paths.map(async (path, index) => {
      const follower = follow(path);
      const end = follower.sync().catch((error: unknown) => error);
      // By then the waits are a quarter of a second long.
      await setTimeout(3_000 + index * 150);
      await follower.close();
      return end;
    });
    for (const end of ended) expect(await end).toMatchObject({ type: 'closed', code: 'CLOSED' });
  });

  it('go on where the folder of the file cannot be looked into meanwhile', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const folder = join(await temporaryFolder(), 'folder');
    await mkdir(folder);
    const place = { path: join(folder, 'replica.db'), syncUrl: `http://127.0.0.1:${port}` };
    const server = { ask: async () => undefined, close: async () => undefined };
    const follower = new Follower(place, 60_000, new Events(), () => server);
    onTestFinished(() => follower.close());
    const fetched = follower.sync({ timeoutMs: 3_000, stalledMs: 3_000 });
    fetched.catch(() => undefined);
    await once(silent, 'connection');
    await rm(folder, { recursive: true });
    await symlink(folder, folder);
    await expect(fetched).rejects.toMatchObject({ type: 'timeout', code: 'SYNC_TIMEOUT' });
  });
});
