// A file as the driver sees it, without anything of ours: what is on disk, for tests of what we have written.
import Database from 'libsql';
import { onTestFinished } from 'vitest';

/** Opens a file until the test ends. */
export function open(path: string): Database.Database {
  const database = new Database(path);
  onTestFinished(() => void database.close());
  return database;
}

/** The rows of a query, as arrays. */
export function valuesOf(database: Database.Database, sql: string): unknown[] {
  return database.prepare(sql).raw(true).safeIntegers(true).all([]);
}
