import { expect, it } from 'vitest';
import { comparedRows, comparisonPage } from '../harness/against.js';
import { summarise } from '../harness/measure.js';
import { figuresOf, type RowFigures } from '../harness/result.js';
import type { Suite } from '../harness/suite.js';

const suite: Suite = {
  name: 'toy',
  title: 'A toy',
  reference: 'raw',
  rows: [{ id: 'read', title: 'a read', unit: 'ms' }],
  phases: [
    {
      name: 'reads',
      contenders: ['raw', 'ours'],
      run: async () => ({ rows: {}, durability: [] }),
      inspect: async () => ({ digest: null, facts: {} }),
    },
  ],
  prepare: async () => ({ databasePath: '', inputs: {}, facts: {} }),
};

function figures(values: Readonly<Record<string, number>>, failed = 0): readonly RowFigures[] {
  const trials = Object.entries(values).map(([contender, value]) => ({
    phase: 'reads',
    contender,
    trial: 0,
    report: { rows: { read: { ...summarise([value], 'ms', null), failed } }, durability: [] },
    inspection: { digest: null, facts: {} },
  }));
  return figuresOf(suite, trials);
}

it('divides each contender here by itself there, trial by trial', () => {
  const here = [figures({ raw: 4, ours: 6 }), figures({ raw: 8, ours: 8 }), figures({ raw: 4, ours: 9 })];
  const there = [figures({ raw: 4, ours: 12 }), figures({ raw: 8, ours: 16 }), figures({ raw: 4, ours: 12 })];
  const rows = comparedRows(here, there);
  expect(rows.map(({ contender, ratio }) => [contender, ratio.median, ratio.min, ratio.max])).toEqual([
    ['raw', 1, 1, 1],
    ['ours', 0.5, 0.5, 0.75],
  ]);
  expect(comparisonPage(suite, 'v1', rows)).toContain('| a read | ours | 0.5 [0.5 to 0.75] |');
});

it('compares what both versions measured, and nothing that failed in one of them', () => {
  expect(comparedRows([figures({ raw: 4, ours: 6 })], [figures({ raw: 4 })]).map((row) => row.contender)).toEqual([
    'raw',
  ]);
  expect(comparedRows([figures({ raw: 4 })], [figures({ raw: 4 }, 3)])).toEqual([]);
});
