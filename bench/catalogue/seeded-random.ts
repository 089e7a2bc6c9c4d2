// Random numbers that are the same in every run.

/** Draws from a sequence that its seed decides. */
export interface SeededRandom {
  /** From 0 to 1, 1 excluded. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number;
  /** One of `items`. @throws RangeError for an empty list */
  pick<T>(items: readonly T[]): T;
  /** One of `items`; the earlier ones more often, as the words of a language are. @throws RangeError for an empty list */
  pickZipf<T>(items: readonly T[]): T;
}

/** Returns the sequence of `seed` (mulberry32). */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const at = <T>(items: readonly T[], place: number): T => {
    const item = items[Math.min(items.length - 1, Math.floor(place))];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };
  return {
    next,
    whole: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick: (items) => at(items, next() * items.length),
    pickZipf: (items) => at(items, items.length ** next() - 1),
  };
}
