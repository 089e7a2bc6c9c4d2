// The search repository: what it promises, without how.
import type { Model, ModelFormat } from '@cc/schema';
import type { ModelFilter } from './filter.js';
import type { Page, PageOptions } from './page.js';
import type { TagRepository } from './tags.js';

/** Options of `searchModels`. */
export interface SearchOptions {
  /** Hits to a page, 1 to 100. Default 20. */
  readonly limit?: number | undefined;
  /** The `next` of the page before, of the same query and filters. */
  readonly after?: string | null | undefined;
  /** Whether hits tell where the words were found. Default false. */
  readonly highlight?: boolean | undefined;
  /** Whether the first page tells how the hits divide by format, tag, year and license. Default false. */
  readonly facets?: boolean | undefined;
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
  /**
   * The higher, the better; depends on the model and the query only. Null when no words were given, and for the hits of a
   * `bounded` ranking that follow the ranked ones, newest first.
   */
  readonly score: number | null;
  /** Null unless asked for, and when no words were given. */
  readonly highlight: Highlight | null;
}

/** A value and how many models have it. */
export interface FacetCount {
  readonly value: string;
  readonly models: number;
}

/** How the hits divide, most frequent values first, years latest first. */
export interface SearchFacets {
  readonly formats: readonly FacetCount[];
  /** The 50 most frequent ones. */
  readonly tags: readonly FacetCount[];
  /** Of `createdAt`, in UTC. */
  readonly years: readonly FacetCount[];
  /** The 50 most frequent ones. */
  readonly licenses: readonly FacetCount[];
  /** How many models were counted. */
  readonly models: number;
  /** False: more models match than were counted, which were the 500 newest. */
  readonly exact: boolean;
}

/** A page of hits. */
export interface SearchPage {
  readonly hits: readonly SearchHit[];
  /** How many models match, counted up to 500. */
  readonly total: number;
  /** False: at least `total` models match. */
  readonly totalIsExact: boolean;
  /** Pass as `after` to get the next page, up to the last hit; null on the last page. */
  readonly next: string | null;
  /**
   * `exact`: all matching models were ranked. `bounded`: more than 200 match; ranked were the 200 added last, those added
   * recently with the words in their name, and those whose name begins with the query. The others follow, newest first.
   */
  readonly ranking: 'exact' | 'bounded';
  /**
   * Did you mean: nothing matched the query, and these are the hits of this one (`red case|cave` when they have either word).
   * Null = the query as it was given.
   */
  readonly corrected: string | null;
  /** `some`: no model has all words, and these have some of them; the more, the better their score. */
  readonly matching: 'all' | 'some';
  /** Null unless asked for, and on later pages. */
  readonly facets: SearchFacets | null;
}

