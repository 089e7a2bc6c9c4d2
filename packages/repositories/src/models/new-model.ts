// Adding one model: the duplicate check and the insert, and what a broken rule is called.
import { type ModelId, models } from '@cc/schema';
import { type ModelInput, parseModelId } from '@cc/schema/validation';
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import { asc, eq, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import { positional, statement } from '../statement.js';
import type { DuplicatePolicy } from './model-repository.js';
import { newModelPlaceholders, newModelRow, newModelValues } from './model-row.js';

/** Inserts a checked input in the current transaction and returns the new id. */
export type InsertModel = (operation: string, input: ModelInput, policy: DuplicatePolicy) => Promise<ModelId>;

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
  const insert = statement('models.create', db.insert(models).values(newModelPlaceholders(0)).prepare());

  return async (operation, input, policy) => {
    if (policy.onDuplicateHash !== 'allow') {
      const other = await idOfHash.get({ fileHash: input.fileHash });
      if (other !== undefined) throw duplicateModel('fileHash', operation, `It is model ${other.id}. `);
    }
    const id = input.id ?? parseModelId(context.newId());
    try {
      await insert.run(positional(newModelValues(newModelRow(input, id, context.now()))));
    } catch (error) {
      throw namedConflict(error, operation);
    }
    context.cachedModels.written([id]);
    context.cachedPages.written();
    return id;
  };
}

/** Checks the policy's one option. @throws TypeError */
export function checkDuplicatePolicy(policy: DuplicatePolicy): void {
  const { onDuplicateHash } = policy;
  if (onDuplicateHash === undefined || onDuplicateHash === 'reject' || onDuplicateHash === 'allow') return;
  throw new TypeError(`onDuplicateHash must be 'reject' or 'allow'`);
}

type Conflict = 'id' | 'filePath' | 'fileHash';

const conflicts: Readonly<Record<Conflict, { readonly code: string; readonly reason: string; readonly hint: string }>> =
  {
    id: {
      code: 'DUPLICATE_ID',
      reason: 'A model with this id exists already',
      hint: 'Leave the id out to get a new one',
    },
    filePath: {
      code: 'DUPLICATE_FILE_PATH',
      reason: 'A model with this file path exists already',
      hint: 'Find it with readByPath, or use upsertByPath',
    },
    fileHash: {
      code: 'DUPLICATE_FILE_HASH',
      reason: 'A model with the same file content exists already',
      hint: "Pass onDuplicateHash: 'allow' to keep both",
    },
  };

/** The error of a model that is in the library already. `which` says in a sentence which one, before the hint. */
export function duplicateModel(
  conflict: Conflict,
  operation: string,
  which = '',
  cause?: DatabaseError,
): DatabaseError {
  const { code, reason, hint } = conflicts[conflict];
  const constraint = cause?.constraint;
  return new DatabaseError(reason, {
    type: 'constraint',
    code,
    operation,
    hint: `${which}${hint}`,
    ...(constraint && { constraint }),
    cause,
  });
}

/** Returns the error of a broken unique index on models by its own name; any other error as it is. */
export function namedConflict(error: unknown, operation: string): unknown {
  if (!isDatabaseError(error) || error.constraint?.kind !== 'unique') return error;
  const [column] = error.constraint.columns;
  if (column === 'id') return duplicateModel('id', operation, '', error);
  if (column === 'file_path') return duplicateModel('filePath', operation, '', error);
  return error;
}
