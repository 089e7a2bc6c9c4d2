// From trials to figures: for each row the values of the contenders, their ratios to the reference, and the bars.
import type { Trial } from './equality.js';
import type { Json } from './json.js';
import { median, pairedRatio, type Ratio } from './ratios.js';
import type { Bar, Row, Suite } from './suite.js';

/** One contender in one row. */
export interface ContenderFigure {
  /** The median of the trials' values. */
  readonly value: number;
  /** How many operations failed in all trials; a contender that failed some has no ratio: it did less work. */
  readonly failed: number;
  /** No trial gave a value, because the contender took too long. */
  readonly unfinished: boolean;
  /** To the reference, of the same trial; null for the reference itself. */
  readonly ratio: Ratio | null;
  /** Ratio of the means, which carry the checkpoints and collections that a median leaves out. */
  readonly meanRatio: Ratio | null;
  /** What the row or the look at the file said beside times, of the last trial. */
  readonly facts: Readonly<Record<string, Json>>;
}

/** A bar and what was measured. */
export interface BarFigure {
  readonly text: string;
  readonly measured: number;
  /** null = it has no bounds. */
  readonly met: boolean | null;
}

/** One row of the result. */
export interface RowFigures extends Pick<Row, 'id' | 'title' | 'unit'> {
  /** The heading of its table; null = the first table. */
  readonly section: string | null;
  /** The column of its line, for a line that several rows share; null = a line of its own. */
  readonly column: string | null;
  /** The contender that its ratios refer to. */
  readonly reference: string;
  readonly contenders: Readonly<Record<string, ContenderFigure>>;
  readonly bars: readonly BarFigure[];
}

/** Returns the figures of every row that was measured. */
export function figuresOf(suite: Suite, trials: readonly Trial[]): readonly RowFigures[] {
  return suite.rows.flatMap((row) => {
    const measured = (name: string) => trials.some((t) => t.contender === name && t.report.rows[row.id]);
    const phases = new Set(trials.flatMap((t) => (t.report.rows[row.id] ? [t.phase] : [])));
    const gaveUp = (name: string) =>
      trials.some((t) => t.contender === name && phases.has(t.phase) && t.report.unfinished !== undefined);
    const names = contendersOf(suite).filter((name) => measured(name) || gaveUp(name));
    if (names.length === 0) return [];
    const { id, title, unit, section = null, column = null, reference = suite.reference } = row;
    const series = (name: string, pick: 'value' | 'mean') => seriesOf(trials, row.id, name, pick);
    const figure = (name: string): ContenderFigure => {
      const failed = failedOf(trials, row.id, name);
      const isReference = name === reference;
      const ratio = (pick: 'value' | 'mean') =>
        isReference || failed > 0 ? null : pairedRatio(series(name, pick), series(reference, pick));
      return {
        value: median(series(name, 'value').filter((value) => value !== undefined)),
        failed,
        unfinished: !measured(name),
        ratio: ratio('value'),
        meanRatio: ratio('mean'),
        facts: factsOf(trials, row.id, name),
      };
    };
    const whole = (name: string): Series => (failedOf(trials, row.id, name) > 0 ? [] : series(name, 'value'));
    const bars = (row.bars ?? []).flatMap((bar) => judged(bar, (name) => series(name, 'value'), whole));
    const contenders = Object.fromEntries(names.map((name) => [name, figure(name)]));
    return [{ id, title, unit, section, column, reference, contenders, bars }];
  });
}

type Series = readonly (number | undefined)[];

/** Returns the bar with what was measured; nothing when a contender that it needs did not do the row. */
function judged(
  bar: Bar,
  seriesOfContender: (name: string) => Series,
  seriesWithoutFailures: (name: string) => Series,
): readonly BarFigure[] {
  const { text, contender, against, atLeast, atMost, atLeastEach, atMostEach } = bar;
  if (atMostEach !== undefined) {
    // A contender that failed some did less work.
    const ratios = atMostEach.flatMap((name) => {
      const ratio = pairedRatio(seriesOfContender(contender), seriesWithoutFailures(name));
      return ratio === null ? [] : [ratio.median];
    });
    const worst = Math.max(...ratios);
    return ratios.length === 0 ? [] : [{ text, measured: worst, met: worst <= 1 }];
  }
  const middle = (name: string): number =>
    median(seriesOfContender(name).filter((value): value is number => value !== undefined));
  if (atLeastEach !== undefined) {
    const others = atLeastEach.map(middle).filter((value) => !Number.isNaN(value));
    const lead = middle(contender) - Math.max(...others);
    return others.length === 0 || Number.isNaN(lead) ? [] : [{ text, measured: lead, met: lead >= 0 }];
  }
  const measured =
    against === undefined
      ? middle(contender)
      : pairedRatio(seriesOfContender(contender), seriesOfContender(against))?.median;
  if (measured === undefined || Number.isNaN(measured)) return [];
  const bounded = atLeast !== undefined || atMost !== undefined;
  const within = measured >= (atLeast ?? 0) && measured <= (atMost ?? Number.POSITIVE_INFINITY);
  return [{ text, measured, met: bounded ? within : null }];
}

/** Returns every contender of the suite, in the order of its phases. */
export function contendersOf(suite: Suite): readonly string[] {
  return [...new Set(suite.phases.flatMap(({ contenders }) => contenders))];
}

function seriesOf(
  trials: readonly Trial[],
  row: string,
  contender: string,
  pick: 'value' | 'mean',
): readonly (number | undefined)[] {
  const last = Math.max(...trials.map(({ trial }) => trial));
  return Array.from({ length: last + 1 }, (_, trial) => {
    const found = trials.find((t) => t.trial === trial && t.contender === contender && t.report.rows[row]);
    return found?.report.rows[row]?.[pick];
  });
}

function failedOf(trials: readonly Trial[], row: string, contender: string): number {
  const mine = trials.filter((trial) => trial.contender === contender);
  return mine.reduce((sum, { report }) => sum + (report.rows[row]?.failed ?? 0), 0);
}

function factsOf(trials: readonly Trial[], row: string, contender: string): Readonly<Record<string, Json>> {
  const last = trials.findLast((t) => t.contender === contender && t.report.rows[row]);
  return { ...last?.report.rows[row]?.facts, ...last?.inspection.facts[row] };
}
