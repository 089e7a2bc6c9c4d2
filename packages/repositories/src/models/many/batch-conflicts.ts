// What is in the way of a batch of new models: those of the library, and the items before it in the batch.
import { type ModelId, models } from '@cc/schema';
import { asc, eq, sql } from 'drizzle-orm';
import type { Context } from '../../context.js';
import type { CreateResult } from '../../contract/models.js';
import { cellsOf, inSlices } from '../../statement.js';
import { type Conflict, duplicateModel } from '../duplicate-model.js';
import type { CheckedItem } from './new-item.js';

/** What to do about an item that equals a model by id, path or content. */
export interface BatchPolicy {
  readonly id: 'reject' | 'skip';
  readonly filePath: 'reject' | 'skip';
  readonly fileHash: 'reject' | 'skip' | 'allow';
}

/** Returns for each item whether it is to be created. @throws DatabaseError for one that the policy rejects */
export type FindConflicts = (
  batch: readonly CheckedItem[],
  policy: BatchPolicy,
  /** Which kinds to look for: unique indexes refuse the others by themselves. */
  kinds: readonly Conflict[],
) => Promise<readonly CreateResult[]>;

const operation = 'models.createMany';

/** Returns what finds the conflicts of a batch. */
export function createFindConflicts({ db }: Context): FindConflicts {
  // The first of the models with a value, however many have it.
  const taken = (column: typeof models.id | typeof models.filePath | typeof models.fileHash) =>
    db
      .select({ id: models.id, value: column })
      .from(sql`json_each(${sql.placeholder('values')})`)
      .crossJoin(models)
      .where(
        eq(
          models.seq,
          db
            .select({ seq: models.seq })
            .from(models)
            .where(eq(column, sql`json_each.value`))
            .orderBy(asc(models.seq))
            .limit(1),
        ),
      )
      .prepare();
  const takenBy = { id: taken(models.id), filePath: taken(models.filePath), fileHash: taken(models.fileHash) };

  return async (batch, policy, kinds) => {
    const firstByValue = async (kind: Conflict) => {
      const values = batch.flatMap((item) => valueOf(item, kind) ?? []);
      const rows = values.length === 0 ? [] : await cellsOf(takenBy[kind], { values: JSON.stringify(values) });
      // Cells of two text columns.
      return [kind, new Map(rows.map((cells) => [String(cells[1]), cells[0] as ModelId]))] as const;
    };
    const seen = new Map(await Promise.all(kinds.map(firstByValue)));
    const results: CreateResult[] = [];
    await inSlices(batch, itemsPerSlice, async (items) => {
      for (const item of items) results.push(resultOf(item, policy, seen));
    });
    return results;
  };
}

/** Compared between two looks at the clock: about a millisecond. */
const itemsPerSlice = 1_000;

type Seen = ReadonlyMap<Conflict, Map<string, ModelId>>;

function resultOf(item: CheckedItem, policy: BatchPolicy, seen: Seen): CreateResult {
  for (const [conflict, ids] of seen) {
    const value = valueOf(item, conflict);
    const id = value === undefined ? undefined : ids.get(value);
    if (id === undefined) continue;
    if (policy[conflict] === 'skip') return { index: item.index, outcome: 'skipped', id, conflict };
    throw duplicateModel(conflict, operation, `Model ${id} is in the way of item ${item.index}. `);
  }
  for (const [kind, ids] of seen) {
    const value = valueOf(item, kind);
    if (value !== undefined && !ids.has(value)) ids.set(value, item.id);
  }
  return { index: item.index, outcome: 'created', id: item.id };
}

/** Ids that were made here are nobody else's. */
function valueOf(item: CheckedItem, kind: Conflict): string | undefined {
  return kind === 'id' ? item.model.id : item.model[kind];
}
