// Names for what a change makes only for a while, or puts aside: such a one may be left from a change that was broken off.
import type { Schema } from '../schema/schema.js';
import { foldName } from '../sql/words.js';

/** `name`, or one like it that is free. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  return isTaken(name) ? freeName(`_${name}`, isTaken) : name;
}

/** Whether a table, view or index of `schema` has `name`: they may not share one. */
export function hasName({ tables, virtualTables, views, indexes }: Schema, name: string): boolean {
  const key = foldName(name);
  return [tables, virtualTables, views, indexes].some((objects) => objects.has(key));
}

/** Whether any table of `schema` has a column `name`. */
export function hasColumn({ tables }: Schema, name: string): boolean {
  return [...tables.values()].some(({ columns }) => columns.some((column) => foldName(column.name) === foldName(name)));
}
