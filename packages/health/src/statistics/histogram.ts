// Durations in bins that grow with the value: 16 to the doubling, so the middle of a bin is within 3.2 % of every value
// in it. 2.4 KB, and one array write to record.

/** Counts durations from 0.1 µs to about 30 hours; longer ones fall into the last bin. */
export class Histogram {
  readonly #bins = new Uint32Array(binCount);
  #total = 0;

  /** Counts one duration, whose bin `binOf` tells. */
  record(bin: number): void {
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
    this.#total += 1;
  }

  /** Adds the counts of `other`. */
  add(other: Histogram): void {
    this.#total += other.#total;
    for (let index = 0; index < binCount; index += 1) {
      this.#bins[index] = (this.#bins[index] ?? 0) + (other.#bins[index] ?? 0);
    }
  }

  /**
   * Returns the duration that `fraction` (0 to 1) of the recorded ones do not exceed, by nearest rank; 0 when there are
   * none. From 1.6 µs up it is within 3.2 % of the exact one, below within 0.05 µs.
   */
  percentile(fraction: number): number {
    return this.percentiles([fraction])[0] ?? 0;
  }

  /** The same for several fractions, the smallest first, in one walk over the bins up to the last of them. */
  percentiles(fractions: readonly number[]): number[] {
    const bins = this.#bins;
    if (this.#total === 0) return fractions.map(() => 0);
    let index = 0;
    let passed = bins[0] ?? 0;
    return fractions.map((fraction) => {
      const rank = Math.max(1, Math.ceil(fraction * this.#total));
      while (passed < rank && index < binCount - 1) {
        index += 1;
        passed += bins[index] ?? 0;
      }
      return middleOf(index);
    });
  }
}

const ticksPerMs = 10_000;
/** Those above, about 7 minutes, are counted in steps of `largeTicks`: 32 bits hold no more. */
const mostSmall = 2 ** 32 - 1;
const largeDoublings = 8;
const largeTicks = 2 ** largeDoublings;
/** 16 bins of one tick each, then 16 for each of the doublings from 2^4 to 2^39. */
const binCount = 16 + (28 + largeDoublings) * 16;

/** Returns the bin of a duration: whoever counts it in several histograms asks once. */
export function binOf(durationMs: number): number {
  const ticks = durationMs * ticksPerMs;
  if (ticks <= mostSmall) return smallBinOf(ticks >>> 0);
  return smallBinOf(Math.min(ticks / largeTicks, mostSmall) >>> 0) + largeDoublings * 16;
}

function smallBinOf(ticks: number): number {
  if (ticks < 16) return ticks;
  const doubling = 31 - Math.clz32(ticks);
  return (doubling - 3) * 16 + ((ticks >>> (doubling - 4)) & 15);
}

function middleOf(index: number): number {
  if (index < 16) return (index + 0.5) / ticksPerMs;
  const width = 2 ** ((index >> 4) - 1);
  return ((16 + (index & 15) + 0.5) * width) / ticksPerMs;
}
