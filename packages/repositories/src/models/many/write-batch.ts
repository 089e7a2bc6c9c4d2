// One batch of createMany inside its transaction: what is in the way (batch-conflicts.ts), then models, metadata and tags
// in multi-row statements.
import { performance } from 'node:perf_hooks';
import { modelMetadata, models, modelTags, tags } from '@cc/schema';
import { isDatabaseError } from '@cc/tx/errors';
import { giveTurn, nextTurn } from '@cc/tx/event-loop';
import { inArray, sql } from 'drizzle-orm';
import { type Context, isOnServer, runInOrder } from '../../context.js';
import type { CreateResult } from '../../contract/models.js';
import { ignoredRows } from '../../rows/ignored-rows.js';
import { appendModelValues, newModelPlaceholders, newModelRow } from '../../rows/model-row.js';
import {
  type BoundCell,
  type BoundResult,
  type BoundStatement,
  byShape,
  type Direct,
  direct,
  directRows,
  placeholderAt,
} from '../../statement.js';
import type { NewWords } from '../../words/new-words.js';
import { type Conflict, namedConflict } from '../duplicate-model.js';
import { type BatchPolicy, createFindConflicts } from './batch-conflicts.js';
import type { CheckedItem } from './new-item.js';

/** Writes batches. */
export interface BatchWriter {
  /** Writes a batch in the current savepoint and says what became of each item. */
  write(batch: readonly CheckedItem[], at: Date, policy: BatchPolicy): Promise<readonly CreateResult[]>;
  /** Returns the error to throw for a batch that failed and was undone: one that names the model in the way, if one is. */
  explain(error: unknown, batch: readonly CheckedItem[], policy: BatchPolicy): Promise<unknown>;
}

const operation = 'models.createMany';
/**
 * Rows of one statement, the most first, so that few statements are built and kept. FTS5 writes a piece of its index for each
 * statement, and one piece of 250 models costs half as much as twelve of 20; it takes about ten milliseconds.
 */
const modelsPerInsert = [250, 20] as const;
const metadataPerInsert = [1_000, 100] as const;
/** Where texts are longer on average, FTS5 takes too long for 250 of them at once. */
const shortChars = 1_000;
/** A trigger counts each of them. */
const tagsPerInsert = 1_000;

