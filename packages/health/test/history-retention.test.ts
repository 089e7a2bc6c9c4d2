// How long alerts stay in a history, as a second reader of the file sees it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager } from '@cc/tx';
import { expect, onTestFinished, test } from 'vitest';
import { createHealthMonitor } from '../src/index.js';
import { onlyWhenAsked, openDatabase } from './database.js';

/** A monitor with a history and an alert that fires while `clock.sick`; `read` takes that many readings, ten seconds apart. */
async function keepHistory(options: { readonly retentionMs?: number }) {
  const path = join(await temporaryFolder(), 'history.db');
  const { manager } = await openDatabase();
  const clock = { at: Date.UTC(2025, 0, 1), sick: true };
  const monitor = createHealthMonitor(manager, {
    ...{ ...onlyWhenAsked, intervalMs: 10_000, now: () => clock.at, history: { path, ...options } },
    rules: [
      {
        ...{ id: 'sick', keepFiringFor: 0 },
        check: () => (clock.sick ? { severity: 'CRITICAL', reason: 'It is sick' } : null),
      },
    ],
  });
  onTestFinished(() => monitor.stopMonitoring());
  await monitor.startMonitoring();
  const read = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i += 1) {
      clock.at += 10_000;
      await monitor.getHealthMetrics();
    }
  };
  return { path, clock, read };
}

test('an alert is as old as its end: one that fires for longer than is kept stays, and goes after it', async () => {
  const { path, clock, read } = await keepHistory({ retentionMs: 100_000 });
  await using reader = await openTransactionManager({ url: pathToFileURL(path).href, readOnly: true });
  const states = async (): Promise<unknown[]> =>
    (await reader.db.all<{ s: string }>(`select alert ->> 'state' s from alerts where rule = 'sick'`)).map(
      ({ s }) => s,
    );
  // It is swept every sixty readings.
  await read(130);
  expect(await states()).toEqual(['firing']);
  clock.sick = false;
  await read(1);
  expect(await states()).toEqual(['resolved']);
  await read(130);
  expect(await states()).toEqual([]);
});

test('a clock that is set forward by mistake for a while takes a part of the figures, and no alert of the time that is left', async () => {
  const { path, clock, read } = await keepHistory({});
  await read(1);
  clock.sick = false;
  await read(1);
  {
    // The two hours before.
    await using writer = await openTransactionManager({ url: pathToFileURL(path).href });
    await writer.db.run(`insert or ignore into samples (at, series, value)
      select ${clock.at} - 10000 * earlier.value, series.id, 0 from generate_series(1, 720) earlier, series`);
  }
  const year = 365 * 86_400_000;
  clock.at += year;
  await read(60);
  clock.at -= year;
  await read(1);
  await using reader = await openTransactionManager({ url: pathToFileURL(path).href, readOnly: true });
  expect(await reader.db.all(`select alert ->> 'state' state from alerts where rule = 'sick'`)).toEqual([
    { state: 'resolved' },
  ]);
});
