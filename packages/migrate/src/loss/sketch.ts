// The schema of a database without its rows, in a scratch database: follow.ts runs the schema statements of migrations there.
import type { Readable } from '../contract/connection.js';
import { isNoServers } from '../sql/bookkeeping.js';
import type { Statement } from '../sql/statements.js';

/** A scratch database. */
export interface Sketch {
  readonly connection: Readable;
  run(statements: readonly string[]): Promise<void>;
}

/** Fills an empty sketch with the schema of a database. */
export async function sketchSchema(connection: Readable, sketch: Sketch): Promise<void> {
  const { rows } =
    await connection.execute(`SELECT s.type, s.name, s.sql FROM sqlite_schema s WHERE s.sql IS NOT NULL AND ${isNoServers('s.name')}
AND NOT (s.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_list(s.name) l WHERE l.schema = 'main' AND l.type = 'shadow')) ORDER BY s.type <> 'table', s.rowid`);
  const statements = rows.map((row) => String(row['sql']));
  try {
    await sketch.run(statements);
  } catch {
    // A module that this library does not have, or a view that never worked: all else can still be followed.
    for (const each of statements) await sketch.run([each]).catch(() => undefined);
  }
}

/** Runs the statements of a migration that change the schema; false when one of them does not run here. */
export async function sketchStatements(sketch: Sketch, statements: readonly Statement[]): Promise<boolean> {
  let isWhole = true;
  for (const { sql, words } of statements) if (isOfSchema(words)) isWhole = (await sketchOne(sketch, sql)) && isWhole;
  return isWhole;
}

/** Whether a statement changes the schema. */
export function isOfSchema(words: Statement['words']): boolean {
  return ['CREATE', 'ALTER', 'DROP'].includes(words[0]?.keyword ?? '');
}

/** Runs a statement. What fails here fails in the database, too, and says more there, or needs what only the database has. */
export async function sketchOne(sketch: Sketch, sql: string): Promise<boolean> {
  return await sketch.run([sql]).then(
    () => true,
    () => false,
  );
}
