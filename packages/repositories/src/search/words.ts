// The words of the library (`search_terms`, a copy of the index's own list that word-refresh.ts keeps): what a beginning
// stands for, what to suggest, and what a misspelt word may have been. A copy that is behind is never an error: short
// lists are filled from the index itself.
import { searchTerms } from '@cc/schema';
import { searchDeletes, searchState } from '@cc/schema/derived';
import { and, asc, desc, eq, gte, inArray, lt, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import { statement } from '../statement.js';

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
  /** Words in alphabetical order, for lengths that a misspelling could have. */
  between(from: string, to: string, minLength: number, maxLength: number): Promise<readonly Word[]>;
  /** Of the words of the index itself, which are read whole. */
  allInIndex(minLength: number, maxLength: number): Promise<readonly Word[]>;
}

/** The index's own list; drizzle has no virtual tables. */
const indexWords = sql`models_fts_words`;
/** How many words of the index are counted at most for one list. */
const countedInIndex = 300;
const lengthOf = sql`length(term)`;

/** Returns the reads of words. */
export function createWords({ db }: Context): Words {
  const operation = 'search.words';
  const [from, to] = [sql.placeholder('from'), sql.placeholder('to')];
  const limit = sql.placeholder('limit');
  const lengths = sql`${lengthOf} between ${sql.placeholder('minLength')} and ${sql.placeholder('maxLength')}`;
  const state = statement(
    operation,
    db
      .select({ name: searchState.name, value: searchState.value })
      .from(searchState)
      .where(inArray(searchState.name, ['changes', 'words']))
      .prepare(),
  );
  const inRange = and(gte(searchTerms.term, from), lt(searchTerms.term, to));
  // Summed apart: window functions over a thousand words take three times as long.
  const sums = db.$with('sums').as(
    db
      .select({ words: sql<number>`count(*)`.as('words'), sum: sql<number>`sum(${searchTerms.models})`.as('sum') })
      .from(searchTerms)
      .where(inRange),
  );
  const beginning = statement(
    operation,
    db
      .with(sums)
      .select({ term: searchTerms.term, models: searchTerms.models, words: sums.words, sum: sums.sum })
      .from(searchTerms)
      .crossJoin(sums)
      .where(inRange)
      .orderBy(desc(searchTerms.models), asc(searchTerms.term))
      .limit(limit)
      .prepare(),
  );
  const word = { term: sql<string>`term`, models: sql<number>`models` };
  const firstInIndex = db
    .select({ term: sql<string>`term`.as('term'), models: sql<number>`doc`.as('models') })
    .from(indexWords)
    .where(sql`term >= ${from} and term < ${to}`)
    .limit(countedInIndex)
    .as('counted');
  const beginningInIndex = statement(
    operation,
    db.select(word).from(firstInIndex).orderBy(desc(sql`models`), asc(sql`term`)).limit(limit).prepare(),
  );
  const near = statement(
    operation,
    db
      .selectDistinct({ term: searchTerms.term, models: searchTerms.models })
      .from(searchDeletes)
      .crossJoin(searchTerms)
      .where(
        and(
          inArray(searchDeletes.del, sql`(select value from json_each(${sql.placeholder('deletes')}))`),
          eq(searchTerms.term, searchDeletes.term),
        ),
      )
      .prepare(),
  );
  const between = statement(
    operation,
    db
      .select({ term: searchTerms.term, models: searchTerms.models })
      .from(searchTerms)
      .where(and(inRange, lengths))
      .prepare(),
  );
  const all = statement(
    operation,
    db.select({ term: sql<string>`term`, models: sql<number>`doc` }).from(indexWords).where(lengths).prepare(),
  );

  return {
    async state() {
      const rows = await state.all();
      const valueOf = (name: string): number => rows.find((row) => row.name === name)?.value ?? 0;
      return { changes: valueOf('changes'), words: valueOf('words') };
    },
    async beginning(text, max) {
      const rows = await beginning.all({ from: text, to: endOf(text), limit: max });
      const [first] = rows;
      return { top: rows, words: first?.words ?? 0, models: first?.sum ?? 0 };
    },
    beginningInIndex: (text, max) => beginningInIndex.all({ from: text, to: endOf(text), limit: max }),
    near: (deletes) => near.all({ deletes: JSON.stringify(deletes) }),
    between: (first, last, minLength, maxLength) => between.all({ from: first, to: last, minLength, maxLength }),
    allInIndex: (minLength, maxLength) => all.all({ minLength, maxLength }),
  };
}

/** The end of the words that begin with `text`. */
function endOf(text: string): string {
  return `${text}\u{10ffff}`;
}
