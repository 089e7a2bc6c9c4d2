// Prepared statements written for these operations and nothing else. libsql and better-sqlite3 have the same interface, so
// the same code measures the two engines. One connection writes and reads, a second one reads beside an open transaction.
import {
  type Peer,
  type PlainEnd,
  type PlainItem,
  type PlainModel,
  type PlainPageItem,
  pageSize,
  partsOf,
  pragmas,
} from './contract.js';
import * as sql from './plain-statements.js';

/** A prepared statement of either driver. */
interface Statement {
  run(parameters: readonly unknown[]): unknown;
  get(parameters: readonly unknown[]): unknown;
  all(parameters: readonly unknown[]): unknown[];
}

/** A connection of either driver. */
export interface Connection {
  prepare(text: string): Statement;
  exec(text: string): unknown;
  close(): unknown;
}

/** Opens the operations over two connections that `connect` opens. */
export function openByHand(connect: () => Connection): Peer {
  const [writer, reader] = [connect(), connect()];
  for (const connection of [writer, reader]) for (const pragma of pragmas) connection.exec(pragma);
  return { ...libraryOf(writer), ...concurrentOf(writer, reader), ...endOf(writer, reader) };
}

type Library = Pick<
  Peer,
  'create' | 'read' | 'setMetadata' | 'readMetadata' | 'search' | 'page' | 'count' | 'createMany'
>;

// The row types below say what the columns of the SQL beside them are.
function libraryOf(connection: Connection): Library {
  const prepare = (text: string): Statement => connection.prepare(text);
  const committed = committedOn(connection);
  const byHash = prepare('SELECT id FROM models WHERE file_hash = ?');
  const byHashes = prepare('SELECT id FROM models WHERE file_hash IN (SELECT value FROM json_each(?)) LIMIT 1');
  const byId = prepare(`SELECT ${sql.columns} FROM models WHERE id = ?`);
  const insertModel = prepare(sql.insertModels(1));
  const insertModels = prepare(sql.insertModels(20));
  const setFive = prepare(sql.setMetadata(5));
  const insertMetadata = prepare(sql.insertMetadata(100));
  const metadataOfOne = prepare('SELECT key, value FROM metadata WHERE model_id = ? ORDER BY key');
  const search = prepare(sql.searchModels);
  const nextPage = prepare(sql.nextPage);
  const metadataOf = prepare(sql.metadataOf(pageSize));
  const tagsOf = prepare(sql.tagsOf(pageSize));
  const count = prepare('SELECT count(*) AS models FROM models WHERE format = ?');
  return {
    create: (model) =>
      committed(() => {
        if (byHash.get([model.fileHash]) !== undefined) return 'duplicate';
        insertModel.run(valuesOf(model));
        return 'created';
      }),
    read: (id) => (byId.get([id]) as PlainModel | undefined) ?? null,
    setMetadata(id, values) {
      // One statement commits by itself.
      setFive.run(Object.entries(values).flatMap(([key, value]) => [id, key, value]));
    },
    readMetadata: (id) => recordOf(metadataOfOne.all([id]) as ValueRow[]),
    search: (match, format) => search.all([match, format]) as PlainModel[],
    page(after) {
      const models = nextPage.all(placeOf(after)) as PlainModel[];
      const ids = models.map(({ id }) => id);
      return pageOf(models, metadataOf.all(ids) as ValueRow[], tagsOf.all(ids) as TagRow[]);
    },
    count: (format) => (count.get([format]) as { models: number }).models,
    createMany: (items) =>
      committed(() => {
        const hashes = JSON.stringify(items.map(({ model }) => model.fileHash));
        if (byHashes.get([hashes]) !== undefined) throw new Error('a model has the same file content');
        for (const part of partsOf(items, 20)) insertModels.run(part.flatMap(({ model }) => valuesOf(model)));
        for (const part of partsOf(items, 20)) insertMetadata.run(metadataRowsOf(part).flat());
      }),
  };
}

