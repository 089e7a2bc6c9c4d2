// Walks through the pages of an answer.
import type { Page } from '../../src/index.js';

/** More pages than that say nothing more, and cost. */
const mostPages = 12;

/** Returns the limit of pages: at least `limit`, and so large that a few pages have all of `count`. */
export function pageSize(limit: number, count: number, largest: number): number {
  return Math.min(largest, Math.max(limit, Math.ceil(count / mostPages)));
}

/** Returns the items of all pages. A page that is not the last one is full. */
export async function walk<T>(
  limit: number,
  page: (options: { readonly limit: number; readonly after: string | null }) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  for (let after: string | null = null; ; ) {
    const { items: more, next } = await page({ limit, after });
    items.push(...more);
    if (next === null) return items;
    if (more.length !== limit)
      throw new Error(`a page of ${more.length} with a next one, where ${limit} were asked for`);
    after = next;
  }
}
