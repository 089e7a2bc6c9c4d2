// The texts of `models` that follow from others: the parts of glued names and the words of folders, the names of tags and
// the keys of the order by name, compared with what they should be, and written.
import { performance } from 'node:perf_hooks';
import { models, modelTags, tags } from '@cc/schema';
import { giveTurn, nextTurn } from '@cc/tx/event-loop';
import { asc, eq, gt, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import { asManyAsFit } from '../statement.js';
import { extraSearchText } from '../text/extra-text.js';
import { nameKey } from '../text/name-key.js';

/** A model whose texts are not what they should be, and what they should be. */
export interface WrongText {
  readonly seq: number;
  readonly searchExtra: string;
  readonly tagsText: string;
  readonly extraIsWrong: boolean;
  readonly tagsAreWrong: boolean;
  readonly nameKey: string;
  readonly keyIsWrong: boolean;
}

/** Compares and writes the texts. */
export interface IndexTexts {
  /** Calls `visit` with each model whose texts are not what they should be, and `looked` with how many were looked at, now and then. */
  eachWrong(visit: (row: WrongText) => Promise<void> | void, looked?: (models: number) => void): Promise<void>;
  write(row: WrongText): Promise<void>;
}

/** To read and decode them takes a few milliseconds. */
const rowsPerBatch = 250;

/** Returns what compares and writes the texts. */
export function createIndexTexts({ db }: Context): IndexTexts {
  const tagNames = sql`coalesce((select group_concat(name, char(10)) from (
    select ${tags.name} as name from ${modelTags} join ${tags} on ${tags.id} = ${modelTags.tagId}
    where ${modelTags.modelSeq} = ${models.seq} order by ${tags.key})), '')`;
  const texts = db
    .select({
      seq: models.seq,
      name: models.name,
      fileName: models.fileName,
      filePath: models.filePath,
      description: models.description,
      searchExtra: models.searchExtra,
      tagsText: models.tagsText,
      nameOrder: models.nameOrder,
      tagNames: sql<string>`${tagNames}`,
    })
    .from(models)
    .where(gt(models.seq, sql.placeholder('after')))
    .orderBy(asc(models.seq))
    .limit(sql.placeholder('limit'))
    .prepare();
  const setTexts = db
    .update(models)
    .set({
      searchExtra: sql`${sql.placeholder('searchExtra')}`,
      tagsText: sql`${sql.placeholder('tagsText')}`,
      nameKey: sql`${sql.placeholder('nameKey')}`,
    })
    .where(eq(models.seq, sql.placeholder('seq')))
    .prepare();

  return {
    async eachWrong(visit, looked) {
      let [count, size] = [0, rowsPerBatch];
      for (let after = 0; ; ) {
        const from = after;
        const { answer: rows, asked } = await asManyAsFit(size, (limit) => texts.all({ after: from, limit }));
        size = asked;
        for (const row of rows) {
          if (nextTurn(performance.now())) await giveTurn();
          const searchExtra = extraSearchText(row);
          const extraIsWrong = row.searchExtra !== searchExtra;
          const tagsAreWrong = !sameLines(row.tagsText, row.tagNames);
          const key = nameKey(row.name);
          // Without a key a row is where its name in lower case is, which is right for plain words. A name of nothing but
          // U+0001 has none.
          const keyIsWrong = row.nameOrder !== (key === '' ? row.name : key);
          if (extraIsWrong || tagsAreWrong || keyIsWrong) {
            await visit({
              seq: row.seq,
              searchExtra,
              tagsText: row.tagNames,
              extraIsWrong,
              tagsAreWrong,
              nameKey: key,
              keyIsWrong,
            });
          }
        }
        count += rows.length;
        looked?.(count);
        const last = rows.at(-1);
        if (last === undefined || rows.length < size) return;
        after = last.seq;
      }
    },
    async write({ seq, searchExtra, tagsText, nameKey: key }) {
      await setTexts.run({ seq, searchExtra, tagsText, nameKey: key });
    },
  };
}

/** Tag texts are compared as sets: a tag that is added later stands at the end until the next rewrite. */
function sameLines(a: string, b: string): boolean {
  return a === b || a.split('\n').sort().join('\n') === b.split('\n').sort().join('\n');
}
