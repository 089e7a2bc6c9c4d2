// Whether the full-text index, its texts and the tag counters say what the models say, and making them say it again.
import { models, modelTags, tags } from '@cc/schema';
import { isDatabaseError } from '@cc/tx/errors';
import { asc, eq, gt, ne, sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { type Context, writeTogether } from '../context.js';
import { statement } from '../statement.js';
import { extraSearchText } from './extra-text.js';
import type { IndexReport, SearchRepository } from './search-repository.js';
import type { WordRefresh } from './word-refresh.js';
import type { Words } from './words.js';

const rowsPerBatch = 1_000;

/** Returns `reindex` and `verifyIndex`. */
export function createIndexCare(
  context: Context,
  _words: Words,
  _refresh: WordRefresh,
): Pick<SearchRepository, 'reindex' | 'verifyIndex'> {
  const { db } = context;
  const operation = 'search.verifyIndex';
  const tagNames = sql`coalesce((select group_concat(name, char(10)) from (
    select ${tags.name} as name from ${modelTags} join ${tags} on ${tags.id} = ${modelTags.tagId}
    where ${modelTags.modelSeq} = ${models.seq} order by ${tags.key})), '')`;
  const texts = statement(
    operation,
    db
      .select({
        seq: models.seq,
        name: models.name,
        fileName: models.fileName,
        description: models.description,
        searchExtra: models.searchExtra,
        tagsText: models.tagsText,
        tagNames: sql<string>`${tagNames}`,
      })
      .from(models)
      .where(gt(models.seq, sql.placeholder('after')))
      .orderBy(asc(models.seq))
      .limit(rowsPerBatch)
      .prepare(),
  );
  const setTexts = statement(
    'search.reindex',
    db
      .update(models)
      .set({
        searchExtra: sql`${sql.placeholder('searchExtra')}`,
        tagsText: sql`${sql.placeholder('tagsText')}`,
      })
      .where(eq(models.seq, sql.placeholder('seq')))
      .prepare(),
  );
  const carriers = sql`(select count(*) from ${modelTags} where ${modelTags.tagId} = ${tags.id})`;
  const wrongCounts = statement(
    operation,
    db.select({ count: sql<number>`count(*)` }).from(tags).where(ne(tags.modelCount, carriers)).prepare(),
  );
  const setCounts = statement(
    'search.reindex',
    db.update(tags).set({ modelCount: carriers }).where(ne(tags.modelCount, carriers)).prepare(),
  );
  const indexed = statement(
    operation,
    db
      .select({
        indexed: sql<number>`(select count(*) from models_fts_docsize)`,
        models: sql<number>`(select count(*) from ${models})`,
      })
      .from(sql`(select 1)`)
      .prepare(),
  );

  // drizzle knows no virtual tables: models_fts as a table of the commands that FTS5 takes as inserts.
  const integrityCheck = statement(
    operation,
    db.insert(ftsCommands).values({ command: 'integrity-check', rank: 1 }).prepare(),
  );
  const rebuild = statement('search.reindex', db.insert(ftsCommands).values({ command: 'rebuild', rank: 0 }).prepare());

  /** Calls `visit` with each model whose texts are not what they should be. */
  const eachWrongText = async (visit: (row: WrongText) => Promise<void> | void): Promise<void> => {
    for (let after = 0; ; ) {
      const rows = await texts.all({ after });
      for (const row of rows) {
        const searchExtra = extraSearchText(row.name, row.fileName, row.description);
        const extraIsWrong = row.searchExtra !== searchExtra;
        const tagsAreWrong = !sameLines(row.tagsText, row.tagNames);
        if (extraIsWrong || tagsAreWrong) {
          await visit({ seq: row.seq, searchExtra, tagsText: row.tagNames, extraIsWrong, tagsAreWrong });
        }
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < rowsPerBatch) return;
      after = last.seq;
    }
  };

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
    reindex: () =>
      writeTogether(context, async () => {
        // First the index, so that the triggers of the updates below find the entries they replace.
        await rebuild.run();
        let changed = 0;
        await eachWrongText(async ({ seq, searchExtra, tagsText }) => {
          await setTexts.run({ seq, searchExtra, tagsText });
          changed += 1;
        });
        // They may be missing, which is one way to come here.
        if (changed > 0) await rebuild.run();
        await setCounts.run();
        context.cachedPages.written();
      }),
    async verifyIndex(): Promise<IndexReport> {
      const problems: string[] = [];
      if (!(await indexIsSound())) problems.push('the full-text index does not match the models');
      const counts = await indexed.get();
      if (counts !== undefined && counts.indexed !== counts.models) {
        problems.push(`the full-text index has ${counts.indexed} entries for ${counts.models} models`);
      }
      let extra = 0;
      let tagged = 0;
      await eachWrongText((row) => {
        if (row.extraIsWrong) extra += 1;
        if (row.tagsAreWrong) tagged += 1;
      });
      if (extra > 0) problems.push(`${extra} models have outdated extra search words`);
      if (tagged > 0) problems.push(`${tagged} models have outdated tag texts`);
      const wrong = (await wrongCounts.get())?.count ?? 0;
      if (wrong > 0) problems.push(`${wrong} tags have a wrong number of models`);
      return { ok: problems.length === 0, problems };
    },
  };
}

const ftsCommands = sqliteTable('models_fts', { command: text('models_fts'), rank: integer('rank') });

interface WrongText {
  readonly seq: number;
  readonly searchExtra: string;
  readonly tagsText: string;
  readonly extraIsWrong: boolean;
  readonly tagsAreWrong: boolean;
}

/** Tag texts are compared as sets: a tag that is added later stands at the end until the next rewrite. */
function sameLines(a: string, b: string): boolean {
  return a === b || a.split('\n').sort().join('\n') === b.split('\n').sort().join('\n');
}
