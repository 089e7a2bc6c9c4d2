// The texts of `models` that follow from others: the parts of glued names and the words of folders, the names of tags and
// the keys of the order by name, compared with what they should be, and written.
import { performance } from 'node:perf_hooks';
import { models, modelTags, tags } from '@cc/schema';
import { giveTurn, nextTurn } from '@cc/tx/event-loop';
import { asc, eq, gt, sql } from 'drizzle-orm';
import { type Context, runInOrder } from '../context.js';
import { asManyAsFit, direct, inSlices, placeholderAt } from '../statement.js';
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
  /**
   * Looks at all models, some at a time: calls `visit` with those whose texts are not what they should be, and `looked` with how many
   * were looked at.
   */
  eachWrong(
    visit: (rows: readonly WrongText[]) => Promise<void> | void,
    looked: (models: number) => void,
  ): Promise<void>;
  /** In few round trips where there are any: one to a model would take a minute between two steps on a slow network. */
  write(rows: readonly WrongText[]): Promise<void>;
}

/** To read and decode them takes a few milliseconds. */
const rowsPerBatch = 250;
/** Written by one request; their texts are a megabyte at most. */
const rowsPerRequest = 50;

/** Returns what compares and writes the texts. */
export function createIndexTexts(context: Context): IndexTexts {
  const { db, client } = context;
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
  const setTexts = direct(
    client,
    db
      .update(models)
      .set({ searchExtra: placeholderAt(0), tagsText: placeholderAt(1), nameKey: placeholderAt(2) })
      .where(eq(models.seq, placeholderAt(3))),
  );

  return {
    async eachWrong(visit, looked) {
      let [count, size] = [0, rowsPerBatch];
      for (let after = 0; ; ) {
        const from = after;
        const { answer: rows, asked } = await asManyAsFit(size, (limit) => texts.all({ after: from, limit }));
        size = asked;
        const wrong: WrongText[] = [];
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
            wrong.push({
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
        if (wrong.length > 0) await visit(wrong);
        count += rows.length;
        looked(count);
        const last = rows.at(-1);
        if (last === undefined || rows.length < size) return;
        after = last.seq;
      }
    },
    write: (rows) =>
      inSlices(rows, rowsPerRequest, async (some) => {
        const statements = some.map((row) => setTexts.bind([row.searchExtra, row.tagsText, row.nameKey, row.seq]));
        await runInOrder(context, statements);
      }),
  };
}

/** Tag texts are compared as sets: a tag that is added later stands at the end until the next rewrite. */
function sameLines(a: string, b: string): boolean {
  return a === b || a.split('\n').sort().join('\n') === b.split('\n').sort().join('\n');
}
