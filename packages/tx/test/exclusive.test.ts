// Repairs that move the file have it to themselves, also when several come together: reads wait for each of them.
import { setImmediate as turn } from 'node:timers/promises';
import Database from 'libsql';
import { expect, it, onTestFinished } from 'vitest';
import { internalsOf } from '../src/internals.js';
import { deferred, items, names, openTarget, type TestManager } from './target.js';

interface Scene {
  readonly manager: TestManager;
  /** What happened, in order. */
  readonly order: string[];
  /** Reads and says so. */
  readonly read: () => Promise<void>;
  /** A repair that says when it begins, and goes on when it is told to. */
  readonly repair: (
    name: string,
    timeoutMs?: number,
  ) => { readonly begun: Promise<void>; readonly goOn: () => void; readonly done: Promise<void> };
}

async function scene(journal_mode = 'WAL'): Promise<Scene> {
  const manager = await openTarget('file', { pragmas: { journal_mode }, acquireTimeoutMs: 60_000 });
  await manager.db.insert(items).values({ name: 'kept' });
  const order: string[] = [];
  return {
    manager,
    order,
    async read() {
      expect(await names(manager)).toEqual(['kept']);
      order.push('read');
    },
    repair(name, timeoutMs = 60_000) {
      const [begins, told] = [deferred(), deferred()];
      const work = async (): Promise<void> => {
        order.push(`${name} begins`);
        begins.resolve();
        await told.promise;
        order.push(`${name} ends`);
      };
      const done = internalsOf(manager).exclusively(work, { closed: true, timeoutMs });
      return { begun: begins.promise, goOn: told.resolve, done };
    },
  };
}

it('lets a read wait for the repair after the one that it came in', async () => {
  const { repair, read, order } = await scene();
  const first = repair('first');
  await first.begun;
  const second = repair('second');
  const early = read();
  first.goOn();
  await second.begun;
  const late = read();
  await turn();
  second.goOn();
  await Promise.all([first.done, second.done, early, late]);
  expect(order.filter((each) => each !== 'read')).toEqual([
    'first begins',
    'first ends',
    'second begins',
    'second ends',
  ]);
  expect(order.at(-1)).toBe('read');
});

it('lets a read wait for a repair that another one has given up waiting for', async () => {
  const { repair, read, order } = await scene();
  const first = repair('first');
  await first.begun;
  await expect(repair('second', 1).done).rejects.toMatchObject({ code: 'ACQUIRE_TIMEOUT' });
  const late = read();
  await turn();
  first.goOn();
  await Promise.all([first.done, late]);
  expect(order).toEqual(['first begins', 'first ends', 'read']);
});

it('lets a read that waits for the lock of others wait for a repair too', async () => {
  const { manager, repair, read, order } = await scene('DELETE');
  const other = new Database(decodeURIComponent(new URL(manager.url).pathname));
  onTestFinished(() => void other.close());
  other.exec('BEGIN EXCLUSIVE');
  const late = read();
  await turn();
  const first = repair('first');
  await first.begun;
  other.exec('COMMIT');
  // Longer than the pause between two looks at the lock.
  for (const until = performance.now() + 60; performance.now() < until; ) await turn();
  first.goOn();
  await Promise.all([first.done, late]);
  expect(order).toEqual(['first begins', 'first ends', 'read']);
});
