// The page of figures, docs/performance.md, its charts, and the table of the root's README, all made from the results.
import type { RowFigures } from '../harness/result.js';
import { short, tableLines, text, value } from '../harness/table.js';
import { limit } from '../suites/peer-names.js';
import { barChart, lineChart, type Point, themes } from './charts.js';
import { type Comparison, comparisons, firstScreen } from './comparisons.js';
import { reasonFor } from './reasons.js';
import type { Results, SuiteResult } from './results.js';
import { judged, rowOf, type Standing, standingsOf, suiteOf } from './standings.js';

/** What is written. */
export interface PerformancePage {
  readonly text: string;
  /** The SVG of each chart by its file's name, which the page finds in `performance/`. */
  readonly charts: ReadonlyMap<string, string>;
  /** The table for the first screen of the root's README. */
  readonly firstScreen: string;
}

/** Makes the page. @throws Error when a suite or a row that it shows has not been measured */
export function performancePage(results: Results): PerformancePage {
  const shown = comparisons.filter(({ suite }) => results.has(suite));
  const standings = shown.flatMap((comparison) => standingsOf(comparison, results));
  const peers = results.get('peers');
  const charts = chartsOf(results);
  const parts = [
    '# What it costs, and beside whom',
    '',
    'Written by `npm run bench -- page` from the [results](../bench/results) of all suites; do not edit. Each figure is the median of as many fresh processes, in turns, as the command at the end names (5 without a number), on one machine: ratios carry over to others, times do not. How a trial works: [bench](../bench/README.md).',
    '',
    ...inShort(standings),
    '',
    ...(peers
      ? []
      : [
          'The suite `peers`, beside eight peers on their own schema, has no committed results yet: `npm run bench -- peers`.',
          '',
        ]),
    ...shown.flatMap((comparison, i) => [
      ...section(comparison, standings),
      ...(peers && i === 0 ? operationCharts(charts) : []),
    ]),
    ...(peers ? lossSection(peers) : []),
    ...growthSection(results, charts),
    ...behindSection(standings),
    ...missedSection(results),
    ...machineSection(results),
  ];
  return { text: `${parts.join('\n')}\n`, charts, firstScreen: firstScreenOf(results) };
}

/** What a difference has to be to be told: a twentieth. */
const [behindBelow, aheadAbove] = [0.95, 1.05];

function inShort(standings: readonly Standing[]): readonly string[] {
  const all = judged(standings);
  const ahead = all.filter(({ by }) => by > aheadAbove).length;
  const behind = all.filter(({ by }) => by < behindBelow).length;
  const even = all.length - ahead - behind;
  return [
    `In ${all.length} rows below peers do the same work. Ours is ahead of the best of them in ${ahead}, within a twentieth in ${even}, and behind in ${behind}: [where and why](#where-a-peer-is-ahead). What was aimed at and not reached: [the bars](#bars-that-are-missed).`,
  ];
}

function behindSection(standings: readonly Standing[]): readonly string[] {
  const behind = judged(standings).filter(({ by }) => by < behindBelow);
  const rows = behind.map(({ standing: { comparison, row, peer }, by }) => [
    `${comparison.heading}: ${row.title}`,
    peer?.name ?? '',
    short(1 / by),
    reasonFor(comparison.suite, row.id) ?? '',
  ]);
  return ['## Where a peer is ahead', '', ...tableLines([['', 'best peer', 'ours : peer', 'why'], ...rows]), ''];
}

function section(comparison: Comparison, standings: readonly Standing[]): readonly string[] {
  const mine = standings.filter((standing) => standing.comparison === comparison);
  const head = [
    'operation',
    comparison.limit ?? null,
    'ours',
    comparison.limit && 'ours : least',
    'best peer',
    'peer : ours',
  ];
  const body = mine.map(({ row, ours, least, peer }) => [
    row.title,
    comparison.limit === null ? null : value(least, row.unit),
    value(ours, row.unit),
    comparison.limit === null ? null : least && least.value > 0 ? short(ours.value / least.value) : '',
    peer ? `${peer.name}, ${value(peer.figure, row.unit)}` : losers(comparison, row),
    peer && ours.value > 0 ? short(peer.figure.value / ours.value) : '',
  ]);
  const lines = [head, ...body].map((cells) => cells.filter((cell) => cell !== null));
  const results = `[All contenders](../bench/results/${comparison.suite}.md).`;
  return [`## ${comparison.heading}`, '', `${comparison.text} ${results}`, '', ...tableLines(lines), ''];
}

