// Statements that are asked for side by side in a transaction on a server: reads go in one request, and every statement sees what
// those before it have left, as if each had been awaited.

import { seededRandom } from '@cc/testkit/random';
import { fewestRequestsOf } from '@cc/testkit/requests';
import { describeWithSqld } from '@cc/testkit/targets';
import { count, eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { isDatabaseError } from '../src/index.js';
import { items, openTarget, type TestManager } from './target.js';

const many = 12;
const total = async ({ db }: TestManager): Promise<number> => (await db.select({ n: count() }).from(items))[0]?.n ?? -1;
const nothingThere = ({ db }: TestManager): Promise<unknown> => db.get(sql`select * from nothing_there`);
const codeOf = (reason: unknown): string => (isDatabaseError(reason) ? reason.code : String(reason));

describeWithSqld('side by side on a server', () => {
  it('reads take one request, however many they are', async () => {
    const manager = await openTarget('http');
    const reads = (): Promise<number[]> => Promise.all(Array.from({ length: many }, () => total(manager)));
    const behind = await fewestRequestsOf((i) =>
      manager.transaction(async () => {
        await manager.db.insert(items).values({ name: `item ${i}` });
        expect(await reads()).toEqual(Array(many).fill(i + 1));
      }),
    );
    // The write, the reads, COMMIT.
    expect(behind).toBe(3);
    await manager.read(async () => {
      await total(manager);
      expect(await fewestRequestsOf(reads)).toBe(1);
    });
  });

  it('one that fails fails alone, and the transaction goes on', async () => {
    const manager = await openTarget('http');
    await manager.transaction(async () => {
      const outcomes = await Promise.allSettled([total(manager), nothingThere(manager), total(manager)]);
      expect(outcomes).toMatchObject([{ value: 0 }, { status: 'rejected' }, { value: 0 }]);
      await manager.db.insert(items).values({ name: 'after' });
    });
    expect(await total(manager)).toBe(1);
  });

  it('an error is that of the read alone, with its own statement', async () => {
    const manager = await openTarget('http');
    const [alone] = await manager.read(() => Promise.allSettled([nothingThere(manager)]));
    const [, beside] = await manager.read(() => Promise.allSettled([total(manager), nothingThere(manager)]));
    const told = (outcome: PromiseSettledResult<unknown>): unknown => {
      const error: unknown = outcome.status === 'rejected' ? outcome.reason : null;
      if (!isDatabaseError(error)) return error;
      const { message, type, code, operation, outcome: left, statementIndex, hint } = error;
      return { message, type, code, operation, left, statementIndex, hint };
    };
    expect(told(alone)).toMatchObject({ operation: 'select * from nothing_there' });
    expect(told(beside)).toEqual(told(alone));
  });

  it('a number that JavaScript cannot hold fails the read that asks for it', async () => {
    const manager = await openTarget('http');
    const outcomes = await manager.read(() =>
      Promise.allSettled([total(manager), manager.db.get(sql`select 9223372036854775807`), total(manager)]),
    );
    expect(outcomes).toMatchObject([{ value: 0 }, { reason: { code: 'INTEGER_OUT_OF_RANGE' } }, { value: 0 }]);
  });

  it('answers that are too large for one request come one by one', async () => {
    const manager = await openTarget('http');
    const long = () => manager.db.get<{ text: string }>(sql`select hex(zeroblob(2000000)) as text`);
    const texts = await manager.read(() => Promise.all([long(), long(), long(), long()]));
    expect(texts.map(({ text }) => text.length)).toEqual(Array(4).fill(4_000_000));
  });

  describe.each(['http', 'ws'] as const)('over %s', (target) => {
    const seed = Number(process.env['CC_SEED'] ?? 5);
    it(`random statements are done in the order in which they were asked for, seed ${seed}`, async () => {
      const random = seededRandom(seed);
      const manager = await openTarget(target);
      /** The amounts by name, as far as they are committed. */
      let committed = new Map<string, number>();
      for (let run = 0; run < 25; run += 1) {
        const rows = new Map(committed);
        const expected: unknown[] = [];
        const statements = Array.from({ length: 1 + random.below(12) }, () => {
          const name = `n${random.below(6)}`;
          switch (random.below(6)) {
            case 0: {
              expected.push(rows.has(name) ? 'SQLITE_CONSTRAINT_UNIQUE' : 1);
              if (!rows.has(name)) rows.set(name, 0);
              return async () => (await manager.db.insert(items).values({ name })).rowsAffected;
            }
            case 1: {
              expected.push(rows.has(name) ? 1 : 0);
              if (rows.has(name)) rows.set(name, (rows.get(name) ?? 0) + 1);
              const more = { amount: sql`${items.amount} + 1` };
              return async () => (await manager.db.update(items).set(more).where(eq(items.name, name))).rowsAffected;
            }
            case 2:
              expected.push('SQLITE_ERROR');
              return () => nothingThere(manager);
            case 3:
              expected.push(rows.size);
              return () => total(manager);
            default:
              expected.push(rows.get(name) ?? null);
              return async () => (await manager.db.select().from(items).where(eq(items.name, name)))[0]?.amount ?? null;
          }
        });
        await manager.transaction(async () => {
          const outcomes = await Promise.allSettled(statements.map((statement) => statement()));
          expect(outcomes.map((each) => (each.status === 'fulfilled' ? each.value : codeOf(each.reason)))).toEqual(
            expected,
          );
        });
        committed = rows;
        const stored = await manager.db.select().from(items);
        expect(new Map(stored.map(({ name, amount }) => [name, amount]))).toEqual(committed);
      }
    });
  });
});
