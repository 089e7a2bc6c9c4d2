// The tags repository: what it promises, without how.
import type { ModelId } from '@cc/schema';

/** A tag and how many models carry it. */
export interface TagCount {
  readonly name: string;
  readonly models: number;
}

/** Options of `listTags`. */
export interface ListTagsOptions {
  /** 1 to 10,000. Default 100. */
  readonly limit?: number | undefined;
  /** Only tags that begin with this text, in any letter case, spaces at its end included; they come in alphabetical order. */
  readonly prefix?: string | undefined;
}

/**
 * The tags of models. Names that differ only in letter case or compatibility form (NFKC) are one tag, shown in its first
 * spelling. Every method joins the transaction of the calling context; outside one, each write is a transaction of its own.
 * Search text and counters follow by triggers. A tag that a trigger of somebody's keeps from being put on a model, renamed, merged
 * or deleted is a DatabaseError `ROWS_IGNORED`, and nothing of the call is kept.
 */
export interface TagRepository {
  /**
   * Puts a tag on a model; true when it was not there. An unknown tag is made; the first spelling of a name is kept.
   * @throws DatabaseError `MODEL_NOT_FOUND`; TypeError for a name that is none, or of which nothing can be seen
   */
  tag(modelId: ModelId, name: string): Promise<boolean>;
  /** Takes a tag off a model; true when it was there. */
  untag(modelId: ModelId, name: string): Promise<boolean>;
  /** Returns the names of a model's tags in alphabetical order; none when the model is absent. */
  getTags(modelId: ModelId): Promise<readonly string[]>;
  /** Returns the tag names of each model, in the order of `modelIds`. */
  getTagsOfMany(modelIds: readonly ModelId[]): Promise<ReadonlyMap<ModelId, readonly string[]>>;
  /** Returns the tags in use, most used first, equally used ones in alphabetical order. */
  listTags(options?: ListTagsOptions): Promise<readonly TagCount[]>;
  /**
   * Gives a tag another name, or another spelling of its name; true when the tag exists. Costs time for each model that
   * carries it, whose search text changes: as `mergeTags`, it takes the time that it needs.
   * @throws DatabaseError `DUPLICATE_TAG` when another tag has the new name: merge them instead
   */
  renameTag(name: string, newName: string): Promise<boolean>;
  /**
   * Puts the tag `into` on every model that carries one of `names` and removes those tags. `into` is made when it is
   * unknown; unknown names are passed over, and so is `into` among them. Returns how many models got `into` anew. All or
   * none, some models to a statement; `transactionTimeoutMs` does not end it, but on a server a minute without an answer does.
   */
  mergeTags(names: readonly string[], into: string): Promise<number>;
  /** Removes a tag from every model, and the tag itself; true when it existed. As `mergeTags`, it takes the time that it needs. */
  deleteTag(name: string): Promise<boolean>;
}
