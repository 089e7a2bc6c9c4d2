// Whether the words that suggestions and corrections are made of say what the index says. While the index has changed
// since they were copied they may differ; what must hold at any time is that each word has its deletes, and no other.
import { searchTerms } from '@cc/schema';
import { afterFacets, facetMark, searchDeletes } from '@cc/schema/derived';
import { asc, gt, sql } from 'drizzle-orm';
import { type Context, inSnapshot } from '../context.js';
import { deletesOf } from '../words/spelling.js';
import type { Words } from '../words/words.js';

/** Returns what is wrong with the words, in words. */
export type WordsCheck = () => Promise<readonly string[]>;

const wordsPerBatch = 500;

/** Returns the check. */
export function createWordsCheck(context: Context, words: Words): WordsCheck {
  const { db } = context;
  // The tokens of models.facets are no words.
  const inIndex = sql`select term, doc from models_fts_words where term < ${facetMark} or term >= ${afterFacets}`;
  const copied = sql`select term, models from ${searchTerms}`;
  const differing = db
    .select({ count: sql<number>`count(distinct term)` })
    .from(
      sql`(select * from (${inIndex} except ${copied})
          union all select * from (${copied} except ${inIndex}))`,
    )
    .prepare();
  const batch = db
    .select({ term: searchTerms.term })
    .from(searchTerms)
    .where(gt(searchTerms.term, sql.placeholder('after')))
    .orderBy(asc(searchTerms.term))
    .limit(wordsPerBatch)
    .prepare();
  const present = db
    .select({ count: sql<number>`count(*)` })
    .from(sql`json_each(${sql.placeholder('pairs')}) as pair`)
    .where(
      sql`(pair.value ->> 0, pair.value ->> 1) in (select ${searchDeletes.del}, ${searchDeletes.term} from ${searchDeletes})`,
    )
    .prepare();
  const all = db.select({ count: sql<number>`count(*)` }).from(searchDeletes).prepare();

  const check = async (stepped: () => void): Promise<readonly string[]> => {
    const problems: string[] = [];
    const { changes, words: copiedAt } = await words.state();
    if (changes === copiedAt) {
      const wrong = (await differing.get())?.count ?? 0;
      if (wrong > 0) problems.push(`${wrong} words of suggestions differ from the full-text index`);
    }
    let expected = 0;
    let found = 0;
    for (let after = ''; ; ) {
      const terms = (await batch.all({ after })).map(({ term }) => term);
      const pairs = terms.flatMap((term) => deletesOf(term).map((del) => [del, term]));
      expected += pairs.length;
      if (pairs.length > 0) found += (await present.get({ pairs: JSON.stringify(pairs) }))?.count ?? 0;
      stepped();
      if (terms.length < wordsPerBatch) break;
      after = terms.at(-1) ?? '';
    }
    const there = (await all.get())?.count ?? 0;
    if (found < expected) problems.push(`${expected - found} entries for corrections are missing`);
    if (there > found) problems.push(`${there - found} entries for corrections belong to no word`);
    return problems;
  };
  return () => inSnapshot(context, check);
}
