import { setImmediate as turn } from 'node:timers/promises';
import { DatabaseError } from '@cc/tx';
import { expect, test } from 'vitest';
import { type LoadClock, type LoadTestOptions, loadTest } from '../../src/load-test/load-test.js';
import { items, openDatabase } from '../database.js';

/** A clock that goes on to the next sleeper when nothing else is to be done: no test here takes the time that it tells. */
class TestClock implements LoadClock {
  #now = 1_000;
  readonly #sleepers: { at: number; wake: () => void }[] = [];
  #isPumping = false;

  now(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ at: this.#now + ms, wake });
      if (!this.#isPumping) void this.#pump();
    });
  }

  turn(): Promise<void> {
    return turn();
  }

  /** What holds the event loop: time goes by and nobody wakes. */
  block(ms: number): void {
    this.#now += ms;
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    while (this.#sleepers.length > 0) {
      await turn();
      this.#sleepers.sort((a, b) => a.at - b.at);
      const next = this.#sleepers.shift();
      this.#now = Math.max(this.#now, next?.at ?? 0);
      next?.wake();
    }
    this.#isPumping = false;
  }
}

/** One server that takes a call after the other: the n-th takes `serviceMs(n)`. */
function oneServer(clock: TestClock, serviceMs: (call: number) => number): (call: number) => Promise<void> {
  let free = 0;
  return async (call) => {
    free = Math.max(free, clock.now()) + serviceMs(call);
    await clock.sleep(free - clock.now());
  };
}

/** The value that `fraction` of the sorted ones do not exceed, by nearest rank. */
function exact(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? 0;
}

function expectNear(actual: number, expected: number): void {
  expect(Math.abs(actual - expected) / Math.max(expected, 0.001)).toBeLessThan(0.033);
}

const pause = (call: number): number => (call === 200 ? 2_000 : 5);

test('an open loop counts what calls waited behind a pause, as the queue by hand has it', async () => {
  const clock = new TestClock();
  const options: LoadTestOptions = { ratePerSecond: 100, durationMs: 10_000 };
  const { latency, service, calls, loop } = await loadTest(oneServer(clock, pause), options, clock);
  const waited: number[] = [];
  let free = 0;
  for (let call = 0; call < 1_000; call += 1) {
    const planned = call * 10;
    free = Math.max(free, planned) + pause(call);
    waited.push(free - planned);
  }
  expect({ loop, calls }).toEqual({ loop: 'open', calls: 1_000 });
  for (const [fraction, name] of [
    [0.5, 'p50Ms'],
    [0.95, 'p95Ms'],
    [0.99, 'p99Ms'],
  ] as const) {
    expectNear(latency[name], exact(waited, fraction));
  }
  expectNear(latency.maxMs, Math.max(...waited));
  expect(latency.p95Ms).toBeGreaterThan(1_000);
  expect(service.calls).toBe(1_000);
});

test('a closed loop sees one slow call, and with the interval of its callers what that held up', async () => {
  const blindClock = new TestClock();
  const blind = await loadTest(oneServer(blindClock, pause), { callers: 1, durationMs: 10_000 }, blindClock);
  expect(blind.latency.p99Ms).toBeLessThan(6);
  expect(blind.latency).toEqual(blind.service);
  const clock = new TestClock();
  const seen = await loadTest(
    oneServer(clock, pause),
    { callers: 1, durationMs: 10_000, expectedIntervalMs: 10 },
    clock,
  );
  expectNear(seen.latency.maxMs, 2_000);
  // Besides the one call 199 that would have come meanwhile: 1,990, 1,980 … 10 ms.
  expect(seen.latency.calls - seen.calls).toBe(199);
  expect(seen.latency.p95Ms).toBeGreaterThan(1_000);
  expect(seen.service.p99Ms).toBeLessThan(6);
});

test('a blocked event loop does not hide its calls: they count from when they were planned', async () => {
  const clock = new TestClock();
  const work = (call: number): void => clock.block(call === 100 ? 1_000 : 0.1);
  const { latency, service, calls } = await loadTest(work, { ratePerSecond: 1_000, durationMs: 2_000 }, clock);
  expect(calls).toBe(2_000);
  expect(latency.p95Ms).toBeGreaterThan(700);
  expect(service.p95Ms).toBeLessThan(1);
});

