// The tables of docs/tuning.md, made from the results of the suite `tuning`; the words around them are written by hand.
import { short, tableLines, value } from '../harness/table.js';
import type { SuiteResult } from './results.js';

/**
 * Returns `page` with the table of each mark `<!-- begin <name> -->` … `<!-- end <name> -->`, where `<name>` is that of a work
 * of the suite. Without results each says how to measure.
 *
 * @throws Error when a mark has no work, or a work no mark
 */
export function withTuningTables(page: string, result: SuiteResult | undefined): string {
  const measured = new Map<string, string>();
  for (const row of result?.rows ?? []) measured.set(row.id.slice(0, row.id.indexOf(':')), row.section ?? '');
  const marked = [...page.matchAll(/^<!-- begin (\S+) -->$/gm)].map(([, name = '']) => name);
  const unmarked = [...measured.keys()].filter((name) => !marked.includes(name));
  if (unmarked.length > 0) throw new Error(`docs/tuning.md has no table for ${unmarked.join(', ')}`);
  return marked.reduce((text, name) => {
    const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
    const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
    if (to < from) throw new Error(`docs/tuning.md has no ${end}`);
    if (result && !measured.has(name)) throw new Error(`The suite tuning has measured no ${name}: ${result.command}`);
    const table = result ? tableOf(name, result) : ['Not measured yet: `npm run bench -- tuning --trials 3`.'];
    return `${text.slice(0, from)}\n${table.join('\n')}\n${text.slice(to)}`;
  }, page);
}

/** A line for each setting, with its values and what they are as a multiple of the default's. */
function tableOf(name: string, { rows }: SuiteResult): readonly string[] {
  const mine = rows.filter(({ id }) => id.startsWith(`${name}:`));
  const settings = [...new Set(mine.flatMap(({ contenders }) => Object.keys(contenders)))];
  const lines = settings.map((setting) => [
    setting === 'default' ? setting : `\`${setting}\``,
    ...mine.map(({ unit, contenders }) => {
      const figure = contenders[setting];
      const ratio = figure?.ratio ? `, ${short(figure.ratio.median)} ×` : '';
      return `${value(figure, unit)}${ratio}`;
    }),
  ]);
  const body = tableLines([['', ...mine.map(({ title }) => title)], ...lines]);
  // The last column is a figure too.
  return body.map((line, i) => (i === 1 ? `| --- |${' ---: |'.repeat(mine.length)}` : line));
}
