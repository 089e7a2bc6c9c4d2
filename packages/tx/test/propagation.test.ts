// The seven ways a transaction() call relates to the one around it.
import { describe, expect, it } from 'vitest';
import { isDatabaseError } from '../src/index.js';
import { deferred, items, names, openTarget, targets } from './target.js';

describe.each(targets)('propagation on %s', (target) => {
  it("'nested' undoes only its own rows", async () => {
    const manager = await openTarget(target);
    await manager.transaction(async () => {
      await manager.db.insert(items).values({ name: 'outer' });
      const nested = manager.transaction(
        async () => {
          await manager.db.insert(items).values({ name: 'inner' });
          throw new Error('undone');
        },
        { propagation: 'nested' },
      );
      await expect(nested).rejects.toThrow('undone');
    });
    expect(await names(manager)).toEqual(['outer']);
  });

  it("'mandatory' is refused outside and joins inside", async () => {
    const manager = await openTarget(target);
    const mandatory = () => manager.transaction(async (tx) => tx.id, { propagation: 'mandatory' });
    await expect(mandatory()).rejects.toMatchObject({ code: 'TX_REQUIRED', type: 'aborted' });
    await manager.transaction(async (tx) => expect(await mandatory()).toBe(tx.id));
  });

  it("'requires_new' is refused inside a write transaction, where it would wait for itself", async () => {
    const manager = await openTarget(target);
    await manager.transaction(async () => {
      const second = manager.transaction(async () => undefined, { propagation: 'requires_new' });
      await expect(second).rejects.toMatchObject({ code: 'WOULD_DEADLOCK' });
    });
  });

  it("'supports' joins inside and runs without a transaction outside", async () => {
    const manager = await openTarget(target);
    const supports = () => manager.transaction(async () => manager.current()?.id, { propagation: 'supports' });
    expect(await supports()).toBeUndefined();
    await manager.transaction(async (tx) => expect(await supports()).toBe(tx.id));
  });

  it("'not_supported' sets the transaction aside and refuses a write that would wait for it", async () => {
    const manager = await openTarget(target);
    await manager.transaction(async (tx) => {
      await manager.transaction(
        async () => {
          expect(manager.current()).toBeUndefined();
          const write = manager.db.insert(items).values({ name: 'aside' });
          await expect(write).rejects.toMatchObject({ code: 'WOULD_DEADLOCK' });
          const begin = manager.transaction(async () => undefined);
          await expect(begin).rejects.toMatchObject({ code: 'WOULD_DEADLOCK' });
        },
        { propagation: 'not_supported' },
      );
      expect(manager.current()).toBe(tx);
    });
  });

  it("'never' is refused inside a transaction and runs outside", async () => {
    const manager = await openTarget(target);
    const never = () => manager.transaction(async () => 'ran', { propagation: 'never' });
    expect(await never()).toBe('ran');
    await manager.transaction(async () => {
      await expect(never()).rejects.toMatchObject({ code: 'TX_FORBIDDEN' });
    });
  });

  it.each([
    ['required', 'TX_CLOSED'],
    ['nested', 'TX_CLOSED'],
    ['mandatory', 'TX_CLOSED'],
    ['supports', 'TX_CLOSED'],
    ['requires_new', 'ran'],
    ['not_supported', 'ran'],
    ['never', 'ran'],
  ] as const)("'%s' in what a transaction that has ended has left behind: %s", async (propagation, end) => {
    const manager = await openTarget(target);
    const go = deferred();
    let left: Promise<string> = Promise.resolve('');
    await manager.transaction(async () => {
      left = go.promise
        .then(() => manager.transaction(async () => 'ran', { propagation }))
        .catch((error: unknown) => (isDatabaseError(error) ? error.code : 'another error'));
    });
    go.resolve();
    expect(await left).toBe(end);
  });

  it('refuses a write transaction inside a read transaction', async () => {
    const manager = await openTarget(target);
    await manager.read(async () => {
      await expect(manager.transaction(async () => undefined)).rejects.toMatchObject({ code: 'TX_READ_ONLY' });
    });
  });
});

it("lets 'requires_new' write beside a read transaction on a file", async () => {
  const manager = await openTarget('file');
  await manager.read(async () => {
    await manager.transaction(() => manager.db.insert(items).values({ name: 'new' }), { propagation: 'requires_new' });
    expect(await names(manager)).toEqual([]);
  });
  expect(await names(manager)).toEqual(['new']);
});
