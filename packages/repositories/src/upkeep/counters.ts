// The counters that triggers keep (tags, formats, years, licenses, metadata keys, equal hashes): counted anew, compared,
// and set.
import { models, modelTags, tags } from '@cc/schema';
import { duplicateHashes, modelCounts, searchState } from '@cc/schema/derived';
import { ne, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import { allCountsNow, countsOfModels } from '../rows/model-counts.js';

/** Compares and sets the counters. */
export interface Counters {
  /** Returns what is wrong, in words. */
  problems(): Promise<readonly string[]>;
  /** Sets them; calls `step` before each of its steps. */
  recount(step: () => void): Promise<void>;
}

const counted = sql.join([...countsOfModels], sql` union all `);

/** What `duplicate_hashes` should hold. */
const duplicates = sql`select ${models.fileHash}, count(*) from ${models} group by 1 having count(*) > 1`;

const carriers = sql`(select count(*) from ${modelTags} where ${modelTags.tagId} = ${tags.id})`;

/** Returns what compares and sets the counters. */
export function createCounters({ db }: Context): Counters {
  const rowsOf = (rows: SQL) => db.select({ count: sql<number>`count(*)` }).from(rows).prepare();
  /** The rows of one query that the other does not have, both ways. */
  const differing = (actual: SQL, expected: SQL) =>
    rowsOf(sql`(select * from (select * from (${actual}) except select * from (${expected}))
      union all select * from (select * from (${expected}) except select * from (${actual})))`);
  // A count may stay with 0.
  const present = sql`select kind, value, sum(models) as models from (${allCountsNow}) group by 1, 2 having sum(models) <> 0`;
  const wrongCounts = differing(present, counted);
  const wrongDuplicates = differing(sql`select file_hash, models from ${duplicateHashes}`, duplicates);
  const wrongTags = db
    .select({ count: sql<number>`count(*)` })
    .from(tags)
    .where(ne(tags.modelCount, carriers))
    .prepare();
  const setTags = db.update(tags).set({ modelCount: carriers }).where(ne(tags.modelCount, carriers)).prepare();
  const clearCounts = db.delete(modelCounts).prepare();
  const setCounts = countsOfModels.map((part) => db.insert(modelCounts).select(part).prepare());
  const setCounted = db
    .insert(searchState)
    .values({ name: 'counted', value: sql`(select coalesce(max(${models.seq}), 0) from ${models})` })
    .onConflictDoUpdate({ target: searchState.name, set: { value: sql`excluded.value` } })
    .prepare();
  const clearDuplicates = db.delete(duplicateHashes).prepare();
  const setDuplicates = db.insert(duplicateHashes).select(duplicates).prepare();

  return {
    async problems() {
      const problems: string[] = [];
      const tagged = (await wrongTags.get())?.count ?? 0;
      if (tagged > 0) problems.push(`${tagged} tags have a wrong number of models`);
      const counts = (await wrongCounts.get())?.count ?? 0;
      if (counts > 0)
        problems.push(
          `${counts} counts of formats, years, licenses, metadata keys or filter tokens differ from the models`,
        );
      const hashes = (await wrongDuplicates.get())?.count ?? 0;
      if (hashes > 0) problems.push(`${hashes} counts of equal file hashes differ from the models`);
      return problems;
    },
    async recount(step) {
      for (const each of [setTags, clearCounts, ...setCounts, setCounted, clearDuplicates, setDuplicates]) {
        step();
        await each.run();
      }
    },
  };
}
