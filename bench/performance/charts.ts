// Draws charts as SVG, in light and in dark, without a browser. Each stands beside a table with the same figures.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** The colours of a theme: paper, ink, what is quiet, and the series, all of them told apart without colours by labels. */
export interface Theme {
  readonly name: 'light' | 'dark';
  readonly paper: string;
  readonly ink: string;
  readonly quiet: string;
  readonly series: readonly string[];
}

/** Both themes. The series are Okabe and Ito's, which people with any kind of colour vision tell apart. */
export const themes: readonly Theme[] = [
  {
    name: 'light',
    paper: '#ffffff',
    ink: '#1f2328',
    quiet: '#8c959f',
    series: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'],
  },
  {
    name: 'dark',
    paper: '#0d1117',
    ink: '#e6edf3',
    quiet: '#6e7681',
    series: ['#56b4e9', '#e69f00', '#2fc79a', '#e39fc6', '#f0e442', '#7aa7ff'],
  },
];

/** A bar: how many times the least, and whose it is. */
export interface Bar {
  readonly name: string;
  readonly ratio: number;
  readonly isOurs: boolean;
}

/** Returns bars on a logarithmic scale, in the order given. */
export function barChart(bars: readonly Bar[], theme: Theme): string {
  const labelled = bars.map((bar) => ({ ...bar, label: `${bar.ratio.toPrecision(3).replace(/\.?0+$/, '')} ×` }));
  const lowest = Math.min(1, ...bars.map(({ ratio }) => ratio)) * 0.8;
  return draw(theme, {
    height: 40 + 22 * bars.length,
    marginLeft: 190,
    marginRight: 60,
    x: { type: 'log', domain: [lowest, Math.max(...bars.map(({ ratio }) => ratio))], axis: null },
    y: { domain: bars.map(({ name }) => name), label: null, tickSize: 0 },
    marks: [
      Plot.barX(labelled, {
        ...{ x1: () => lowest, x2: 'ratio', y: 'name' },
        fill: ({ isOurs }: Bar) => (isOurs ? theme.series[0] : theme.quiet),
      }),
      Plot.ruleX([1], { stroke: theme.ink, strokeDasharray: '3 3' }),
      Plot.text(labelled, { x: 'ratio', y: 'name', text: 'label', textAnchor: 'start', dx: 5 }),
    ],
  });
}

/** A point of a line: how much there is, what it takes, and of what. */
export interface Point {
  readonly size: number;
  readonly value: number;
  readonly name: string;
}

/** Returns lines with both scales logarithmic; each is named where it ends. */
export function lineChart(
  points: readonly Point[],
  labels: { readonly x: string; readonly y: string },
  theme: Theme,
): string {
  const names = [...new Set(points.map(({ name }) => name))];
  const sizes = [...new Set(points.map(({ size }) => size))];
  return draw(theme, {
    height: 420,
    marginRight: 220,
    marginLeft: 60,
    grid: true,
    x: { type: 'log', label: labels.x, ticks: sizes, tickFormat: (size: number) => size.toLocaleString('en') },
    y: { type: 'log', label: labels.y, tickFormat: String },
    color: { domain: names, range: names.map((_, i) => theme.series[i % theme.series.length] ?? theme.ink) },
    marks: [
      Plot.lineY(points, { x: 'size', y: 'value', stroke: 'name', strokeWidth: 2 }),
      Plot.dot(points, { x: 'size', y: 'value', fill: 'name' }),
      Plot.text(
        points,
        Plot.selectLast({ x: 'size', y: 'value', z: 'name', text: 'name', textAnchor: 'start', dx: 8, fill: 'name' }),
      ),
    ],
  });
}

function draw(theme: Theme, options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const style = { color: theme.ink, fontSize: '13px', fontFamily: 'system-ui, sans-serif' };
  const chart = Plot.plot({ document, width: 760, style, ...options });
  chart.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  // Viewers of pictures do not know the background of a style.
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of Object.entries({ width: '100%', height: '100%', fill: theme.paper }))
    paper.setAttribute(name, value);
  chart.prepend(paper);
  return `${chart.outerHTML}\n`;
}
