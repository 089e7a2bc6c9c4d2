// What is answered or refused without reaching the database must not keep the event loop either: limits and signals hold in
// loops of it, and the caller hears of them also when the work swallows every error. A timer counts; a loop that starves it
// gives up by itself, so that a fault is a failed test and not a process that hangs.
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { createErrorHandler, openTransactionManager } from '../src/index.js';
import { items, openTarget, type TestManager } from './target.js';

const givesUpAfterMs = 60_000;
const targets = ['file', ':memory:'] as const;
type Call = (manager: TestManager) => Promise<unknown>;

const swallowed =
  (call: Call): Call =>
  (manager) =>
    call(manager).catch(() => undefined);

const refusals: Record<string, Call> = {
  'a value that cannot be bound': (manager) => manager.db.run(sql`select ${Number.NaN}`),
  'the same with get': (manager) => manager.db.get(sql`select ${Number.NaN}`),
  'the same with all': (manager) => manager.db.all(sql`select ${Number.NaN}`),
  'the same with values': (manager) => manager.db.values(sql`select ${Number.NaN}`),
  'SQL of transactions': (manager) => manager.db.run(sql`begin`),
  'SQL that is none': (manager) => manager.db.run('nonsense'),
  'a table that is missing': (manager) => manager.db.all(sql`select * from nowhere`),
  'a value that the client cannot bind': (manager) => manager.db.$client.execute('select ?', [Number.NaN]),
  'a COMMIT in a batch': (manager) => manager.db.$client.batch(['commit']),
  'an unknown option': (manager) => manager.transaction(async () => 1, { propagation: 'x' as never }),
  'work that is no function': (manager) => manager.transaction(5 as never),
  'a signal that has fired': (manager) => manager.transaction(async () => 1, { signal: AbortSignal.abort() }),
  'a path that is none': (manager) => manager.backup(''),
  'an offload of nothing': (manager) => manager.offload(5 as never, { timeoutMs: 1 }),
  'sync without a server': (manager) => manager.sync(),
  'sync of the client without a server': (manager) => manager.db.$client.sync(),
  'an opening with a wrong option': () => openTransactionManager({ url: 'nowhere' }),
  'a wrong lease': (manager) => manager.getConnection({ timeoutMs: -1 }),
};

const inside: Record<string, Call> = {
  'joined blocks': (manager) => manager.transaction(async () => 1),
  'joined reads': (manager) => manager.read(async () => 1),
  supports: (manager) => manager.transaction(async () => 1, { propagation: 'supports' }),
  mandatory: (manager) => manager.transaction(async () => 1, { propagation: 'mandatory' }),
  not_supported: (manager) => manager.transaction(async () => 1, { propagation: 'not_supported' }),
  never: swallowed((manager) => manager.transaction(async () => 1, { propagation: 'never' })),
  requires_new: swallowed((manager) => manager.transaction(async () => 1, { propagation: 'requires_new' })),
  'empty batches': (manager) => manager.batch([]),
  'empty batches of the client': (manager) => manager.db.$client.batch([]),
  scripts: swallowed((manager) => manager.db.$client.executeMultiple('')),
  'offloaded reads': swallowed((manager) => manager.offload(async () => 1, { timeoutMs: 1 })),
  savepoints: (manager) => manager.transaction(async () => 1, { propagation: 'nested' }),
};

const outside: Record<string, Call> = {
  'no transaction': (manager) => manager.transaction(async () => 1, { propagation: 'never' }),
  mandatory: swallowed((manager) => manager.transaction(async () => 1, { propagation: 'mandatory' })),
  'empty batches': (manager) => manager.batch([]),
  'empty scripts': (manager) => manager.db.$client.executeMultiple(''),
  'empty migrations': (manager) => manager.db.$client.migrate([]),
  leases: async (manager) => (await manager.getConnection()).release(),
  'read leases': async (manager) => (await manager.getConnection({ mode: 'read' })).release(),
  'interactive transactions': async (manager) => (await manager.db.$client.transaction()).rollback(),
  'recoveries of what cannot be': (manager) => createErrorHandler(manager).attemptRecovery(new Error('none')),
  'offloads of nothing': swallowed((manager) => manager.offload(async () => 1, { timeoutMs: 1 })),
};

const calls = (own: Record<string, Call>): [string, Call][] => [
  ...Object.entries(own),
  ...Object.entries(refusals).map(([name, call]): [string, Call] => [`refusals of ${name}`, swallowed(call)]),
];

/** Runs `call` until a timer has ticked three times. */
async function ticksBeside(call: () => Promise<unknown>): Promise<number> {
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 1);
  const giveUp = performance.now() + givesUpAfterMs;
  while (ticks < 3 && performance.now() < giveUp) await call();
  clearInterval(timer);
  return ticks;
}

