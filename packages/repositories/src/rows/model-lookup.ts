// From ids to rows: the prepared reads that the repositories share.
import { type Model, type ModelId, models } from '@cc/schema';
import { parseModelId } from '@cc/schema/validation';
import { DatabaseError } from '@cc/tx/errors';
import { asc, eq, inArray, sql } from 'drizzle-orm';
import { checkText } from '../checks.js';
import type { Context } from '../context.js';
import { cellsOf, inTurns, readByIds } from '../statement.js';
import { modelColumns, toModel } from './model-row.js';

/** Reads of models by what identifies them. */
export interface ModelLookup {
  /** Through the cache. @throws TypeError when `id` is not a model id */
  readonly read: (id: ModelId) => Promise<Model | null>;
  /** Through the cache, of checked ids, each once. */
  readonly readMany: (ids: readonly ModelId[]) => Promise<ReadonlyMap<ModelId, Model | null>>;
  readonly readByPath: (filePath: string) => Promise<Model | null>;
  readonly readByHash: (fileHash: string) => Promise<readonly Model[]>;
  /** Returns the row number of a model, or null. */
  readonly seqOf: (id: ModelId) => Promise<number | null>;
  /** Returns the row number of a model. @throws DatabaseError `MODEL_NOT_FOUND` */
  readonly requireSeq: (id: ModelId, operation: string) => Promise<number>;
}

/** Returns the reads of single models, by id, path and hash, through the cache. */
export function createModelLookup(context: Context): ModelLookup {
  const { db } = context;
  const selected = () => db.select(modelColumns).from(models).$dynamic();
  const byId = selected()
    .where(eq(models.id, sql.placeholder('id')))
    .limit(1)
    .prepare();
  const byIds = selected()
    .where(inArray(models.id, sql`(select value from json_each(${sql.placeholder('ids')}))`))
    .prepare();
  const byPath = selected()
    .where(eq(models.filePath, sql.placeholder('filePath')))
    .limit(1)
    .prepare();
  const byHash = selected()
    .where(eq(models.fileHash, sql.placeholder('fileHash')))
    .orderBy(asc(models.seq))
    .prepare();
  const seqById = db
    .select({ seq: models.seq })
    .from(models)
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();

  const readRow = async (id: ModelId): Promise<Model | null> => {
    const [cells] = await cellsOf(byId, { id: parseModelId(id) });
    return cells === undefined ? null : toModel(cells);
  };
  const readRows = async (ids: readonly string[]): Promise<ReadonlyMap<string, Model>> => {
    const found = new Map<string, Model>();
    const read = (some: string) => cellsOf(byIds, { ids: some });
    await readByIds(ids, read, (cells) => {
      const model = toModel(cells);
      found.set(model.id, model);
    });
    return found;
  };
  const seqOf = async (id: ModelId): Promise<number | null> => {
    const row = await seqById.get({ id: parseModelId(id) });
    return row === undefined ? null : row.seq;
  };
  return {
    // What is cached was asked for by a checked id before.
    // Named where the database is asked: what is kept is answered in less than a microsecond, of which a name would be a tenth.
    read: (id) => context.kept.models.load(id, () => context.transactions.labelled('models.read', () => readRow(id))),
    readMany: (ids) => context.kept.models.loadMany(ids, readRows, () => null),
    async readByPath(filePath) {
      const [cells] = await cellsOf(byPath, { filePath: checkText('filePath', filePath) });
      return cells === undefined ? null : toModel(cells);
    },
    async readByHash(fileHash) {
      const same: Model[] = [];
      await inTurns(await cellsOf(byHash, { fileHash: checkText('fileHash', fileHash) }), (cells) => {
        same.push(toModel(cells));
      });
      return same;
    },
    seqOf,
    async requireSeq(id, operation) {
      const seq = await seqOf(id);
      if (seq !== null) return seq;
      throw modelNotFound(operation);
    },
  };
}

/** The error of a write to a model that does not exist. */
export function modelNotFound(operation: string): DatabaseError {
  return new DatabaseError('The model does not exist', {
    type: 'constraint',
    code: 'MODEL_NOT_FOUND',
    operation,
    hint: 'Create it first; it may have been deleted meanwhile',
  });
}