/** Returns what writes one batch of new models with their metadata and tags. */
export function createBatchWriter(context: Context, newWords: NewWords): BatchWriter {
  const { db, client } = context;
  const findConflicts = createFindConflicts(context);
  const inserts = byShape<Direct>();
  const oneModel = db.insert(models).values({ seq: placeholderAt(0), ...newModelPlaceholders(1) });
  const oneValue = db.insert(modelMetadata).values({
    modelSeq: placeholderAt(0),
    key: placeholderAt(1),
    valueType: placeholderAt(2),
    valueText: placeholderAt(3),
    valueNumber: placeholderAt(4),
  });
  const insertModels = (size: number) => inserts(`models ${size}`, () => directRows(client, oneModel, size));
  const insertMetadata = (size: number) => inserts(`metadata ${size}`, () => directRows(client, oneValue, size));
  // Both, as SQLite itself looks at both: a tool may have cleared the table of last numbers.
  const lastSeq = direct(
    client,
    db
      .select({ seq: sql<number>`max(seq)` })
      .from(
        sql`(select seq from sqlite_sequence where name = 'models' union all select max(${models.seq}) from ${models})`,
      ),
  );
  const addTags = direct(
    client,
    db
      .insert(tags)
      // The unused columns are there because drizzle inserts from a selection of all of them.
      .select(sql`select null, value ->> 0, value ->> 1, 0 from json_each(${placeholderAt(0)}) where true`)
      .onConflictDoNothing(),
  );
  const tagsByKey = direct(
    client,
    db
      .select({ id: tags.id, key: tags.key, name: tags.name })
      .from(tags)
      .where(inArray(tags.key, sql`(select value from json_each(${placeholderAt(0)}))`)),
  );
  const addModelTags = direct(
    client,
    db.insert(modelTags).select(sql`select value ->> 0, value ->> 1 from json_each(${placeholderAt(0)})`),
  );

  /** Makes the tags that are not there yet, and says where the numbers of the new models begin. */
  const lookUp = async (batch: readonly CheckedItem[]) => {
    const names = new Map<string, string>();
    for (const item of batch) for (const [key, name] of item.tags) if (!names.has(key)) names.set(key, name);
    const ofTags = [addTags.bind([JSON.stringify([...names])]), tagsByKey.bind([JSON.stringify([...names.keys()])])];
    const [lastOne, , found] = await runInOrder(context, [lastSeq.bind([]), ...(names.size > 0 ? ofTags : [])]);
    const tagRows: TagRows = new Map(
      found?.rows.map((cells) => [String(cells[1]), { id: Number(cells[0]), name: String(cells[2]) }]),
    );
    // The write lock is held, so the numbers after the last one given out are free: metadata needs them at once.
    return { firstSeq: Number(lastOne?.rows[0]?.[0] ?? 0) + 1, tagRows };
  };

  /** Statement by statement, so that the values of one go before those of the next come. */
  function* modelsOf(added: readonly CheckedItem[], firstSeq: number, at: Date, tagRows: TagRows) {
    const chars = added.reduce((sum, item) => sum + item.chars, 0);
    const sizes = chars > added.length * shortChars ? modelsPerInsert.slice(1) : modelsPerInsert;
    for (let start = 0; start < added.length; ) {
      const from = start;
      const part = added.slice(from, from + nextSize(added.length - from, sizes));
      start += part.length;
      const values: BoundCell[] = [];
      part.forEach((item, i) => {
        values.push(firstSeq + from + i);
        const names =
          item.tags.size === 0 ? [] : [...item.tags.keys()].sort().map((key) => tagRows.get(key)?.name ?? '');
        appendModelValues(values, newModelRow(item.model, item.id, at, names));
      });
      yield { statement: insertModels(part.length).bind(values), rows: part.length };
    }
  }
  function* metadataOf(added: readonly CheckedItem[], firstSeq: number) {
    let values: BoundCell[] = [];
    for (const [i, item] of added.entries()) {
      for (const { key, valueType, valueText, valueNumber } of item.metadata) {
        values.push(firstSeq + i, key, valueType, valueText, valueNumber);
        if (values.length < 5 * metadataPerInsert[0]) continue;
        yield { statement: insertMetadata(metadataPerInsert[0]).bind(values), rows: metadataPerInsert[0] };
        values = [];
      }
    }
    for (let start = 0; start < values.length; ) {
      const size = nextSize((values.length - start) / 5, metadataPerInsert);
      yield { statement: insertMetadata(size).bind(values.slice(start, start + 5 * size)), rows: size };
      start += 5 * size;
    }
  }
  function* tagsOf(added: readonly CheckedItem[], firstSeq: number, tagRows: TagRows) {
    let pairs: (readonly [tag: number, model: number])[] = [];
    const insert = () => ({ statement: addModelTags.bind([JSON.stringify(pairs)]), rows: pairs.length });
    for (const [i, item] of added.entries()) {
      for (const key of item.tags.keys()) {
        pairs.push([tagRows.get(key)?.id ?? 0, firstSeq + i]);
        if (pairs.length < tagsPerInsert) continue;
        yield insert();
        pairs = [];
      }
    }
    if (pairs.length > 0) yield insert();
  }
  function* rowsOf(added: readonly CheckedItem[], firstSeq: number, at: Date, tagRows: TagRows) {
    yield* modelsOf(added, firstSeq, at, tagRows);
    yield* metadataOf(added, firstSeq);
    yield* tagsOf(added, firstSeq, tagRows);
  }
  /** As `runInOrder`, but that on files the values of a statement are made when the one before has run. */
  const runAll = async (inserts: Iterable<Insert>) => {
    const together: Insert[] = [];
    for (const insert of inserts) {
      if (isOnServer(context)) together.push(insert);
      else requireAdded(insert, await client.execute(insert.statement));
      // Making the values of 250 models takes milliseconds, too.
      if (nextTurn(performance.now())) await giveTurn();
    }
    if (!isOnServer(context)) return;
    const results = await client.batch(
      together.map(({ statement }) => statement),
      'write',
    );
    for (const [i, result] of results.entries()) {
      const insert = together[i];
      if (insert !== undefined) requireAdded(insert, result);
    }
  };

  return {
    async write(batch, at, policy) {
      const results = await findConflicts(batch, policy, kindsToLookFor(policy));
      const added = batch.filter((_item, i) => results[i]?.outcome === 'created');
      if (added.length === 0) return results;
      const { firstSeq, tagRows } = await lookUp(added);
      await runAll(rowsOf(added, firstSeq, at, tagRows));
      await newWords.inserted(firstSeq, firstSeq + added.length - 1);

      const withMetadata = added.filter((item) => item.metadata.length > 0).map((item) => item.id);
      const tagged = added.filter((item) => item.tags.size > 0).map((item) => item.id);
      context.kept.written({
        models: added.map((item) => item.id),
        ...(withMetadata.length > 0 && { metadata: withMetadata }),
        ...(tagged.length > 0 && { tags: tagged }),
      });
      return results;
    },
    async explain(error, batch, policy) {
      if (!isDatabaseError(error) || error.type !== 'constraint') return error;
      try {
        await findConflicts(batch, policy, allKinds(policy));
      } catch (found) {
        return found;
      }
      return namedConflict(error, operation);
    },
  };
}

/** How many of the rows that are left go into the next statement. */
function nextSize(left: number, sizes: readonly number[]): number {
  return sizes.find((size) => size <= left) ?? left;
}

/** In this order: who has the same path has its own content, and the path says more. */
function allKinds(policy: BatchPolicy): readonly Conflict[] {
  return policy.fileHash === 'allow' ? ['id', 'filePath'] : ['id', 'filePath', 'fileHash'];
}

/** What is rejected is left to the unique indexes: looking first would cost as much as the inserts' own look. */
function kindsToLookFor(policy: BatchPolicy): readonly Conflict[] {
  if (Object.values(policy).includes('skip')) return allKinds(policy);
  return policy.fileHash === 'allow' ? [] : ['fileHash'];
}

/** A statement, and how many rows it adds. */
interface Insert {
  readonly statement: BoundStatement;
  readonly rows: number;
}

/** What follows, and what is told of each item, goes by the numbers of the rows: all of them must be there. */
function requireAdded({ rows }: Insert, { rowsAffected }: BoundResult): void {
  if (rowsAffected !== rows) throw ignoredRows(operation, 'models, model_metadata or model_tags');
}

/** Tags by their keys. */
type TagRows = ReadonlyMap<string, { readonly id: number; readonly name: string }>;
