// Takes the models of an old database into a library, some hundreds to a transaction: old-file.ts → old-database.ts →
// translate.ts → here. A model is known again by the path that it had in the old file, which it keeps as metadata.

import type { Model, ModelId } from '@cc/schema';
import { modelMetadata, models } from '@cc/schema';
import { and, eq, inArray } from 'drizzle-orm';
import type { Library } from '../library.js';
import { joinModel } from './join.js';
import { modelColumns, valueColumns } from './old-columns.js';
import type { LeftTable, OldDatabase, OldModel } from './old-database.js';
import { type Remark, remarksOn } from './remarks.js';
import { adoptedKeys, oldName, type TranslateContext, type Translated, translate } from './translate.js';
import { rowName } from './values.js';

/** How to adopt. */
export interface AdoptOptions {
  /** Reads and tells everything, and writes nothing. */
  readonly dryRun: boolean;
  /** What relative paths of the old database are relative to. */
  readonly base: string;
  /** Models to a transaction. */
  readonly batchSize?: number;
  /** Ends it between two transactions; what was written stays, and the same call goes on. */
  readonly signal?: AbortSignal;
  /** Called once before anything is written; never when there is nothing to write. */
  readonly onFirstWrite?: () => Promise<void>;
  readonly onProgress?: (done: number, total: number) => void;
}

/** What an adoption has done, or would do. */
export interface AdoptReport {
  readonly models: {
    readonly found: number;
    /** New in the library. */
    readonly added: number;
    /** In the library already, and given what the old database knows of them besides. */
    readonly joined: number;
    /** Adopted before, and left as they are. */
    readonly known: number;
    readonly refused: number;
  };
  /** Rows of `model_metadata`; those of models that are known or refused count as neither taken nor refused. */
  readonly metadata: { readonly found: number; readonly taken: number; readonly refused: number };
  /** Everything that was changed or refused. */
  readonly remarks: readonly Remark[];
  /** Tables that nothing was taken from. */
  readonly left: readonly LeftTable[];
  readonly interrupted: boolean;
}

/** Adopts, or with `dryRun` says what it would do. Whatever is committed when it is ended in the middle is whole. */
export async function adopt(library: Library, old: OldDatabase, options: AdoptOptions): Promise<AdoptReport> {
  const { dryRun, batchSize = 500, signal, onFirstWrite, onProgress } = options;
  const context: TranslateContext = {
    models: modelColumns(old.columns.models),
    values: valueColumns(old.columns.values),
    base: options.base,
    now: new Date(),
  };
  const remarks: Remark[] = [];
  const counts = { added: 0, joined: 0, known: 0, refused: 0 };
  const seen = new Set<string>();
  let [done, taken, interrupted, isFirst] = [0, 0, false, true];
  onProgress?.(0, old.models);
  for await (const batch of old.batches(batchSize)) {
    if (signal?.aborted) {
      interrupted = true;
      break;
    }
    const ready = translateBatch(batch, context, seen, remarks);
    counts.refused += batch.length - ready.length;
    // What is known already needs neither a copy of the library nor a transaction.
    let written = await writeBatch(library, ready, true);
    if (!dryRun && written.outcomes.some((outcome) => outcome !== 'known')) {
      if (isFirst) await onFirstWrite?.();
      isFirst = false;
      written = await library.transactions.transaction(() => writeBatch(library, ready, false));
    }
    // Only now: a transaction that is tried again would tell twice.
    remarks.push(...written.remarks);
    for (const outcome of written.outcomes) counts[outcome] += 1;
    taken += ready.reduce((sum, { values }, i) => sum + (written.outcomes[i] === 'known' ? 0 : values), 0);
    done += batch.length;
    onProgress?.(done, old.models);
  }
  for await (const rows of old.orphans(1000)) {
    for (const row of rows) remarksOn('model_metadata', rowName(row), remarks).refused('no such model');
  }
  const refusedRows = new Set(
    remarks.flatMap(({ what, table, row }) => (what === 'refused' && table === 'model_metadata' ? [row] : [])),
  );
  return {
    models: { found: old.models, ...counts },
    metadata: { found: old.values, taken, refused: refusedRows.size },
    remarks,
    left: old.left,
    interrupted,
  };
}

