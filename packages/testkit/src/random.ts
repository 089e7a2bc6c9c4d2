// Random numbers that a seed decides, the same on every machine: what a seed has shown is shown again. The suites that keep
// seeds as named tests stand on this sequence and on the number that each draw takes from it: neither may change.

/** Draws from a sequence. Each draw takes one number of it, `some` as many as its things take and one. */
export interface Random {
  /** From 0 to 1, 1 excluded. */
  next(): number;
  /** A whole number from 0 up to and without `limit`. */
  below(limit: number): number;
  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number;
  /** True for that share of the draws. */
  chance(share: number): boolean;
  /** True once in so many draws. */
  once(inSoMany: number): boolean;
  /** One of `items`. @throws RangeError for an empty list */
  pick<T>(items: readonly T[]): T;
  /** One of the items, each as likely as its weight says. @throws RangeError for an empty list */
  weighed<T>(items: readonly (readonly [weight: number, item: T])[]): T;
  /** From `least` to `most` things. */
  some<T>(least: number, most: number, draw: () => T): T[];
}

/** Returns the sequence of `seed` (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const whole = (min: number, max: number): number => min + below(max - min + 1);
  const pick = <T>(items: readonly T[]): T => {
    const index = below(items.length);
    if (index >= items.length) throw new RangeError('nothing to pick from');
    return items[index] as T;
  };
  return {
    next,
    below,
    whole,
    pick,
    chance: (share) => next() < share,
    once: (inSoMany) => below(inSoMany) === 0,
    weighed: (items) => {
      let rest = next() * items.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, item] of items) {
        rest -= weight;
        if (rest < 0) return item;
      }
      return pick(items)[1];
    },
    some: (least, most, draw) => Array.from({ length: whole(least, most) }, draw),
  };
}

/** Returns the sequence of one round of `seed`, so that a round can be repeated without those before it. */
export function randomOfRound(seed: number, round: number): Random {
  return seededRandom(seed * 1_000_003 + round * 7_919);
}
