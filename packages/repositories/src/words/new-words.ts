// The words of models that were written lately, added to `search_terms` at a cost that depends on these models alone: FTS5
// itself tells their texts apart, in a table that is empty between two transactions (docs/decisions/0013).
import { models, searchTerms } from '@cc/schema';
import { afterFacets, facetMark, searchDeletes, searchPending, searchState } from '@cc/schema/derived';
import { and, inArray, lte, type SQL, sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { type Context, runInOrder, writeTogether } from '../context.js';
import { methodsOnFirstCall } from '../first-call.js';
import { type BoundStatement, type Direct, direct, placeholderAt } from '../statement.js';
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
  const { db, client } = context;
  const [first, last] = [placeholderAt(0), placeholderAt(1)];
  const take = (which: SQL | undefined) =>
    direct(
      client,
      db.insert(newWords).select(sql`select ${models.seq}, ${textsOfModel} from ${models} where ${which}`),
    );
  /** Models that have waited for so long are left for later: new ones would wait for them. */
  const isFarBehind = sql`${first} - 1 - ${looked} > ${modelsAtOnce}`;
  const putOff = direct(
    client,
    db
      .insert(searchPending)
      .select(sql`select ${models.seq} from ${models}
        where ${models.seq} > ${looked} and ${models.seq} < ${first} and ${isFarBehind}`)
      .onConflictDoNothing(),
  );
  const takeNew = take(and(sql`${models.seq} > iif(${isFarBehind}, ${first} - 1, ${looked})`, lte(models.seq, last)));
  const takeChanged = take(inArray(models.seq, rowsAt0));
  const unknown = direct(
    client,
    db
      .select({ term: sql<string>`term` })
      .from(told)
      .where(sql`${isWord} and not exists (select 1 from ${searchTerms} where ${searchTerms.term} = told.term)`),
  );
  const toldWords = sql`select term, doc from ${told} where ${isWord}`;
  const count = direct(
    client,
    db
      .insert(searchTerms)
      .select(toldWords)
      .onConflictDoUpdate({ target: searchTerms.term, set: { models: sql`${searchTerms.models} + excluded.models` } }),
  );
  const makeKnown = direct(client, db.insert(searchTerms).select(toldWords).onConflictDoNothing());
  const addDeletes = direct(
    client,
    db
      .insert(searchDeletes)
      .select(sql`select value ->> 0, value ->> 1 from json_each(${placeholderAt(0)}) where true`)
      .onConflictDoNothing(),
  );
  const forget = direct(client, db.insert(newWordsCommands).values({ command: 'delete-all' }));
  const place = db
    .select({
      seq: sql<number>`coalesce(max(${searchState.value}), 0)`,
      last: sql<number>`coalesce((select max(${models.seq}) from ${models}), 0)`,
      changed: sql<number>`exists (select 1 from ${searchPending})`,
    })
    .from(searchState)
    .where(sql`${searchState.name} = 'seq'`)
    .prepare();
  const advance = direct(
    client,
    db
      .insert(searchState)
      .values({ name: 'seq', value: placeholderAt(0) })
      .onConflictDoUpdate({ target: searchState.name, set: { value: sql`excluded.value` } }),
  );
  const countChanges = direct(
    client,
    db
      .update(searchState)
      .set({ value: sql`${searchState.value} + ${placeholderAt(0)}` })
      .where(sql`${searchState.name} = 'words'`),
  );
  const pending = db.select({ seq: searchPending.seq }).from(searchPending).limit(modelsAtOnce).prepare();
  const done = direct(client, db.delete(searchPending).where(inArray(searchPending.seq, rowsAt0)));

  /** Tells apart the texts of the models that the last of `taking` takes, and keeps their words by `how`; `after` follows. */
  const keep = async (
    taking: readonly BoundStatement[],
    how: Direct,
    after: (models: number) => readonly BoundStatement[],
  ): Promise<void> => {
    const results = await runInOrder(context, [...taking, unknown.bind([]), how.bind([])]);
    const taken = results[taking.length - 1]?.rowsAffected ?? 0;
    const fresh = (results[taking.length]?.rows ?? []).map((cells) => String(cells[0]));
    const pairs = fresh.flatMap((term) => deletesOf(term).map((del) => [del, term]));
    await runInOrder(context, [
      ...(pairs.length > 0 ? [addDeletes.bind([JSON.stringify(pairs)])] : []),
      ...(taken > 0 ? [forget.bind([])] : []),
      ...after(taken),
    ]);
  };
  const add = (from: number, to: number): Promise<void> =>
    keep([putOff.bind([from]), takeNew.bind([from, to])], count, (taken) => [
      ...(taken > 0 ? [countChanges.bind([taken])] : []),
      advance.bind([to]),
    ]);

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
        // What they said before is not known any more, so what they say now is made known and not counted.
        await keep([takeChanged.bind([rows])], makeKnown, () => [done.bind([rows])]);
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

  return { inserted: add, catchUp, caughtUp };
}

const newWords = sqliteTable('new_words_fts', { rowid: integer('rowid'), words: text('words') });
const newWordsCommands = sqliteTable('new_words_fts', { command: text('new_words_fts') });
const told = sql`new_words_fts_words as told`;
/** The last model whose words are known. */
const looked = sql`(select coalesce(max(${searchState.value}), 0) from ${searchState} where ${searchState.name} = 'seq')`;
const rowsAt0 = sql`(select value from json_each(${placeholderAt(0)}))`;
/** No text can make a token of `models.facets`, unless it has its first character. */
const isWord = sql`not (term >= ${facetMark} and term < ${afterFacets})`;

/** Everything that is indexed as words. */
const textsOfModel = sql`${models.name} || char(10) || coalesce(${models.description}, '') || char(10) || ${models.fileName}
  || char(10) || ${models.tagsText} || char(10) || ${models.searchExtra} || char(10) || coalesce(${models.author}, '')`;
