// The models repository: what it promises, without how. The files of this folder name types of one another and of
// @cc/schema only, and everything else builds on them.
import type { Model, ModelId } from '@cc/schema';
import type { ModelInput, ModelPatch } from '@cc/schema/validation';
import type { ModelFilter } from './filter.js';
import type { MetadataCriteria, MetadataRecord } from './metadata.js';
import type { Page, PageOptions } from './page.js';

/** What to do with a file that is in the library already. The two cases have error codes of their own. */
export interface DuplicatePolicy {
  /** Another model has the same content: `reject` (default) throws, `skip` adds nothing, `allow` adds it beside the other. */
  readonly onDuplicateHash?: 'reject' | 'skip' | 'allow' | undefined;
  /** A model has the same path: `reject` (default) throws, `skip` adds nothing. Two models never share a path. */
  readonly onDuplicatePath?: 'reject' | 'skip' | undefined;
}

/** The order of a listing. Equal keys are in the order in which the models were added, in the same direction. */
export interface ModelSort {
  /**
   * `added` = the order of insertion, `createdAt` = the model's own time, `name` = the natural order of names: numbers by
   * value (Part 2 before Part 10), Ä beside A, case and accents only where all else is equal. docs/search.md has the rules.
   * `printedAt` = when it was last printed; those that never were come last, whatever the direction.
   */
  readonly by: 'added' | 'createdAt' | 'name' | 'printedAt';
  /** Default: `desc` by `createdAt` and `printedAt`, otherwise `asc`. */
  readonly direction?: 'asc' | 'desc' | undefined;
}

/** Options of `list`. */
export interface ListOptions extends PageOptions {
  readonly filter?: ModelFilter | undefined;
  /** Default: newest `createdAt` first. */
  readonly sort?: ModelSort | undefined;
}

/** What `search` looks for: everything in a filter, and words and metadata. */
export interface ModelCriteria extends ModelFilter {
  /** Words as `searchModels` takes them. */
  readonly text?: string | undefined;
  /** Conditions on metadata; a list means all of them. */
  readonly metadata?: MetadataCriteria | undefined;
}

/** One model to add, with what belongs to it. */
export interface NewModel {
  readonly model: ModelInput;
  readonly metadata?: MetadataRecord | undefined;
  /** Names; unknown tags are made. */
  readonly tags?: readonly string[] | undefined;
}

/** What became of one item of `createMany`. `index` is its place in the input, from 0. */
export type CreateResult =
  | { readonly index: number; readonly outcome: 'created'; readonly id: ModelId }
  /** `id` is the model that is in the way, by what `conflict` says. */
  | {
      readonly index: number;
      readonly outcome: 'skipped';
      readonly id: ModelId;
      readonly conflict: 'id' | 'filePath' | 'fileHash';
    }
  /** `error` names the field. */
  | { readonly index: number; readonly outcome: 'invalid'; readonly error: TypeError };

/** Options of `createMany`. */
export interface CreateManyOptions extends DuplicatePolicy {
  /** Items to a transaction, 1 to 10,000. Default 1,000. A batch also ends after 4 million characters of long texts. */
  readonly batchSize?: number | undefined;
  /**
   * An item is in the library already: `reject` (default) ends the run with an error, `skip` leaves the item out.
   * Batches before it stay committed. `onDuplicateHash` and `onDuplicatePath` go before it.
   */
  readonly onConflict?: 'reject' | 'skip' | undefined;
  /** An item has a wrong field: `reject` (default) ends the run with a TypeError, `skip` leaves the item out. */
  readonly onInvalid?: 'reject' | 'skip' | undefined;
  /** Passes over this many items at the beginning: where an earlier run ended (`done` of its last progress). Default 0. */
  readonly startAt?: number | undefined;
  /** Ends the run, also while it waits for the next item. The batch under way is undone or committed, never half. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch, with what became of its items. Inside a transaction they are not committed yet. */
  readonly onProgress?: ((progress: CreateManyProgress) => void | Promise<void>) | undefined;
}

/** Sums of a `createMany` run. */
export interface CreateManySummary {
  readonly created: number;
  readonly skipped: number;
  readonly invalid: number;
}

/** Sums up to now and the results of the batch that was just written. */
export interface CreateManyProgress extends CreateManySummary {
  /** Items taken from the input, those before `startAt` included: pass it as `startAt` to go on after this batch. */
  readonly done: number;
  readonly results: readonly CreateResult[];
}

/** What became of the model of a path. */
export interface UpsertResult {
  readonly id: ModelId;
  /** `skipped`: another model has the content, and `id` is that one. */
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'skipped';
}

