// Which rows a refused migration would leave with a foreign key that points nowhere: it runs once more only to say so.
import { isDatabaseError } from '@cc/tx/errors';
import type { Connection } from '../contract/connection.js';
import { migrationError } from '../errors.js';
import { checkableTables } from '../schema/key-mismatches.js';
import { foldName } from '../sql/words.js';
import { operationOf, whatStays } from './failure.js';
import type { Step } from './step.js';
import type { Entry, Transition } from './transition.js';

/** The error of a migration whose rows fail the check of foreign keys, behind so many `slices` of it; explain adds that those stay. */
export async function orphansError(
  connection: Connection,
  step: Step,
  { statements }: Pick<Transition, 'statements'>,
  { unchecked, renamed }: Pick<Entry, 'unchecked' | 'renamed'>,
  slices: number,
): Promise<Error> {
  const { version, direction, source } = step;
  const found = await orphansOf(
    connection,
    statements.map(({ sql }) => sql),
    { unchecked, renamed },
  );
  const which = found.length === 0 ? '' : `: ${found.map(({ rows }) => rows).join('; ')}`;
  const passing = found.find(({ isPassing }) => isPassing)?.parent;
  const how =
    passing === undefined
      ? `Make ${source} repair or delete those rows`
      : `A table that is renamed takes the foreign keys to it along, here to ${passing}, which is gone in the end. In ${source}, make the new table under another name, copy the rows, drop the old table, and give its name to the new one`;
  return migrationError(
    'foreign_key',
    `${version} (${direction}) would leave rows whose foreign key points nowhere${which}`,
    {
      operation: operationOf(step),
      hint: `${slices === 0 ? `${whatStays(0)} ` : ''}${how}; then: cc-migrate ${direction}`,
    },
  );
}

/** Rows of one table that refer to nothing. */
interface Orphans {
  /** Such as `2 rows of notes, which refer to parts (such as rowid 7)`. */
  readonly rows: string;
  readonly parent: string;
  /** The parent is a table that is there neither before nor behind. */
  readonly isPassing: boolean;
}

/** What `statements` add; none when it cannot be told. */
async function orphansOf(
  connection: Connection,
  statements: readonly string[],
  { unchecked, renamed }: Pick<Entry, 'unchecked' | 'renamed'>,
): Promise<readonly Orphans[]> {
  const count = `SELECT t.name AS child, f.parent AS parent, count(*) AS n, max(f.rowid) AS example
FROM ${checkableTables(unchecked)} t JOIN pragma_foreign_key_check(t.name) f GROUP BY t.name, f.parent, f.fkid ORDER BY 1, 2`;
  try {
    // A COMMIT would keep what ran: going back to the savepoint leaves it nothing.
    const looks = [count, `SELECT lower(name) AS name FROM sqlite_schema WHERE type = 'table'`];
    const all = ['SAVEPOINT cc_orphans', ...looks, ...statements, ...looks, 'ROLLBACK TO cc_orphans'];
    const results = await connection.migrate([...all, 'RELEASE cc_orphans']);
    const rowsAt = (index: number) => results[index]?.rows ?? [];
    const [before, after] = [rowsAt(1), rowsAt(all.length - 3)];
    const tables = new Set([...rowsAt(2), ...rowsAt(all.length - 2)].map(({ name }) => String(name)));
    const nameOf = (name: unknown): string => foldName(String(name));
    const nameBehind = (name: unknown): string => renamed.get(nameOf(name)) ?? nameOf(name);
    return after.flatMap(({ child, parent, n, example }) => {
      const known = before.filter(
        (row) => nameBehind(row['child']) === nameOf(child) && nameBehind(row['parent']) === nameOf(parent),
      );
      const more = Number(n) - known.reduce((sum, row) => sum + Number(row['n']), 0);
      const such = example === null ? '' : ` (such as rowid ${Number(example)})`;
      const rows = `${more} ${more === 1 ? 'row' : 'rows'} of ${String(child)}`;
      const said = `${rows}, which ${more === 1 ? 'refers' : 'refer'} to ${String(parent)}${such}`;
      return more > 0 ? [{ rows: said, parent: String(parent), isPassing: !tables.has(foldName(String(parent))) }] : [];
    });
  } catch (error) {
    // That there are some is sure; only which they are stays untold.
    if (isDatabaseError(error)) return [];
    throw error;
  }
}
