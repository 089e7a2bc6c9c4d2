// How ours stands in each row of a comparison: beside the least that the work takes, and beside the best of its peers.
import type { ContenderFigure, RowFigures } from '../harness/result.js';
import { type Comparison, moreIsBetter } from './comparisons.js';
import type { Results, SuiteResult } from './results.js';

/** Ours in one row beside the best of its peers. */
export interface Standing {
  readonly comparison: Comparison;
  readonly row: RowFigures;
  readonly ours: ContenderFigure;
  readonly least: ContenderFigure | undefined;
  /** The best peer that lost nothing; undefined when there is none. */
  readonly peer: { readonly name: string; readonly figure: ContenderFigure } | undefined;
}

/** Returns the results of a suite. @throws Error when it has not been measured */
export function suiteOf(results: Results, name: string): SuiteResult {
  const result = results.get(name);
  if (!result) throw new Error(`There are no results of the suite ${name}: npm run bench -- ${name}`);
  return result;
}

/** Returns a row of them. @throws Error when it has not been measured */
export function rowOf(result: SuiteResult, id: string): RowFigures {
  const row = result.rows.find((each) => each.id === id);
  if (!row) throw new Error(`The results of the suite ${result.suite} have no row ${id}: ${result.command}`);
  return row;
}

/** Returns how ours stands in each row of a comparison. */
export function standingsOf(comparison: Comparison, results: Results): Standing[] {
  const result = suiteOf(results, comparison.suite);
  return comparison.rows.map((id) => {
    const row = rowOf(result, id);
    const ours = row.contenders[comparison.ours];
    if (!ours) throw new Error(`The row ${id} of the suite ${comparison.suite} has no ${comparison.ours}`);
    const sign = isMoreBetter(row) ? -1 : 1;
    const [peer] = comparison.peers
      .flatMap((name) => {
        const figure = row.contenders[name];
        return figure && !figure.unfinished && figure.failed === 0 ? [{ name, figure }] : [];
      })
      .sort((a, b) => sign * (a.figure.value - b.figure.value));
    const least = comparison.limit === null ? undefined : row.contenders[comparison.limit];
    return { comparison, row, ours, least, peer };
  });
}

function isMoreBetter({ unit }: RowFigures): boolean {
  return moreIsBetter.includes(unit);
}

/** How many times better ours is than the best peer; null when there is nobody, or nothing to divide. */
function lead({ row, ours, peer }: Standing): number | null {
  if (!peer) return null;
  const [above, below] = isMoreBetter(row) ? [ours, peer.figure] : [peer.figure, ours];
  return below.value > 0 ? above.value / below.value : null;
}

/** Rows in which somebody does the same work, and how many times better ours is. */
export function judged(standings: readonly Standing[]): { readonly standing: Standing; readonly by: number }[] {
  return standings.flatMap((standing) => {
    const by = lead(standing);
    return by === null ? [] : [{ standing, by }];
  });
}
