// The metadata repository: what it promises, without how.
import type { MetadataValue, Model, ModelId } from '@cc/schema';
import type { Page, PageOptions } from './page.js';

/** How a metadata value is compared. */
export type MetadataOperator = '=' | '>' | '>=' | '<' | '<=' | 'exists' | 'prefix';

/**
 * One condition on a model's metadata:
 *
 * - `=`: the same type and value (text, number, boolean or null).
 * - `>` `>=` `<` `<=`: numbers by size, texts by their code points; never across the two.
 * - `exists`: the key is there, whatever its value.
 * - `prefix`: a text that begins with `value`, letter case included.
 */
export type MetadataCriterion =
  | { readonly key: string; readonly op: '='; readonly value: string | number | boolean | null }
  | { readonly key: string; readonly op: '>' | '>=' | '<' | '<='; readonly value: string | number }
  | { readonly key: string; readonly op: 'prefix'; readonly value: string }
  | { readonly key: string; readonly op: 'exists' };

/** A condition, or several of which all or any must hold; a list means all. At most 64 conditions, an empty group being one, 8 levels deep. */
export type MetadataCriteria =
  | MetadataCriterion
  | { readonly all: readonly MetadataCriteria[] }
  | { readonly any: readonly MetadataCriteria[] }
  | readonly MetadataCriteria[];

/** Metadata by key. Values keep their type: text, number, boolean, null or JSON. */
export type MetadataRecord = Readonly<Record<string, MetadataValue>>;

/** A key and how many models have it. */
export interface MetadataKeyCount {
  readonly key: string;
  readonly models: number;
}

/**
 * The free-form values of models. Every method joins the transaction of the calling context; outside one, each write
 * is a transaction of its own. Writes to a model that does not exist throw a DatabaseError `MODEL_NOT_FOUND`.
 * Numbers keep every double, -0 included, which is kept as JSON and is not found by comparing numbers; inside JSON values -0
 * becomes 0, as JSON has it.
 */
export interface MetadataRepository {
  /**
   * Adds values under new keys, all or none.
   * @throws DatabaseError `DUPLICATE_METADATA_KEY` when a key is there; `ROWS_IGNORED` when a trigger of the database ignores them all
   */
  addMetadata(modelId: ModelId, values: MetadataRecord): Promise<void>;
  /** Sets values, all or none; keys that are not named stay as they are. */
  updateMetadata(modelId: ModelId, values: MetadataRecord): Promise<void>;
  /** Sets one value. */
  setMetadataValue(modelId: ModelId, key: string, value: MetadataValue): Promise<void>;
  /**
   * Returns all values in the order of their keys; an empty record when there are none or the model is absent.
   * @throws DatabaseError `METADATA_UNREADABLE`, as every read of values, when another program has written JSON that is none
   */
  getMetadata(modelId: ModelId): Promise<MetadataRecord>;
  /** Returns the record of each model, in the order of `modelIds`; an empty one where there are no values. */
  getMany(modelIds: readonly ModelId[]): Promise<ReadonlyMap<ModelId, MetadataRecord>>;
  /** Returns one value; undefined when the key is absent (null is a value). */
  getMetadataValue(modelId: ModelId, key: string): Promise<MetadataValue | undefined>;
  /**
   * Removes one key, or all of them when none is given; returns how many there were.
   * @throws TypeError for a key that is given and undefined
   */
  deleteMetadata(modelId: ModelId, key?: string): Promise<number>;
  /** Returns every key in use with the number of its models, most used first. */
  getMetadataKeys(): Promise<readonly MetadataKeyCount[]>;
  /**
   * Returns a page of the models that meet the criteria (a list means all of them), in the order in which they were added.
   * @throws TypeError for wrong criteria, or a cursor of others
   */
  searchByMetadata(criteria: MetadataCriteria, options?: PageOptions): Promise<Page<Model>>;
}
