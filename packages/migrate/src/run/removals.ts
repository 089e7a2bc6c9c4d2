// What the statements of a migration take from tables that were there before. data-loss.ts counts what those hold.
import { type FollowedTable, followTables, type TableShape } from '../sql/follow-tables.js';
import type { Statement } from '../sql/statements.js';

/** What statements take from tables that were there before. */
export interface Removal {
  readonly table: string;
  /** Null = the whole table. */
  readonly column: string | null;
}

/**
 * Returns what `statements` remove from `tables`.
 *
 * A dropped table that was copied into a new one (`INSERT INTO new … SELECT … FROM old`) loses the columns that the new
 * one does not have under the same name; one that was not copied is lost as a whole.
 */
export function removals(statements: readonly Statement[], tables: readonly TableShape[]): readonly Removal[] {
  const { remaining, dropped, droppedColumns } = followTables(statements, tables);
  return [...droppedColumns, ...dropped.flatMap((table) => lostWith(table, remaining))];
}

function lostWith({ origin, columns }: FollowedTable, remaining: readonly FollowedTable[]): Removal[] {
  if (!origin) return [];
  const heir = remaining.find(({ sources }) => [...sources].some((source) => source.origin === origin));
  if (!heir) return [{ table: origin.name, column: null }];
  return [...columns].flatMap(([current, { original }]) =>
    original === null || heir.columns.has(current) ? [] : [{ table: origin.name, column: original }],
  );
}
