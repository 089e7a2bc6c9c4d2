// Keeps `search_terms` and `search_deletes` as a copy of the index's own list of words, 128 words to a transaction,
// where new-words.ts cannot know what has gone. The number of changes at which a run began is written with its last
// step: as long as the index has not changed since, the copy is exact (docs/decisions/0013).
import { setImmediate } from 'node:timers';
import { models, searchTerms } from '@cc/schema';
import { afterFacets, facetMark, searchDeletes, searchPending, searchState } from '@cc/schema/derived';
import { and, asc, gt, lte, sql } from 'drizzle-orm';
import { type Context, writeTogether } from '../context.js';
import { changesNow } from '../rows/model-counts.js';
import type { NewWords } from './new-words.js';
import { deletesOf } from './spelling.js';
import type { Words } from './words.js';

/** Keeps the copy of the words. */
export interface WordRefresh {
  /** Brings the copy up to date, in the current transaction or in one for every step. */
  run(): Promise<void>;
  /** Makes the copy anew in the current transaction; calls `onStep` before each of its steps. @throws what that throws */
  rebuild(onStep: () => void): Promise<void>;
}

/** Counting the models of a hundred words takes some milliseconds in a library of a million models. */
const wordsPerStep = 128;

/** Returns what keeps the words. */
export function createWordRefresh(context: Context, words: Words, newWords: NewWords): WordRefresh {
  const { db, transactions } = context;
  const after = sql.placeholder('after');
  const last = sql.placeholder('last');
  const inIndex = db
    .select({ term: sql<string>`term`, models: sql<number>`doc` })
    .from(sql`models_fts_words`)
    .where(sql`term > ${after}`)
    .orderBy(asc(sql`term`))
    .limit(wordsPerStep)
    .prepare();
  const inCopy = db
    .select({ term: searchTerms.term, models: searchTerms.models })
    .from(searchTerms)
    .where(and(gt(searchTerms.term, after), lte(searchTerms.term, last)))
    .prepare();
  const pairs = sql.placeholder('pairs');
  const [first, second] = [sql`value ->> 0`, sql`value ->> 1`];
  const put = db
    .insert(searchTerms)
    .select(sql`select ${first}, ${second} from json_each(${pairs}) where true`)
    .onConflictDoUpdate({ target: searchTerms.term, set: { models: sql`excluded.models` } })
    .prepare();
  const putDeletes = db
    .insert(searchDeletes)
    .select(sql`select ${first}, ${second} from json_each(${pairs}) where true`)
    .onConflictDoNothing()
    .prepare();
  const remove = db
    .delete(searchTerms)
    .where(sql`${searchTerms.term} in (select value from json_each(${sql.placeholder('terms')}))`)
    .prepare();
  const removeDeletes = db
    .delete(searchDeletes)
    .where(sql`(${searchDeletes.del}, ${searchDeletes.term}) in (select ${first}, ${second} from json_each(${pairs}))`)
    .prepare();
  const began = sql.placeholder('value');
  // What was written meanwhile may be counted or not, so the copy is not said to be true before the next run.
  const setState = db
    .insert(searchState)
    .values({ name: 'words', value: sql`${began} - (${changesNow} <> ${began})` })
    .onConflictDoUpdate({ target: searchState.name, set: { value: sql`excluded.value` } })
    .prepare();

  const clear = db.delete(searchTerms).prepare();
  const clearPending = db.delete(searchPending).prepare();
  const lookedAtAll = db
    .insert(searchState)
    .values({ name: 'seq', value: sql`(select coalesce(max(${models.seq}), 0) from ${models})` })
    .onConflictDoUpdate({ target: searchState.name, set: { value: sql`excluded.value` } })
    .prepare();
  const clearDeletes = db.delete(searchDeletes).prepare();

  /** Brings the words after `start` up to date; returns where to go on, or null at the end. */
  const step = async (start: string, began: number): Promise<string | null> => {
    const listed = await inIndex.all({ after: start === facetMark ? afterFacets : start });
    const there = listed.filter(({ term }) => !term.startsWith(facetMark));
    const isEnd = listed.length < wordsPerStep;
    const reached = isEnd ? endOfWords : (listed.at(-1)?.term ?? endOfWords);
    const copied = await inCopy.all({ after: start, last: reached });
    const copies = new Map(copied.map(({ term, models }) => [term, models]));
    const changed = there.filter(({ term, models }) => copies.get(term) !== models);
    const added = changed.filter(({ term }) => !copies.has(term));
    for (const { term } of there) copies.delete(term);
    const gone = [...copies.keys()];
    if (changed.length > 0) await put.run({ pairs: JSON.stringify(changed.map(({ term, models }) => [term, models])) });
    const toDeletes = (terms: readonly string[]) =>
      JSON.stringify(terms.flatMap((term) => deletesOf(term).map((del) => [del, term])));
    if (added.length > 0) await putDeletes.run({ pairs: toDeletes(added.map(({ term }) => term)) });
    if (gone.length > 0) {
      await remove.run({ terms: JSON.stringify(gone) });
      await removeDeletes.run({ pairs: toDeletes(gone) });
    }
    if (!isEnd) return reached.startsWith(facetMark) ? facetMark : reached;
    await setState.run({ value: began });
    return null;
  };

  /** Statements of a local database end without a turn of the event loop: others get theirs between two steps. */
  const turn = async (): Promise<void> => {
    if (transactions.current() === undefined) await new Promise((resolve) => setImmediate(resolve));
  };
  const copyAll = async (changes: number, onStep?: () => void): Promise<void> => {
    let start: string | null = '';
    while (start !== null) {
      onStep?.();
      const from: string = start;
      start = await writeTogether(context, () => {
        context.kept.written({ words: true });
        return step(from, changes);
      });
      await turn();
    }
  };

  return {
    async run() {
      // New models first: their words are there at once, and what is left are counts that are too high.
      while ((await newWords.catchUp()) > 0) await turn();
      const { changes, words: copiedAt } = await words.state();
      if (changes !== copiedAt) await copyAll(changes);
    },
    async rebuild(onStep) {
      await clear.run();
      await clearDeletes.run();
      await clearPending.run();
      await lookedAtAll.run();
      await copyAll((await words.state()).changes, onStep);
    },
  };
}

/** Above every word that UTF-8 can write. */
const endOfWords = '\u{10ffff}\u{10ffff}';
