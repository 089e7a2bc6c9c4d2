// A generator function as work: a call makes its generator, and nothing of its body ever runs.
import { expect, it } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { rolledBack } from '../src/testing.js';

type Manager = Awaited<ReturnType<typeof openTransactionManager>>;
const kinds: readonly (readonly [string, unknown])[] = [
  ['async function*', async function* () {}],
  ['function*', function* () {}],
];
const calls: Readonly<Record<string, (manager: Manager, work: never) => Promise<unknown>>> = {
  transaction: (manager, work) => manager.transaction(work),
  read: (manager, work) => manager.read(work),
  savepoint: (manager, work) => manager.transaction((tx) => tx.savepoint(work)),
  afterCommit: (manager, work) => manager.transaction(async (tx) => tx.afterCommit(work)),
  'db.transaction': ({ db }, work) => db.transaction(work),
  'tx.transaction': ({ db }, work) => db.transaction((tx) => tx.transaction(work)),
  offload: (manager, work) => manager.offload(work, { timeoutMs: 60_000 }),
  labelled: (manager, work) => manager.labelled('add', work),
  rolledBack,
};

it.each(Object.keys(calls).flatMap((call) => kinds.map(([kind, work]) => [call, kind, work] as const)))(
  '%s refuses an %s',
  async (call, _, work) => {
    await using manager = await openTransactionManager({ url: ':memory:' });
    const refused = calls[call]?.(manager, work as never);
    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow('must not be a generator function');
    await manager.db.run('create table t (a)');
    expect(await manager.db.values('select count(*) from t')).toEqual([[0]]);
  },
);
