// One consistent look at a database: its schema, its ledger beside the folder, and a fingerprint of both that record.ts
// compares again inside its transaction.

import type { Connection } from '../contract/connection.js';
import { migrationError } from '../errors.js';
import type { Standing } from '../run/standing.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { withoutForeignModules } from '../scratch/known-modules.js';
import { isNoBookkeeping, isNoLedger } from '../sql/bookkeeping.js';

/** A database at one moment. */
export interface Picture {
  readonly standing: Standing;
  readonly schema: Schema;
  /** Every CREATE statement but those of bookkeeping: the value of `schemaTextSql`. */
  readonly schemaText: string;
}

/** Where pictures are taken, and how often: a database with its folder. */
export interface PictureSource {
  readonly connection: Connection;
  readonly maxAttempts: number;
  /** Who asks, for the log. */
  readonly by: string;
  /** Reads folder and database side by side. */
  readonly look: () => Promise<Standing>;
}

/** The text of the schema as SQL. */
export const schemaTextSql = `(SELECT coalesce(group_concat(line, char(10)), '') FROM (
  SELECT sql AS line FROM sqlite_schema WHERE sql IS NOT NULL AND ${isNoBookkeeping('name')} AND ${isNoLedger('sql')} ORDER BY type, name))`;

/** Reads until nothing has changed between the first query and the last. @throws DatabaseError `MIGRATION_LOCK_LOST` */
export async function takePicture({ connection, look, maxAttempts }: PictureSource): Promise<Picture> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const schemaText = await readSchemaText(connection);
    const standing = await look();
    const schema = await withoutForeignModules(await readSchema(connection));
    const after = await look();
    if (after.ledger.head === standing.ledger.head && (await readSchemaText(connection)) === schemaText)
      return { standing, schema, schemaText };
  }
  throw migrationError('lock_lost', `The schema changed ${maxAttempts} times while it was read`, {
    operation: 'read the schema',
    hint: 'Run again when nobody else migrates this database: cc-migrate history says who does',
  });
}

async function readSchemaText(connection: Connection): Promise<string> {
  const { rows } = await connection.execute(`SELECT ${schemaTextSql} AS text`);
  return String(rows[0]?.['text'] ?? '');
}