/** Returns what runs work between BEGIN IMMEDIATE and COMMIT. */
export function committedOn(connection: Connection): <T>(work: () => T) => T {
  const [begin, commit] = [connection.prepare('BEGIN IMMEDIATE'), connection.prepare('COMMIT')];
  return (work) => {
    begin.run([]);
    try {
      const result = work();
      commit.run([]);
      return result;
    } catch (error) {
      connection.exec('ROLLBACK');
      throw error;
    }
  };
}

/** The columns of `insertModels`. */
export function valuesOf(model: PlainModel): unknown[] {
  return [
    model.id,
    model.name,
    model.description,
    model.format,
    model.filePath,
    model.fileHash,
    model.fileSize,
    model.author,
    model.triangles,
    model.vertices,
    model.createdAt,
    model.updatedAt,
  ];
}

/** The columns of `insertMetadata`. */
export function metadataRowsOf(items: readonly PlainItem[]): string[][] {
  return items.flatMap(({ model, metadata }) => Object.entries(metadata).map(([key, value]) => [model.id, key, value]));
}

/** The three parameters of `nextPage`. */
export function placeOf(after: PlainEnd | null): unknown[] {
  const { createdAt, id } = after ?? { createdAt: Number.MAX_SAFE_INTEGER, id: '' };
  return [createdAt, createdAt, id];
}

interface ValueRow {
  readonly modelId: string;
  readonly key: string;
  readonly value: string;
}

interface TagRow {
  readonly modelId: string;
  readonly name: string;
}

/** Rows of metadata as a record. */
export function recordOf(rows: readonly Omit<ValueRow, 'modelId'>[]): Record<string, string> {
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

/** Puts models, values and tags together. */
export function pageOf(
  models: readonly PlainModel[],
  values: readonly ValueRow[],
  tags: readonly TagRow[],
): readonly PlainPageItem[] {
  const parts = new Map(models.map(({ id }) => [id, { metadata: {} as Record<string, string>, tags: [] as string[] }]));
  for (const { modelId, key, value } of values) {
    const part = parts.get(modelId);
    if (part) part.metadata[key] = value;
  }
  for (const { modelId, name } of tags) parts.get(modelId)?.tags.push(name);
  return models.map((model) => ({ model, ...(parts.get(model.id) ?? { metadata: {}, tags: [] }) }));
}

function concurrentOf(writer: Connection, reader: Connection): Pick<Peer, 'increment' | 'readTriangles' | 'holdWrite'> {
  const readTriangles = 'SELECT triangles FROM models WHERE id = ?';
  const readInside = writer.prepare(readTriangles);
  const readBeside = reader.prepare(readTriangles);
  const write = writer.prepare('UPDATE models SET triangles = ? WHERE id = ?');
  const touch = writer.prepare('UPDATE models SET vertices = vertices + 1 WHERE id = ?');
  const trianglesOf = (statement: Statement, id: string): number =>
    (statement.get([id]) as { triangles: number }).triangles;
  // A promise chain is the mutex.
  let last: Promise<void> = Promise.resolve();
  const alone = (work: () => Promise<void>): Promise<void> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    increment: (id, otherId, pause) =>
      alone(async () => {
        writer.exec('BEGIN IMMEDIATE');
        const triangles = trianglesOf(readInside, id);
        if (pause) await pause();
        write.run([triangles + 1, id]);
        touch.run([otherId]);
        writer.exec('COMMIT');
      }),
    readTriangles: (id) => trianglesOf(readBeside, id),
    holdWrite: (id, triangles, whileOpen) =>
      alone(async () => {
        writer.exec('BEGIN IMMEDIATE');
        write.run([triangles, id]);
        await whileOpen();
        writer.exec('ROLLBACK');
      }),
  };
}

function endOf(writer: Connection, reader: Connection): Pick<Peer, 'pragma' | 'settle' | 'close'> {
  return {
    pragma(name, where) {
      const row = (where === 'inside' ? writer : reader).prepare(`PRAGMA ${name}`).get([]);
      // One row with one column of that name.
      return (row as Record<string, string | number>)[name] ?? '';
    },
    settle() {
      writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close() {
      reader.close();
      writer.close();
    },
  };
}
