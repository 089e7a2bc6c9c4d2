// Databases of the previous program, made by the stock client: the form of its design and the one that it shipped, with the
// full-text index that its triggers break.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type InValue } from '@libsql/client';

/** The tables of its design. */
export const designed = `
  CREATE TABLE models (id TEXT PRIMARY KEY, name TEXT, description TEXT, format TEXT, file_path TEXT, file_hash TEXT,
    file_size INTEGER, tags TEXT, thumbnail_path TEXT, created_at, updated_at);
  CREATE TABLE model_metadata (id INTEGER PRIMARY KEY, model_id TEXT, metadata_key TEXT, metadata_value);
  CREATE INDEX idx_models_file_hash ON models (file_hash);
  CREATE INDEX idx_metadata_model_key ON model_metadata (model_id, metadata_key);`;

/** Its full-text index: a text as the rowid of the content, so that every write afterwards fails. */
export const brokenIndex = `
  CREATE VIRTUAL TABLE models_fts USING fts5 (name, description, content = 'models', content_rowid = 'id');
  CREATE TRIGGER models_ai AFTER INSERT ON models BEGIN
    INSERT INTO models_fts (rowid, name, description) VALUES (new.id, new.name, new.description);
  END;
  CREATE TRIGGER models_au AFTER UPDATE ON models BEGIN
    INSERT INTO models_fts (models_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description);
  END;`;

/** The tables that it shipped. */
export const shipped = `
  CREATE TABLE models (id INTEGER PRIMARY KEY AUTOINCREMENT, filename TEXT NOT NULL, format TEXT NOT NULL, file_path TEXT NOT NULL,
    file_size INTEGER, file_hash TEXT, thumbnail_path TEXT, date_added DATETIME DEFAULT CURRENT_TIMESTAMP,
    last_modified DATETIME DEFAULT CURRENT_TIMESTAMP, linked_model_id INTEGER REFERENCES models (id));
  CREATE TABLE model_metadata (id INTEGER PRIMARY KEY AUTOINCREMENT, model_id INTEGER REFERENCES models (id), title TEXT,
    description TEXT, keywords TEXT, category TEXT, source TEXT, rating INTEGER CHECK (rating >= 0 AND rating <= 5),
    view_count INTEGER DEFAULT 0, last_viewed DATETIME, camera_position_x REAL, UNIQUE (model_id));
  CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  INSERT INTO categories (name) VALUES ('Characters'), ('Buildings');`;

/** Rows to insert: a table, its columns, and their values. */
export type Rows = readonly (readonly [table: string, values: Readonly<Record<string, InValue>>])[];

/** Makes a database at `path`, in the journal that the old program left it in. */
export async function makeOld(
  path: string,
  schema: string,
  rows: Rows,
  { journal = 'delete', after = '' }: { readonly journal?: 'delete' | 'wal'; readonly after?: string } = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'old-'));
  const made = join(folder, 'old.db');
  const client = createClient({ url: `file:${made}` });
  await client.execute(`PRAGMA journal_mode = ${journal}`);
  await client.executeMultiple(schema);
  await client.batch(
    rows.map(([table, values]) => {
      const names = Object.keys(values);
      const marks = names.map(() => '?').join(', ');
      return { sql: `INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`, args: Object.values(values) };
    }),
    'write',
  );
  if (after !== '') await client.executeMultiple(after);
  client.close();
  // The stock client leaves a connection behind a batch, which folds the log into the file whenever it is collected.
  for (const end of ['', '-wal', '-shm']) if (existsSync(made + end)) copyFileSync(made + end, path + end);
  rmSync(folder, { recursive: true, force: true });
}

/** All rows of a query, by the stock client, on a copy: nobody who looks for programs that have the file open finds this one. */
export async function rowsOf(path: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rows-'));
  const copy = join(folder, 'copy.db');
  copyFileSync(path, copy);
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
  const client = createClient({ url: `file:${copy}` });
  try {
    return (await client.execute(sql)).rows.map((row) => ({ ...row }));
  } finally {
    client.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