test('calls beyond maxPending are refused and counted, and the warm-up is not', async () => {
  const clock = new TestClock();
  const hanging = async (): Promise<void> => clock.sleep(5_000);
  const full = await loadTest(hanging, { ratePerSecond: 10, durationMs: 4_000, maxPending: 15 }, clock);
  expect(full).toMatchObject({ calls: 15, refused: 25 });
  const warm = new TestClock();
  let made = 0;
  const counted = await loadTest(
    () => void (made += 1),
    { ratePerSecond: 10, warmUpMs: 1_000, durationMs: 2_000 },
    warm,
  );
  expect({ made, calls: counted.calls }).toEqual({ made: 30, calls: 20 });
});

test('failed calls are counted by the type of their error and end nothing', async () => {
  const clock = new TestClock();
  const work = async (call: number): Promise<void> => {
    await clock.sleep(1);
    if (call % 4 === 0) throw new DatabaseError('no', { type: 'lock', code: 'SQLITE_BUSY', operation: 'x' });
    if (call % 4 === 1) throw new RangeError('no');
  };
  const result = await loadTest(work, { ratePerSecond: 100, durationMs: 1_000 }, clock);
  expect(result).toMatchObject({ calls: 100, errors: 50, errorsByType: { lock: 25, RangeError: 25 } });
});

test('an abort ends it, also while calls hang', async () => {
  const stop = new AbortController();
  const hanging = (): Promise<void> => {
    stop.abort();
    return new Promise(() => undefined);
  };
  for (const load of [{ ratePerSecond: 10 }, { callers: 2 }]) {
    await expect(loadTest(hanging, { ...load, signal: stop.signal })).rejects.toMatchObject({ code: 'ABORTED' });
  }
});

test('a real database takes a load', async () => {
  const { manager } = await openDatabase();
  const read = async (): Promise<void> => void (await manager.db.select().from(items));
  const closed = await loadTest(read, { callers: 4, durationMs: 50 });
  expect(closed.calls).toBeGreaterThan(0);
  expect(closed.callsPerSecond).toBeGreaterThan(0);
  const write = (call: number) => manager.db.insert(items).values({ name: `item ${call}` });
  const open = await loadTest(async (call) => void (await write(call)), { ratePerSecond: 200, durationMs: 100 });
  expect(open).toMatchObject({ calls: 20, errors: 0 });
  expect(await manager.db.$count(items)).toBe(20);
});

test.each([1, 3, 10, 250])('%i calls a second for two seconds are so many a second', async (ratePerSecond) => {
  const clock = new TestClock();
  const result = await loadTest(() => clock.sleep(2), { ratePerSecond, durationMs: 2_000 }, clock);
  expect(result.calls).toBe(2 * ratePerSecond);
  expect(result.callsPerSecond).toBeCloseTo(ratePerSecond, 6);
  const warm = await loadTest(() => undefined, { ratePerSecond, durationMs: 2_000, warmUpMs: 500 }, clock);
  expect(warm.callsPerSecond).toBeCloseTo(warm.calls / 2, 6);
});

test('wrong options are refused by name', async () => {
  const work = (): undefined => undefined;
  await expect(loadTest(work, {})).rejects.toThrow(/either ratePerSecond .* or callers/);
  await expect(loadTest(work, { callers: 1, ratePerSecond: 1 })).rejects.toThrow(/either/);
  await expect(loadTest(work, { callers: 1.5 })).rejects.toThrow(/callers must be a whole number from 1/);
  await expect(loadTest(work, { ratePerSecond: 0 })).rejects.toThrow(/ratePerSecond must be a number above 0/);
  await expect(loadTest(work, { ratePerSecond: 1, expectedIntervalMs: 5 })).rejects.toThrow(/closed loops/);
  await expect(loadTest(work, { caller: 1 } as object)).rejects.toThrow(/did you mean 'callers'/);
});
