// Many managers in one process, as in a server with a library for each customer: no warnings, and nothing left behind.
import { getEventListeners } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from './target.js';

const signals = [
  'exit',
  'beforeExit',
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'uncaughtException',
  'unhandledRejection',
] as const;
const listeners = (): readonly number[] => signals.map((name) => process.listenerCount(name));

it('twenty managers that offload and back up at once give no warning and leave no listener', async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error): void => void warnings.push(warning);
  process.on('warning', hear);
  onTestFinished(() => void process.off('warning', hear));
  const folder = await temporaryFolder();
  const before = listeners();
  const work = Array.from({ length: 20 }, async (_, index) => {
    const path = join(folder, `${index}.db`);
    const manager = await openTransactionManager({ url: pathToFileURL(path).href });
    await manager.db.run(sql`create table t (a)`);
    const [rows, copy] = await Promise.all([
      manager.offload(() => manager.db.all(sql`select ${index} as n`), { timeoutMs: 200_000 }),
      manager.backup(`${path}.copy`),
    ]);
    expect([rows, copy.verified]).toEqual([[{ n: index }], true]);
    return manager;
  });
  const managers = await Promise.all(work);
  for (const manager of managers) await manager.close();
  // Warnings are told in the next turn of the loop.
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
  expect(listeners()).toEqual(before);
});

it('one signal for any number of calls gives no warning, ends them all, and is left without a listener', async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error): void => void warnings.push(warning);
  process.on('warning', hear);
  onTestFinished(() => void process.off('warning', hear));
  const url = pathToFileURL(join(await temporaryFolder(), 'a.db')).href;
  await using manager = await openTransactionManager({ url });
  const stop = new AbortController();
  const { signal } = stop;
  const calls = (work: () => Promise<unknown>) =>
    Array.from({ length: 15 }, () => [
      manager.transaction(work, { signal }),
      manager.read(work, { signal }),
      manager.getConnection({ signal }).then((lease) => lease.release()),
      manager.offload(() => manager.db.all(sql`select 1`), { timeoutMs: 200_000, signal }),
    ]).flat();
  await Promise.all(calls(async () => undefined));
  expect(getEventListeners(signal, 'abort')).toEqual([]);

  const ended = Promise.allSettled(calls(() => new Promise(() => undefined)));
  expect(getEventListeners(signal, 'abort').length).toBe(1);
  stop.abort();
  for (const end of await ended) {
    if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'ABORTED' });
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});
