// What may be bound, what is converted, what is refused; nothing ends the process or changes a value silently.
import { eq, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindable } from '../src/statements/binding.js';
import { items, openTarget, type TestManager } from './target.js';

const roundTrip = async (manager: TestManager, value: unknown) => {
  const row = await manager.db.$client.execute({
    sql: 'select ? as value, typeof(?1) as type',
    args: [value as never],
  });
  return [row.rows[0]?.value, row.rows[0]?.type];
};

describe('bound values', () => {
  it.each([
    [null, null, 'null'],
    ['text', 'text', 'text'],
    ['日本語 🦊', '日本語 🦊', 'text'],
    ['', '', 'text'],
    [1.5, 1.5, 'real'],
    [2 ** 53 - 1, 2 ** 53 - 1, 'real'],
    [7n, 7, 'integer'],
    [true, 1, 'real'],
    [false, 0, 'real'],
    [new Date(1_700_000_000_123), 1_700_000_000_123, 'real'],
    [1.797e308, 1.797e308, 'real'],
  ])('%s comes back as %s', async (value, expected, type) => {
    const manager = await openTarget(':memory:');
    expect(await roundTrip(manager, value)).toEqual([expected, type]);
  });

  it.each([
    ['Buffer', Buffer.from([1, 2, 3])],
    ['Uint8Array of a larger buffer', new Uint8Array(new Uint8Array([9, 1, 2, 3, 9]).buffer, 1, 3)],
    ['ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
  ])('keeps the bytes of a %s', async (_, value) => {
    const manager = await openTarget(':memory:');
    const [bytes, type] = await roundTrip(manager, value);
    expect([[...new Uint8Array(bytes as ArrayBuffer)], type]).toEqual([[1, 2, 3], 'blob']);
  });

  it.each([
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['a NUL in text', 'a\0b'],
    ['a lone surrogate', 'a\ud800'],
    ['an integer past 64 bits', 2n ** 63n],
    ['an invalid Date', new Date(Number.NaN)],
    ['an object', { a: 1 }],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
  ])('refuses %s with a TypeError that says which parameter', async (_, value) => {
    const manager = await openTarget(':memory:');
    const refused = manager.db.$client.execute({ sql: 'select ?, ?', args: [1, value as never] });
    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow('Parameter 2');
    await expect(refused).rejects.toThrow('(in select ?, ?)');
  });

  it('tells which statement, also of a query that drizzle has made and of a batch', async () => {
    const { db } = await openTarget(':memory:');
    const query = (): PromiseLike<unknown> =>
      db
        .select({ id: items.id })
        .from(items)
        .where(eq(items.name, undefined as never));
    const made = '(in select "id" from "items" where "items"."name" = ?)';
    await expect(query()).rejects.toThrow(made);
    await expect(db.batch([db.select().from(items), query() as never])).rejects.toThrow(made);
    await expect(db.transaction(async () => query())).rejects.toThrow(made);
    const batch = db.$client.batch(['select 1', { sql: 'select  ?,\n ?', args: [1] }]);
    await expect(batch).rejects.toThrow('asks for 2 values and was given 1 (in select ?, ?)');
  });

  it('binds by name with any of the three prefixes', async () => {
    const manager = await openTarget(':memory:');
    const { rows } = await manager.db.$client.execute({
      sql: 'select :a a, @b b, $c c',
      args: { a: 1, '@b': 2, $c: 'x' },
    });
    expect(rows[0]).toMatchObject({ a: 1, b: 2, c: 'x' });
  });

  it('survives anything: a value is bound or refused with a TypeError', async () => {
    const manager = await openTarget(':memory:');
    const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);
    await fc.assert(
      fc.asyncProperty(fc.anything({ withBigInt: true, withDate: true, withTypedArray: true }), async (value) => {
        try {
          bindable([value as never], 'select ?');
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        await roundTrip(manager, value);
      }),
      { seed, numRuns: 2_000 },
    );
  });
});

describe('read values', () => {
  it('refuses an integer that a number cannot keep, and says how to read it', async () => {
    const manager = await openTarget(':memory:');
    const big = manager.db.all(sql`select 9007199254740993 as big`);
    await expect(big).rejects.toMatchObject({ code: 'INTEGER_OUT_OF_RANGE', hint: expect.stringContaining('cast') });
    expect(await manager.db.all(sql`select cast(9007199254740993 as text) as big`)).toEqual([
      { big: '9007199254740993' },
    ]);
    expect(await manager.db.all(sql`select ${9007199254740993n} = 9007199254740993 as same`)).toEqual([{ same: 1 }]);
  });
});
