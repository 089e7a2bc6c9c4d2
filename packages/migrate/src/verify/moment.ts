// What a database holds at one stop of a round trip, and what two stops must have in common.
import { noRenames, type Renames } from '../change/renames.js';
import type { Connection } from '../contract/connection.js';
import { compareSchemas } from '../schema/compare-schemas.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { integrityFaults } from '../scratch/integrity.js';
import { withoutForeignModules } from '../scratch/known-modules.js';
import { compareRows, digestRows, type RowDigests } from '../scratch/row-digest.js';

/** A stop. */
export interface Moment {
  readonly schema: Schema;
  readonly digests: RowDigests;
  /** What SQLite itself finds wrong. */
  readonly unsound: readonly string[];
}

/** Whether a table, or a column of it, is left out of a comparison. */
export type Exempt = (table: string, column: string | null) => boolean;

/** Reads the whole database. */
export async function readMoment(connection: Connection): Promise<Moment> {
  const schema = await readSchema(connection);
  return {
    schema: await withoutForeignModules(schema),
    digests: await digestRows(connection, schema),
    unsound: await integrityFaults(connection, schema),
  };
}

/** How the schema of `actual` differs from `expected`, in sentences. */
export function schemaFaults(actual: Moment, expected: { readonly schema: Schema }): readonly string[] {
  return compareSchemas(actual.schema, expected.schema).map(({ message }) => message);
}

/** Which rows of `before` are others in `after`, in sentences. */
export function rowFaults(
  before: Moment,
  after: Moment,
  { renames = noRenames, isExempt = () => false }: { readonly renames?: Renames; readonly isExempt?: Exempt } = {},
): readonly string[] {
  return compareRows(without(before.digests, isExempt), without(after.digests, isExempt), renames);
}

/** What is unsound in `now` and was not before. */
export function newlyUnsound(now: Moment, first: Moment): readonly string[] {
  return now.unsound.filter((fault) => !first.unsound.includes(fault));
}

function without(digests: RowDigests, isExempt: Exempt): RowDigests {
  const kept = [...digests].filter(([table]) => !isExempt(table, null));
  return new Map(
    kept.map(([table, digest]) => [
      table,
      { ...digest, columns: new Map([...digest.columns].filter(([column]) => !isExempt(table, column))) },
    ]),
  );
}
