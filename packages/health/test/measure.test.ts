import { expect, test } from 'vitest';
import { createHealthMonitor } from '../src/index.js';
import { items, openDatabase } from './database.js';

test('measure returns the result with its duration and the change of memory', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  const size = 50_000_000;
  const measured = await monitor.measure('allocate', () => Buffer.alloc(size, 1));
  expect(measured.result).toHaveLength(size);
  expect(measured.durationMs).toBeGreaterThan(0);
  expect(measured.memoryDeltaBytes).toBeGreaterThan(size / 2);
  const read = await monitor.measure('read', () => manager.db.select().from(items));
  expect(read.result).toEqual([]);
});

test('measure counts by name, failures included, and passes their error on', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await monitor.measure('import', async () => 1);
  await expect(monitor.measure('import', () => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
  const broken = (): never => {
    throw new RangeError('at once');
  };
  await expect(monitor.measure('import', broken)).rejects.toThrow('at once');
  const { operations } = await monitor.generateHealthReport();
  expect(operations).toMatchObject([{ name: 'import', calls: 3, errors: 2 }]);
});
