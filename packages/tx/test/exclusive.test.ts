// Repairs that move the file have it to themselves, also when several come together: reads wait for each of them.
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { sql } from 'drizzle-orm';
import { expect, it, onTestFinished } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { internalsOf } from '../src/internals.js';

async function opened() {
  const manager = await openTransactionManager({
    url: pathToFileURL(join(await temporaryFolder(), 'app.db')).href,
  });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  await manager.db.run(sql`create table notes (note text)`);
  await manager.db.run(sql`insert into notes values ('kept')`);
  const order: string[] = [];
  /** A repair that says when it begins and goes on when it is told to. */
  const repair = (name: string, timeoutMs: number) => {
    const told = new EventEmitter();
    const begun = once(told, 'begins');
    const work = async (): Promise<void> => {
      order.push(`${name} begins`);
      const goesOn = once(told, 'goes on');
      told.emit('begins');
      await goesOn;
      order.push(`${name} ends`);
    };
    const done = internalsOf(manager).exclusively(work, { closed: true, timeoutMs });
    return { begun, goOn: () => told.emit('goes on'), done };
  };
  const read = async (): Promise<void> => {
    expect(await manager.db.get(sql`select note from notes`)).toEqual({ note: 'kept' });
    order.push('read');
  };
  return { repair, read, order };
}

it('lets a read wait for the repair after the one that it came in', async () => {
  const { repair, read, order } = await opened();
  const first = repair('first', 10_000);
  await first.begun;
  const second = repair('second', 10_000);
  const early = read();
  first.goOn();
  await second.begun;
  const late = read();
  await turn();
  second.goOn();
  await Promise.all([first.done, second.done, early, late]);
  expect(order.filter((each) => each !== 'read')).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  expect(order.at(-1)).toBe('read');
});

it('lets a read wait for a repair that another one has given up waiting for', async () => {
  const { repair, read, order } = await opened();
  const first = repair('first', 10_000);
  await first.begun;
  await expect(repair('second', 1).done).rejects.toMatchObject({ code: 'ACQUIRE_TIMEOUT' });
  const late = read();
  await turn();
  first.goOn();
  await Promise.all([first.done, late]);
  expect(order).toEqual(['first begins', 'first ends', 'read']);
});

