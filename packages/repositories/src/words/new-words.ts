// The words of models that were written lately, added to `search_terms` at a cost that depends on these models alone: FTS5
// itself tells their texts apart, in a table that is empty between two transactions (docs/decisions/0013).
import { models, searchTerms } from '@cc/schema';
import { afterFacets, facetMark, searchDeletes, searchPending, searchState } from '@cc/schema/derived';
import { and, gte, inArray, lte, type SQL, sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { type Context, writeTogether } from '../context.js';
import { methodsOnFirstCall } from '../first-call.js';
import { deletesOf } from './spelling.js';

/** Adds the words of new and changed models to those of the library. */
export interface NewWords {
  /** Adds those of models that the current transaction has inserted, `first` to `last` by number. */
  inserted(first: number, last: number): Promise<void>;
  /** Adds those of up to a thousand models that were written one by one; returns how many there were. */
  catchUp(): Promise<number>;
  /** The same, without ever failing: for the end of a bulk, whose models are written whatever becomes of their words. */
  caughtUp(): Promise<void>;
  /** Notes that one model was written, and catches up after every so many: then there is something to wait for. Never fails. */
  written(): Promise<void> | undefined;
}

/** So many models are told apart at once: twenty milliseconds. */
const modelsAtOnce = 1_000;
/** Models that are written one by one wait for each other: one more statement for each of them would cost more. */
const writesTogether = 128;

/** Returns what adds the words of new models. */
export function createNewWords(context: Context): NewWords {
  const names = { inserted: true, catchUp: true, caughtUp: true } as const;
  const adding = methodsOnFirstCall(names, () => createAdding(context));
  let writes = 0;
  return {
    ...adding,
    written() {
      writes += 1;
      if (writes < writesTogether) return undefined;
      writes = 0;
      return adding.caughtUp();
    },
  };
}

function createAdding(context: Context): Omit<NewWords, 'written'> {
  const { db } = context;
  const [first, last] = [sql.placeholder('first'), sql.placeholder('last')];
  const take = (which: SQL | undefined) =>
    db.insert(newWords).select(sql`select ${models.seq}, ${textsOfModel} from ${models} where ${which}`).prepare();
  const takeInserted = take(and(gte(models.seq, first), lte(models.seq, last)));
  const takeChanged = take(inArray(models.seq, sql`(select value from json_each(${sql.placeholder('rows')}))`));
  const unknown = db
    .select({ term: sql<string>`term` })
    .from(told)
    .where(sql`${isWord} and not exists (select 1 from ${searchTerms} where ${searchTerms.term} = told.term)`)
    .prepare();
  const toldWords = sql`select term, doc from ${told} where ${isWord}`;
  const count = db
    .insert(searchTerms)
    .select(toldWords)
    .onConflictDoUpdate({ target: searchTerms.term, set: { models: sql`${searchTerms.models} + excluded.models` } })
    .prepare();
  const makeKnown = db.insert(searchTerms).select(toldWords).onConflictDoNothing().prepare();
  const addDeletes = db
    .insert(searchDeletes)
    .select(sql`select value ->> 0, value ->> 1 from json_each(${sql.placeholder('pairs')}) where true`)
    .onConflictDoNothing()
    .prepare();
  const forget = db.insert(newWordsCommands).values({ command: 'delete-all' }).prepare();
  const place = db
    .select({
      seq: sql<number>`coalesce(max(${searchState.value}), 0)`,
      last: sql<number>`coalesce((select max(${models.seq}) from ${models}), 0)`,
      changed: sql<number>`exists (select 1 from ${searchPending})`,
    })
    .from(searchState)
    .where(sql`${searchState.name} = 'seq'`)
    .prepare();
  const advance = db
    .insert(searchState)
    .values({ name: 'seq', value: sql`${last}` })
    .onConflictDoUpdate({ target: searchState.name, set: { value: sql`excluded.value` } })
    .prepare();
  const countChanges = db
    .update(searchState)
    .set({ value: sql`${searchState.value} + ${sql.placeholder('rows')}` })
    .where(sql`${searchState.name} = 'words'`)
    .prepare();
  const putOff = db
    .insert(searchPending)
    .select(sql`select ${models.seq} from ${models} where ${models.seq} between ${first} and ${last}`)
    .onConflictDoNothing()
    .prepare();
  const pending = db.select({ seq: searchPending.seq }).from(searchPending).limit(modelsAtOnce).prepare();
  const done = db
    .delete(searchPending)
    .where(inArray(searchPending.seq, sql`(select value from json_each(${sql.placeholder('rows')}))`))
    .prepare();

  /** Takes over what was told apart, by one of the two statements above. */
  const keep = async (how: typeof count): Promise<void> => {
    const fresh = await unknown.all();
    await how.run();
    const pairs = fresh.flatMap(({ term }) => deletesOf(term).map((del) => [del, term]));
    if (pairs.length > 0) await addDeletes.run({ pairs: JSON.stringify(pairs) });
    await forget.run();
  };
  const add = async (from: number, to: number): Promise<void> => {
    const { rowsAffected } = await takeInserted.run({ first: from, last: to });
    if (rowsAffected > 0) {
      await keep(count);
      await countChanges.run({ rows: rowsAffected });
    }
    await advance.run({ last: to });
  };

  const takeSome = (): Promise<number> =>
    writeTogether(context, async () => {
      context.kept.written({ words: true });
      const { seq = 0, last: newest = 0 } = (await place.get()) ?? {};
      const to = Math.min(newest, seq + modelsAtOnce);
      if (to > seq) await add(seq + 1, to);
      if (to < newest) return to - seq;
      const changed = (await pending.all()).map((row) => row.seq);
      if (changed.length > 0) {
        const rows = JSON.stringify(changed);
        await takeChanged.run({ rows });
        // What they said before is not known any more, so what they say now is made known and not counted.
        await keep(makeKnown);
        await done.run({ rows });
      }
      return to - seq + changed.length;
    });

  const catchUp = async (): Promise<number> => {
    const { seq = 0, last: newest = 0, changed = 0 } = (await place.get()) ?? {};
    return newest > seq || changed === 1 ? takeSome() : 0;
  };
  const caughtUp = async (): Promise<void> => {
    try {
      await catchUp();
    } catch {
      // The models are written; their words are found in their texts until somebody else catches up.
    }
  };

  return {
    async inserted(from, to) {
      const { seq = 0 } = (await place.get()) ?? {};
      const behind = from - 1 - seq;
      if (behind > modelsAtOnce) await putOff.run({ first: seq + 1, last: from - 1 });
      await add(behind > modelsAtOnce ? from : seq + 1, to);
    },
    catchUp,
    caughtUp,
  };
}

const newWords = sqliteTable('new_words_fts', { rowid: integer('rowid'), words: text('words') });
const newWordsCommands = sqliteTable('new_words_fts', { command: text('new_words_fts') });
const told = sql`new_words_fts_words as told`;
/** No text can make a token of `models.facets`, unless it has its first character. */
const isWord = sql`not (term >= ${facetMark} and term < ${afterFacets})`;

/** Everything that is indexed as words. */
const textsOfModel = sql`${models.name} || char(10) || coalesce(${models.description}, '') || char(10) || ${models.fileName}
  || char(10) || ${models.tagsText} || char(10) || ${models.searchExtra} || char(10) || coalesce(${models.author}, '')`;
