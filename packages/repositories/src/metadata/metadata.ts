// The metadata repository: typed values by model and key, several rows to a statement. A value becomes columns and comes
// back in ../rows/metadata-value.ts; criteria become a condition in ../filter, and a page in ../listing.
import { performance } from 'node:perf_hooks';
import { type MetadataValue, type ModelId, modelMetadata, models } from '@cc/schema';
import { modelCounts } from '@cc/schema/derived';
import { holdsValues, parseMetadataKey, parseMetadataValue, parseModelId } from '@cc/schema/validation';
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import { giveTurn, nextTurn } from '@cc/tx/event-loop';
import { and, asc, desc, eq, gt, inArray, sql } from 'drizzle-orm';
import { checkedAtOnce, checkModelIds, refuseUnknownKeys } from '../checks.js';
import { type Context, writeOnce, writeTogether } from '../context.js';
import type { MetadataRecord, MetadataRepository } from '../contract/metadata.js';
import { checkCriteria } from '../filter/metadata-criteria.js';
import type { Listing } from '../listing/listing.js';
import { ignoredRows } from '../rows/ignored-rows.js';
import { fromColumns, setValue, toColumns } from '../rows/metadata-value.js';
import { type ModelLookup, modelNotFound } from '../rows/model-lookup.js';
import { byShape, cellsOf, type Direct, direct, inTurns, placeholderAt, readByIds } from '../statement.js';

const rowsPerStatement = 100;

/** Returns the metadata repository over the shared context. */
export function createMetadataRepository(context: Context, lookup: ModelLookup, listing: Listing): MetadataRepository {
  const { db, client } = context;
  const inserts = byShape<Direct>();
  const value = {
    valueType: modelMetadata.valueType,
    valueText: modelMetadata.valueText,
    valueNumber: modelMetadata.valueNumber,
  };
  const seqOfModel = sql`(select ${models.seq} from ${models} where ${models.id} = ${sql.placeholder('id')})`;
  const all = db
    .select({ key: modelMetadata.key, ...value })
    .from(modelMetadata)
    .where(eq(modelMetadata.modelSeq, seqOfModel))
    .orderBy(asc(modelMetadata.key))
    .prepare();
  const one = db
    .select(value)
    .from(modelMetadata)
    .where(and(eq(modelMetadata.modelSeq, seqOfModel), eq(modelMetadata.key, sql.placeholder('key'))))
    .limit(1)
    .prepare();
  const many = db
    .select({ id: models.id, key: modelMetadata.key, ...value })
    .from(models)
    .crossJoin(modelMetadata)
    .where(
      and(
        inArray(models.id, sql`(select value from json_each(${sql.placeholder('ids')}))`),
        eq(modelMetadata.modelSeq, models.seq),
      ),
    )
    .orderBy(asc(models.seq), asc(modelMetadata.key))
    .prepare();
  const removeAll = db.delete(modelMetadata).where(eq(modelMetadata.modelSeq, seqOfModel)).prepare();
  const removeOne = db
    .delete(modelMetadata)
    .where(and(eq(modelMetadata.modelSeq, seqOfModel), eq(modelMetadata.key, sql.placeholder('key'))))
    .prepare();
  const keys = db
    .select({ key: modelCounts.value, models: modelCounts.models })
    .from(modelCounts)
    .where(and(eq(modelCounts.kind, 'key'), gt(modelCounts.models, 0)))
    .orderBy(desc(modelCounts.models), asc(modelCounts.value))
    .prepare();

  /** Writes `size` keys of the model of an id: no row when there is no such model. */
  const insertOf = (mode: Mode, size: number) =>
    inserts(`${mode}${size}`, () => {
      const rows = Array.from({ length: size }, (_, i) => {
        const [key, type, text, number] = [0, 1, 2, 3].map((column) => placeholderAt(4 * i + column));
        return sql`(${key}, ${type}, ${text}, ${number})`;
      });
      const insert = db.insert(modelMetadata).select(sql`
        select ${models.seq}, column1, column2, column3, column4
        from ${models} cross join (values ${sql.join(rows, sql`, `)}) where ${models.id} = ${placeholderAt(4 * size)}`);
      const target = [modelMetadata.modelSeq, modelMetadata.key];
      const query = mode === 'add' ? insert : insert.onConflictDoUpdate({ target, set: replaced });
      return direct(client, query);
    });

  const writeValues = async (modelId: ModelId, values: MetadataRecord, mode: Mode): Promise<void> => {
    const given = entriesOf(values);
    // At once where they are few, so that the call keeps its place in every queue.
    const rows = given.length <= checkedAtOnce ? given.map(rowOf) : await rowsInTurns(given);
    parseModelId(modelId);
    const written = { metadata: [modelId] };
    const write = async (): Promise<void> => {
      if (rows.length === 0) await lookup.requireSeq(modelId, operations[mode]);
      for (let start = 0; start < rows.length; start += rowsPerStatement) {
        const part = rows.slice(start, start + rowsPerStatement);
        try {
          const { rowsAffected } = await insertOf(mode, part.length).run([...part.flat(), modelId]);
          if (rowsAffected === 0) {
            const isThere = (await lookup.seqOf(modelId)) !== null;
            throw isThere ? ignoredRows(operations[mode]) : modelNotFound(operations[mode]);
          }
        } catch (error) {
          throw isDatabaseError(error) && error.constraint?.kind === 'unique' ? duplicateKey(error) : error;
        }
      }
    };
    // One statement undoes itself when it fails; several need a savepoint.
    if (rows.length <= rowsPerStatement) return writeOnce(context, written, write);
    await writeTogether(context, async () => {
      await write();
      context.kept.written(written);
    });
  };

  const recordOfRows = async (modelId: ModelId): Promise<MetadataRecord> => {
    const values: Record<string, MetadataValue> = {};
    await inTurns(await cellsOf(all, { id: parseModelId(modelId) }), (cells) => {
      setValue(values, String(cells[0]), fromColumns(cells[1], cells[2], cells[3]));
    });
    return values;
  };
  const recordsOfRows = async (ids: readonly string[]): Promise<ReadonlyMap<string, MetadataRecord>> => {
    const records = new Map<string, Record<string, MetadataValue>>(ids.map((id) => [id, {}]));
    const read = (some: string) => cellsOf(many, { ids: some });
    await readByIds(ids, read, (cells) => {
      const record = records.get(String(cells[0]));
      if (record !== undefined) setValue(record, String(cells[1]), fromColumns(cells[2], cells[3], cells[4]));
    });
    return records;
  };
  const getMetadata = async (modelId: ModelId): Promise<MetadataRecord> =>
    (await context.kept.metadata.load(modelId, () => recordOfRows(modelId))) ?? {};

  return {
    addMetadata: (modelId, values) => writeValues(modelId, values, 'add'),
    updateMetadata: (modelId, values) => writeValues(modelId, values, 'set'),
    setMetadataValue: async (modelId, key, newValue) =>
      writeValues(modelId, recordOf(parseMetadataKey(key), newValue), 'set'),
    getMetadata,
    async getMany(modelIds) {
      return context.kept.metadata.loadMany(await checkModelIds('modelIds', modelIds), recordsOfRows, () => ({}));
    },
    async getMetadataValue(modelId, key) {
      const [id, checkedKey] = [parseModelId(modelId), parseMetadataKey(key)];
      if (context.cache && context.transactions.current() === undefined) {
        // One record answers for all of its keys, and for the next question.
        const record = await getMetadata(id);
        return Object.hasOwn(record, checkedKey) ? record[checkedKey] : undefined;
      }
      const [cells] = await cellsOf(one, { id, key: checkedKey });
      return cells === undefined ? undefined : fromColumns(cells[0], cells[1], cells[2]);
    },
    async deleteMetadata(modelId, ...keys: [key?: string]) {
      const id = parseModelId(modelId);
      const [key] = keys;
      // A field of a form that is not there would remove all that a model has.
      if (keys.length > 0 && key === undefined)
        throw new TypeError('deleteMetadata: the key is undefined; leave it out to remove all values');
      if (key !== undefined) parseMetadataKey(key);
      return writeOnce(context, { metadata: [id] }, async () => {
        const { rowsAffected } = key === undefined ? await removeAll.run({ id }) : await removeOne.run({ id, key });
        return rowsAffected;
      });
    },
    getMetadataKeys: () =>
      context.kept.result(
        'metadata-keys',
        () => 'all',
        () => keys.all(),
      ),
    async searchByMetadata(criteria, options = {}) {
      refuseUnknownKeys('options', options, ['limit', 'after']);
      return listing.page({ filter: {}, metadata: checkCriteria(criteria) }, { by: 'added' }, options);
    },
  };
}

