// Tables that are other than the schema code says, because custom SQL or another tool made them, and of which the code now adds
// or drops columns: ALTER TABLE leaves the rest of them as it is. plan-migration.ts asks, target-schema.ts takes them.
import { isDatabaseError } from '@cc/tx/errors';
import { alterTable } from '../change/alter-table.js';
import { compareTables, foreignKeyText, isSameTable } from '../schema/compare-tables.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema, Table } from '../schema/schema.js';
import type { Past } from '../scratch/past.js';
import { foldName } from '../sql/words.js';

/** The schemas around a change of the code, the renames done. */
export interface CodeSteps {
  /** What the migrations before it make. */
  readonly renamed: Schema;
  readonly codeBefore: Schema;
  readonly code: Schema;
}

/** Returns such tables as they are behind the change, by their names in lower case; not those that it changes further. */
export async function ownShapes(
  past: Past,
  renaming: readonly string[],
  { renamed, codeBefore, code }: CodeSteps,
): Promise<ReadonlyMap<string, Table>> {
  const shapes = new Map<string, Table>();
  for (const [key, now] of renamed.tables) {
    const [before, after] = [codeBefore.tables.get(key), code.tables.get(key)];
    if (!before || !after || isSameTable(compareTables(before, now), false)) continue;
    const wanted = withColumns(now, before, after);
    const alteration = wanted && alterTable(now, wanted, false);
    if (!alteration) continue;
    const shape = await past
      .trying(async (scratch) => {
        await scratch.run([...renaming, ...alteration.statements]);
        return (await readSchema(scratch.connection)).tables.get(key);
      })
      .catch((error: unknown) => {
        // A constraint of the table names the column, or a row that a migration wrote does not fit.
        if (isDatabaseError(error)) return undefined;
        throw error;
      });
    if (shape) shapes.set(key, shape);
  }
  return shapes;
}

/** `now` with the columns that lead from `before` to `after`; null when they differ in more, or `now` does not fit them. */
function withColumns(now: Table, before: Table, after: Table): Table | null {
  const difference = compareTables(before, after);
  const { added, dropped, changed, foreignKeysAdded, foreignKeysDropped, rest } = difference;
  if (isSameTable(difference, false) || changed.length + foreignKeysDropped.length + rest.length > 0) return null;
  const has = (columns: Table['columns'], name: string): boolean =>
    columns.some((column) => foldName(column.name) === foldName(name));
  if (added.some(({ name }) => has(now.columns, name)) || !dropped.every(({ name }) => has(now.columns, name)))
    return null;
  const known = now.foreignKeys.map(foreignKeyText);
  return {
    ...now,
    columns: [...now.columns.filter(({ name }) => !has(dropped, name)), ...added],
    foreignKeys: [...now.foreignKeys, ...foreignKeysAdded.filter((key) => !known.includes(foreignKeyText(key)))],
  };
}
