// The schema of a database without its rows, in a scratch database: follow.ts runs the schema statements of migrations there.
import type { Readable } from '../contract/connection.js';
import { isNoServers } from '../sql/bookkeeping.js';

/** A scratch database. */
export interface Sketch {
  readonly connection: Readable;
  run(statements: readonly string[]): Promise<void>;
}

/** Fills an empty sketch with the schema of a database. */
export async function sketchSchema(connection: Readable, sketch: Sketch): Promise<void> {
  const { rows } = await connection.execute(`SELECT s.type, s.name, s.sql FROM sqlite_schema s
LEFT JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name AND s.type = 'table'
WHERE s.sql IS NOT NULL AND ${isNoServers('s.name')}
AND coalesce(l.type, '') <> 'shadow' ORDER BY s.type <> 'table', s.rowid`);
  const statements = rows.map((row) => String(row['sql']));
  try {
    await sketch.run(statements);
  } catch {
    // A module that this library does not have, or a view that never worked: all else can still be followed.
    for (const each of statements) await sketch.run([each]).catch(() => undefined);
  }
}
