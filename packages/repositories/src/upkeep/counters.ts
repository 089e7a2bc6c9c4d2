// The counters that triggers keep (tags, formats, years, licenses, metadata keys, equal hashes): counted anew, compared,
// and set.
import { models, modelTags, tags } from '@cc/schema';
import { duplicateHashes, modelCounts, searchState } from '@cc/schema/derived';
import { ne, type SQL, sql } from 'drizzle-orm';
import { type Context, inSnapshot } from '../context.js';
import { allCountsNow, countsBetween, countsOfModels } from '../rows/model-counts.js';

/** Compares and sets the counters. */
export interface Counters {
  /** Returns what is wrong, in words. */
  problems(): Promise<readonly string[]>;
  /** Sets them; calls `step` before each of its steps. */
  recount(step: () => void): Promise<void>;
}

/** What `duplicate_hashes` should hold. */
const duplicates = sql`select ${models.fileHash}, count(*) from ${models} group by 1 having count(*) > 1`;

const carriers = sql`(select count(*) from ${modelTags} where ${modelTags.tagId} = ${tags.id})`;

/** Returns what compares and sets the counters. */
export function createCounters(context: Context): Counters {
  const { db } = context;
  const rowsOf = (rows: SQL) => db.select({ count: sql<number>`count(*)` }).from(rows).prepare();
  /** The rows of one query that the other does not have, both ways. */
  const differing = (actual: SQL, expected: SQL) =>
    rowsOf(sql`(select * from (select * from (${actual}) except select * from (${expected}))
      union all select * from (select * from (${expected}) except select * from (${actual})))`);
  const countsIn = (rows: SQL) =>
    db
      .select({ kind: sql<string>`kind`, value: sql<string>`value`, models: sql<number>`models` })
      .from(sql`(select null as kind, null as value, null as models where false union all ${rows})`)
      .prepare();
  // A count may stay with 0.
  const present = countsIn(
    sql`select kind, value, sum(models) from (${allCountsNow}) group by 1, 2 having sum(models) <> 0`,
  );
  const [after, last] = [sql`${sql.placeholder('after')}`, sql`${sql.placeholder('last')}`];
  const parts = countsBetween(after, last).map(countsIn);
  const endOfSlice = db
    .select({ seq: sql<number | null>`max(seq)` })
    .from(sql`(select ${models.seq} as seq from ${models} where ${models.seq} > ${after}
        order by ${models.seq} limit ${modelsPerSlice})`)
    .prepare();
  /** What all counters should add up to, counted some models at a time. */
  const countAll = async (stepped: () => void): Promise<Map<string, number>> => {
    const counts = new Map<string, number>();
    for (let from = Number.MIN_SAFE_INTEGER; ; ) {
      const end = (await endOfSlice.get({ after: from }))?.seq ?? null;
      for (const part of parts)
        for (const { kind, value, models: some } of await part.all({
          after: from,
          last: end ?? Number.MAX_SAFE_INTEGER,
        })) {
          const name = nameOf(kind, value);
          counts.set(name, (counts.get(name) ?? 0) + some);
        }
      stepped();
      if (end === null) return counts;
      from = end;
    }
  };
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
    problems: () =>
      inSnapshot(context, async (stepped) => {
        const problems: string[] = [];
        const tagged = (await wrongTags.get())?.count ?? 0;
        if (tagged > 0) problems.push(`${tagged} tags have a wrong number of models`);
        const expected = await countAll(stepped);
        let counts = 0;
        for (const { kind, value, models: count } of await present.all()) {
          const name = nameOf(kind, value);
          if (expected.get(name) !== count) counts += 1;
          expected.delete(name);
        }
        counts += expected.size;
        if (counts > 0)
          problems.push(
            `${counts} counts of formats, years, licenses, metadata keys or filter tokens differ from the models`,
          );
        stepped();
        const hashes = (await wrongDuplicates.get())?.count ?? 0;
        if (hashes > 0) problems.push(`${hashes} counts of equal file hashes differ from the models`);
        return problems;
      }),
    async recount(step) {
      for (const each of [setTags, clearCounts, ...setCounts, setCounted, clearDuplicates, setDuplicates]) {
        step();
        await each.run();
      }
    },
  };
}

/** Models that are counted by one statement: a few milliseconds. */
const modelsPerSlice = 5_000;

function nameOf(kind: string, value: string): string {
  return JSON.stringify([kind, value]);
}
