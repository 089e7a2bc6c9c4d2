// Tests that roll back at their end, on every target. Real runners are in processes/runners.test.ts.
import { AsyncLocalStorage } from 'node:async_hooks';
import { describeWithSqld } from '@cc/testkit/targets';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { isDatabaseError, openTransactionManager } from '../src/index.js';
import { beginRolledBack, rollBackEach, rolledBack } from '../src/testing.js';
import { inTime, items, names, openTarget, type TargetName, type TestManager, targets } from './target.js';

/** Runs `work` in an async context that knows nothing of the caller's, as test runners run bodies and hooks. */
const elsewhere = AsyncLocalStorage.snapshot();

const code = (error: unknown): string => (isDatabaseError(error) ? error.code : String(error));
const failure = (work: Promise<unknown>): Promise<string> => work.then(() => 'no failure', code);
const insert = (manager: TestManager, name: string): Promise<unknown> => manager.db.insert(items).values({ name });

for (const target of targets) {
  const suite = target === 'file' || target === ':memory:' ? describe : describeWithSqld;
  suite(`a test that rolls back on ${target}`, () => cases(target));
}

function cases(target: TargetName): void {
  it('sees what it writes, and nothing of it is there afterwards', async () => {
    const manager = await openTarget(target);
    await insert(manager, 'before');
    const seen = await rolledBack(manager, async (tx) => {
      await insert(manager, 'ada');
      await tx.db.insert(items).values({ name: 'bob' });
      await manager.db.run(sql`create table more (id integer primary key)`);
      return manager.read(() => names(manager));
    });
    expect(seen).toEqual(['before', 'ada', 'bob']);
    expect(await names(manager)).toEqual(['before']);
    expect(await manager.db.all(sql`select name from sqlite_schema where name = 'more'`)).toEqual([]);
    await insert(manager, 'ada');
    expect(await names(manager)).toEqual(['before', 'ada']);
  });

  it('rolls back when its body throws, and passes the error on', async () => {
    const manager = await openTarget(target);
    const body = async (): Promise<never> => {
      await insert(manager, 'ada');
      throw new RangeError('red');
    };
    await expect(rolledBack(manager, body)).rejects.toThrow(RangeError);
    expect(await names(manager)).toEqual([]);
    expect(manager.current()).toBeUndefined();
  });

  it('is joined from every async context between its begin and its end', async () => {
    const manager = await openTarget(target);
    const test = await elsewhere(() => beginRolledBack(manager));
    await elsewhere(() => insert(manager, 'fixture'));
    const seen = await elsewhere(async () => {
      await manager.transaction(() => insert(manager, 'body'));
      await manager.batch([manager.db.insert(items).values({ name: 'batch' })]);
      await manager.db.transaction((tx) => tx.insert(items).values({ name: 'drizzle' }));
      await manager.db.$client.execute({ sql: 'insert into items (name) values (?)', args: ['client'] });
      return names(manager);
    });
    expect(seen).toEqual(['fixture', 'body', 'batch', 'drizzle', 'client']);
    await elsewhere(() => test.end());
    await test.end();
    expect(await names(manager)).toEqual([]);
  });

  it('a transaction of the code under test is undone alone when it fails, and the test goes on', async () => {
    const manager = await openTarget(target);
    const told: string[] = [];
    const seen = await rolledBack(manager, async () => {
      await insert(manager, 'kept');
      const failed = await failure(
        manager.transaction(async (tx) => {
          tx.afterRollback(() => void told.push('undone'));
          tx.afterCommit(() => void told.push('never'));
          await insert(manager, 'undone');
          tx.rollback();
        }),
      );
      expect(failed).toBe('TX_ROLLBACK');
      return names(manager);
    });
    expect(seen).toEqual(['kept']);
    expect(told).toEqual(['undone']);
  });

  it('a transaction of the code under test runs its hooks when it has ended, and they may write', async () => {
    const manager = await openTarget(target);
    const told: string[] = [];
    await rolledBack(manager, async (test) => {
      test.afterCommit(() => void told.push('the test itself never commits'));
      await manager.transaction(async (tx) => {
        tx.afterCommit(async () => {
          await manager.transaction(() => insert(manager, 'hook'));
          told.push('committed');
        });
        await manager.transaction(() => insert(manager, 'joined'));
        await tx.savepoint(() => insert(manager, 'saved'));
        expect(told).toEqual([]);
      });
      expect(told).toEqual(['committed']);
      expect(await names(manager)).toEqual(['joined', 'saved', 'hook']);
    });
    expect(told).toEqual(['committed']);
    expect(await names(manager)).toEqual([]);
  });

  it('a swallowed failure of a joined block still leaves the transaction around it good for a rollback only', async () => {
    const manager = await openTarget(target);
    await rolledBack(manager, async () => {
      const outer = manager.transaction(async () => {
        await insert(manager, 'lost');
        const inner = async (): Promise<never> => {
          throw new Error('inner');
        };
        await manager.transaction(inner).catch(() => undefined);
      });
      expect(await failure(outer)).toBe('TX_ROLLBACK_ONLY');
      expect(await names(manager)).toEqual([]);
    });
  });

  it('propagation means what it means outside a test', async () => {
    const manager = await openTarget(target);
    const write = (name: string) => () => insert(manager, name);
    await rolledBack(manager, async () => {
      expect(await failure(manager.transaction(write('none'), { propagation: 'mandatory' }))).toBe('TX_REQUIRED');
      for (const propagation of ['supports', 'not_supported', 'never', 'nested', 'requires_new'] as const)
        await manager.transaction(write(propagation), { propagation });
      expect(await names(manager)).toEqual(['supports', 'not_supported', 'never', 'nested', 'requires_new']);
      await manager.transaction(async () => {
        await manager.transaction(write('mandatory'), { propagation: 'mandatory' });
        for (const [propagation, expected] of [
          ['never', 'TX_FORBIDDEN'],
          ['requires_new', 'WOULD_DEADLOCK'],
          ['not_supported', 'WOULD_DEADLOCK'],
        ] as const)
          expect(await failure(manager.transaction(write('none'), { propagation }))).toBe(expected);
      });
      expect(await failure(manager.read(write('none')))).toBe('TX_READ_ONLY');
    });
    expect(await names(manager)).toEqual([]);
  });

  it('a key takes effect once inside the test and is free after it', async () => {
    const manager = await openTarget(target);
    const work = async (): Promise<number> => {
      await insert(manager, 'keyed');
      return 7;
    };
    const pay = (): Promise<number> => manager.transaction(work, { idempotencyKey: 'pay' });
    for (const _ of [1, 2]) {
      await rolledBack(manager, async () => {
        expect([await pay(), await pay()]).toEqual([7, 7]);
        expect(await names(manager)).toEqual(['keyed']);
      });
      expect(await names(manager)).toEqual([]);
    }
  });

  it('transactions of the code under test run one after another', async () => {
    const manager = await openTarget(target);
    await rolledBack(manager, async () => {
      await insert(manager, 'counted');
      const add = async (): Promise<void> => {
        const [row] = await manager.db.select().from(items);
        await manager.db.update(items).set({ amount: (row?.amount ?? 0) + 1 });
      };
      await Promise.all(Array.from({ length: 5 }, () => manager.transaction(add)));
      expect((await manager.db.select().from(items)).map(({ amount }) => amount)).toEqual([5]);
    });
  });

  it('work that outlives it is refused, also while the next test runs', async () => {
    const manager = await openTarget(target);
    let wake = (): void => undefined;
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let late: Promise<string[]> | undefined;
    await rolledBack(manager, async () => {
      late = (async () => {
        await asleep;
        return [
          await failure(insert(manager, 'late')),
          await failure(manager.transaction(() => insert(manager, 'late'))),
        ];
      })();
    });
    await rolledBack(manager, async () => {
      wake();
      expect(await late).toEqual(['TX_CLOSED', 'TX_CLOSED']);
      expect(await names(manager)).toEqual([]);
    });
    expect(await names(manager)).toEqual([]);
  });

  it('fails when it leaves a transaction behind', async () => {
    const manager = await openTarget(target);
    let left: Promise<string> | undefined;
    const body = async (): Promise<void> => {
      const endless = (): Promise<void> => new Promise(() => undefined);
      left = failure(manager.transaction(endless, { timeoutMs: 200 }));
    };
    expect(await failure(rolledBack(manager, body))).toBe('TX_UNAWAITED_WORK');
    // Refused where the test has ended before it had begun.
    expect(await left).toMatch(/TX_TIMEOUT|TX_CLOSED/);
    expect(await names(manager)).toEqual([]);
  });

  it('a second one, one inside a transaction and what needs a connection of its own are refused', async () => {
    const manager = await openTarget(target);
    expect(await failure(manager.transaction(() => rolledBack(manager, () => undefined)))).toBe('TX_FORBIDDEN');
    const test = await beginRolledBack(manager);
    expect(await failure(beginRolledBack(manager))).toBe('TX_FORBIDDEN');
    expect(await failure(rolledBack(manager, () => undefined))).toBe('TX_FORBIDDEN');
    expect(await failure(manager.getConnection())).toBe('WOULD_DEADLOCK');
    expect(await failure(manager.db.$client.migrate(['create table x (id)']))).toBe('WOULD_DEADLOCK');
    const all = manager.offload(manager.db.select().from(items), { timeoutMs: 60_000 });
    expect(await failure(all)).toBe(target === ':memory:' ? 'UNSUPPORTED' : 'TX_FORBIDDEN');
    await insert(manager, 'still good');
    await test.end();
    expect(await names(manager)).toEqual([]);
  });

  it('ends by its signal and by its time, and the next test begins', async () => {
    const manager = await openTarget(target);
    const hang = async (): Promise<void> => {
      await insert(manager, 'hung');
      stop.abort();
      await new Promise(() => undefined);
    };
    const stop = new AbortController();
    expect(await failure(rolledBack(manager, hang, { signal: stop.signal }))).toBe('ABORTED');
    expect(await failure(rolledBack(manager, hang, { timeoutMs: 100 }))).toBe('TX_TIMEOUT');
    const late = await inTime(() => beginRolledBack(manager, { timeoutMs: 100 }));
    await expect.poll(() => failure(names(manager))).toBe('TX_CLOSED');
    expect(await failure(insert(manager, 'late'))).toBe('TX_CLOSED');
    expect(await failure(late.end())).toBe('TX_TIMEOUT');
    expect(await rolledBack(manager, () => names(manager))).toEqual([]);
    expect(await names(manager)).toEqual([]);
  });

  it('is ended when the manager closes, at once', async () => {
    const manager = await openTarget(target);
    const test = await beginRolledBack(manager);
    await insert(manager, 'forgotten');
    await manager.close({ drainMs: 3_600_000 });
    await test.end();
    expect(await failure(names(manager))).toBe('CLOSED');
  });

  it('an abandoned one leaves a manager that does no more', async () => {
    const manager = await openTarget(target);
    const test = await beginRolledBack(manager);
    await test.end({ abandoned: true });
    expect(await failure(insert(manager, 'late'))).toBe('TX_CLOSED');
    expect(await failure(manager.transaction(() => insert(manager, 'late')))).toBe('TX_CLOSED');
    await expect(beginRolledBack(manager)).rejects.toThrow('given up');
    await manager.close({ drainMs: 3_600_000 });
  });
}

