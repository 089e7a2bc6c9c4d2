// Runs a migration once more to say what its rows lose, in a transaction that leaves nothing: run-steps.ts does when it was
// refused, and plan --measure does on a copy.
import type { Connection } from '../contract/connection.js';
import type { DataLoss } from '../contract/migration.js';
import { joined, lossesIn } from '../loss/measure.js';
import type { Statement } from '../sql/statements.js';
import { foldName } from '../sql/words.js';
import { type Transition, tellingOf } from './transition.js';

/** Runs a migration only to see what its rows lose. Nothing of it stays. */
export async function lossesOf(
  connection: Connection,
  { statements, measurement }: Pick<Transition, 'statements' | 'measurement'>,
): Promise<readonly DataLoss[]> {
  const telling = tellingOf(measurement, await tellable(connection, statements));
  const results = await connection.migrate(telling.statements);
  return joined(telling.places.flatMap(({ probe, at }) => lossesIn(probe, results[at]?.rows[0])));
}

/** `statements`, without those about virtual tables that they make, drop or rename: a COMMIT fails behind such a one that was rolled back. */
async function tellable(connection: Connection, statements: readonly Statement[]): Promise<readonly string[]> {
  const { rows } = await connection.execute(`SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'`);
  const virtual = new Set(rows.map((row) => foldName(String(row['name']))));
  const moved = new Set<string>();
  for (const { words } of statements) {
    const isMade = words[1]?.keyword === 'VIRTUAL';
    const isMoved = words[0]?.keyword === 'DROP' || words[0]?.keyword === 'ALTER';
    const at = words[3]?.keyword === 'IF' ? 6 : 3;
    if (isMade) moved.add(foldName(words[words[at + 1]?.name === '.' ? at + 2 : at]?.name ?? ''));
    else if (isMoved)
      for (const { name } of words.slice(2, 7)) if (virtual.has(foldName(name))) moved.add(foldName(name));
  }
  const isMoved = ({ words }: Statement): boolean =>
    words.some(({ kind, name }) => kind !== 'sign' && moved.has(foldName(name)));
  return statements.map((statement) => (isMoved(statement) ? 'SELECT 1' : statement.sql));
}
