// In which order the contenders of a trial run.

/**
 * Returns the contenders of trial `trial` (from 0): rotated by one with every second trial, and reversed in the odd ones,
 * so that each of them stands early and late, and before and after each other.
 */
export function rotation<T>(contenders: readonly T[], trial: number): readonly T[] {
  const by = contenders.length === 0 ? 0 : Math.floor(trial / 2) % contenders.length;
  const rotated = [...contenders.slice(by), ...contenders.slice(0, by)];
  return trial % 2 === 1 ? rotated.reverse() : rotated;
}
