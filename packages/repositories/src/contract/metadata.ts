// The interface of the metadata repository: what it promises, without how.
import type { MetadataValue, Model, ModelId } from '@cc/schema';
import type { Page } from '../cursor.js';
import type { MetadataCriteria } from '../filter/metadata-criteria.js';
import type { PageOptions } from './models.js';

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
  /** Adds values under new keys, all or none. @throws DatabaseError `DUPLICATE_METADATA_KEY` when a key is there */
  addMetadata(modelId: ModelId, values: MetadataRecord): Promise<void>;
  /** Sets values, all or none; keys that are not named stay as they are. */
  updateMetadata(modelId: ModelId, values: MetadataRecord): Promise<void>;
  /** Sets one value. */
  setMetadataValue(modelId: ModelId, key: string, value: MetadataValue): Promise<void>;
  /** Returns all values in the order of their keys; an empty record when there are none or the model is absent. */
  getMetadata(modelId: ModelId): Promise<MetadataRecord>;
  /** Returns the record of each model; an empty one where there are no values. */
  getMany(modelIds: readonly ModelId[]): Promise<ReadonlyMap<ModelId, MetadataRecord>>;
  /** Returns one value; undefined when the key is absent (null is a value). */
  getMetadataValue(modelId: ModelId, key: string): Promise<MetadataValue | undefined>;
  /** Removes one key, or all of them; returns how many there were. */
  deleteMetadata(modelId: ModelId, key?: string): Promise<number>;
  /** Returns every key in use with the number of its models, most used first. */
  getMetadataKeys(): Promise<readonly MetadataKeyCount[]>;
  /**
   * Returns a page of the models that meet the criteria (a list means all of them), in the order in which they were added.
   * @throws TypeError for wrong criteria, or a cursor of others
   */
  searchByMetadata(criteria: MetadataCriteria, options?: PageOptions): Promise<Page<Model>>;
}
