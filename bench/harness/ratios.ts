// Paired ratios: a contender divided by another within one trial, so that what slows both of them cancels out.

/** The ratios of all trials in three numbers. */
export interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly trials: number;
}

/**
 * Returns the median and the spread of `values[t] / reference[t]`; null when no trial has both.
 * `undefined` stands for a trial in which one of them did not do the row.
 */
export function pairedRatio(
  values: readonly (number | undefined)[],
  reference: readonly (number | undefined)[],
): Ratio | null {
  const ratios = values.flatMap((value, trial) => {
    const other = reference[trial];
    return value === undefined || other === undefined || other <= 0 ? [] : [value / other];
  });
  if (ratios.length === 0) return null;
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios), trials: ratios.length };
}

/** Returns the median; the mean of the middle two of an even number. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Returns the value below which the part `q` of the values lies, interpolated between neighbours. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = q * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}
