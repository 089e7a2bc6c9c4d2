// The SQL over the plain schema that is written by hand; the peers use the parts that their builders cannot say.

/** The columns of a model under their names in TypeScript. */
export const columns = `models.id, models.name, models.description, models.format, models.file_path AS filePath,
  models.file_hash AS fileHash, models.file_size AS fileSize, models.author, models.triangles, models.vertices,
  models.created_at AS createdAt, models.updated_at AS updatedAt`;

const rowsOf = (width: number, rows: number): string =>
  Array.from({ length: rows }, () => `(${Array.from({ length: width }, () => '?').join(', ')})`).join(', ');

/** Inserts `rows` models. */
export function insertModels(rows: number): string {
  return `INSERT INTO models (id, name, description, format, file_path, file_hash, file_size, author, triangles, vertices,
    created_at, updated_at) VALUES ${rowsOf(12, rows)}`;
}

/** Inserts `rows` values. */
export function insertMetadata(rows: number): string {
  return `INSERT INTO metadata (model_id, key, value) VALUES ${rowsOf(3, rows)}`;
}

/** Sets `rows` values. */
export function setMetadata(rows: number): string {
  return `${insertMetadata(rows)} ON CONFLICT (model_id, key) DO UPDATE SET value = excluded.value`;
}

/** The page of hits, for a match and a format. */
export const searchModels = `SELECT ${columns} FROM models_fts JOIN models ON models.rowid = models_fts.rowid
  WHERE models_fts MATCH ? AND models.format = ? ORDER BY models_fts.rank LIMIT 20`;

/** The same without the columns in TypeScript's names, for those who map rows themselves. */
export const searchRows = searchModels.replace(columns, 'models.*');

/** The next page, behind a time and an id; the time stands twice. */
export const nextPage = `SELECT ${columns} FROM models WHERE created_at <= ? AND (created_at < ? OR id < ?)
  ORDER BY created_at DESC, id DESC LIMIT 20`;

/** The metadata of `count` models. */
export function metadataOf(count: number): string {
  return `SELECT model_id AS modelId, key, value FROM metadata WHERE model_id IN ${rowsOf(count, 1)} ORDER BY model_id, key`;
}

/** The tag names of `count` models. */
export function tagsOf(count: number): string {
  return `SELECT model_tags.model_id AS modelId, tags.name FROM model_tags JOIN tags ON tags.id = model_tags.tag_id
    WHERE model_tags.model_id IN ${rowsOf(count, 1)}`;
}
