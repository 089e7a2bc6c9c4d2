// The schema that the peers use: a table of twelve columns with three indexes, FTS5 kept by triggers, metadata and tags.
// `before` is the original design's: no index but the keys', no full-text search.

const models = `CREATE TABLE models (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  format TEXT NOT NULL,
  file_path TEXT NOT NULL,
  file_hash TEXT NOT NULL,
  file_size INTEGER NOT NULL,
  author TEXT,
  triangles INTEGER,
  vertices INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
)`;

const tables = [
  models,
  `CREATE TABLE metadata (
    model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model_id, key)
  )`,
  `CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)`,
  `CREATE TABLE model_tags (
    model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (model_id, tag_id)
  )`,
];

const search = [
  'CREATE INDEX idx_models_file_hash ON models (file_hash)',
  'CREATE INDEX idx_models_format ON models (format)',
  'CREATE INDEX idx_models_created_at ON models (created_at)',
  `CREATE VIRTUAL TABLE models_fts USING fts5 (name, description, author, content = 'models', content_rowid = 'rowid')`,
  `CREATE TRIGGER models_fts_insert AFTER INSERT ON models BEGIN
    INSERT INTO models_fts (rowid, name, description, author)
    VALUES (new.rowid, new.name, new.description, new.author);
  END`,
  `CREATE TRIGGER models_fts_delete AFTER DELETE ON models BEGIN
    INSERT INTO models_fts (models_fts, rowid, name, description, author)
    VALUES ('delete', old.rowid, old.name, old.description, old.author);
  END`,
  `CREATE TRIGGER models_fts_update AFTER UPDATE OF name, description, author ON models BEGIN
    INSERT INTO models_fts (models_fts, rowid, name, description, author)
    VALUES ('delete', old.rowid, old.name, old.description, old.author);
    INSERT INTO models_fts (rowid, name, description, author)
    VALUES (new.rowid, new.name, new.description, new.author);
  END`,
];

/** The statements that make the plain schema. */
export const plainSchema: readonly string[] = [...tables, ...search];

/** The statements that make the tables of the original design. */
export const schemaBefore: readonly string[] = tables;
