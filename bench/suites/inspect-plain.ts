// What a trial of the suite `peers` left on disk, brought to the columns that both schemas have, and read with nothing but the
// driver after the process has ended.
import { createHash } from 'node:crypto';
import Database from 'libsql';

const shared = `id, name, description, format, file_path, file_hash, file_size, author, triangles, vertices, created_at,
  updated_at`;

const plain = [
  `SELECT ${shared} FROM models ORDER BY id`,
  'SELECT model_id, key, json(value) FROM metadata ORDER BY model_id, key',
  `SELECT model_tags.model_id, tags.name FROM model_tags JOIN tags ON tags.id = model_tags.tag_id ORDER BY 1, 2`,
];

const ours = [
  plain[0] ?? '',
  `SELECT models.id, metadata_key, CASE value_type WHEN 'text' THEN json_quote(value_text) WHEN 'json' THEN json(value_text)
     WHEN 'boolean' THEN iif(value_number = 1, 'true', 'false') WHEN 'null' THEN 'null'
     ELSE iif(value_number = CAST(value_number AS INTEGER), CAST(CAST(value_number AS INTEGER) AS TEXT),
       printf('%!.17g', value_number)) END
   FROM model_metadata JOIN models ON models.seq = model_metadata.model_seq ORDER BY 1, 2`,
  `SELECT models.id, tags.name FROM model_tags JOIN models ON models.seq = model_tags.model_seq
     JOIN tags ON tags.id = model_tags.tag_id ORDER BY 1, 2`,
];

/** Returns the fingerprint of a library on the plain schema. @throws Error when the file or its index is damaged */
export function digestOfPlainLibrary(path: string): string {
  return digestOf(path, plain);
}

/** Returns the fingerprint of a library on our schema. @throws Error when the file or its index is damaged */
export function digestOfOurLibrary(path: string): string {
  return digestOf(path, ours);
}

function digestOf(path: string, queries: readonly string[]): string {
  const database = new Database(path);
  try {
    const quick = database.prepare('PRAGMA quick_check').all();
    if (quick.length !== 1) throw new Error(`${path}: quick_check found ${quick.length} problems`);
    const isIndexed = database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'models_fts'`).get() !== undefined;
    if (isIndexed) database.exec(`INSERT INTO models_fts (models_fts, rank) VALUES ('integrity-check', 1)`);
    const hash = createHash('sha256');
    for (const query of queries) {
      const rows = database.prepare(query).raw(true).all() as unknown[][];
      // A number in a text is compared as a number.
      hash.update(JSON.stringify(rows.map((row) => row.map(plainNumber))));
    }
    return hash.digest('hex').slice(0, 16);
  } finally {
    database.close();
  }
}

function plainNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?(e[+-]\d+)?$/.test(value) ? Number(value) : value;
}
