// Takes rows out of the tables of a scratch database for seed-rows.ts and round-trip.ts, also those that triggers keep.
import type { Schema } from '../schema/schema.js';
import { foldName, quoteName, wordsOf } from '../sql/words.js';
import type { ScratchDatabase } from './scratch-database.js';

/** Some rows of a table. */
export interface Rows {
  readonly table: string;
  /** After WHERE. Default: all. */
  readonly where?: string | undefined;
}

/** Deletes `rows`. Triggers that only do something, and keep a full-text table up to date for example, run. */
export async function removeRows(scratch: ScratchDatabase, schema: Schema, rows: readonly Rows[]): Promise<void> {
  const refusing = [...schema.triggers.values()].filter(
    ({ table, sql }) => schema.tables.has(foldName(table)) && wordsOf(sql).some(({ keyword }) => keyword === 'RAISE'),
  );
  await scratch.run([
    ...refusing.map(({ name }) => `DROP TRIGGER ${quoteName(name)}`),
    ...rows.map(({ table, where }) => `DELETE FROM ${quoteName(table)}${where === undefined ? '' : ` WHERE ${where}`}`),
    ...refusing.map(({ sql }) => sql),
  ]);
}

/** Deletes all rows of all tables. */
export async function removeAllRows(scratch: ScratchDatabase, schema: Schema): Promise<void> {
  await removeRows(
    scratch,
    schema,
    [...schema.tables.values()].map(({ name }) => ({ table: name })),
  );
}
