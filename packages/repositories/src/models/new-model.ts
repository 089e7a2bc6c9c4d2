// Adding one model: one statement that looks for the same content and inserts, and what to do when nothing was inserted.
import { type ModelId, models } from '@cc/schema';
import type { ModelInput } from '@cc/schema/validation';
import { isDatabaseError } from '@cc/tx/errors';
import { asc, eq, sql } from 'drizzle-orm';
import { type Context, writeOnce } from '../context.js';
import type { DuplicatePolicy } from '../contract/models.js';
import { ignoredRows } from '../rows/ignored-rows.js';
import { appendModelValues, newModelPlaceholders, newModelRow, newModelValueCount } from '../rows/model-row.js';
import { type BoundCell, direct, placeholderAt } from '../statement.js';
import { duplicateModel, namedConflict } from './duplicate-model.js';

/** What became of a checked input: a new model, or the one that is there already. */
export interface Inserted {
  readonly id: ModelId;
  readonly created: boolean;
}

/** Inserts a checked input, in the transaction of the calling context if there is one. */
export type InsertModel = (operation: string, input: ModelInput, policy: DuplicatePolicy) => Promise<Inserted>;

/** Returns the insert of one new model. */
export function createModelInsert(context: Context): InsertModel {
  const { db, client } = context;
  const idOf = (column: typeof models.fileHash | typeof models.filePath) =>
    db
      .select({ id: models.id })
      .from(models)
      .where(eq(column, sql.placeholder('value')))
      .orderBy(asc(models.seq))
      .limit(1)
      .prepare();
  const idOfHash = idOf(models.fileHash);
  const idOfPath = idOf(models.filePath);
  const insert = direct(client, db.insert(models).values(newModelPlaceholders(0)));
  const cells = sql.join(Object.values(newModelPlaceholders(0)), sql`, `);
  const insertUnlessThere = direct(
    client,
    db.insert(models).select(
      sql`select null, ${cells} where not exists
        (select 1 from ${models} where ${models.fileHash} = ${placeholderAt(newModelValueCount)})`,
    ),
  );

  /** Inserts; false when the content is there already. */
  const tryInsert = async (input: ModelInput, id: ModelId, allowed: boolean): Promise<boolean> => {
    const values: BoundCell[] = [];
    appendModelValues(values, newModelRow(input, id, context.now()));
    if (!allowed) values.push(input.fileHash);
    const { rowsAffected } = await (allowed ? insert : insertUnlessThere).run(values);
    return rowsAffected > 0;
  };

  return async (operation, input, { onDuplicateHash, onDuplicatePath }) => {
    const id = input.id ?? context.newId();
    const insertOnce = () => tryInsert(input, id, onDuplicateHash === 'allow');
    for (let tries = 1; ; tries += 1) {
      try {
        if (await writeOnce(context, { models: [id] }, insertOnce)) return { id, created: true };
      } catch (thrown) {
        const error = namedConflict(thrown, operation);
        if (onDuplicatePath !== 'skip' || !isDatabaseError(error) || error.code !== 'DUPLICATE_FILE_PATH') throw error;
      }
      // The path goes first: who has the same path has its own content, so the path says more.
      const samePath = await idOfPath.get({ value: input.filePath });
      if (samePath !== undefined) {
        if (onDuplicatePath === 'skip') return { id: samePath.id, created: false };
        throw duplicateModel('filePath', operation, `It is model ${samePath.id}. `);
      }
      const sameHash = await idOfHash.get({ value: input.fileHash });
      if (sameHash !== undefined && onDuplicateHash !== 'allow') {
        if (onDuplicateHash === 'skip') return { id: sameHash.id, created: false };
        throw duplicateModel('fileHash', operation, `It is model ${sameHash.id}. `);
      }
      // What was in the way has gone meanwhile: again.
      if (tries === mostTries) throw ignoredRows(operation);
    }
  };
}

/** As often as that nobody takes away what was in the way just before it is looked for. */
const mostTries = 100;
