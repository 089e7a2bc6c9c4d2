// The words of the library (`search_terms`, a copy of the index's own list): what a beginning stands for, what to
// suggest, what a misspelt word may have been. new-words.ts adds what is written, word-refresh.ts makes the copy exact;
// suggestions.ts and correction.ts read it. A copy that is behind is no error: short lists are filled from the index,
// near words from the texts of the models that it lacks.
import { models, searchTerms } from '@cc/schema';
import { searchDeletes, searchPending, searchState } from '@cc/schema/derived';
import { and, asc, desc, eq, gt, gte, inArray, lt, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import { changesNow } from '../rows/model-counts.js';
import { wordsOf } from '../text/extra-text.js';
import { comparable } from '../text/match-text.js';

/** A word of the library and how many models contain it. */
export interface Word {
  readonly term: string;
  readonly models: number;
}

/** How far the copy is behind. */
export interface WordsState {
  /** How often an indexed text was changed, ever. */
  readonly changes: number;
  /** The number of changes at which the copy was true. */
  readonly words: number;
}

/** The words that begin alike. */
export interface Beginning {
  /** The most used ones. */
  readonly top: readonly Word[];
  readonly words: number;
  /** The models of all of them added up. */
  readonly models: number;
}

/** Reads of the words. */
export interface Words {
  state(): Promise<WordsState>;
  beginning(text: string, limit: number): Promise<Beginning>;
  /** The same from the index, of the first few hundred words in alphabetical order. */
  beginningInIndex(text: string, limit: number): Promise<readonly Word[]>;
  /** The words that become one of `deletes` by leaving one letter out, or none. */
  near(deletes: readonly string[]): Promise<readonly Word[]>;
  /** The first `limit` words that begin with `text`, those left out that are shorter or longer than a misspelling could be. */
  startingWith(text: string, minLength: number, maxLength: number, limit: number): Promise<readonly Word[]>;
  /** Words of the models that were written last and are not in the copy yet; a few hundred models at most. */
  ofLastWrites(): Promise<readonly Word[]>;
}

/** The index's own list; drizzle has no virtual tables. */
const indexWords = sql`models_fts_words`;
/** How many words of the index are counted at most for one list. */
const countedInIndex = 300;
const lengthOf = sql`length(term)`;
/** How many models are read for the words that the copy lacks: a millisecond or two. */
const lastWrites = 256;
const texts = sql<string>`${models.name} || char(10) || coalesce(substr(${models.description}, 1, 1000), '') || char(10)
  || ${models.fileName} || char(10) || ${models.tagsText} || char(10) || substr(${models.searchExtra}, 1, 1000) || char(10)
  || coalesce(${models.author}, '')`;

/** Returns the reads of words. */
export function createWords({ db }: Context): Words {
  const [from, to] = [sql.placeholder('from'), sql.placeholder('to')];
  const limit = sql.placeholder('limit');
  const lengths = sql`${lengthOf} between ${sql.placeholder('minLength')} and ${sql.placeholder('maxLength')}`;
  const state = db
    .select({
      changes: sql<number>`coalesce(${changesNow}, 0)`,
      words: sql<number>`coalesce((select ${searchState.value} from ${searchState} where ${searchState.name} = 'words'), 0)`,
    })
    .from(sql`(select 1)`)
    .prepare();
  const inRange = and(gte(searchTerms.term, from), lt(searchTerms.term, to));
  // Summed apart: window functions over a thousand words take three times as long.
  const sums = db.$with('sums').as(
    db
      .select({ words: sql<number>`count(*)`.as('words'), sum: sql<number>`sum(${searchTerms.models})`.as('sum') })
      .from(searchTerms)
      .where(inRange),
  );
  const beginning = db
    .with(sums)
    .select({ term: searchTerms.term, models: searchTerms.models, words: sums.words, sum: sums.sum })
    .from(searchTerms)
    .crossJoin(sums)
    .where(inRange)
    .orderBy(desc(searchTerms.models), asc(searchTerms.term))
    .limit(limit)
    .prepare();
  const word = { term: sql<string>`term`, models: sql<number>`models` };
  const firstInIndex = db
    .select({ term: sql<string>`term`.as('term'), models: sql<number>`doc`.as('models') })
    .from(indexWords)
    .where(sql`term >= ${from} and term < ${to}`)
    .limit(countedInIndex)
    .as('counted');
  const beginningInIndex = db
    .select(word)
    .from(firstInIndex)
    .orderBy(desc(sql`models`), asc(sql`term`))
    .limit(limit)
    .prepare();
  const near = db
    .selectDistinct({ term: searchTerms.term, models: searchTerms.models })
    .from(searchDeletes)
    .crossJoin(searchTerms)
    .where(
      and(
        inArray(searchDeletes.del, sql`(select value from json_each(${sql.placeholder('deletes')}))`),
        eq(searchTerms.term, searchDeletes.term),
      ),
    )
    .prepare();
  const inReach = db
    .select({ term: searchTerms.term, models: searchTerms.models })
    .from(searchTerms)
    .where(inRange)
    .orderBy(asc(searchTerms.term))
    .limit(limit)
    .as('in_reach');
  const startingWith = db.select({ term: inReach.term, models: inReach.models }).from(inReach).where(lengths).prepare();
  const textsOf = (which: SQL) =>
    db.select({ texts }).from(models).where(which).orderBy(desc(models.seq)).limit(lastWrites).prepare();
  const looked = sql`(select ${searchState.value} from ${searchState} where ${searchState.name} = 'seq')`;
  const lastTexts = [
    textsOf(gt(models.seq, looked)),
    textsOf(
      inArray(
        models.seq,
        db.select({ seq: searchPending.seq }).from(searchPending).orderBy(desc(searchPending.seq)).limit(lastWrites),
      ),
    ),
  ];

  return {
    state: async () => (await state.get()) ?? { changes: 0, words: 0 },
    async beginning(text, max) {
      const rows = await beginning.all({ from: text, to: endOf(text), limit: max });
      const [first] = rows;
      return { top: rows, words: first?.words ?? 0, models: first?.sum ?? 0 };
    },
    beginningInIndex: (text, max) => beginningInIndex.all({ from: text, to: endOf(text), limit: max }),
    near: (deletes) => near.all({ deletes: JSON.stringify(deletes) }),
    startingWith: (text, minLength, maxLength, max) =>
      startingWith.all({ from: text, to: endOf(text), minLength, maxLength, limit: max }),
    async ofLastWrites() {
      const terms = new Set<string>();
      for (const query of lastTexts) {
        for (const row of await query.all()) for (const word of wordsOf(row.texts)) terms.add(comparable(word));
      }
      return [...terms].map((term) => ({ term, models: 1 }));
    },
  };
}

/** The end of the words that begin with `text`. */
function endOf(text: string): string {
  return `${text}\u{10ffff}`;
}
