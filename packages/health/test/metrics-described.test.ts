// Documents, dashboard, exporters and rules name the same metrics and limits: the pages are held against what is exported.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { builtInRules } from '../src/alerts/built-in-rules.js';
import { healthLimits } from '../src/index.js';
import { catalogue } from '../src/metrics/catalogue.js';

const file = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const names = Object.keys(catalogue);

test.each(['docs/operations.md', 'docs/grafana-dashboard.json', 'packages/health/README.md'])(
  '%s names no metric that there is not',
  (path) => {
    const named = new Set(file(path).match(/\bcc_(?:db|disk|process|cache|operation|health)_[a-z0-9_]+/g));
    expect(named.size).toBeGreaterThan(0);
    const unknown = [...named].filter(
      (name) => !names.includes(name.replace(/_(?:bucket|sum|count)$/, '')) && !names.includes(name),
    );
    expect(unknown).toEqual([]);
  },
);

test('every metric is described in the operations page, by its type and its own sentence', () => {
  const page = file('docs/operations.md');
  const missing = Object.entries(catalogue).filter(([name, { type, help }]) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    return !row?.includes(`| ${type} |`) || !row.includes(help);
  });
  expect(missing.map(([name]) => name)).toEqual([]);
});

test('the operations page names every built-in rule, and the values of every limit', () => {
  const page = file('docs/operations.md');
  const table = page.slice(page.indexOf('### What each alert means'), page.indexOf('The status is `UNKNOWN`'));
  const rows = [...table.matchAll(/^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|/gm)].map(
    ([, name = '', ...cells]) => [name, cells] as const,
  );
  const rules = builtInRules(
    { storage: () => undefined, historyFailure: () => undefined, checks: () => [], settings: () => [] },
    { limits: {}, minQueries: 1 },
  );
  expect(rows.map(([name]) => name).sort()).toEqual(rules.map(({ id }) => id).sort());

  const described = rows.filter(([name]) => name in healthLimits);
  expect(described).toHaveLength(Object.keys(healthLimits).length);
  const values = described.map(([name, [warning = '', critical = '', time = '']]) => [
    name,
    { warning: quantity(warning), critical: quantity(critical), for: quantity(time) },
  ]);
  const expected = Object.entries(healthLimits).map(([name, limit]) => [
    name,
    { warning: limit.warning, critical: Number.isFinite(limit.critical) ? limit.critical : 'never', for: limit.for },
  ]);
  expect(Object.fromEntries(values)).toEqual(Object.fromEntries(expected));
});

// What a cell says: `below 50 %, after 1,000 lookups` is 0.5, `64 MiB` is bytes, `30 s` and `1 min` are milliseconds.
function quantity(cell: string): number | 'never' | undefined {
  if (cell === 'never') return 'never';
  const [, digits, unit = ''] = /^(?:below )?([\d,.]+)(?: (%|MiB|GiB|s|min))?(?:,? \D.*)?$/.exec(cell) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits.replaceAll(',', ''));
  // A division, since 95 * 0.01 is not 0.95.
  if (unit === '%') return number / 100;
  return number * ({ '': 1, MiB: 2 ** 20, GiB: 2 ** 30, s: 1_000, min: 60_000 }[unit] ?? Number.NaN);
}
