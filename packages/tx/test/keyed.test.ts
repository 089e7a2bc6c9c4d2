// Transactions with an idempotencyKey: what they return is the same each time or refused, inside others they join, and
// old keys are let go.
import { describe, expect, it } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { deferred, items, names, openTarget, type TestManager, targets } from './target.js';

class Money {
  readonly cents = 5;
}

const holed: unknown[] = [1];
holed[2] = 3;

/** A list in a list, so many of them. */
function levels(count: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < count; i += 1) value = [value];
  return value;
}

const cycle: unknown[] = [];
cycle.push(cycle);

describe.each(targets)('on %s', (target) => {
  it.each<[string, unknown, string]>([
    ['a Date', new Date(0), 'the result is a Date'],
    ['a Date inside', { rows: [{ at: new Date(0) }] }, 'the result.rows[0].at is a Date'],
    ['a Map', new Map([[1, 2]]), 'the result is a Map'],
    ['a Buffer', { bytes: Buffer.from('x') }, 'the result.bytes is a Buffer'],
    ['NaN', [1, Number.NaN], 'the result[1] is NaN'],
    ['-0', -0, 'the result is -0'],
    ['undefined inside', { a: undefined }, 'the result.a is undefined'],
    ['a bigint', 5n, 'the result is bigint'],
    ['a class', new Money(), 'the result is a Money'],
    ['a hole', { list: holed }, 'the result.list is an array with holes'],
    ['a function', { toJSON: () => 1 }, 'the result.toJSON is function'],
    ['a list of 5,000 levels', levels(5_000), `the result${'[0]'.repeat(20)}… is nested deeper than 500 levels`],
    ['a circle', cycle, 'the result[0] is an object that contains itself'],
  ])('%s is refused before COMMIT, with its place', async (_, result, message) => {
    const manager = await openTarget(target);
    const run = manager.transaction(
      async (tx) => {
        await tx.db.insert(items).values({ name: 'x' });
        return result;
      },
      { idempotencyKey: 'k' },
    );
    await expect(run).rejects.toThrow(TypeError);
    await expect(run).rejects.toThrow(message);
    expect(await names(manager)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text with all kinds of characters', 'a"\u2028 🦊\n'],
    ['nested lists and objects', { a: [1, 2.5, { b: null, c: [true, ''] }], __proto: 1, 'x y': -1e300 }],
    ['a list of 500 levels', levels(500)],
    ['a key named __proto__', JSON.parse('{"__proto__": 1}')],
  ])('%s comes back the same the second time', async (_, result) => {
    const manager = await openTarget(target);
    const run = (): Promise<unknown> => manager.transaction(async () => result, { idempotencyKey: 'k' });
    expect(await run()).toStrictEqual(result);
    expect(await run()).toStrictEqual(result);
  });

  it('a keyed call inside a transaction joins it: committed with it, undone with it, run once', async () => {
    const manager = await openTarget(target);
    const undone = manager.transaction(async () => {
      expect(await pay(manager, 'k')).toBe('paid 1');
      throw new Error('undo');
    });
    await expect(undone).rejects.toThrow('undo');
    await manager.transaction(async () => {
      expect(await pay(manager, 'k')).toBe('paid 1');
      expect(await pay(manager, 'k')).toBe('paid 1');
    });
    expect(await pay(manager, 'k')).toBe('paid 1');
    expect(await names(manager)).toEqual(['payment 1']);
  });

  it('in a savepoint it is undone with the savepoint', async () => {
    const manager = await openTarget(target);
    await manager.transaction(async (tx) => {
      await tx
        .savepoint(async () => {
          await pay(manager, 'k');
          throw new Error('undo');
        })
        .catch(() => undefined);
      await manager.transaction(async () => pay(manager, 'k'), { propagation: 'nested' });
    });
    expect(await names(manager)).toEqual(['payment 1']);
  });
});

describe.each(['file', ':memory:'] as const)('on %s', (target) => {
  it('two calls at once with one key inside a transaction run once', async () => {
    const manager = await openTarget(target);
    const [a, b] = await manager.transaction(() => Promise.all([pay(manager, 'k'), pay(manager, 'k')]));
    expect([a, b]).toEqual(['paid 1', 'paid 1']);
    expect(await names(manager)).toEqual(['payment 1']);
  });

  it('a keyed block that calls itself is refused instead of waiting for itself', async () => {
    const manager = await openTarget(target);
    const inner = (): Promise<unknown> => manager.transaction(async () => 1, { idempotencyKey: 'k' });
    await expect(manager.transaction(inner, { idempotencyKey: 'k' })).rejects.toThrow(/calls itself/);
    await expect(manager.transaction(() => manager.transaction(inner, { idempotencyKey: 'k' }))).rejects.toThrow(
      /calls itself/,
    );
  });

  it('keys older than outcomeTtlMs are let go', async () => {
    const manager = await openTarget(target, { outcomeTtlMs: 3_600_000 });
    await pay(manager, 'old');
    await manager.db.run('update __cc_outcomes set committed_at = committed_at - 4000000');
    await pay(manager, 'new');
    expect((await manager.db.$client.execute('select key from __cc_outcomes')).rows.map(({ key }) => key)).toEqual([
      'new',
    ]);
    expect(await pay(manager, 'old')).toBe('paid 3');
  });

  it('of very many old keys some are let go at a time, that of the call among them', async () => {
    const manager = await openTarget(target, { outcomeTtlMs: 3_600_000 });
    await pay(manager, 'first');
    await manager.db.run(`with recursive n(i) as (values (1) union all select i + 1 from n where i < 1200)
      insert into __cc_outcomes (key, result, committed_at) select 'old' || i, '"paid"', i from n`);
    const left: unknown[] = [];
    for (const key of ['old1200', 'a', 'b']) {
      expect(await pay(manager, key)).toMatch(/^paid \d$/);
      const [row] = (
        await manager.db.$client.execute(`select count(*) as n from __cc_outcomes where committed_at < 2000`)
      ).rows;
      left.push(row?.['n']);
    }
    expect(left).toEqual([699, 199, 0]);
  });

  it('a key that has expired and was not let go yet runs again', async () => {
    const manager = await openTarget(target, { outcomeTtlMs: 3_600_000 });
    await pay(manager, 'k');
    await manager.db.run('update __cc_outcomes set committed_at = committed_at - 4000000');
    expect(await pay(manager, 'k')).toBe('paid 2');
    expect(await pay(manager, 'k')).toBe('paid 2');
  });
});

it('the same key of another database is another key, also inside', async () => {
  const [orders, payments] = [await openTarget('file'), await openTarget(':memory:')];
  const paid = orders.transaction(() => payments.transaction(() => pay(payments, 'k')), { idempotencyKey: 'k' });
  expect(await paid).toBe('paid 1');
});

it('is refused where nothing would be committed', async () => {
  const manager = await openTarget('file');
  const entered = deferred();
  entered.resolve();
  for (const options of [
    { mode: 'read' },
    { propagation: 'supports' },
    { propagation: 'not_supported' },
    { propagation: 'never' },
  ] as const) {
    await expect(manager.transaction(async () => 1, { ...options, idempotencyKey: 'k' })).rejects.toThrow(TypeError);
  }
  await expect(openTransactionManager({ url: ':memory:', outcomeTtlMs: 0 })).rejects.toThrow(TypeError);
});

/** A service of its own, which keeps its payments to one for each key. */
function pay(manager: TestManager, idempotencyKey: string): Promise<string> {
  return manager.transaction(
    async (tx) => {
      const payments = (await tx.db.$count(items)) + 1;
      await tx.db.insert(items).values({ name: `payment ${payments}` });
      return `paid ${payments}`;
    },
    { idempotencyKey },
  );
}
