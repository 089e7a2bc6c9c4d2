// The SQL of the hand-written contender.

/** The columns of a model under their names in TypeScript. */
export const modelColumns = `models.id, models.name, models.description, models.format, models.file_name AS fileName,
  models.file_path AS filePath, models.file_hash AS fileHash, models.file_size AS fileSize,
  models.file_modified_at AS fileModifiedAt, models.file_stamp AS fileStamp, models.author, models.license, models.source_url AS sourceUrl,
  models.parse_status AS parseStatus, models.parse_error AS parseError, models.triangles, models.vertices,
  models.min_x AS minX, models.min_y AS minY, models.min_z AS minZ, models.max_x AS maxX, models.max_y AS maxY,
  models.max_z AS maxZ, models.volume, models.unit, models.rating, models.favorite,
  models.printed_at AS printedAt, models.status, models.created_at AS createdAt,
  models.updated_at AS updatedAt, models.version`;

/** The ten columns of `readByKey`. */
export const keyColumns = `id, name, format, file_name AS fileName, file_path AS filePath, file_hash AS fileHash,
  file_size AS fileSize, author, triangles, created_at AS createdAt`;

const insertedColumns = `id, name, description, format, file_name, file_path, file_hash, file_size, file_modified_at,
  author, license, source_url, parse_status, parse_error, triangles, vertices, min_x, min_y, min_z, max_x, max_y, max_z,
  volume, rating, favorite, status, tags_text, search_extra, created_at, updated_at, version, name_key`;

const rowsOf = (columns: number, rows: number): string =>
  Array.from({ length: rows }, () => `(${Array.from({ length: columns }, () => '?').join(', ')})`).join(', ');

/** Inserts a model; the database gives its number. */
export const insertModel = `INSERT INTO models (${insertedColumns}) VALUES ${rowsOf(32, 1)}`;

/** Inserts `rows` models with their numbers. */
export function insertModels(rows: number): string {
  return `INSERT INTO models (seq, ${insertedColumns}) VALUES ${rowsOf(33, rows)}`;
}

/** Inserts `rows` metadata values. */
export function insertMetadata(rows: number): string {
  return `INSERT INTO model_metadata (model_seq, metadata_key, value_type, value_text, value_number)
    VALUES ${rowsOf(5, rows)}`;
}

/** Sets five metadata values. */
export const setFiveValues = `${insertMetadata(5)} ON CONFLICT (model_seq, metadata_key) DO UPDATE SET
  value_type = excluded.value_type, value_text = excluded.value_text, value_number = excluded.value_number`;

/** The values of one model, by its number. */
export const valuesOfModel = `SELECT metadata_key, value_type, value_text, value_number FROM model_metadata
  WHERE model_seq = ? ORDER BY metadata_key`;

/** The page of 20, its words and format given; ranked by bm25, as FTS5 offers it. */
export const searchModels = `WITH hits AS (
    SELECT models_fts.rowid AS seq, bm25(models_fts, 10, 1, 4, 6, 2, 1, 0) AS score FROM models_fts CROSS JOIN models
    WHERE models_fts MATCH ? AND models.seq = models_fts.rowid AND models.format = ?
    ORDER BY models_fts.rowid DESC LIMIT 501
  ), page AS (SELECT seq, score FROM hits ORDER BY score, seq DESC LIMIT 21)
  SELECT ${modelColumns}, (SELECT count(*) FROM hits) AS total FROM page CROSS JOIN models
  WHERE models.seq = page.seq ORDER BY page.score, page.seq DESC`;

/** A page of models, newest first, after (created_at, seq). */
export function pageOfModels(more = ''): string {
  return `SELECT models.seq, ${modelColumns}${more} FROM models WHERE (created_at, seq) < (?, ?)
    ORDER BY created_at DESC, seq DESC LIMIT 21`;
}

/** The metadata of twenty models, by their numbers. */
export const valuesOfModels = `SELECT model_seq, metadata_key, value_type, value_text, value_number FROM model_metadata
  WHERE model_seq IN ${rowsOf(20, 1)} ORDER BY model_seq, metadata_key`;

/** The tag names of twenty models, by their numbers. */
export const tagsOfModels = `SELECT model_tags.model_seq, tags.name FROM model_tags CROSS JOIN tags
  WHERE model_tags.model_seq IN ${rowsOf(20, 1)} AND tags.id = model_tags.tag_id ORDER BY model_tags.model_seq, tags.key`;

/** How many models have a format: as the triggers have counted them, and those that they have not counted yet. */
export const countOfFormat = `SELECT coalesce((SELECT models FROM model_counts WHERE kind = 'format' AND value = ?1), 0)
  + (SELECT count(*) FROM models NOT INDEXED WHERE seq > (SELECT value FROM search_state WHERE name = 'counted')
    AND format = ?1) AS models`;
