// Collections in one another: the way down to one, and the levels inside it. Both end in a circle that another writer made.
import type { Collection } from '../contract/collections.js';

/** Collections lie in one another so deep, the one at the top included. SQLite's foreign keys bear ten times that. */
export const maxLevels = 100;

/** Where a collection lies. */
type Place = Pick<Collection, 'id' | 'parentId'>;

/** The ids of a collection and of all inside it, those of one level together, itself first. */
export type Levels = readonly (readonly string[])[];

/** Returns the way from the top to the collection `id`, of which `rows` has every step. */
export function wayTo<Row extends Place>(id: string, rows: readonly Row[]): readonly Row[] {
  const left = new Map(rows.map((row) => [row.id, row]));
  const way: Row[] = [];
  for (let step = left.get(id); step !== undefined; step = left.get(step.parentId ?? '')) {
    left.delete(step.id);
    way.push(step);
  }
  return way.toReversed();
}

/** Returns the levels of the collection `id`, of which `rows` has all that lies inside; none when it is absent. */
export function levelsFrom(id: string, rows: readonly Place[]): Levels {
  const inside = new Map<string | null, Place[]>();
  for (const row of rows) {
    const beside = inside.get(row.parentId);
    if (beside === undefined) inside.set(row.parentId, [row]);
    else beside.push(row);
  }
  const seen = new Set<string>();
  const levels: (readonly string[])[] = [];
  let level = rows.filter((row) => row.id === id);
  while (level.length > 0) {
    for (const row of level) seen.add(row.id);
    levels.push(level.map((row) => row.id));
    level = level.flatMap((row) => inside.get(row.id) ?? []).filter((row) => !seen.has(row.id));
  }
  return levels;
}
