// docs/tuning.md has a table for each work of the suite, with the settings and figures of the results.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Trial } from '../harness/equality.js';
import { summarise } from '../harness/measure.js';
import { figuresOf } from '../harness/result.js';
import type { SuiteResult } from '../performance/results.js';
import { withTuningTables } from '../performance/tuning.js';
import { rowId, tuning } from '../suites/tuning.js';
import { asItIs, tuned } from '../suites/tuning-settings.js';

const page = readFileSync(new URL('../../docs/tuning.md', import.meta.url), 'utf8');
const around = { command: 'run', measuredAt: 'now', machine: {}, load: { before: 0, after: 0 } };

/** As if each setting took twice as long as the one before it. */
function madeUp(works: typeof tuned): SuiteResult {
  const trials = works.flatMap((each) =>
    Object.keys(each.settings).map((contender, i): Trial => {
      const rows = each.rows.map(({ id }) => [rowId(each, id), summarise([2 ** i], 'ms', null)] as const);
      const report = { rows: Object.fromEntries(rows), durability: [] };
      return { phase: each.name, contender, trial: 0, report, inspection: { digest: null, facts: {} } };
    }),
  );
  return { suite: tuning.name, title: tuning.title, rows: figuresOf(tuning, trials), ...around };
}

it('has a table for each work, and says how to measure where nothing is measured', () => {
  const marked = [...page.matchAll(/^<!-- begin (\S+) -->$/gm)].map(([, name]) => name);
  expect(marked).toEqual(expect.arrayContaining(tuned.map(({ name }) => name)));
  expect(withTuningTables(page, undefined).match(/^Not measured yet/gm)).toHaveLength(marked.length);
});

it('shows each setting with its value, and what that is of the default', () => {
  const [durability] = tuned;
  if (!durability) throw new Error('the suite has works');
  const text = '<!-- begin durability -->\nold\n<!-- end durability -->\n';
  expect(withTuningTables(text, madeUp([durability])).split('\n')).toEqual([
    '<!-- begin durability -->',
    '|  | a commit, mean |',
    '| --- | ---: |',
    `| ${asItIs} | 1 µs |`,
    '| `synchronous FULL` | 2 µs, 2 × |',
    '| `synchronous OFF` | 4 µs, 4 × |',
    '| `journal_mode DELETE` | 8 µs, 8 × |',
    '<!-- end durability -->',
    '',
  ]);
});

it('refuses a table without a work, and a work without a table', () => {
  expect(() => withTuningTables('', madeUp(tuned))).toThrow('docs/tuning.md has no table for durability');
  const text = '<!-- begin nothing -->\n<!-- end nothing -->';
  expect(() => withTuningTables(text, madeUp([]))).toThrow('The suite tuning has measured no nothing');
});
