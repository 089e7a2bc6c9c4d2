// What SQLite itself finds wrong with a database: pages, indexes, foreign keys, full-text indexes. Asked on scratch databases
// by round-trip.ts, and on copies by verify.
import { isDatabaseError } from '@cc/tx/errors';
import { indexesAnother } from '../change/full-text.js';
import type { Connection } from '../contract/connection.js';
import { saidBy } from '../errors.js';
import { checkableTables, describeMismatch, type KeyMismatch, keyMismatches } from '../schema/key-mismatches.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { quoteName } from '../sql/words.js';

/** Returns what is wrong, in sentences. */
export async function integrityFaults(connection: Connection, schema?: Schema): Promise<readonly string[]> {
  const { unsound, orphans } = await examine(connection, schema ?? (await readSchema(connection)));
  return [...unsound, ...orphans.map(({ message }) => message)];
}

/** What is wrong with a database. */
export interface Findings {
  /** In sentences, orphans left out. */
  readonly unsound: readonly string[];
  /** Foreign keys that cannot be checked; `unsound` says them, too. */
  readonly mismatches: readonly KeyMismatch[];
  /** Rows that refer to no row, by their table. */
  readonly orphans: readonly { readonly child: string; readonly message: string }[];
}

/** Looks at everything. */
export async function examine(connection: Connection, schema: Schema): Promise<Findings> {
  const faults = [...(await damageIn(connection, schema))];
  const mismatches = await keyMismatches(connection);
  faults.push(...mismatches.map(describeMismatch));
  const { rows: orphans } = await connection.execute(
    `SELECT s.name AS child, f.parent AS parent, count(*) AS n FROM ${checkableTables(mismatches.map(({ child }) => child))} s
JOIN pragma_foreign_key_check(s.name) f GROUP BY 1, 2`,
  );
  for (const virtual of schema.virtualTables.values()) {
    if (!indexesAnother(virtual)) continue;
    const name = quoteName(virtual.name);
    try {
      await connection.execute(`INSERT INTO ${name} (${name}, rank) VALUES ('integrity-check', 1)`);
    } catch (error) {
      if (!isDatabaseError(error)) throw error;
      faults.push(`the full-text index ${virtual.name} does not fit its table`);
    }
  }
  return {
    unsound: faults,
    mismatches,
    orphans: orphans.map(({ child, parent, n }) => ({
      child: String(child),
      message: `${Number(n)} rows of ${String(child)} refer to no row of ${String(parent)}`,
    })),
  };
}

/** What `integrity_check` finds; of each table alone where a virtual one of a module that is not loaded ends the whole. */
async function damageIn(connection: Connection, { tables }: Schema): Promise<readonly string[]> {
  const check = async (argument: string): Promise<readonly string[]> => {
    const { rows } = await connection.execute(`PRAGMA integrity_check${argument}`);
    return rows.map((row) => String(row['integrity_check'])).filter((line) => line !== 'ok');
  };
  try {
    return await check('');
  } catch (error) {
    if (!isDatabaseError(error) || !saidBy(error).includes('no such module')) throw error;
    const found: string[] = [];
    for (const { name } of tables.values()) found.push(...(await check(`(${quoteName(name)})`)));
    return found;
  }
}
