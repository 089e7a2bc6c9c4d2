// The page and the dashboard: nothing of a hostile database becomes markup, and no chart asks for a figure that there is not.
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createHealthMonitor, healthReportPage } from '../../src/index.js';
import { catalogue } from '../../src/metrics/catalogue.js';
import { onlyWhenAsked, openDatabase } from '../database.js';
import { elementsOf } from './markup.js';

const hostile = `</code><script>alert(1)</script><img src=x onerror=alert(1)>"'&`;

async function hostileReport() {
  const { manager } = await openDatabase();
  const clock = { at: Date.UTC(2024, 0, 1) };
  const monitor = createHealthMonitor(manager, {
    ...onlyWhenAsked,
    now: () => clock.at,
    rules: [
      {
        id: 'hostile',
        check: () => ({ severity: 'WARNING', reason: hostile, advice: { text: hostile, sql: `select '${hostile}'` } }),
      },
    ],
  });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  monitor.recordQueryExecution({ sql: `select "${hostile}" from t`, durationMs: 500, label: hostile });
  for (let i = 0; i < 5; i += 1) {
    clock.at += 10_000;
    await monitor.getHealthMetrics();
  }
  return monitor.generateHealthReport();
}

test('what a database or a rule says is text on the page, never markup', async () => {
  const report = await hostileReport();
  const page = healthReportPage(report);
  const elements = elementsOf(page);
  expect(new Set(elements.map(({ name }) => name))).toEqual(
    new Set(
      'html head meta title style body h1 span p ul li br pre h2 div figure figcaption svg polyline details summary table thead tbody tr th td code'.split(
        ' ',
      ),
    ),
  );
  expect(elements.flatMap(({ attributes }) => attributes).filter((name) => /^on|^src$|^href$/.test(name))).toEqual([]);
  expect(page).toContain('&#60;script&#62;');
});

test('each chart says its figures in words and has them as a table', async () => {
  const report = await hostileReport();
  const page = healthReportPage(report);
  const drawn = report.charts.filter(({ points }) => points.length > 1);
  expect(drawn.length).toBeGreaterThan(3);
  for (const { title, points } of drawn) {
    const figure = page.split('<figure>').find((part) => part.startsWith(`<figcaption>${title}: now `));
    expect(figure).toContain(`role="img"><title>${title}: now `);
    for (const { at } of points) expect(figure).toContain(`<td>${at.toISOString()}</td>`);
  }
});

test('the dashboard of Grafana asks for figures that there are', async () => {
  const text = await readFile(new URL('../../../../docs/grafana-dashboard.json', import.meta.url), 'utf8');
  const dashboard = JSON.parse(text) as { panels: { targets: { expr: string }[] }[] };
  const asked = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/\bcc_\w+/g) ?? []));
  expect(asked.length).toBeGreaterThan(20);
  const known = Object.keys(catalogue);
  expect(asked.filter((name) => !known.includes(name.replace(/_bucket$/, '')))).toEqual([]);
});
