// Rows whose parent is missing, counted by table and parent.
import { type Ask, decoded, quoted } from '../questions.js';
import type { CheckFinding } from './types.js';

/** Returns a finding for each foreign key that rows break. */
export async function checkForeignKeys(ask: Ask): Promise<readonly CheckFinding[]> {
  const rows = await ask(
    `SELECT CAST("table" AS BLOB), CAST(parent AS BLOB), count(*) FROM pragma_foreign_key_check GROUP BY "table", parent, fkid`,
  );
  return rows.map(([child, parent, count]) => {
    const table = decoded(child);
    const broken = Number(count) === 1 ? '1 row' : `${Number(count)} rows`;
    return {
      fault: 'foreignKey',
      name: table,
      message: `${broken} of ${table} refer to rows of ${decoded(parent)} that are not there`,
      remedy: `PRAGMA foreign_key_check(${quoted(table)}) names the rows: delete them, or give them a parent`,
    };
  });
}