interface Ready extends Translated {
  readonly row: string;
}

function translateBatch(
  batch: readonly OldModel[],
  context: TranslateContext,
  seen: Set<string>,
  remarks: Remark[],
): readonly Ready[] {
  return batch.flatMap((old) => {
    const own: Remark[] = [];
    const translated = translate(old, context, own);
    const row = oldName(old, context.models);
    if (translated !== null && seen.has(translated.model.filePath)) {
      remarksOn('models', row, remarks).refused('same path');
      return [];
    }
    remarks.push(...own);
    if (translated === null) return [];
    seen.add(translated.model.filePath);
    return [{ ...translated, row }];
  });
}

interface Written {
  readonly outcomes: readonly ('added' | 'joined' | 'known')[];
  readonly remarks: readonly Remark[];
}

/** Looks and writes in one transaction, so that an import beside it cannot come between. */
async function writeBatch(library: Library, batch: readonly Ready[], dryRun: boolean): Promise<Written> {
  const { repositories } = library;
  const paths = batch.map(({ model }) => model.filePath);
  const adopted = await adoptedPaths(library, paths);
  const present = await modelsOf(library, paths);
  const [tags, metadata] = await Promise.all([
    repositories.tags.getTagsOfMany([...present.values()].map(({ id }) => id)),
    repositories.metadata.getMany([...present.values()].map(({ id }) => id)),
  ]);
  const takenIds = await idsOf(
    library,
    batch.flatMap(({ model: { id } }) => id ?? []),
  );
  const remarks: Remark[] = [];
  const additions: Ready[] = [];
  const outcomes: Written['outcomes'][number][] = [];
  for (const each of batch) {
    const there = present.get(each.model.filePath);
    if (adopted.has(each.model.filePath)) outcomes.push('known');
    else if (there === undefined) {
      additions.push(each);
      outcomes.push('added');
    } else {
      const beside = { model: there, tags: tags.get(there.id) ?? [], metadata: metadata.get(there.id) ?? {} };
      await joinModel(repositories, each, beside, { dryRun, on: remarksOn('models', each.row, remarks) });
      outcomes.push('joined');
    }
  }
  if (!dryRun && additions.length > 0) {
    await repositories.models.createMany(
      additions.map(({ model: { id, ...model }, tags: names, metadata: values }) => {
        const isFree = id !== undefined && !takenIds.has(id);
        if (isFree) takenIds.add(id);
        return { model: isFree ? { ...model, id } : model, tags: names, metadata: values };
      }),
      { onDuplicateHash: 'allow', batchSize: additions.length },
    );
  }
  return { outcomes, remarks };
}

/** Which of the paths a model of the library had in an old file, wherever it is now. */
async function adoptedPaths({ transactions: { db } }: Library, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const { key, valueType, valueText } = modelMetadata;
  const rows = await db
    .select({ path: valueText })
    .from(modelMetadata)
    .where(and(eq(key, adoptedKeys.path), eq(valueType, 'text'), inArray(valueText, [...paths])));
  return new Set(rows.flatMap(({ path }) => path ?? []));
}

async function modelsOf(library: Library, paths: readonly string[]): Promise<ReadonlyMap<string, Model>> {
  if (paths.length === 0) return new Map();
  const { transactions, repositories } = library;
  const rows = await transactions.db
    .select({ id: models.id })
    .from(models)
    .where(inArray(models.filePath, [...paths]));
  const found = await repositories.models.readMany(rows.map(({ id }) => id));
  return new Map([...found.values()].flatMap((model) => (model === null ? [] : [[model.filePath, model] as const])));
}

async function idsOf({ transactions: { db } }: Library, ids: readonly ModelId[]): Promise<Set<ModelId>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .select({ id: models.id })
    .from(models)
    .where(inArray(models.id, [...ids]));
  return new Set(rows.map(({ id }) => id));
}
