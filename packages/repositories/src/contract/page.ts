// Pages: what every listing answers, and how the next one is asked for.

/** A page of a listing. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Pass as `after` to get the next page; null on the last one. */
  readonly next: string | null;
}

/** Options of one page. */
export interface PageOptions {
  /** 1 to 1,000. Default 50. */
  readonly limit?: number | undefined;
  /** The `next` of the page before, of the same query. Default: the first page. */
  readonly after?: string | null | undefined;
}
