// Whoever prints what this package gives out, whole and with all that is hidden in it, prints no key and no token.
import { inspect } from 'node:util';
import { describeWithSqld, placeIn, type TargetName, targets } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openTransactionManager } from '../src/index.js';

const secret = 'a-secret-that-nobody-prints';

function expectUnprinted(value: unknown): void {
  const texts = [
    inspect(value),
    inspect(value, { depth: 12, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }),
    String(Reflect.ownKeys(Object(value)).map((key) => inspect(Reflect.get(Object(value), key), { depth: 12 }))),
  ];
  for (const text of texts) expect(text).not.toContain(secret);
}

const opened = async (name: TargetName) => {
  const place = await placeIn(await temporaryFolder(), name);
  const isServer = place.url.startsWith('http') || place.url.startsWith('ws') || place.syncUrl !== undefined;
  const manager = await openTransactionManager({
    ...place,
    ...(isServer ? { authToken: secret } : name === ':memory:' ? {} : { encryptionKey: secret }),
  });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  return manager;
};

const suite = (name: TargetName) => async (): Promise<void> => {
  const manager = await opened(name);
  await manager.db.run('create table t (a)');
  expectUnprinted(manager);
  expectUnprinted(manager.db);
  expectUnprinted(manager.db.$client);
  expectUnprinted(manager.changes);
  const lease = await manager.getConnection({ mode: 'read' });
  expectUnprinted(lease);
  lease.release();
  await manager.transaction(async (tx) => {
    expectUnprinted(tx);
    expectUnprinted(manager.current());
  });
  expectUnprinted(await manager.db.$client.execute('select 1').catch((error: unknown) => error));
  expectUnprinted(await manager.db.$client.execute('select nothing').catch((error: unknown) => error));
  expectUnprinted(
    await manager.db
      .select()
      .from({} as never)
      .catch((error: unknown) => error),
  );
};

describe('of a manager, its handles, leases, transactions and errors nothing prints a secret', () => {
  test('on a file with a key', suite('file'));
});

describeWithSqld('of a manager with a token nothing prints it', () => {
  test.each(targets.slice(2))('over %s', async (name) => suite(name)());
});
