// Which rows a refused migration would leave with a foreign key that points nowhere: it runs once more only to say so.
import { isDatabaseError } from '@cc/tx/errors';
import type { Connection } from '../contract/connection.js';
import { migrationError } from '../errors.js';
import { checkableTables } from '../schema/key-mismatches.js';
import { operationOf, whatStays } from './failure.js';
import type { Step } from './step.js';
import type { Entry, Transition } from './transition.js';

/** The error of a migration whose rows fail the check of foreign keys, behind so many `slices` of it; explain adds that those stay. */
export async function orphansError(
  connection: Connection,
  step: Step,
  { statements }: Pick<Transition, 'statements'>,
  { unchecked }: Pick<Entry, 'unchecked'>,
  slices: number,
): Promise<Error> {
  const { version, direction, source } = step;
  const found = await orphansOf(
    connection,
    statements.map(({ sql }) => sql),
    unchecked,
  );
  const which = found === '' ? '' : `: ${found}`;
  return migrationError(
    'foreign_key',
    `${version} (${direction}) would leave rows whose foreign key points nowhere${which}`,
    {
      operation: operationOf(step),
      hint: `${slices === 0 ? `${whatStays(0)} ` : ''}Make ${source} repair or delete those rows, then: cc-migrate ${direction}`,
    },
  );
}

/** What `statements` add, such as `2 rows of notes that refer to parts (such as rowid 7)`; '' when it cannot be told. */
async function orphansOf(
  connection: Connection,
  statements: readonly string[],
  unchecked: readonly string[],
): Promise<string> {
  const count = `SELECT t.name AS child, f.parent AS parent, count(*) AS n, max(f.rowid) AS example
FROM ${checkableTables(unchecked)} t JOIN pragma_foreign_key_check(t.name) f GROUP BY t.name, f.parent, f.fkid ORDER BY 1, 2`;
  try {
    // A COMMIT would keep what ran: going back to the savepoint leaves it nothing.
    const all = ['SAVEPOINT cc_orphans', count, ...statements, count, 'ROLLBACK TO cc_orphans', 'RELEASE cc_orphans'];
    const results = await connection.migrate(all);
    const [before, after] = [results[1]?.rows ?? [], results[all.length - 3]?.rows ?? []];
    return after
      .flatMap(({ child, parent, n, example }) => {
        const known = before.filter((row) => row['child'] === child && row['parent'] === parent);
        const more = Number(n) - known.reduce((sum, row) => sum + Number(row['n']), 0);
        const such = example === null ? '' : ` (such as rowid ${Number(example)})`;
        const rows = `${more} ${more === 1 ? 'row' : 'rows'} of ${String(child)}`;
        return more > 0 ? [`${rows}, which ${more === 1 ? 'refers' : 'refer'} to ${String(parent)}${such}`] : [];
      })
      .join('; ');
  } catch (error) {
    // That there are some is sure; only which they are stays untold.
    if (isDatabaseError(error)) return '';
    throw error;
  }
}
