// The original design: a connection to each call, which is opened and closed; no index, no WAL, LIKE instead of a full-text
// search, one statement for each row.
import Database from 'libsql';
import { committedOn, metadataRowsOf, pageOf, placeOf, recordOf, valuesOf } from './by-hand.js';
import { type Peer, type PlainModel, pageSize } from './contract.js';
import * as sql from './plain-statements.js';

/** Opens nothing: every call does. */
export function openBefore(path: string): Peer {
  const connected = <T>(work: (connection: Database.Database) => T): T => {
    const connection = new Database(path);
    try {
      return work(connection);
    } finally {
      connection.close();
    }
  };
  // The row types say what the columns of the SQL beside them are.
  const all = <T>(connection: Database.Database, text: string, parameters: readonly unknown[]): T[] =>
    connection.prepare(text).all(parameters) as T[];
  return {
    create: (model) =>
      connected((connection) =>
        committedOn(connection)(() => {
          if (all(connection, 'SELECT id FROM models WHERE file_hash = ?', [model.fileHash]).length > 0)
            return 'duplicate';
          connection.prepare(sql.insertModels(1)).run(valuesOf(model));
          return 'created';
        }),
      ),
    read: (id) =>
      connected(
        (connection) => all<PlainModel>(connection, `SELECT ${sql.columns} FROM models WHERE id = ?`, [id])[0] ?? null,
      ),
    setMetadata(id, values) {
      for (const [key, value] of Object.entries(values))
        connected((connection) => connection.prepare(sql.setMetadata(1)).run([id, key, value]));
    },
    readMetadata: (id) =>
      connected((connection) =>
        recordOf(all(connection, 'SELECT key, value FROM metadata WHERE model_id = ? ORDER BY key', [id])),
      ),
    search(match, format) {
      // The words without the syntax of FTS5, anywhere in the name.
      const words = [...match.matchAll(/"(.*?)"/g)].map(([, word]) => `%${word}%`);
      const text = `SELECT ${sql.columns} FROM models WHERE ${words.map(() => 'name LIKE ?').join(' AND ')} AND format = ?
        LIMIT ${pageSize}`;
      return connected((connection) => all<PlainModel>(connection, text, [...words, format]));
    },
    page(after) {
      const models = connected((connection) => all<PlainModel>(connection, sql.nextPage, placeOf(after)));
      const values = models.flatMap(({ id }) =>
        connected((connection) =>
          all<{ modelId: string; key: string; value: string }>(connection, sql.metadataOf(1), [id]),
        ),
      );
      const tags = models.flatMap(({ id }) =>
        connected((connection) => all<{ modelId: string; name: string }>(connection, sql.tagsOf(1), [id])),
      );
      return pageOf(models, values, tags);
    },
    count: (format) =>
      connected((connection) => all<object>(connection, 'SELECT id FROM models WHERE format = ?', [format]).length),
    createMany(items) {
      for (const item of items) {
        connected((connection) => {
          if (all(connection, 'SELECT id FROM models WHERE file_hash = ?', [item.model.fileHash]).length > 0)
            throw new Error('a model has the same file content');
          connection.prepare(sql.insertModels(1)).run(valuesOf(item.model));
        });
        for (const row of metadataRowsOf([item]))
          connected((connection) => connection.prepare(sql.insertMetadata(1)).run(row));
      }
    },
    async increment(id, otherId, pause) {
      const connection = new Database(path);
      try {
        connection.exec('BEGIN');
        const [row] = all<{ triangles: number }>(connection, 'SELECT triangles FROM models WHERE id = ?', [id]);
        if (pause) await pause();
        connection.prepare('UPDATE models SET triangles = ? WHERE id = ?').run([(row?.triangles ?? 0) + 1, id]);
        connection.prepare('UPDATE models SET vertices = vertices + 1 WHERE id = ?').run([otherId]);
        connection.exec('COMMIT');
      } finally {
        connection.close();
      }
    },
    readTriangles: (id) =>
      connected(
        (connection) =>
          all<{ triangles: number }>(connection, 'SELECT triangles FROM models WHERE id = ?', [id])[0]?.triangles ??
          Number.NaN,
      ),
    async holdWrite(id, triangles, whileOpen) {
      const connection = new Database(path);
      connection.exec('BEGIN');
      connection.prepare('UPDATE models SET triangles = ? WHERE id = ?').run([triangles, id]);
      await whileOpen();
      connection.exec('ROLLBACK');
      connection.close();
    },
    pragma: (name) =>
      connected(
        (connection) => (connection.prepare(`PRAGMA ${name}`).get() as Record<string, string | number>)[name] ?? '',
      ),
    settle() {
      // A rollback journal is in the file already.
    },
    close() {
      // Nothing is open.
    },
  };
}