/** Runs `call` until `stopped`. */
async function endlessly(call: () => Promise<unknown>, stopped: () => boolean): Promise<void> {
  const giveUp = performance.now() + givesUpAfterMs;
  while (!stopped() && performance.now() < giveUp) await call();
}

describe.each(targets)('on %s', (target) => {
  it.each(calls(outside))('a timer fires beside %s', async (_, call) => {
    const manager = await openTarget(target);
    expect(await ticksBeside(() => call(manager))).toBe(3);
  });

  it.each(calls(inside))('timeoutMs ends a transaction of nothing but %s', async (_, call) => {
    const manager = await openTarget(target);
    let heard = false;
    let held = true;
    const running = manager.transaction(
      async () => {
        const loop = endlessly(
          () => call(manager).catch(() => undefined),
          () => heard,
        );
        await loop;
        held = heard;
      },
      { timeoutMs: 20 },
    );
    const outcome = await running.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(held).toBe(true);
    heard = true;
    expect(outcome).toMatchObject({ code: 'TX_TIMEOUT' });
  });

  it.each<[string, (loop: () => Promise<void>, manager: TestManager) => Promise<unknown>, string]>([
    ['its time is up', (loop, manager) => manager.transaction(loop, { timeoutMs: 20 }), 'TX_TIMEOUT'],
    [
      'its signal has fired',
      (loop, manager) => manager.transaction(loop, { signal: AbortSignal.timeout(20) }),
      'ABORTED',
    ],
    [
      'its signal has fired in a savepoint',
      (loop, manager) =>
        manager.transaction(() =>
          manager.transaction(loop, { propagation: 'nested', signal: AbortSignal.timeout(20) }),
        ),
      'ABORTED',
    ],
  ])('the caller hears at once that %s, though the work swallows every refusal', async (_, run, code) => {
    const manager = await openTarget(target);
    let heard = false;
    let ended = false;
    const running = run(async () => {
      await endlessly(
        () => manager.db.get(sql`select 1`).catch(() => undefined),
        () => heard,
      );
      ended = true;
    }, manager);
    await expect(running).rejects.toMatchObject({ code });
    expect(ended).toBe(false);
    heard = true;
    expect(await manager.db.$count(items)).toBe(0);
  });

  it('other work goes on beside loops over a transaction that has ended, a lost lease and a closed manager', async () => {
    const manager = await openTarget(target);
    const tx = await manager.transaction(async (kept) => kept);
    expect(await ticksBeside(() => tx.db.run(sql`select 1`).catch(() => undefined))).toBe(3);
    expect(await ticksBeside(() => tx.savepoint(async () => 1).catch(() => undefined))).toBe(3);
    const lease = await manager.getConnection();
    const { client } = lease;
    lease.release();
    expect(await ticksBeside(() => client.execute('select 1').catch(() => undefined))).toBe(3);
    expect(await ticksBeside(() => client.batch(['select 1']).catch(() => undefined))).toBe(3);
    const interactive = await manager.db.$client.transaction();
    await interactive.rollback();
    for (const call of [
      () => interactive.execute('select 1'),
      () => interactive.batch([]),
      () => interactive.executeMultiple(''),
      () => interactive.commit(),
      () => interactive.rollback(),
    ])
      expect(await ticksBeside(() => call().catch(() => undefined))).toBe(3);
    await manager.close();
    for (const call of [
      () => manager.db.get(sql`select 1`),
      () => manager.db.run(sql`delete from items`),
      () => manager.transaction(async () => 1),
      () => manager.getConnection(),
      () => manager.db.$client.executeMultiple(''),
      () => manager.db.$client.transaction(),
      () => manager.close(),
    ])
      expect(await ticksBeside(() => call().catch(() => undefined))).toBe(3);
  });
});

describe('the error of a limit', () => {
  it.each([
    ['the transaction', 'required', /^The transaction ran longer than 5 ms and was rolled back/],
    ['the nested block alone', 'nested', /^The nested block ran longer than 5 ms and was undone alone/],
  ] as const)('says that it was %s', async (_, propagation, message) => {
    const manager = await openTarget('file');
    const limited = (): Promise<unknown> =>
      manager.transaction(() => new Promise(() => undefined), { propagation, timeoutMs: 5 });
    const running = propagation === 'nested' ? manager.transaction(limited) : limited();
    await expect(running).rejects.toMatchObject({ code: 'TX_TIMEOUT', message: expect.stringMatching(message) });
  });

  it('says of a joined block that the transaction around it can only be rolled back', async () => {
    const manager = await openTarget('file');
    const running = manager.transaction(() =>
      manager.transaction(() => new Promise(() => undefined), { timeoutMs: 5 }),
    );
    await expect(running).rejects.toThrow(
      /^The joined block ran longer than 5 ms and leaves the transaction around it/,
    );
  });
});