type Mode = 'add' | 'set';

const operations = { add: 'metadata.addMetadata', set: 'metadata.updateMetadata' } as const;

const replaced = {
  valueType: sql`excluded.value_type`,
  valueText: sql`excluded.value_text`,
  valueNumber: sql`excluded.value_number`,
};

type Row = readonly (string | number | null)[];

function entriesOf(values: MetadataRecord): readonly (readonly [key: string, value: MetadataValue])[] {
  if (!holdsValues(values)) {
    throw new TypeError('values must be an object of metadata values by key');
  }
  if (Object.getOwnPropertySymbols(values).length > 0) throw new TypeError('values must not have a symbol as a key');
  return Object.entries(values);
}

/** Key and columns of a value. */
function rowOf([key, value]: readonly [key: string, value: MetadataValue]): Row {
  const columns = toColumns(parseMetadataValue(value));
  return [parseMetadataKey(key), columns.valueType, columns.valueText, columns.valueNumber];
}

async function rowsInTurns(entries: ReturnType<typeof entriesOf>): Promise<readonly Row[]> {
  // Lists and objects as they are now: the caller may change them while a turn is awaited.
  const nested = entries.map((entry) => (typeof entry[1] === 'object' ? rowOf(entry) : null));
  const rows: Row[] = [];
  for (const [i, entry] of entries.entries()) {
    rows.push(nested[i] ?? rowOf(entry));
    if (nextTurn(performance.now())) await giveTurn();
  }
  return rows;
}

function recordOf(key: string, value: MetadataValue): MetadataRecord {
  const record: Record<string, MetadataValue> = {};
  setValue(record, key, value);
  return record;
}

function duplicateKey(cause: DatabaseError): DatabaseError {
  return new DatabaseError('The model has a value under one of these keys already', {
    type: 'constraint',
    code: 'DUPLICATE_METADATA_KEY',
    operation: 'metadata.addMetadata',
    hint: 'Use updateMetadata to replace values',
    ...(cause.constraint && { constraint: cause.constraint }),
    cause,
  });
}
