// Figures over time, for charts: the last readings in memory. The file of history.ts keeps more, and keeps them for longer.
import { figuresOf } from '../metrics/figures.js';
import type { HealthMetric } from '../metrics/metric.js';

/** One figure at one time. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

/** The last readings. */
export class Samples {
  readonly #most: number;
  readonly #everyMs: number;
  readonly #readings: { readonly at: number; readonly metrics: readonly HealthMetric[] }[] = [];

  /** `everyMs`: how often they come by themselves. When there is no room, those go first that came oftener. */
  constructor(most: number, everyMs: number) {
    this.#most = most;
    this.#everyMs = everyMs;
  }

  add(at: number, metrics: readonly HealthMetric[]): void {
    // Without buckets, which nobody charts and which are most of the memory.
    const kept = metrics.map(({ name, type, unit, help, labels, value, at: readAt }) => {
      return { name, type, unit, help, labels, value, at: readAt };
    });
    this.#readings.push({ at, metrics: kept });
    if (this.#readings.length > this.#most) this.#readings.splice(this.#needless(), 1);
  }

  /** One between two that are less than an interval apart, so that whoever asks again and again pushes no hour out; else the oldest. */
  #needless(): number {
    const found = this.#readings.findIndex((_, i) => {
      const [before, after] = [this.#readings[i - 1], this.#readings[i + 1]];
      return before !== undefined && after !== undefined && Math.abs(after.at - before.at) < this.#everyMs;
    });
    return Math.max(0, found);
  }

  /**
   * The values of one figure in order of time, those that carry the same name added up. Of a clock that was set back only what
   * came after that: what was read before would lie in the future of the newest, or between readings of another time.
   */
  of(name: string): Sample[] {
    const isBeforeStep = ({ at }: { readonly at: number }, i: number): boolean => {
      const next = this.#readings[i + 1];
      return next !== undefined && next.at < at;
    };
    return this.#readings.slice(this.#readings.findLastIndex(isBeforeStep) + 1).flatMap(({ at, metrics }) => {
      const value = figuresOf(metrics.filter((metric) => metric.name === name)).value(name);
      return typeof value === 'number' ? [{ at, value }] : [];
    });
  }

  /** In order of time, as the history tells them. */
  between(since: number, until: number): HealthMetric[] {
    const wanted = this.#readings.filter(({ at }) => at >= since && at <= until);
    return wanted.sort((a, b) => a.at - b.at).flatMap(({ metrics }) => metrics);
  }
}

/** One text for a figure and its labels, as Prometheus writes it. */
export function keyOf(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? name : `${name}{${pairs.sort().join(',')}}`;
}
