// Whether all that search is made of says what the models say, and making it say so again: the index itself (here), the
// texts that it reads (index-texts.ts), the counters that triggers keep (counters.ts), and the words of suggestions
// (words-check.ts; ../words makes them anew).
import { models } from '@cc/schema';
import { searchState } from '@cc/schema/derived';
import { isDatabaseError } from '@cc/tx/errors';
import { sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { checkWatched, refuseUnknownKeys } from '../checks.js';
import { type Context, writeTogether, writeTogetherForLong } from '../context.js';
import type { IndexReport, ReindexOptions, SearchRepository, VerifyIndexOptions } from '../contract/search.js';
import type { WordRefresh } from '../words/word-refresh.js';
import type { Words } from '../words/words.js';
import { createCounters } from './counters.js';
import { createIndexTexts } from './index-texts.js';
import { createWordsCheck } from './words-check.js';

/** Returns `reindex` and `verifyIndex`. */
export function createIndexCare(
  context: Context,
  words: Words,
  refresh: WordRefresh,
): Pick<SearchRepository, 'reindex' | 'verifyIndex'> {
  const { db } = context;
  const texts = createIndexTexts(context);
  const counters = createCounters(context);
  const wordProblems = createWordsCheck(context, words);
  const indexed = db
    .select({
      indexed: sql<number>`(select count(*) from models_fts_docsize)`,
      models: sql<number>`(select count(*) from ${models})`,
    })
    .from(sql`(select 1)`)
    .prepare();
  // drizzle knows no virtual tables: models_fts as a table of the commands that FTS5 takes as inserts.
  const integrityCheck = db.insert(ftsCommands).values({ command: 'integrity-check', rank: 1 }).prepare();
  const clearIndex = db.insert(ftsCommands).values({ command: 'delete-all', rank: 0 }).prepare();
  const after = sql.placeholder('after');
  const endOfSlice = db
    .select({ seq: sql<number | null>`max(seq)` })
    .from(sql`(select ${models.seq} as seq from ${models} where ${models.seq} > ${after}
        order by ${models.seq} limit ${modelsPerSlice})`)
    .prepare();
  const indexSlice = db
    .insert(ftsRows)
    .select(sql`select ${models.seq}, ${models.name}, ${models.description}, ${models.fileName}, ${models.tagsText},
        ${models.searchExtra}, ${models.author}, ${models.facets} from ${models}
        where ${models.seq} > ${after} and ${models.seq} <= ${sql.placeholder('last')}`)
    .prepare();
  /** What FTS5's own 'rebuild' does, which would keep the event loop for as long as the library is large. */
  const rebuild = async (looked: (models: number) => void): Promise<void> => {
    await clearIndex.run();
    let count = 0;
    for (let from = 0; ; ) {
      const last = (await endOfSlice.get({ after: from }))?.seq ?? null;
      if (last === null) return;
      count += (await indexSlice.run({ after: from, last })).rowsAffected;
      from = last;
      looked(count);
    }
  };
  const restoreState = db.insert(searchState).values({ name: 'changes', value: 0 }).onConflictDoNothing().prepare();

  /** FTS5 checks by an INSERT, so this is the one part that waits for the writer. */
  const indexIsSound = async (): Promise<boolean> => {
    try {
      // Rank 1 compares the index with the texts of `models` as well; the plain check does not see a missing row.
      await writeTogether(context, () => integrityCheck.run());
      return true;
    } catch (error) {
      if (isDatabaseError(error) && error.type === 'integrity') return false;
      throw error;
    }
  };

  return {
    async reindex(options: ReindexOptions = {}) {
      refuseUnknownKeys('options', options, ['onProgress', 'signal']);
      checkWatched(options);
      const { onProgress, signal } = options;
      signal?.throwIfAborted();
      await writeTogetherForLong(context, async (stepped) => {
        await restoreState.run();
        const models = (await indexed.get())?.models ?? 0;
        const step = (): void => {
          signal?.throwIfAborted();
          stepped();
        };
        const looked =
          (before: number) =>
          (done: number): void => {
            step();
            onProgress?.({ done: before + done, total: looks * models });
          };
        looked(0)(0);
        // First the index, so that the triggers of the updates below find the entries they replace.
        await rebuild(looked(0));
        let changed = 0;
        await texts.eachWrong(async (rows) => {
          await texts.write(rows);
          changed += rows.length;
        }, looked(models));
        // They may be missing, which is one way to come here.
        if (changed > 0) await rebuild(looked(2 * models));
        await counters.recount(step);
        await refresh.rebuild(step);
        looked(looks * models)(0);
        // Whatever was wrong in what follows from the models.
        context.kept.written({ models: [], tags: 'any', metadata: [], words: true });
      });
    },
    async verifyIndex(options: VerifyIndexOptions = {}): Promise<IndexReport> {
      refuseUnknownKeys('options', options, ['onProgress', 'signal']);
      checkWatched(options);
      const { onProgress, signal } = options;
      signal?.throwIfAborted();
      const problems: string[] = [];
      if (!(await indexIsSound())) problems.push('the full-text index does not match the models');
      const counts = await indexed.get();
      if (counts !== undefined && counts.indexed !== counts.models) {
        problems.push(`the full-text index has ${counts.indexed} entries for ${counts.models} models`);
      }
      let extra = 0;
      let tagged = 0;
      let keys = 0;
      const total = counts?.models ?? 0;
      const looked = (done: number): void => {
        signal?.throwIfAborted();
        onProgress?.({ done, total });
      };
      looked(0);
      await texts.eachWrong((rows) => {
        for (const row of rows) {
          if (row.extraIsWrong) extra += 1;
          if (row.tagsAreWrong) tagged += 1;
          if (row.keyIsWrong) keys += 1;
        }
      }, looked);
      if (extra > 0) problems.push(`${extra} models have outdated extra search words`);
      if (tagged > 0) problems.push(`${tagged} models have outdated tag texts`);
      if (keys > 0) problems.push(`${keys} models have no key of their place in the order by name, or an outdated one`);
      problems.push(...(await counters.problems()));
      signal?.throwIfAborted();
      problems.push(...(await wordProblems()));
      return { ok: problems.length === 0, problems };
    },
  };
}

/** So often `reindex` looks at a model: indexed, compared, and where texts were wrong indexed again. */
const looks = 3;
/** Models that are put into the index by one statement: a few milliseconds. */
const modelsPerSlice = 500;

const ftsRows = sqliteTable('models_fts', {
  rowid: integer('rowid'),
  name: text('name'),
  description: text('description'),
  fileName: text('file_name'),
  tagsText: text('tags_text'),
  searchExtra: text('search_extra'),
  author: text('author'),
  facets: text('facets'),
});
const ftsCommands = sqliteTable('models_fts', { command: text('models_fts'), rank: integer('rank') });
