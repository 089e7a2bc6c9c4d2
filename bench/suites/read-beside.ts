// Reads beside an open write: how long they take, and whether they see what is not committed.
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { ConcurrentOperations } from '../contenders/contender.js';

/** How long the transaction stays open. */
const openMs = 200;
const uncommitted = -1;

/**
 * Reads one row again and again while a transaction that changed it is open, a turn of the event loop between two reads. `dirty`
 * counts those that saw the change.
 */
export async function readBesideWrite(
  operations: Pick<ConcurrentOperations, 'holdWrite' | 'readTriangles'>,
  id: string,
  warmup: number,
): Promise<{ readonly timesMs: readonly number[]; readonly dirty: number }> {
  for (let i = 0; i < warmup; i += 1) await operations.readTriangles(id);
  let holding: Promise<void> = Promise.resolve();
  // Resolves here, outside the transaction: what is read afterwards must not join it.
  await new Promise<void>((opened, failed) => {
    holding = operations.holdWrite(id, uncommitted, () => {
      opened();
      return sleep(openMs);
    });
    holding.catch(failed);
  });
  const timesMs: number[] = [];
  let dirty = 0;
  for (const until = performance.now() + openMs * 0.9; performance.now() < until; ) {
    const started = performance.now();
    if ((await operations.readTriangles(id)) === uncommitted) dirty += 1;
    timesMs.push(performance.now() - started);
    await setImmediate();
  }
  await holding;
  return { timesMs, dirty };
}
