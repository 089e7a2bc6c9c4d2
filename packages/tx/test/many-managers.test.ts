// Many managers in one process, as in a server with a library for each customer: no warnings, and nothing left behind.
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
