// The limits of an offload() whose work is a function: they are those of the whole call, also where no statement runs.
import { describe, expect, it } from 'vitest';
import { openTarget, targets } from './target.js';

const never = (): Promise<never> => new Promise(() => undefined);
/** Counts to a hundred billion. */
const endless =
  'with recursive c(n) as (values (1) union all select n + 1 from c where n < 100000000000) select count(*) from c';

describe.each(targets.filter((name) => name !== ':memory:'))('offload() on %s', (target) => {
  it('ends at its time when its work awaits something else', async () => {
    const manager = await openTarget(target);
    const work = async (): Promise<never> => {
      await manager.db.values('select 1');
      return never();
    };
    await expect(manager.offload(work, { timeoutMs: 2_000 })).rejects.toMatchObject({
      type: 'timeout',
      code: 'OFFLOAD_TIMEOUT',
    });
  });

  it('ends with its signal when its work awaits something else', async () => {
    const manager = await openTarget(target);
    const stop = new AbortController();
    const running = manager.offload(never, { timeoutMs: 240_000, signal: stop.signal });
    stop.abort();
    await expect(running).rejects.toMatchObject({ type: 'aborted', code: 'ABORTED' });
  });

  it('is ended by close() when its work awaits something else', async () => {
    const manager = await openTarget(target);
    const running = manager.offload(never, { timeoutMs: 240_000 });
    const told = running.catch((error: unknown) => error);
    await manager.close({ drainMs: 0 });
    expect(await told).toMatchObject({ type: 'closed', code: 'CLOSED' });
  });

  it('has one time for all its statements', async () => {
    const manager = await openTarget(target);
    const work = async (): Promise<unknown> => {
      await manager.db.values(endless).catch(() => undefined);
      return manager.db.values('select 1');
    };
    const running = manager.offload(work, { timeoutMs: 1_000 });
    await expect(running).rejects.toMatchObject({ code: 'OFFLOAD_TIMEOUT' });
  });
});

it('says how long a call had, whichever statement is the last', async () => {
  const manager = await openTarget('file');
  const work = async (): Promise<unknown> => {
    await manager.db.values('select 1');
    return manager.db.values(endless);
  };
  const running = manager.offload(work, { timeoutMs: 2_000 });
  await expect(running).rejects.toMatchObject({ code: 'OFFLOAD_TIMEOUT', operation: endless });
  await expect(running).rejects.toThrow('within 2000 ms');
});
