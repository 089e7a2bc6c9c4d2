// Whether a library is large enough for searches to be planned: what that saves there costs more than it saves in a small one.
import { modelCounts } from '@cc/schema/derived';
import { eq, sql } from 'drizzle-orm';
import type { Context } from '../context.js';

const largeFrom = 20_000;
/** Asked again after so many searches; in between the answer may be old, which costs time and nothing else. */
const searchesBetween = 64;

/** Returns whether the library holds more than 20,000 models, or did a few searches ago. */
export function createLibrarySize({ db }: Context): () => Promise<boolean> {
  const count = db
    .select({ models: sql<number>`coalesce(sum(${modelCounts.models}), 0)` })
    .from(modelCounts)
    .where(eq(modelCounts.kind, 'format'))
    .prepare();
  let searches = 0;
  let isLarge = false;
  return async () => {
    if (searches % searchesBetween === 0) isLarge = ((await count.get())?.models ?? 0) > largeFrom;
    searches += 1;
    return isLarge;
  };
}
