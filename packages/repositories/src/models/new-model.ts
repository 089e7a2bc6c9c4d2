// Adding one model: the duplicate check and the insert.
import { type ModelId, models } from '@cc/schema';
import { type ModelInput, parseModelId } from '@cc/schema/validation';
import { asc, eq, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import { type BoundCell, direct, statement } from '../statement.js';
import { duplicateModel, namedConflict } from './duplicate-model.js';
import type { DuplicatePolicy } from './model-repository.js';
import { appendModelValues, newModelPlaceholders, newModelRow } from './model-row.js';

/** What became of a checked input: a new model, or the one that is there already. */
export interface Inserted {
  readonly id: ModelId;
  readonly created: boolean;
}

/** Inserts a checked input in the current transaction. */
export type InsertModel = (operation: string, input: ModelInput, policy: DuplicatePolicy) => Promise<Inserted>;

/** Returns `create`: one new model, after the check for duplicates, in one transaction. */
export function createModelInsert(context: Context): InsertModel {
  const { db } = context;
  const idOfHash = statement(
    'models.create',
    db
      .select({ id: models.id })
      .from(models)
      .where(eq(models.fileHash, sql.placeholder('fileHash')))
      .orderBy(asc(models.seq))
      .limit(1)
      .prepare(),
  );
  const idOfPath = statement(
    'models.create',
    db
      .select({ id: models.id })
      .from(models)
      .where(eq(models.filePath, sql.placeholder('filePath')))
      .prepare(),
  );
  const insert = direct('models.create', context.client, db.insert(models).values(newModelPlaceholders(0)));

  return async (operation, input, policy) => {
    // The path goes first: a file that is there already has its own content.
    if (policy.onDuplicatePath === 'skip') {
      const same = await idOfPath.get({ filePath: input.filePath });
      if (same !== undefined) return { id: same.id, created: false };
    }
    if (policy.onDuplicateHash !== 'allow') {
      const [same] = await idOfHash.cells({ fileHash: input.fileHash });
      if (same !== undefined) {
        const id = parseModelId(same[0]);
        if (policy.onDuplicateHash === 'skip') return { id, created: false };
        // Both may be in the way, and then the path says more.
        const byPath = await idOfPath.get({ filePath: input.filePath });
        throw byPath === undefined
          ? duplicateModel('fileHash', operation, `It is model ${id}. `)
          : duplicateModel('filePath', operation, `It is model ${byPath.id}. `);
      }
    }
    const id = input.id ?? parseModelId(context.newId());
    const values: BoundCell[] = [];
    appendModelValues(values, newModelRow(input, id, context.now()));
    try {
      await insert.run(values);
    } catch (error) {
      throw namedConflict(error, operation);
    }
    context.cachedModels.written([id]);
    context.cachedPages.written();
    return { id, created: true };
  };
}
