// What a trial left on disk, read with nothing but the driver after the process has ended.
import { createHash } from 'node:crypto';
import Database from 'libsql';

/** Returns the fingerprint of every row that the phases write. @throws Error when the file or its search index is damaged */
export function digestOfLibrary(path: string): string {
  return inspecting(path, (database) => {
    const quick = database.prepare('PRAGMA quick_check').all();
    if (quick.length !== 1) throw new Error(`${path}: quick_check found ${quick.length} problems`);
    database.exec(`INSERT INTO models_fts (models_fts, rank) VALUES ('integrity-check', 1)`);
    const tables = ['models', 'model_metadata', 'model_tags', 'collections', 'collection_models'];
    const hash = createHash('sha256');
    for (const table of tables) {
      // Column by column in the order of the table, which is the same for all.
      const rows = database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).raw(true).all();
      hash.update(JSON.stringify([table, rows]));
    }
    return hash.digest('hex').slice(0, 16);
  });
}

/** Returns the fingerprint of the models with the `count` highest numbers and of their metadata. */
export function digestOfLastModels(path: string, count: number): string {
  return inspecting(path, (database) => {
    const hash = createHash('sha256');
    const last = 'SELECT seq FROM models ORDER BY seq DESC LIMIT ?';
    for (const [table, key] of [
      ['models', 'seq'],
      ['model_metadata', 'model_seq'],
    ])
      hash.update(
        JSON.stringify(
          database.prepare(`SELECT * FROM ${table} WHERE ${key} IN (${last}) ORDER BY 1, 2`).raw(true).all([count]),
        ),
      );
    return hash.digest('hex').slice(0, 16);
  });
}

/** Returns the sum of `triangles` of models. */
export function sumOfTriangles(path: string, ids: readonly string[]): number {
  return inspecting(path, (database) => {
    const sum = database.prepare(
      'SELECT sum(triangles) AS sum FROM models WHERE id IN (SELECT value FROM json_each(?))',
    );
    // One row with one number.
    return (sum.get([JSON.stringify(ids)]) as { sum: number }).sum;
  });
}

function inspecting<T>(path: string, look: (database: Database.Database) => T): T {
  const database = new Database(path);
  try {
    return look(database);
  } finally {
    database.close();
  }
}