function losers({ peers }: Comparison, { contenders }: RowFigures): string {
  return peers.some((name) => (contenders[name]?.failed ?? 0) > 0) ? 'none without loss' : '';
}

function lossSection({ rows }: SuiteResult): readonly string[] {
  const found = (id: string): RowFigures | undefined => rows.find((row) => row.id === id);
  const [together, waiting, beside] = ['together', 'waiting', 'beside'].map(found);
  const fact = (row: RowFigures | undefined, name: string, key: string): string => {
    const facts = row?.contenders[name]?.facts[key];
    return facts === undefined ? '' : text(facts);
  };
  const names = Object.keys(together?.contenders ?? {});
  const lines = names.map((name) => [
    name,
    ...[together, waiting].flatMap((row) => [fact(row, name, 'acknowledged'), fact(row, name, 'on disk')]),
    fact(beside, name, 'dirty'),
  ]);
  const head = ['', 'acknowledged', 'on disk', 'acknowledged, awaiting inside', 'on disk', 'dirty reads'];
  return [
    '## What is lost',
    '',
    'Of 1,600 transactions, 200 at once, each reading one of ten rows and adding to two: how many were acknowledged, and how many another process counted on disk afterwards. *Dirty* are reads beside an open transaction that gave what was rolled back later. Empty where a tool cannot wait inside a transaction.',
    '',
    ...tableLines([head, ...lines]),
    '',
  ];
}

/** The operations whose cost is drawn against the number of models. */
const growing = ['read by id', 'newest of a format', 'create', 'one common word', 'misspelt words'];
const sizes: readonly (readonly [name: string, size: number])[] = [
  ['1k', 1_000],
  ['10k', 10_000],
  ['100k', 100_000],
  ['1M', 1_000_000],
];

function growthOf(results: Results): readonly Point[] {
  const search = suiteOf(results, 'search');
  return growing.flatMap((name) =>
    sizes.map(([library, size]) => ({
      name,
      size,
      value: rowOf(search, `${library} ${name} p50`).contenders['ours']?.value ?? Number.NaN,
    })),
  );
}

function growthSection(results: Results, charts: ReadonlyMap<string, string>): readonly string[] {
  const points = growthOf(results);
  const search = suiteOf(results, 'search');
  const head = ['median, ms', ...sizes.map(([, size]) => `${size.toLocaleString('en')} models`)];
  const megabytes = (title: string, row: string): readonly string[] => [
    title,
    ...sizes.map(([library]) => short(rowOf(search, `${library} ${row}`).contenders['ours']?.value ?? Number.NaN)),
  ];
  const lines = growing.map((name) => [
    name,
    ...points.filter((point) => point.name === name).map((point) => short(point.value)),
  ]);
  return [
    '## Growth',
    '',
    ...picture(
      charts,
      'growth',
      'The medians of five operations against the number of models, both scales logarithmic; the table below has the figures',
    ),
    '',
    ...tableLines([
      head,
      ...lines,
      megabytes('memory (RSS) to pass over all of them, MB', 'listAll'),
      megabytes('the file, MB', 'file'),
    ]),
    '',
  ];
}

