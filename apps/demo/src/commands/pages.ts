// All pages of a listing one after the other, for --jsonl: in memory one page at a time.
import type { Page, PageOptions } from '@cc/repositories';

/** Flags of a page. */
export interface PageFlags {
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
}

/** The items of all pages from `after` on, `limit` of them at most; `pageSize` are read at once. */
export async function* everyItem<T>(
  { limit = Number.POSITIVE_INFINITY, after }: PageFlags,
  pageSize: number,
  read: (page: { readonly limit: number } & PageOptions) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let left = limit;
  let place: string | null | undefined = after;
  do {
    const { items, next }: Page<T> = await read({ limit: Math.min(pageSize, left), after: place });
    yield* items;
    left -= items.length;
    place = next;
  } while (place !== null && left > 0);
}
