// What the random programs are drawn with: one seed gives one program, on every machine.

/** A source of choices that a seed decides. */
export interface Random {
  /** A whole number from 0 up to and without `below`. */
  below(below: number): number;
  chance(share: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** One of the choices, each as likely as its weight says. */
  weighed<T>(choices: readonly (readonly [weight: number, choice: T])[]): T;
  /** From `least` to `most` things. */
  some<T>(least: number, most: number, draw: () => T): T[];
}

/** A source that gives the same choices for the same seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(choices: readonly T[]): T => {
    const index = below(choices.length);
    if (index >= choices.length) throw new RangeError('nothing to pick from');
    return choices[index] as T;
  };
  return {
    below,
    pick,
    chance: (share) => next() < share,
    weighed: (choices) => {
      let rest = next() * choices.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, choice] of choices) {
        rest -= weight;
        if (rest < 0) return choice;
      }
      return pick(choices)[1];
    },
    some: (least, most, draw) => Array.from({ length: least + below(most - least + 1) }, draw),
  };
}
