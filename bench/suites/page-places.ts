// Cursors of the last tenth of long listings, found once by walking through all pages: cursors of one library are good in
// every copy of it.
import { constants, copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createRepositories, type Page, type Repositories } from '@cc/repositories';
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';

/** Cursors after which the pages at 90 % of a listing begin, by listing. */
export interface PagePlaces {
  /** Hits of the word robot. */
  readonly hits: readonly string[];
  /** The models of a format, newest first. */
  readonly newest: readonly string[];
}

/** Walks through the listings of a copy of the library at `path`, made in `folder` for as long as that takes. */
export async function findPlaces(path: string, folder: string): Promise<PagePlaces> {
  const copy = join(folder, 'places.db');
  await copyFile(path, copy, constants.COPYFILE_FICLONE);
  try {
    await using transactions = await openTransactionManager({ url: `file:${copy}`, schema });
    const repositories = createRepositories(transactions);
    return {
      hits: await lastTenth((after) => hitsPage(repositories, after, 100)),
      newest: await lastTenth((after) => newestPage(repositories, after, 1_000)),
    };
  } finally {
    for (const suffix of ['', '-wal', '-shm']) await rm(`${copy}${suffix}`, { force: true });
  }
}

/** A page of the hits of one word. */
export function hitsPage({ search }: Repositories, after: string | null, limit = 20) {
  return search.searchModels('"robot"', {}, { limit, after });
}

/** A page of the newest models of a format. */
export function newestPage({ models }: Repositories, after: string | null, limit = 20) {
  return models.list({ filter: { formats: ['stl'] }, limit, after });
}

/** Returns the cursors of the last tenth of the pages, without the very last page; at most 50 of them. */
async function lastTenth(
  page: (after: string | null) => Promise<Pick<Page<unknown>, 'next'>>,
): Promise<readonly string[]> {
  const cursors: string[] = [];
  for (let after: string | null = null; ; ) {
    const { next } = await page(after);
    if (next === null) break;
    cursors.push(next);
    after = next;
  }
  return cursors.slice(Math.floor(cursors.length * 0.9)).slice(0, 50);
}
