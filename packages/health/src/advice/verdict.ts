// When an index is good enough to be advised. A better-looking plan is no proof, and neither is a good total.

/** What carrying a statement out costs, for one list of values. */
export interface Cost {
  /** Steps of SQLite's virtual machine. */
  readonly steps: number;
  /** CPU time: a step that looks a row up by an index takes longer than one that goes on to the next. */
  readonly cpuMs: number;
}

/** Fewer steps than this to a run are a statement that needs no index. */
const leastSteps = 1_000;

/**
 * Returns why an index is not advised, or null when it is: it leaves at most half of the steps in all, no list of values
 * takes more than a tenth more steps, and none more than twice the time (10 ms of it are noise). `after` are the costs with
 * the index, each time in the same order: right after CREATE INDEX, and once the planner knows it.
 */
export function refusalOf(before: readonly Cost[], after: readonly (readonly Cost[])[]): string | null {
  const total = stepsIn(before);
  if (total < leastSteps * before.length) return 'The statement takes few steps as it is';
  const share = Math.max(...after.map(stepsIn)) / total;
  if (share > 0.5) return `It leaves ${times(share)} of the work`;
  const pairs = after.flatMap((costs) => costs.map((cost, at) => ({ cost, was: before[at] ?? cost })));
  const worst = Math.max(...pairs.map(({ cost, was }) => cost.steps / was.steps));
  if (worst > 1.1) return `With some values the work becomes ${times(worst)}`;
  const slower = pairs.find(({ cost, was }) => cost.cpuMs > 2 * was.cpuMs + 10);
  return slower ? `With some values it takes ${times(slower.cost.cpuMs / slower.was.cpuMs)} the time` : null;
}

/** Steps over all lists of values. */
export function stepsIn(costs: readonly Cost[]): number {
  return costs.reduce((total, { steps }) => total + steps, 0);
}

/** `0.03 ×` */
export function times(ratio: number): string {
  return `${ratio >= 0.01 ? Number(ratio.toPrecision(2)) : ratio.toExponential(0)} ×`;
}
