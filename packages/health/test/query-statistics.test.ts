import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { binOf } from '../src/statistics/histogram.js';
import { QueryStatistics } from '../src/statistics/query-statistics.js';

test('100,000 statements with literals of their own are one statement, and the sums are exact', () => {
  const statistics = new QueryStatistics({ maxStatements: 500, slowQueryMs: 50 });
  for (let i = 0; i < 100_000; i += 1) {
    record(statistics, `select * from items where name = 'n${i}' and id = ${i}`, i % 100, i % 1_000 === 0, 2);
  }
  expect(statistics.statements).toBe(1);
  expect(statistics.slowest(10, 'p95')).toMatchObject([
    {
      statement: 'select * from items where name = ? and id = ?',
      calls: 100_000,
      errors: 100,
      rows: 200_000,
      slowCalls: 50_000,
      totalMs: 4_950_000,
      maxMs: 99,
      share: 1,
    },
  ]);
});

test('statements beyond the limit are counted together, and the sums are exact', () => {
  const statistics = new QueryStatistics({ maxStatements: 20, slowQueryMs: 50 });
  for (let i = 0; i < 30_000; i += 1) record(statistics, `select * from t${i % 3_000}`, 1, false, 1);
  expect(statistics.statements).toBe(20);
  const total = statistics.total();
  expect(total).toMatchObject({ calls: 30_000, totalMs: 30_000, rows: 30_000, slowCalls: 0 });
  const all = statistics.slowest(100, 'total');
  expect(all).toHaveLength(21);
  expect(all[0]).toMatchObject({ statement: '(others)', calls: 30_000 - 20 * 10 });
  expect(statistics.otherCalls).toBe(29_800);
  expect(all.reduce((sum, { calls }) => sum + calls, 0)).toBe(30_000);
});

test('a statement that is called as the rest is called is part of the rest', () => {
  const statistics = new QueryStatistics({ maxStatements: 1, slowQueryMs: 50 });
  for (const sql of ['(others)', 'select 1 from a', 'select 1 from b', '(others)'])
    record(statistics, sql, 1, false, 0);
  expect(statistics.entries().map(([name, { calls }]) => [name, calls])).toEqual([
    ['select ? from a', 1],
    ['(others)', 3],
  ]);
});

test('a flood of long statements is not kept in memory', () => {
  const statistics = new QueryStatistics({ maxStatements: 500, slowQueryMs: 50 });
  const filler = 'x'.repeat(20_000);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 5_000; i += 1) record(statistics, Buffer.from(`select '${filler}${i}'`).toString(), 1, false, 0);
  collectGarbage();
  // 100 MB of text went through; two generations of half a million characters may be remembered. Far from either, so that
  // what else this process allocates decides nothing.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(30_000_000);
  expect(statistics.total().calls).toBe(5_000);
});

test('the worst statements come first by the measure that was asked for', () => {
  const statistics = new QueryStatistics({ maxStatements: 500, slowQueryMs: 50 });
  for (let i = 0; i < 100; i += 1) record(statistics, 'select often', 2, false, 0);
  record(statistics, 'select once', 40, false, 0);
  for (let i = 0; i < 100; i += 1) record(statistics, 'select spiky', i === 0 ? 90 : 0.1, false, 0);
  const order = (by: 'p95' | 'total' | 'max' | 'mean') => statistics.slowest(3, by).map(({ statement }) => statement);
  expect(order('total')).toEqual(['select often', 'select spiky', 'select once']);
  expect(order('p95')).toEqual(['select once', 'select often', 'select spiky']);
  expect(order('max')).toEqual(['select spiky', 'select once', 'select often']);
  expect(order('mean')).toEqual(['select once', 'select often', 'select spiky']);
  expect(statistics.slowest(1, 'total')).toHaveLength(1);
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function record(statistics: QueryStatistics, sql: string, durationMs: number, failed: boolean, rows: number): void {
  statistics.record({ sql, durationMs, rows }, failed ? 'unknown' : null, 0, binOf(durationMs));
}

test('what is counted together is no one statement: nobody looks at its plan', () => {
  const statistics = new QueryStatistics({ maxStatements: 1, slowQueryMs: 50 });
  for (const sql of ['select 1 from a', 'select 1 from b', '(others)', 'select 1 from c'])
    record(statistics, sql, 1, false, 0);
  for (const { planned } of statistics.withoutPlan(10, 1))
    planned({ lines: ['SCAN a'], fullScans: ['a'], runnable: null });
  expect(statistics.slowest(10, 'scan').map(({ statement }) => statement)).toEqual(['select ? from a']);
  expect(statistics.slowest(10, 'total')).toContainEqual(
    expect.objectContaining({ statement: '(others)', plan: null, fullScans: null }),
  );
  expect(statistics.sampleOf('(others)')).toBeUndefined();
});