describe('a test that rolls back', () => {
  it('reports its statements and transactions as events', async () => {
    const manager = await openTarget('file');
    const events: string[] = [];
    manager.subscribe((event) => {
      if (event.type === 'transaction') events.push(`${event.phase} ${event.depth}`);
    });
    await rolledBack(manager, () => manager.transaction(() => insert(manager, 'ada')));
    expect(events).toEqual(['begin 0', 'begin 1', 'commit 1', 'rollback 0']);
  });

  it('hooks of a runner begin and end it', async () => {
    const manager = await openTarget('file');
    const hooks: { before?: () => Promise<void>; after?: (...context: unknown[]) => Promise<void> } = {};
    rollBackEach(() => manager, {
      beforeEach: (hook) => {
        hooks.before = hook;
      },
      afterEach: (hook) => {
        hooks.after = hook;
      },
    });
    // jest and mocha hand a callback to hooks that name a parameter.
    expect([hooks.before?.length, hooks.after?.length]).toEqual([0, 0]);
    await hooks.before?.();
    await insert(manager, 'ada');
    await hooks.after?.();
    await hooks.before?.();
    expect(await names(manager)).toEqual([]);
    await hooks.after?.({ signal: new AbortController().signal });
    expect(await names(manager)).toEqual([]);
  });

  it('takes managers, functions and known options only', async () => {
    const manager = await openTransactionManager({ url: ':memory:' });
    const wrong = (value: unknown): never => value as never;
    await expect(rolledBack(wrong({}), () => undefined)).rejects.toThrow('no transaction manager');
    await expect(rolledBack(manager, wrong(undefined))).rejects.toThrow(TypeError);
    await expect(rolledBack(manager, () => undefined, wrong({ timeout: 1 }))).rejects.toThrow('timeoutMs');
    await expect(beginRolledBack(manager, wrong({ timeout: 1 }))).rejects.toThrow('timeoutMs');
    await expect(beginRolledBack(manager, { timeoutMs: Number.NaN })).rejects.toThrow('timeoutMs');
    await manager.close();
    expect(await failure(beginRolledBack(manager))).toBe('CLOSED');
  });
});