/** Models with the same file content. */
export interface DuplicateGroup {
  readonly fileHash: string;
  /** At least two, in the order in which they were added; the first `modelsPerGroup` of them. */
  readonly models: readonly Model[];
  /** How many there are. */
  readonly count: number;
}

/** Options of `findDuplicates`. */
export interface FindDuplicatesOptions extends PageOptions {
  /** How many models of a group are read, 2 to 1,000. Default: all. */
  readonly modelsPerGroup?: number | undefined;
}

/** Options of `listAll`. */
export interface ListAllOptions {
  /** Models read at once, 1 to 10,000. Default 500. */
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The models of the library. Every method joins the transaction of the calling context; outside one, each write is a
 * transaction of its own. A call that fails leaves nothing behind, and the transaction around it can go on.
 */
export interface ModelRepository {
  /**
   * Adds a model and returns its id; with `skip`, the id of the model that is there already.
   * @throws TypeError for a wrong field; DatabaseError `DUPLICATE_FILE_PATH`, `DUPLICATE_FILE_HASH` or `DUPLICATE_ID`;
   * `ROWS_IGNORED` when a trigger of the database ignores it
   */
  create(input: ModelInput, options?: DuplicatePolicy): Promise<ModelId>;
  /**
   * Adds any number of models in batches, each a transaction, in memory for one batch. The input is read item by item.
   * A run that ended early is taken up by running it again with `onConflict: 'skip'`, or with `startAt`.
   * @throws TypeError for a wrong field of an item; DatabaseError as `create`, with the item's index in the hint; the
   * reason of `signal`
   */
  createMany(
    items: Iterable<NewModel> | AsyncIterable<NewModel>,
    options?: CreateManyOptions,
  ): Promise<CreateManySummary>;
  /** Returns the model, or null. @throws TypeError when `id` is not a model id */
  read(id: ModelId): Promise<Model | null>;
  /** Returns the model of each id, in the order of `ids`; null where it is absent. */
  readMany(ids: readonly ModelId[]): Promise<ReadonlyMap<ModelId, Model | null>>;
  /** Returns the model of a file path, or null. */
  readByPath(filePath: string): Promise<Model | null>;
  /** Returns the models with this file content, in the order in which they were added. */
  findByHash(fileHash: string): Promise<readonly Model[]>;
  /**
   * Changes the given fields, sets `updatedAt` (which never goes back) and adds one to `version`; true when the model exists.
   * An empty patch changes nothing. The duplicate policy of `create` does not apply.
   * @throws DatabaseError `VERSION_CONFLICT` when the version is not `ifVersion`; `DUPLICATE_FILE_PATH`;
   * `PARSE_ERROR_CONFLICT` for a `parseError` alone that does not go with the status which the model has;
   * `ROWS_IGNORED` when a trigger of the database ignores it
   */
  update(id: ModelId, patch: ModelPatch, options?: { readonly ifVersion?: number | undefined }): Promise<boolean>;
  /** Removes the model with its metadata and tags; true when it existed. */
  delete(id: ModelId): Promise<boolean>;
  /**
   * Adds the model of a path, or brings the one that is there up to date with the given fields: `unchanged` writes nothing.
   * `id` and `createdAt` only count for a new model.
   * The policy counts for a new model only.
   * @throws DatabaseError `DUPLICATE_FILE_HASH`; `PARSE_ERROR_CONFLICT` as `update`
   */
  upsertByPath(input: ModelInput, options?: Pick<DuplicatePolicy, 'onDuplicateHash'>): Promise<UpsertResult>;
  exists(id: ModelId): Promise<boolean>;
  /** Returns how many models meet all criteria. */
  count(criteria?: ModelCriteria): Promise<number>;
  /** Returns a page. No model comes twice or is missed when others are added or removed between two pages. */
  list(options?: ListOptions): Promise<Page<Model>>;
  /**
   * Returns a page of the models that meet all criteria, in the order of `list`. Words cost more here than where they are
   * ranked, because all of their hits are collected: to look for words, see `SearchRepository.searchModels`.
   */
  search(criteria: ModelCriteria, options?: Omit<ListOptions, 'filter'>): Promise<Page<Model>>;
  /** Reads all models in the order in which they were added, batch by batch: each batch is a snapshot of its own. */
  listAll(options?: ListAllOptions): AsyncIterable<Model>;
  /** Returns a page of the groups of models with the same file content, in the order of their hashes. */
  findDuplicates(options?: FindDuplicatesOptions): Promise<Page<DuplicateGroup>>;
}
