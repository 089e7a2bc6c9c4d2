// The interface of the search repository: what it promises, without how.
import type { Model, ModelFormat, ModelId } from '@cc/schema';
import type { Page } from '../cursor.js';
import type { ModelFilter } from '../models/model-filter.js';
import type { PageOptions } from '../models/model-repository.js';

/** Options of `searchModels`. */
export interface SearchOptions {
  /** Hits to a page, 1 to 100. Default 20. */
  readonly limit?: number | undefined;
  /** The `next` of the page before, of the same query and filters. */
  readonly after?: string | null | undefined;
  /** Whether hits tell where the words were found. Default false. */
  readonly highlight?: boolean | undefined;
}

/** A piece of a text, and whether it is what was looked for. */
export interface HighlightPart {
  readonly text: string;
  readonly match: boolean;
}

/** Where the words were found: the parts of each text, in order; of a description only the best passage. */
export interface Highlight {
  readonly name: readonly HighlightPart[];
  readonly fileName: readonly HighlightPart[];
  readonly description: readonly HighlightPart[];
  readonly tags: readonly HighlightPart[];
}

/** A model that was found. */
export interface SearchHit {
  readonly model: Model;
  /** bm25 with field weights: the lower, the better. Null when no words were given. */
  readonly score: number | null;
  /** Null unless asked for, and when no words were given. */
  readonly highlight: Highlight | null;
}

/** A page of hits. */
export interface SearchPage {
  readonly hits: readonly SearchHit[];
  /** How many models match, counted up to 1,000. */
  readonly total: number;
  /** False: at least `total` models match. */
  readonly totalIsExact: boolean;
  /** Pass as `after` to get the next page; null on the last one. */
  readonly next: string | null;
  /**
   * `exact`: all matching models were ranked. `bounded`: more than 1,000 match; ranked were those whose name is the
   * query, the 500 added last with a word in their name, and the 1,000 added last. Narrow the query to see others.
   */
  readonly ranking: 'exact' | 'bounded';
}

/** A search under a name. */
export interface SavedSearch {
  readonly id: string;
  readonly name: string;
  readonly query: string;
  readonly filters: ModelFilter;
  readonly createdAt: Date;
  /** When `runSavedSearch` last ran it. */
  readonly lastUsedAt: Date | null;
}

/** A tag and how many models carry it. */
export interface TagCount {
  readonly name: string;
  readonly models: number;
}

/** What `verifyIndex` found. */
export interface IndexReport {
  readonly ok: boolean;
  /** In words, with counts; empty when all is well. */
  readonly problems: readonly string[];
}

/** Finding models. Every method joins the transaction of the calling context; each write outside one is its own. */
export interface SearchRepository {
  /**
   * Returns the models that contain all words of `query` and pass the filters, best first.
   *
   * Words match without regard to case and accents, in name, file name, tags and description; the last one also as the
   * beginning of a word. `"hex bolt"` is a phrase, `-word` excludes. Parts of glued names are found: `12` in `M3x12`.
   * Any string is safe: what cannot match gives an empty page. A blank query lists what passes the filters, newest first.
   * The first 32 words count, of the first 2,000 characters.
   * @throws TypeError for a wrong filter or option, or a cursor of another query
   */
  searchModels(query: string, filters?: ModelFilter, options?: SearchOptions): Promise<SearchPage>;
  /** Returns a page of the models with these tags, newest first. `mode` default `all`. */
  searchByTags(
    tags: readonly string[],
    options?: PageOptions & { readonly mode?: 'all' | 'any' | undefined },
  ): Promise<Page<Model>>;
  /** Returns a page of the models created from `from` until before `to`, newest first. Either end may be open. */
  searchByDateRange(
    range: { readonly from?: Date | undefined; readonly to?: Date | undefined },
    options?: PageOptions,
  ): Promise<Page<Model>>;
  /** Returns a page of the models of one format or several, newest first. */
  searchByFileType(formats: ModelFormat | readonly ModelFormat[], options?: PageOptions): Promise<Page<Model>>;
  /**
   * Puts a tag on a model; true when it was not there. An unknown tag is made; the first spelling of a name is kept.
   * @throws DatabaseError `MODEL_NOT_FOUND`
   */
  tag(modelId: ModelId, name: string): Promise<boolean>;
  /** Takes a tag off a model; true when it was there. */
  untag(modelId: ModelId, name: string): Promise<boolean>;
  /** Returns the names of a model's tags in alphabetical order. */
  getTags(modelId: ModelId): Promise<readonly string[]>;
  /** Returns the tag names of each model. */
  getTagsOfMany(modelIds: readonly ModelId[]): Promise<ReadonlyMap<ModelId, readonly string[]>>;
  /** Returns the tags in use, most used first. `limit` 1 to 10,000, default 100. */
  listTags(options?: { readonly limit?: number | undefined }): Promise<readonly TagCount[]>;
  /** Keeps a search under a name; a search that had the name is replaced. */
  saveSearch(name: string, query: string, filters?: ModelFilter): Promise<SavedSearch>;
  /** Returns the saved searches in the order of their names. */
  getSavedSearches(): Promise<readonly SavedSearch[]>;
  /** Removes a saved search by its name; true when it existed. */
  deleteSavedSearch(name: string): Promise<boolean>;
  /** Runs a saved search by its name and notes the time. @throws DatabaseError `SAVED_SEARCH_NOT_FOUND` */
  runSavedSearch(name: string, options?: SearchOptions): Promise<SearchPage>;
  /** Makes the search index and the tag counters anew from the models and tags. For after programs that wrote past it. */
  reindex(): Promise<void>;
  /** Compares the search index, its texts and the tag counters with the models. Reads everything: for maintenance. */
  verifyIndex(): Promise<IndexReport>;
}
