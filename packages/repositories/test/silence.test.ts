// What ends long work on a server that has gone silent, and what does not.
import { openTransactionManager } from '@cc/tx';
import { expect, test } from 'vitest';
import { endedBySilence } from '../src/silence.js';

test('work without a step for so long is ended, and what it wrote is rolled back', async () => {
  await using manager = await openTransactionManager({ url: ':memory:' });
  await manager.db.run('create table rows (n)');
  const waiting = async (): Promise<never> => {
    await manager.db.run('insert into rows values (1)');
    return await new Promise<never>(() => undefined);
  };
  const ended = endedBySilence(20, waiting, (work, signal) => manager.transaction(work, { signal }));
  await expect(ended).rejects.toMatchObject({ code: 'TX_TIMEOUT', reason: 'The server did not answer within 20 ms' });
  expect(await manager.db.all('select * from rows')).toEqual([]);
});

test('each step begins the time anew', async () => {
  const silenceMs = 4_000;
  const stepping = async (stepped: () => void): Promise<string> => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, silenceMs + 100);
    stepped();
    // A timer that is due fires before the second of them.
    for (let i = 0; i < 2; i += 1) await new Promise((resolve) => setImmediate(resolve));
    return 'done';
  };
  const running = endedBySilence(silenceMs, stepping, async (work, signal) => {
    const done = await work();
    signal.throwIfAborted();
    return done;
  });
  expect(await running).toBe('done');
});

test('its own failure is told as it is', async () => {
  const failing = async (): Promise<never> => {
    throw new Error('mine');
  };
  await expect(endedBySilence(60_000, failing, (work) => work())).rejects.toThrow('mine');
});
