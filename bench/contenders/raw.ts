// The limit: prepared statements over `libsql`, written by hand for these operations and nothing else.
// One connection writes and reads, a second one reads beside an open transaction; a promise chain is the mutex.
import type { MetadataValueType } from '@cc/schema';
import Database from 'libsql';
import { LRUCache } from 'lru-cache';
import type { ConnectionDurability } from '../harness/suite.js';
import {
  type Contender,
  equalPragmas,
  type Found,
  type LibraryOperations,
  type ModelPage,
  type ModelView,
  type NewModel,
  type OwnStatements,
  pageSize,
  type Values,
  writtenAt,
} from './contender.js';
import * as sql from './raw-statements.js';
import { concurrentOf, inTransactionOf } from './raw-transactions.js';
import { storedValue, valueOf } from './stored-value.js';

/** Opens the hand-written contender; `busyTimeoutMs` (default 0) is how long a statement blocks on another process's lock. */
export function openRaw(path: string, { busyTimeoutMs = 0 }: { readonly busyTimeoutMs?: number } = {}): Contender {
  const writer = connect(path);
  const reader = connect(path);
  if (busyTimeoutMs > 0) writer.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
  const cached = new LRUCache<string, object>({ max: 10_000 });
  for (let i = 0; i < 1_000; i += 1) cached.set(`model-${i}`, { i });
  return {
    library: libraryOf(writer),
    statements: statementsOf(writer),
    concurrent: concurrentOf(writer, reader),
    inTransaction: inTransactionOf(writer),
    getCached(times) {
      let hits = 0;
      for (let i = 0; i < times; i += 1) if (cached.get(`model-${i % 1_000}`) !== undefined) hits += 1;
      return hits;
    },
    durability: async () => [durabilityOf('writer', writer), durabilityOf('reader', reader)],
    async settle() {
      writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    async close() {
      reader.close();
      writer.close();
    },
  };
}

function connect(path: string): Database.Database {
  const connection = new Database(path);
  for (const pragma of equalPragmas) connection.exec(pragma);
  return connection;
}

/** Asks a connection. */
export function durabilityOf(name: string, connection: Database.Database): ConnectionDurability {
  const { journal_mode } = get<{ journal_mode: string }>(connection.prepare('PRAGMA journal_mode'));
  const { synchronous } = get<{ synchronous: number }>(connection.prepare('PRAGMA synchronous'));
  return { connection: name, journalMode: journal_mode, synchronous };
}

// The row types below say what the columns of the SQL beside them are.
function get<T>(statement: Database.Statement, ...args: unknown[]): T {
  return statement.get(args) as T;
}

function all<T>(statement: Database.Statement, args: readonly unknown[]): readonly T[] {
  return statement.all(args) as T[];
}

function committed<T>(connection: Database.Database, work: () => T): T {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

interface ValueRow {
  readonly model_seq?: number;
  readonly metadata_key: string;
  readonly value_type: MetadataValueType;
  readonly value_text: string | null;
  readonly value_number: number | null;
}

/** The rows of one INSERT of a bulk: more of them are not faster, and fewer are up to a quarter slower. */
const modelsOfInsert = 250;
const valuesOfInsert = 1_000;

/** A statement for each number of rows, prepared when it is first needed. */
function preparedByRows(
  connection: Database.Database,
  sqlOf: (rows: number) => string,
): (rows: number) => Database.Statement {
  const prepared = new Map<number, Database.Statement>();
  return (rows) => {
    const statement = prepared.get(rows) ?? connection.prepare(sqlOf(rows));
    prepared.set(rows, statement);
    return statement;
  };
}

function libraryOf(connection: Database.Database): LibraryOperations {
  const byHash = connection.prepare('SELECT id FROM models WHERE file_hash = ? ORDER BY seq LIMIT 1');
  const byHashes = connection.prepare(
    'SELECT count(*) AS there FROM models WHERE file_hash IN (SELECT value FROM json_each(?))',
  );
  const byId = connection.prepare(`SELECT ${sql.modelColumns} FROM models WHERE id = ?`);
  const seqById = connection.prepare('SELECT seq FROM models WHERE id = ?');
  const lastSeq = connection.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'models'`);
  const insertModel = connection.prepare(sql.insertModel);
  const insertModels = preparedByRows(connection, sql.insertModels);
  const insertMetadata = preparedByRows(connection, sql.insertMetadata);
  const setFiveValues = connection.prepare(sql.setFiveValues);
  const valuesOfModel = connection.prepare(sql.valuesOfModel);
  const search = connection.prepare(sql.searchModels);
  const pageOfModels = connection.prepare(sql.pageOfModels());
  const leanPageOfModels = connection.prepare(sql.pageOfModels(', tags_text AS tagsText'));
  const valuesOfModels = connection.prepare(sql.valuesOfModels);
  const tagsOfModels = connection.prepare(sql.tagsOfModels);
  const countOfFormat = connection.prepare(sql.countOfFormat);

  type PageRow = ModelView & { readonly seq: number; readonly createdAt: number; readonly tagsText?: string };
  const pageBy = (statement: Database.Statement, after: unknown, tagsOf: (rows: readonly PageRow[]) => TagsByModel) => {
    // What the page before returned as its end.
    const end = (after as readonly [number, number] | null) ?? [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    const rows = all<PageRow>(statement, end).slice(0, pageSize);
    const metadata = new Map<number, Record<string, Values[string]>>(rows.map(({ seq }) => [seq, {}]));
    const numbers = rows.map(({ seq }) => seq);
    for (const row of all<ValueRow>(valuesOfModels, numbers)) {
      const values = metadata.get(row.model_seq ?? 0);
      if (values) values[row.metadata_key] = valueOf(row.value_type, row.value_text, row.value_number);
    }
    const tags = tagsOf(rows);
    const last = rows.at(-1);
    return {
      items: rows.map((model) => ({ model, metadata: metadata.get(model.seq) ?? {}, tags: tags.get(model.seq) ?? [] })),
      end: last && [last.createdAt, last.seq],
    } satisfies ModelPage;
  };
  const readTags = (rows: readonly PageRow[]): TagsByModel => {
    const tags = new Map<number, string[]>(rows.map(({ seq }) => [seq, []]));
    const numbers = rows.map(({ seq }) => seq);
    for (const row of all<{ model_seq: number; name: string }>(tagsOfModels, numbers))
      tags.get(row.model_seq)?.push(row.name);
    return tags;
  };
  const splitTags = (rows: readonly PageRow[]): TagsByModel =>
    new Map(rows.map(({ seq, tagsText = '' }) => [seq, tagsText === '' ? [] : tagsText.split('\n')]));

  return {
    create: (item) =>
      committed(connection, () => {
        if (get<object | undefined>(byHash, item.model.fileHash) !== undefined) return 'duplicate';
        insertModel.run(modelValues(item));
        return 'created';
      }),
    read: (id) => get<ModelView | undefined>(byId, id) ?? null,
    setAndReadMetadata(id, values) {
      const seq = committed(connection, () => {
        const row = get<{ seq: number }>(seqById, id);
        setFiveValues.run(Object.entries(values).flatMap(([key, value]) => [row.seq, key, ...storedValue(value)]));
        return row.seq;
      });
      const rows = all<ValueRow>(valuesOfModel, [seq]);
      return Object.fromEntries(
        rows.map((row) => [row.metadata_key, valueOf(row.value_type, row.value_text, row.value_number)]),
      );
    },
    search(words, format): Found {
      const match = `${words.map((word) => `"${word}"`).join(' AND ')} *`;
      const rows = all<ModelView & { total: number }>(search, [match, format]);
      return { models: rows.slice(0, pageSize), total: rows[0]?.total ?? 0 };
    },
    page: (after) => pageBy(pageOfModels, after, readTags),
    leanPage: (after) => pageBy(leanPageOfModels, after, splitTags),
    count: (format) => get<{ models: number } | undefined>(countOfFormat, format)?.models ?? 0,
    createMany: (items, onDuplicateHash) =>
      committed(connection, () => {
        if (onDuplicateHash === 'reject') {
          const hashes = new Set(items.map(({ model }) => model.fileHash));
          const { there } = get<{ there: number }>(byHashes, JSON.stringify([...hashes]));
          if (there > 0 || hashes.size < items.length) throw new Error('a model has the same file content');
        }
        const firstSeq = get<{ seq: number }>(lastSeq).seq + 1;
        for (let start = 0; start < items.length; start += modelsOfInsert) {
          const part = items.slice(start, start + modelsOfInsert);
          insertModels(part.length).run(part.flatMap((item, i) => [firstSeq + start + i, ...modelValues(item)]));
        }
        const rows = items.flatMap(({ metadata }, i) =>
          Object.entries(metadata).map(([key, value]) => [firstSeq + i, key, ...storedValue(value)]),
        );
        for (let start = 0; start < rows.length; start += valuesOfInsert) {
          const part = rows.slice(start, start + valuesOfInsert);
          insertMetadata(part.length).run(part.flat());
        }
        return items.length;
      }),
  };
}

type TagsByModel = ReadonlyMap<number, readonly string[]>;

function modelValues({ model, searchExtra, nameKey }: NewModel): unknown[] {
  return [
    model.id,
    model.name,
    model.description ?? null,
    model.format,
    model.fileName,
    model.filePath,
    model.fileHash,
    model.fileSize,
    model.fileModifiedAt?.getTime() ?? null,
    model.author ?? null,
    model.license ?? null,
    model.sourceUrl ?? null,
    model.parseStatus ?? 'pending',
    model.parseError ?? null,
    model.triangles ?? null,
    model.vertices ?? null,
    model.minX ?? null,
    model.minY ?? null,
    model.minZ ?? null,
    model.maxX ?? null,
    model.maxY ?? null,
    model.maxZ ?? null,
    model.volume ?? null,
    model.rating ?? null,
    model.favorite === true ? 1 : 0,
    model.status ?? 'active',
    '',
    searchExtra,
    model.createdAt.getTime(),
    writtenAt.getTime(),
    1,
    nameKey,
  ];
}

function statementsOf(connection: Database.Database): OwnStatements {
  const byKey = connection.prepare(`SELECT ${sql.keyColumns} FROM models WHERE id = ?`);
  const seqById = connection.prepare('SELECT seq FROM models WHERE id = ?');
  const addCollection = connection.prepare(
    'INSERT INTO collections (id, name, created_at, updated_at) VALUES (?, ?, ?, ?)',
  );
  const addToCollection = connection.prepare('INSERT INTO collection_models (collection_id, model_seq) VALUES (?, ?)');
  return {
    readByKey: (id) => get<object | undefined>(byKey, id),
    collect: (collectionId, modelId) =>
      committed(connection, () => {
        const { seq } = get<{ seq: number }>(seqById, modelId);
        addCollection.run([collectionId, collectionId, writtenAt.getTime(), writtenAt.getTime()]);
        addToCollection.run([collectionId, seq]);
      }),
  };
}
