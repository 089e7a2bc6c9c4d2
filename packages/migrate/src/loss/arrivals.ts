// Keeps which rows of a table a copy brought: others that stood there, or came from a third table, may be equal to the rows of
// the copied table by chance, and say nothing of them. measure.ts asks for it, look.ts reads it.
import { foldName, quoteName } from '../sql/words.js';
import type { Arrival } from './heirs.js';
import type { Arrived } from './look.js';
import type { LossTable } from './table.js';
import type { Around } from './watch.js';

/** Returns the statements that note in `place` what each of `arrivals` brings; null where nothing tells the rows apart. */
export function keepingArrivals(
  arrivals: readonly Arrival[],
  place: string,
): { readonly arrived: Arrived; readonly creation: string; readonly around: readonly Around[] } | null {
  const names = tellingApart(arrivals[0]?.table);
  if (names === null || arrivals.some(({ table }) => tellingApart(table)?.join() !== names.join())) return null;
  const columns = names.map((_, index) => `r${index}`).join(', ');
  // Without rowids: last_insert_rowid() must be that of the migration's own rows to its next statement.
  const keeping = (name: string): string => `CREATE TABLE ${name} (${columns}, PRIMARY KEY (${columns})) WITHOUT ROWID`;
  const own = names.map((name) => `t.${quoteName(name)}`).join(', ');
  const around = arrivals.map(({ at, table, isBirth }, index): Around => {
    const was = `${place}_${index}`;
    const from = `${quoteName(table.name)} t`;
    const select = `SELECT ${own} FROM ${from}`;
    if (isBirth) return { at, before: [], after: [`INSERT INTO ${place} ${select}`] };
    const isNew = `(${own}) NOT IN (SELECT ${columns} FROM ${was})`;
    return {
      at,
      before: [keeping(was), `INSERT INTO ${was} ${select}`],
      after: [`INSERT OR IGNORE INTO ${place} ${select} WHERE ${isNew}`, `DROP TABLE ${was}`],
    };
  });
  return {
    arrived: { place, names },
    creation: keeping(place),
    around,
  };
}

/** The columns that tell the rows of a table apart for as long as it is there: the rowid, or the primary key. */
function tellingApart(table: LossTable | undefined): readonly string[] | null {
  if (!table) return null;
  if (table.rowid !== null) return [table.rowid];
  return table.keys[0]?.map(foldName) ?? null;
}
