// Documents, dashboard and exporters name the same metrics: the judge is the text that a monitor exports.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
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
