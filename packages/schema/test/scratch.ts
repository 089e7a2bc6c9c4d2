// A database in memory that the packaged migrations are run on, as text, without any of our other packages.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { onTestFinished } from 'vitest';
import { migrationsFolder } from '../src/index.js';

/** The migrations of the journal, oldest first. */
export const migrations: readonly string[] = (
  JSON.parse(readFileSync(join(migrationsFolder, 'meta/_journal.json'), 'utf8')) as { entries: { tag: string }[] }
).entries.map(({ tag }) => tag);

/** Opens an empty database, closed after the test. */
export function openEmpty(): Database.Database {
  const database = new Database(':memory:');
  database.exec('pragma foreign_keys = on');
  onTestFinished(() => void database.close());
  return database;
}

/** Runs one migration file, or those of its statements that are `wanted`. */
export function run(
  database: Database.Database,
  file: string,
  wanted: (statement: string) => boolean = () => true,
): void {
  const text = readFileSync(join(migrationsFolder, file), 'utf8');
  for (const statement of text.split('--> statement-breakpoint')) if (wanted(statement)) database.exec(statement);
}

/** Opens a database with every migration applied, or those up to `last`. */
export function openMigrated(last = migrations.at(-1)): Database.Database {
  const database = openEmpty();
  for (const name of migrations) {
    run(database, `${name}.sql`);
    if (name === last) break;
  }
  return database;
}

/** Rows of a query, as arrays. */
export function rows(database: Database.Database, sql: string): unknown[] {
  return database.prepare(sql).raw(true).all([]);
}