function missedSection(results: Results): readonly string[] {
  const missed = [...results.values()].flatMap(({ suite, rows }) =>
    rows.flatMap((row) =>
      row.bars
        .filter(({ met }) => met === false)
        .map((bar) => [
          `[${suite}](../bench/results/${suite}.md)`,
          [row.title, row.column, row.section].filter((part) => part !== null).join(', '),
          bar.text,
          short(bar.measured),
          reasonFor(suite, row.id) ?? '',
        ]),
    ),
  );
  const set = [...results.values()].flatMap(({ rows }) =>
    rows.flatMap(({ bars }) => bars.filter(({ met }) => met !== null)),
  );
  return [
    '## Bars that are missed',
    '',
    `Of ${set.length} bars that were set, ${set.length - missed.length} are met. The others:`,
    '',
    ...tableLines([['suite', 'operation', 'bar', 'reached', 'why'], ...missed]),
    '',
  ];
}

function machineSection(results: Results): readonly string[] {
  const lines = [...results.values()].map(({ suite, command, measuredAt, machine, load }) => [
    `[${suite}](../bench/results/${suite}.md)`,
    `\`${command}\``,
    measuredAt.slice(0, 10),
    `${text(machine['cpu'] ?? '')}, ${text(machine['cores'] ?? '')} cores, Node ${text(machine['node'] ?? '')}`,
    `${load.before}`,
    `${text(machine['commit'] ?? '')}`,
  ]);
  return [
    '## Measured on, and how to do it again',
    '',
    ...tableLines([['suite', 'command', 'on', 'machine', 'load before', 'commit'], ...lines]),
    '',
    'Each command writes its results; `npm run bench -- page` makes this page of them. `npm run bench -- <suite> --against <git ref>` compares two versions trial by trial in one run.',
  ];
}

function chartsOf(results: Results): ReadonlyMap<string, string> {
  const peers = results.get('peers');
  const [operations] = comparisons;
  return new Map(
    themes.flatMap((theme) => [
      ...(operations?.rows ?? []).flatMap((id): [string, string][] => {
        if (!peers) return [];
        const { contenders } = rowOf(peers, id);
        const bars = Object.entries(contenders)
          .flatMap(([name, { ratio, unfinished }]) => {
            if (unfinished || name.endsWith(' again')) return [];
            return [
              { name, ratio: name === limit ? 1 : (ratio?.median ?? Number.NaN), isOurs: name.startsWith('ours') },
            ];
          })
          .filter(({ ratio }) => !Number.isNaN(ratio))
          .sort((a, b) => a.ratio - b.ratio);
        return [[`${id}-${theme.name}.svg`, barChart(bars, theme)]];
      }),
      [`growth-${theme.name}.svg`, lineChart(growthOf(results), { x: 'models', y: 'median, ms' }, theme)],
    ]),
  );
}

function operationCharts(charts: ReadonlyMap<string, string>): readonly string[] {
  const [operations] = comparisons;
  return (operations?.rows ?? []).flatMap((id) => [
    `**${id}**, as a multiple of \`${limit}\`, on a logarithmic scale:`,
    '',
    ...picture(charts, id, `The time of ${id} as a multiple of ${limit}, of every contender, the least first`),
    '',
  ]);
}

function picture(charts: ReadonlyMap<string, string>, name: string, alt: string): readonly string[] {
  if (!charts.has(`${name}-dark.svg`)) throw new Error(`There is no chart ${name}`);
  return [
    '<picture>',
    `  <source media="(prefers-color-scheme: dark)" srcset="performance/${name}-dark.svg">`,
    `  <img alt="${alt}" src="performance/${name}-light.svg">`,
    '</picture>',
  ];
}

function firstScreenOf(results: Results): string {
  const drizzle = 'drizzle + @libsql/client';
  const lines = firstScreen.map(([suite, id, title]) => {
    const { contenders } = rowOf(suiteOf(results, suite), id);
    const peer = contenders[drizzle];
    const lost =
      peer && peer.failed > 0 ? `${peer.failed.toLocaleString('en')} fail` : short(peer?.ratio?.median ?? Number.NaN);
    return [
      title,
      '1',
      (contenders['ours']?.ratio?.median ?? Number.NaN).toFixed(2),
      lost,
      `[${suite}](bench/results/${suite}.md)`,
    ];
  });
  return tableLines([['', 'by hand', 'ours', drizzle, ''], ...lines]).join('\n');
}
