// The report as one page of HTML without scripts: charts are drawn here as SVG, each with its figures as a table beside it.
// Every text goes through `escaped`: SQL and names of a database may hold anything.
import type { MetricUnit } from '../metrics/metric.js';
import { bytes, count, memory, milliseconds, percent } from '../words.js';
import type { ChartSeries, DatabaseHealthReport } from './report.js';

/** Returns a self-contained page. */
export function healthReportPage(report: DatabaseHealthReport): string {
  const { status, url, generatedAt } = report;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(`${status}: ${url}`)}</title><style>${style}</style></head><body>
<h1><span class="${status.toLowerCase()}">${status}</span> ${escaped(url)}</h1>
<p>${generatedAt.toISOString()}</p>
${[reasons, alerts, toDo, charts, statements, figures, checks].map((section) => section(report)).join('\n')}
</body></html>
`;
}

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1 span{padding:.1em .4em;border-radius:.2em;color:#fff}.ok{background:#1b6e3c}.warning{background:#8a5a00}.critical{background:#a4161a}.unknown{background:#555}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .6rem;border-bottom:1px solid #ddd}td.n,th.n{text-align:right;white-space:nowrap}
code,pre{font:13px/1.4 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:1rem}
figure{margin:0}svg{width:100%;height:5rem;background:#f6f6f6}polyline{fill:none;stroke:#0b5394;stroke-width:1.5;vector-effect:non-scaling-stroke}
@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}svg{background:#222}polyline{stroke:#7db7f0}th,td{border-color:#444}}`;

function reasons({ reasons }: DatabaseHealthReport): string {
  if (reasons.length === 0) return '<p>Every figure is inside its limits.</p>';
  return `<ul>${reasons.map((reason) => `<li>${escaped(reason)}</li>`).join('')}</ul>`;
}

function alerts({ alerts, generatedAt }: DatabaseHealthReport): string {
  const rows = alerts.map(({ severity, state, rule, reason, startedAt, acknowledged }) => [
    `${severity}, ${state}${acknowledged ? ', acknowledged' : ''}`,
    rule,
    reason,
    milliseconds(Math.max(0, generatedAt.getTime() - startedAt.getTime())),
  ]);
  return section('Alerts', table(['State', 'Rule', 'Reason', '#Age'], rows), rows.length);
}

function toDo({ recommendations }: DatabaseHealthReport): string {
  const items = recommendations.map(({ reason, text, sql, command }) => {
    const lines = [sql, command].filter((line) => line !== undefined).map((line) => `<pre>${escaped(line)}</pre>`);
    return `<li>${escaped(reason)}<br>${escaped(text)}${lines.join('')}</li>`;
  });
  return section('To do', `<ul>${items.join('')}</ul>`, items.length);
}

function charts({ charts }: DatabaseHealthReport): string {
  const drawn = charts.filter(({ points }) => points.length > 1).map(chart);
  return section('The last readings', `<div class="charts">${drawn.join('')}</div>`, drawn.length);
}

function chart({ title, unit, points }: ChartSeries): string {
  const values = points.map(({ value }) => value);
  const most = Math.max(...values);
  const [first, last] = [points[0]?.at.getTime() ?? 0, points.at(-1)?.at.getTime() ?? 0];
  const line = points.map(({ at, value }) => {
    const x = last === first ? 0 : ((at.getTime() - first) / (last - first)) * 300;
    return `${x.toFixed(1)},${(58 - (most === 0 ? 0 : (value / most) * 56)).toFixed(1)}`;
  });
  const now = values.at(-1) ?? 0;
  const said = `${title}: now ${figure(now, unit)}, at most ${figure(most, unit)}`;
  const rows = points.map(({ at, value }) => [at.toISOString(), figure(value, unit)]);
  return `<figure><figcaption>${escaped(said)}</figcaption>
<svg viewBox="0 0 300 60" preserveAspectRatio="none" role="img"><title>${escaped(said)}</title><polyline points="${line.join(' ')}"/></svg>
<details><summary>As a table</summary>${table(['Time', '#Value'], rows)}</details></figure>`;
}

function statements({ queries }: DatabaseHealthReport): string {
  const rows = queries.slowest.map((each) => [
    milliseconds(each.p95Ms),
    milliseconds(each.maxMs),
    count(each.calls),
    count(each.errors),
    percent(each.share),
    each.fullScans === null ? 'not known' : each.fullScans.join(', ') || 'none',
    each.labels.map(({ label }) => label).join(', '),
    [each.statement, ...(each.plan ?? []).map((step) => `  ${step}`)].join('\n'),
  ]);
  const heads = [
    '#p95',
    '#Longest',
    '#Calls',
    '#Failed',
    '#Of the time',
    'Whole tables read',
    'Called for',
    '|Statement and plan',
  ];
  return section('Slowest statements', table(heads, rows), rows.length);
}

function figures({ transactions, pool, waits, storage, cache, process, queries }: DatabaseHealthReport): string {
  const rows: [string, string][] = [
    ['Statements', `${count(queries.calls)}, ${count(queries.errors)} failed, p95 ${milliseconds(queries.p95Ms)}`],
    [
      'Transactions',
      `${count(transactions.committed)} committed, ${count(transactions.rolledBack)} rolled back, ${count(transactions.retries)} retries`,
    ],
    ...transactions.open.map(({ label, ageMs }): [string, string] => [
      'Open transaction',
      `${milliseconds(ageMs)}, ${label ?? 'without a label'}`,
    ]),
    ['Waits for a connection', `${count(waits.waits)}, p95 ${milliseconds(waits.p95Ms)}`],
    ['Readers', pool ? `${count(pool.readersBusy)} of ${count(pool.readersOpen)} busy` : 'The pool does not answer'],
    ['Memory', memory(process)],
  ];
  if (storage.readable) {
    rows.push([
      'Database',
      `${bytes(storage.bytes)}, ${count(storage.freePages)} of ${count(storage.pageCount)} pages free`,
    ]);
    if (storage.walBytes !== null) rows.push(['Write-ahead log', bytes(storage.walBytes)]);
    if (storage.disk) rows.push(['Disk', `${bytes(storage.disk.freeBytes)} free`]);
  } else rows.push(['Database', storage.message]);
  if (cache) rows.push(['Cache', cache.hitRatio === null ? 'not asked yet' : `${percent(cache.hitRatio)} hits`]);
  return section('Figures', table(['Of', 'Value'], rows), rows.length);
}

function checks({ checks }: DatabaseHealthReport): string {
  const rows = checks.map(({ kind, status, message, startedAt }) => [kind, status, message, startedAt.toISOString()]);
  return section('Checks', table(['Kind', 'Result', 'Found', 'When'], rows), rows.length);
}

function section(title: string, body: string, parts: number): string {
  return parts === 0 ? '' : `<h2>${title}</h2>${body}`;
}

/** A head that begins with `#` is a column of numbers; with `|` one of code. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((name) => `<th${name.startsWith('#') ? ' class="n"' : ''}>${name.replace(/^[#|]/, '')}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, i) => {
      if (heads[i]?.startsWith('#')) return `<td class="n">${escaped(cell)}</td>`;
      return heads[i]?.startsWith('|') ? `<td><code>${escaped(cell)}</code></td>` : `<td>${escaped(cell)}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

function figure(value: number, unit: MetricUnit): string {
  if (unit === 'seconds') return milliseconds(value * 1_000);
  if (unit === 'bytes') return bytes(value);
  return unit === 'ratio' ? percent(value) : String(Number(value.toPrecision(3)));
}

function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\p{Cc}\p{Cf}]/gu, (c) => (c === '\n' ? c : '�'));
}
