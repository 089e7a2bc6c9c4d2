// The figures as a Markdown page: one table, the facts that are not times, and what they were measured on.

import type { Json } from './json.js';
import type { BarFigure, ContenderFigure, RowFigures } from './result.js';

/** What the page is made of. */
export interface PageParts {
  readonly title: string;
  readonly command: string;
  readonly contenders: readonly string[];
  readonly rows: readonly RowFigures[];
  readonly trials: number;
  readonly measuredAt: string;
  readonly machine: Readonly<Record<string, Json>>;
  readonly load: { readonly before: number; readonly after: number };
  readonly prepared: Readonly<Record<string, Json>>;
}

/** Returns the page. */
export function pageOf(parts: PageParts): string {
  const { title, command, contenders, rows, trials, measuredAt, machine, load, prepared } = parts;
  const sections = [...new Set(rows.map(({ section }) => section))];
  const facts = rows.flatMap((row) =>
    Object.entries(row.contenders).flatMap(([name, figure]) =>
      Object.keys(figure.facts).length === 0 ? [] : [`- ${row.title}, ${name}: ${inWords(figure.facts)}`],
    ),
  );
  return [
    `# ${title}`,
    '',
    `Written by \`${command}\`; do not edit. Each cell: the median of ${trials} trials, then the ratio to the first contender of`,
    'the same trial as median [lowest to highest]. How a trial works and what the columns are: [the README](../README.md).',
    '',
    ...sections.flatMap((section) => [
      ...(section === null ? [] : [`## ${section}`, '']),
      ...tableOf(
        rows.filter((row) => row.section === section),
        contenders,
      ),
      '',
    ]),
    ...(facts.length === 0 ? [] : ['## Beside the times', '', ...facts, '']),
    '## Measured on',
    '',
    `- ${measuredAt}, load ${load.before} before and ${load.after} after`,
    ...[machine, prepared].flatMap((part) => Object.entries(part).map(([name, fact]) => `- ${name}: ${text(fact)}`)),
    '',
  ].join('\n');
}

/** The rows of one section, and of the contenders those that do any of them. */
function tableOf(rows: readonly RowFigures[], contenders: readonly string[]): readonly string[] {
  if (rows.some(({ column }) => column !== null)) return linesOf(rows);
  const references = new Set(rows.map(({ reference }) => reference));
  const present = contenders.filter((name) => rows.some((row) => row.contenders[name] !== undefined));
  const columns = [...references, ...present.filter((name) => !references.has(name))];
  const head = ['operation', ...columns, 'bars'];
  const body = rows.map((row) => [
    row.title,
    ...columns.map((name) => cell(row.contenders[name], row.unit)),
    row.bars.map(verdict).join('<br>'),
  ]);
  return tableLines([head, ...body]);
}

/** A section whose rows share lines: one for each title, with the reference contender's values. */
function linesOf(rows: readonly RowFigures[]): readonly string[] {
  const columns = [...new Set(rows.map(({ column }) => column))];
  const head = ['operation', ...columns.map((column) => column ?? ''), 'bars'];
  const body = [...new Set(rows.map(({ title }) => title))].map((title) => {
    const parts = rows.filter((row) => row.title === title);
    const valueIn = (column: string | null): string => {
      const row = parts.find((part) => part.column === column);
      return row === undefined ? '' : value(row.contenders[row.reference], row.unit);
    };
    return [title, ...columns.map(valueIn), parts.flatMap(({ bars }) => bars.map(verdict)).join('<br>')];
  });
  return tableLines([head, ...body]);
}

/** Returns the lines of a table whose first row is its head. */
export function tableLines([head = [], ...body]: readonly (readonly string[])[]): readonly string[] {
  return [head, ruleOf(head), ...body].map(line);
}

function verdict({ text, measured, met }: BarFigure): string {
  if (met === null) return `${text} = ${short(measured)}`;
  return `${met ? 'met' : '**missed**'}: ${text} (${short(measured)})`;
}

function cell(figure: ContenderFigure | undefined, unit: string): string {
  if (figure === undefined) return '';
  const { ratio, failed, unfinished } = figure;
  if (unfinished) return 'not finished';
  if (failed > 0) return `${failed} failed`;
  if (ratio === null) return value(figure, unit);
  return `${value(figure, unit)}, ${short(ratio.median)} [${short(ratio.min)} to ${short(ratio.max)}]`;
}

/** A contender's value with its unit; empty without one. */
export function value(figure: ContenderFigure | undefined, unit: string): string {
  return figure === undefined ? '' : `${short(figure.value)} ${unit}`;
}

function ruleOf(head: readonly string[]): readonly string[] {
  return head.map((_, i) => (i === 0 || i === head.length - 1 ? '---' : '---:'));
}

/** Three significant digits. */
export function short(number: number): string {
  return number >= 1_000 ? String(Math.round(number)) : String(Number(number.toPrecision(3)));
}

function inWords(facts: Readonly<Record<string, Json>>): string {
  return Object.entries(facts)
    .map(([name, fact]) => `${name} ${text(fact)}`)
    .join(', ');
}

/** A fact in words. */
export function text(fact: Json): string {
  return typeof fact === 'object' && fact !== null
    ? Object.entries(fact)
        .map(([name, each]) => `${name} ${text(each)}`)
        .join(', ')
    : String(fact);
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