/** A word that goes on where the typed one ends. */
export interface SearchSuggestion {
  /** The whole query with its last word completed. */
  readonly text: string;
  /** The word, as the index has it: lower case, without accents. */
  readonly word: string;
  /** How many models contain it. */
  readonly models: number;
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

/** How `verifyIndex` looks. */
export interface VerifyIndexOptions {
  /** Hears of the models whose texts are compared, which is most of the work; `total` is their number at the start. */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
  /** Ends it between two steps. */
  readonly signal?: AbortSignal | undefined;
}

/** How `reindex` goes about it. */
export interface ReindexOptions {
  /** Hears of the models that are done; each is looked at up to three times, so that `total` is three times their number. */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
  /** Ends it between two steps; everything is then as it was before. */
  readonly signal?: AbortSignal | undefined;
}

/** What `verifyIndex` found. */
export interface IndexReport {
  readonly ok: boolean;
  /** In words, with counts; empty when all is well. */
  readonly problems: readonly string[];
}

/** Finding models, and putting tags on them (the rest about tags is in `TagRepository`). Every method joins the transaction of the calling context; each write outside one is its own. */
export interface SearchRepository extends Pick<TagRepository, 'tag' | 'untag'> {
  /**
   * Returns the models that contain all words of `query` and pass the filters, best first.
   *
   * Words match without regard to case and accents, in name, file name, tags, description, author and the last folders of
   * the path; the last one also as the beginning of a word. `"hex bolt"` is a phrase, `-word` excludes, `tag:`, `format:` and `author:` ask for a property
   * (also `-tag:`). Parts of glued names are found: `12` in `M3x12`. When nothing matches, near words are tried
   * (`corrected`), then some of the words (`matching: 'some'`).
   * Any string is safe: what cannot match gives an empty page. A blank query lists what passes the filters, newest first.
   * The first 32 words count, of the first 2,000 characters. docs/search.md has the whole syntax.
   * @throws TypeError for a wrong filter or option, or a cursor of another query
   */
  searchModels(query: string, filters?: ModelFilter, options?: SearchOptions): Promise<SearchPage>;
  /**
   * Returns words of the library that go on where the last word of `query` ends, those of most models first. The rest
   * of the query stays, and only what is found together with it is suggested. `limit` 1 to 50, default 10. Any string is safe.
   */
  getSearchSuggestions(
    query: string,
    options?: { readonly limit?: number | undefined },
  ): Promise<readonly SearchSuggestion[]>;
  /** Returns a page of the models with all, any or none of these tags, those added last first. `mode` default `all`. */
  searchByTags(
    tags: readonly string[],
    options?: PageOptions & { readonly mode?: 'all' | 'any' | 'none' | undefined },
  ): Promise<Page<Model>>;
  /** Returns a page of the models created from `from` until before `to`, newest first. Either end may be open. */
  searchByDateRange(
    range: { readonly from?: Date | undefined; readonly to?: Date | undefined },
    options?: PageOptions,
  ): Promise<Page<Model>>;
  /** Returns a page of the models of one format or several, newest first. */
  searchByFileType(formats: ModelFormat | readonly ModelFormat[], options?: PageOptions): Promise<Page<Model>>;
  /**
   * Keeps a search under a name (in Unicode's composed form, NFC); a search that had the name is replaced. Characters of
   * the query that cannot be kept (NUL, lone surrogates) become �, which is searched for alike.
   */
  saveSearch(name: string, query: string, filters?: ModelFilter): Promise<SavedSearch>;
  /** Returns the saved searches in the order of their names. */
  getSavedSearches(): Promise<readonly SavedSearch[]>;
  /** Removes a saved search by its name; true when it existed. */
  deleteSavedSearch(name: string): Promise<boolean>;
  /**
   * Runs a saved search by its name and notes the time: a write, which a transaction that only reads refuses.
   * @throws DatabaseError `SAVED_SEARCH_NOT_FOUND`
   */
  runSavedSearch(name: string, options?: SearchOptions): Promise<SearchPage>;
  /**
   * Makes everything that search is made of anew from the models and tags, in one transaction. For after programs that wrote
   * past it. It takes as long as the library is large: `transactionTimeoutMs` does not end it; on a server a minute without an
   * answer does.
   * @throws TypeError for an unknown option; the reason of `signal`
   */
  reindex(options?: ReindexOptions): Promise<void>;
  /**
   * Brings the words of suggestions and corrections up to date with the index, step by step. `createMany` leaves them so by
   * itself, and models written one by one are caught up with; call it after many models were changed, removed, or written
   * by plain SQL.
   */
  refreshWords(): Promise<void>;
  /**
   * Compares the search index, its texts, the counters and the words of suggestions with the models. Reads everything: for
   * maintenance. FTS5 checks by an INSERT, so a transaction that only reads refuses it. Words that are behind the index are no problem: every search allows for it.
   * @throws TypeError for an unknown option; the reason of `signal`
   */
  verifyIndex(options?: VerifyIndexOptions): Promise<IndexReport>;
}
