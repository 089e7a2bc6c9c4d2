import { expect, it } from 'vitest';
import type { Trial } from '../harness/equality.js';
import { summarise } from '../harness/measure.js';
import { figuresOf } from '../harness/result.js';
import type { Suite } from '../harness/suite.js';
import { pageOf } from '../harness/table.js';

const bars = [
  { text: 'ours ≤ 2 × raw', contender: 'ours', against: 'raw', atMost: 2 },
  { text: 'peer ≥ 4 × ours', contender: 'peer', against: 'ours', atLeast: 4 },
  { text: 'ours ≤ 10 µs', contender: 'ours', atMost: 10 },
  { text: 'peer : raw', contender: 'peer', against: 'raw' },
];
const suite: Suite = {
  name: 'toy',
  title: 'A toy',
  reference: 'raw',
  rows: [{ id: 'read', title: 'a read', unit: 'ms', bars }],
  phases: [
    {
      name: 'reads',
      contenders: ['raw', 'ours', 'peer'],
      run: async () => ({ rows: {}, durability: [] }),
      inspect: async () => ({ digest: null, facts: {} }),
    },
  ],
  prepare: async () => ({ databasePath: '', inputs: {}, facts: {} }),
};

function trials(values: Readonly<Record<string, number>>, failed: Readonly<Record<string, number>> = {}): Trial[] {
  return Object.entries(values).map(([contender, value]) => {
    const read = { ...summarise([value], 'ms', null), failed: failed[contender] ?? 0 };
    const report = { rows: { read }, durability: [] };
    return { phase: 'reads', contender, trial: 0, report, inspection: { digest: null, facts: {} } };
  });
}

it('judges each bar by the ratio or the value it is about', () => {
  const [row] = figuresOf(suite, trials({ raw: 4, ours: 12, peer: 48 }));
  expect(row?.bars).toEqual([
    { text: 'ours ≤ 2 × raw', measured: 3, met: false },
    { text: 'peer ≥ 4 × ours', measured: 4, met: true },
    { text: 'ours ≤ 10 µs', measured: 12, met: false },
    { text: 'peer : raw', measured: 12, met: null },
  ]);
});

it('gives no ratio to a contender that failed some of its operations', () => {
  const [row] = figuresOf(suite, trials({ raw: 4, ours: 8, peer: 1 }, { peer: 199 }));
  expect(row?.contenders['ours']?.ratio?.median).toBe(2);
  expect(row?.contenders['peer']).toMatchObject({ ratio: null, failed: 199 });
});

it('shows values, ratios, failures and verdicts in one table', () => {
  const rows = figuresOf(suite, trials({ raw: 4, ours: 8, peer: 1 }, { peer: 199 }));
  const facts = { machine: { cores: 2 }, prepared: {}, load: { before: 0.1, after: 0.2 } };
  const { title } = suite;
  const contenders = ['raw', 'ours', 'peer'];
  const page = pageOf({ title, contenders, rows, trials: 1, command: 'run', measuredAt: 'now', ...facts });
  expect(page).toContain('| a read | 4 ms | 8 ms, 2 [2 to 2] | 199 failed | met: ours ≤ 2 × raw (2)<br>');
});

it('gives a section a table of its own, with its own reference and without the contenders that are not in it', () => {
  const [row] = suite.rows;
  if (!row) throw new Error('the toy has a row');
  const apart = { ...row, section: 'By the peer', reference: 'peer', bars: [] };
  const rows = figuresOf({ ...suite, rows: [row, apart] }, trials({ ours: 12, peer: 48 }));
  expect(rows[1]?.contenders['ours']?.ratio?.median).toBe(0.25);
  const facts = { machine: {}, prepared: {}, load: { before: 0.1, after: 0.2 } };
  const contenders = ['raw', 'ours', 'peer'];
  const page = pageOf({ title: '', contenders, rows, trials: 1, command: 'run', measuredAt: 'now', ...facts });
  expect(page).toContain(
    '## By the peer\n\n| operation | peer | ours | bars |\n| --- | ---: | ---: | --- |\n| a read | 48 ms | 12 ms, 0.25',
  );
});
