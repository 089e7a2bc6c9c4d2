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

it('asks of some that they are behind no peer, and shows the lead over the best of them', () => {
  const [row] = suite.rows;
  if (!row) throw new Error('the toy has a row');
  const bars = [{ text: 'ours ≥ each', contender: 'ours', atLeastEach: ['raw', 'peer', 'absent'] }];
  const judgedWith = (values: Readonly<Record<string, number>>) =>
    figuresOf({ ...suite, rows: [{ ...row, bars }] }, trials(values))[0]?.bars;
  expect(judgedWith({ raw: 0, ours: 7, peer: 9 })).toEqual([{ text: bars[0]?.text, measured: -2, met: false }]);
  expect(judgedWith({ raw: 0, ours: 9, peer: 9 })?.[0]).toMatchObject({ measured: 0, met: true });
  expect(judgedWith({ ours: 9 })).toEqual([]);
});

it('says of a contender that took too long that it did not finish', () => {
  const slow: Trial = {
    phase: 'reads',
    contender: 'peer',
    trial: 0,
    report: { rows: {}, durability: [], unfinished: 'no result after 600 s' },
    inspection: { digest: null, facts: {} },
  };
  const rows = figuresOf(suite, [...trials({ raw: 4, ours: 12 }), slow]);
  expect(rows[0]?.contenders['peer']).toMatchObject({ unfinished: true, ratio: null });
  expect(rows[0]?.bars.map(({ text }) => text)).toEqual(['ours ≤ 2 × raw', 'ours ≤ 10 µs']);
  const facts = { machine: {}, prepared: {}, load: { before: 0.1, after: 0.2 } };
  const contenders = ['raw', 'ours', 'peer'];
  const page = pageOf({ title: '', contenders, rows, trials: 1, command: 'run', measuredAt: 'now', ...facts });
  expect(page).toContain('| a read | 4 ms | 12 ms, 3 [3 to 3] | not finished |');
});

it('puts rows of one title into one line, with a column for each', () => {
  const [row] = suite.rows;
  if (!row) throw new Error('the toy has a row');
  const line = { ...row, section: 'Latency', bars: [] };
  const slow = { text: 'p95 ≤ 5 ms', contender: 'raw', atMost: 5 };
  const columns = [
    { ...line, column: 'p50' },
    { ...line, column: 'p95', bars: [slow] },
    { ...line, title: 'a write', column: 'p95' },
  ];
  const rows = figuresOf({ ...suite, rows: columns }, trials({ raw: 4, ours: 12 }));
  const facts = { machine: {}, prepared: {}, load: { before: 0.1, after: 0.2 } };
  const contenders = ['raw', 'ours', 'peer'];
  const page = pageOf({ title: '', contenders, rows, trials: 1, command: 'run', measuredAt: 'now', ...facts });
  expect(page).toContain(
    [
      '| operation | p50 | p95 | bars |',
      '| --- | ---: | ---: | --- |',
      '| a read | 4 ms | 4 ms | met: p95 ≤ 5 ms (4) |',
      '| a write |  | 4 ms |  |',
    ].join('\n'),
  );
});
