// A database file for the programs of this folder, and a look into it that uses nothing of the package.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { temporaryFolder } from '../target.js';

/** A new file with the tables of `ddl`; `all` reads the first column of a query. */
export async function databaseWith(
  ddl: string,
): Promise<{ path: string; url: string; all: (sql: string) => unknown[] }> {
  const path = join(await temporaryFolder(), 'test.db');
  const database = new Database(path);
  database.exec(`pragma journal_mode = wal; ${ddl}`);
  database.close();
  const all = (sql: string): unknown[] => {
    // It waits its turn: a process that closes the file last holds it alone while it empties the log.
    const reader = new Database(path, { timeout: 10_000 });
    const rows = reader.prepare(sql).raw(true).all([]) as unknown[][];
    reader.close();
    return rows.map((row) => row[0]);
  };
  return { path, url: pathToFileURL(path).href, all };
}
