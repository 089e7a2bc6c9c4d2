// Keeps `search_terms` and `search_deletes` as a copy of the index's own list of words, a few hundred words to a
// transaction. The number of changes at which a run began is written with its last step: as long as the index has not
// changed since, the copy is exact (docs/decisions/0013).
import { searchTerms } from '@cc/schema';
import { searchDeletes, searchState } from '@cc/schema/derived';
import { and, asc, gt, lte, sql } from 'drizzle-orm';
import { type Context, writeTogether } from '../context.js';
import { statement } from '../statement.js';
import { deletesOf } from './spelling.js';
import type { Words } from './words.js';

/** Keeps the copy of the words. */
export interface WordRefresh {
  /** Brings the copy up to date, in the current transaction or in one for every step. */
  run(): Promise<void>;
  /** Makes the copy anew in the current transaction. */
  rebuild(): Promise<void>;
  /** The same beside what is going on, when the copy is far enough behind and no such run is under way. Never fails. */
  inBackground(): void;
}

/** Counting the models of a hundred words takes some milliseconds in a library of a million models. */
const wordsPerStep = 128;
/** One change in so many may be missing from the copy before a run in the background is worth it. */
const changesBehind = 50;
/** The tokens of `models.facets` begin with this character; no word does. */
const facetMark = '\ue000';
const afterFacets = '\ue001';

/** Returns what keeps the words. */
export function createWordRefresh(context: Context, words: Words): WordRefresh {
  const { db, transactions } = context;
  const operation = 'search.words';
  const after = sql.placeholder('after');
  const last = sql.placeholder('last');
  const inIndex = statement(
    operation,
    db
      .select({ term: sql<string>`term`, models: sql<number>`doc` })
      .from(sql`models_fts_words`)
      .where(sql`term > ${after}`)
      .orderBy(asc(sql`term`))
      .limit(wordsPerStep)
      .prepare(),
  );
  const inCopy = statement(
    operation,
    db
      .select({ term: searchTerms.term, models: searchTerms.models })
      .from(searchTerms)
      .where(and(gt(searchTerms.term, after), lte(searchTerms.term, last)))
      .prepare(),
  );
  const pairs = sql.placeholder('pairs');
  const [first, second] = [sql`value ->> 0`, sql`value ->> 1`];
  const put = statement(
    operation,
    db
      .insert(searchTerms)
      .select(sql`select ${first}, ${second} from json_each(${pairs}) where true`)
      .onConflictDoUpdate({ target: searchTerms.term, set: { models: sql`excluded.models` } })
      .prepare(),
  );
  const putDeletes = statement(
    operation,
    db
      .insert(searchDeletes)
      .select(sql`select ${first}, ${second} from json_each(${pairs}) where true`)
      .onConflictDoNothing()
      .prepare(),
  );
  const remove = statement(
    operation,
    db
      .delete(searchTerms)
      .where(sql`${searchTerms.term} in (select value from json_each(${sql.placeholder('terms')}))`)
      .prepare(),
  );
  const removeDeletes = statement(
    operation,
    db
      .delete(searchDeletes)
      .where(
        sql`(${searchDeletes.del}, ${searchDeletes.term}) in (select ${first}, ${second} from json_each(${pairs}))`,
      )
      .prepare(),
  );
  const setState = statement(
    operation,
    db
      .insert(searchState)
      .values({ name: 'words', value: sql`${sql.placeholder('value')}` })
      .onConflictDoUpdate({ target: searchState.name, set: { value: sql`excluded.value` } })
      .prepare(),
  );

  const clear = statement(operation, db.delete(searchTerms).prepare());
  const clearDeletes = statement(operation, db.delete(searchDeletes).prepare());

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

  const copyAll = async (changes: number): Promise<void> => {
    let start: string | null = '';
    while (start !== null) {
      const from: string = start;
      start = await writeTogether(context, () => step(from, changes));
      // Statements of a local database end without a turn of the event loop: others get theirs between two steps.
      if (transactions.current() === undefined) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const run = async (): Promise<void> => {
    const { changes, words: copiedAt } = await words.state();
    if (changes !== copiedAt) await copyAll(changes);
  };

  let running = false;
  let failedAt = -1;
  const attempt = async (): Promise<void> => {
    let at = -1;
    try {
      const { changes, words: copiedAt } = await words.state();
      at = changes;
      if (at !== failedAt && (changes - copiedAt) * changesBehind >= changes && changes !== copiedAt) await run();
    } catch {
      // A database that is closing, full or read-only: the words stay as they were, which every reader allows for.
      failedAt = at;
    } finally {
      running = false;
    }
  };
  return {
    run,
    async rebuild() {
      await clear.run();
      await clearDeletes.run();
      await copyAll((await words.state()).changes);
    },
    inBackground() {
      if (running || transactions.current() !== undefined) return;
      running = true;
      void attempt();
    },
  };
}

/** Above every word that UTF-8 can write. */
const endOfWords = '\u{10ffff}\u{10ffff}';
