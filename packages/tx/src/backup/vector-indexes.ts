// The copy of a database with vector indexes, put right for backup.ts: VACUUM of libSQL 0.5 writes what it keeps of each index
// twice, under one key, and its own check takes the file for damaged then.
import type { StatementResult } from '../connection-source.js';
import type { SideProcess } from '../side-process/side-process.js';

const kept = 'libsql_vector_meta_shadow';

/** Leaves one row to each vector index of the file at `path`, which nobody else has open. */
export async function mendVectorIndexes(side: SideProcess, path: string, encryptionKey?: string): Promise<void> {
  const settings = { path, encryptionKey, pragmas: {}, readOnly: false };
  const run = (sql: string): Promise<StatementResult> => side.run({ settings, sql, args: [] });
  const { rows } = await run(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '${kept}'`);
  if (rows.length === 0) return;
  await run(`CREATE TEMP TABLE cc_vectors AS SELECT name, metadata FROM ${kept}`);
  await run(`DELETE FROM ${kept}`);
  // The last one of a name is the source's; the one before is what making the index anew said of it.
  const last = 'SELECT max(rowid) FROM cc_vectors GROUP BY name';
  await run(`INSERT INTO ${kept} (name, metadata) SELECT name, metadata FROM cc_vectors WHERE rowid IN (${last})`);
}
