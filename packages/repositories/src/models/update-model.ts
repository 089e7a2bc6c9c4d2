// Changing one model: fields that are given, the search text that follows from them, the version, and upsert by path.
import { types } from 'node:util';
import { type Model, type ModelId, models } from '@cc/schema';
import { type ModelInput, type ModelPatch, parseModelId } from '@cc/schema/validation';
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { wholeNumber } from '../checks.js';
import { type Context, write, writeOnce } from '../context.js';
import type { DuplicatePolicy, UpsertResult } from '../contract/models.js';
import { ignoredRows } from '../rows/ignored-rows.js';
import type { ModelLookup } from '../rows/model-lookup.js';
import { byShape, type Statement, type Values } from '../statement.js';
import { extraSearchText } from '../text/extra-text.js';
import { nameKey } from '../text/name-key.js';
import { namedConflict } from './duplicate-model.js';
import type { InsertModel } from './new-model.js';

/** Changes of one model; inputs are checked already. */
export interface ModelUpdates {
  readonly update: (id: ModelId, patch: ModelPatch, ifVersion: number | undefined) => Promise<boolean>;
  readonly upsertByPath: (input: ModelInput, policy: DuplicatePolicy) => Promise<UpsertResult>;
}

const operation = 'models.update';

/** The fields that the search text follows from. */
const searched = ['name', 'fileName', 'filePath', 'description'] as const;

/** Returns `update` and `upsertByPath`. */
export function createModelUpdates(context: Context, lookup: ModelLookup, insert: InsertModel): ModelUpdates {
  const { db } = context;
  const updates = byShape<Statement<unknown, unknown, { rowsAffected: number }>>();
  const searchTexts = db
    .select({
      name: models.name,
      fileName: models.fileName,
      filePath: models.filePath,
      description: models.description,
    })
    .from(models)
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();
  const versionOf = db
    .select({ version: models.version })
    .from(models)
    .where(eq(models.id, sql.placeholder('id')))
    .prepare();

  const prepareUpdate = (fields: readonly string[], checked: boolean) => {
    const set: Record<string, SQL> = { version: sql`${models.version} + 1` };
    for (const field of fields) {
      const given = sql.placeholder(field);
      // The clock may have gone back.
      set[field] = field === 'updatedAt' ? sql`max(${models.createdAt}, ${models.updatedAt}, ${given})` : sql`${given}`;
    }
    const sameVersion = checked ? eq(models.version, sql.placeholder('ifVersion')) : undefined;
    return db
      .update(models)
      .set(set)
      .where(and(eq(models.id, sql.placeholder('id')), sameVersion))
      .prepare();
  };

  /** False = no row with this id and version. One statement, unless what is searched changes. */
  const writePatch = async (id: ModelId, patch: ModelPatch, ifVersion?: number): Promise<boolean> => {
    const changes: Record<string, unknown> = { ...patch, updatedAt: context.now() };
    if (patch.name !== undefined) changes['nameKey'] = nameKey(patch.name);
    if (patch.parseStatus !== undefined && patch.parseStatus !== 'unparsed') changes['parseError'] = null;
    if (isSearched(patch)) {
      const texts = await searchTexts.get({ id });
      if (texts === undefined) return false;
      const { name = texts.name, fileName = texts.fileName, filePath = texts.filePath } = patch;
      const description = patch.description === undefined ? texts.description : patch.description;
      changes['searchExtra'] = extraSearchText({ name, fileName, filePath, description });
    }
    const values: Values = {};
    for (const [field, value] of Object.entries(changes)) {
      if (value !== undefined) values[field] = value === null ? null : toDriver(field, value);
    }
    const fields = Object.keys(values).sort();
    const query = updates(`${ifVersion !== undefined} ${fields.join()}`, () =>
      prepareUpdate(fields, ifVersion !== undefined),
    );
    try {
      const { rowsAffected } = await query.run({ ...values, id, ifVersion });
      return rowsAffected > 0;
    } catch (error) {
      throw reasonConflict(error, patch) ?? namedConflict(error, operation);
    }
  };
  /** The same in the current transaction, which tells of it. */
  const writeTold = async (id: ModelId, patch: ModelPatch, ifVersion?: number): Promise<boolean> => {
    const isWritten = await writePatch(id, patch, ifVersion);
    if (isWritten) context.kept.written({ models: [id] });
    return isWritten;
  };

  return {
    async update(id, patch, ifVersion) {
      parseModelId(id);
      if (ifVersion !== undefined) wholeNumber('ifVersion', ifVersion, 1, Number.MAX_SAFE_INTEGER);
      const empty = Object.values(patch).every((value) => value === undefined);
      const once = () => writePatch(id, patch, ifVersion);
      if (!empty && !isSearched(patch) && (await writeOnce(context, { models: [id] }, once))) return true;
      // Why nothing has changed is asked in one transaction with another try: somebody may just have added the model.
      return write(context, async () => {
        if (!empty && (await writeTold(id, patch, ifVersion))) return true;
        const row = await versionOf.get({ id });
        const isConflict = row !== undefined && ifVersion !== undefined && row.version !== ifVersion;
        // The caller may have its version from the cache: what it reads next is what is there.
        if (row === undefined || isConflict) context.kept.outdated(id);
        if (isConflict) throw versionConflict();
        if (row !== undefined && !empty) throw ignoredRows(operation);
        return row !== undefined;
      });
    },
    upsertByPath: (input, { onDuplicateHash }) =>
      write(context, async () => {
        const current = await lookup.readByPath(input.filePath);
        if (current === null) {
          const { id, created } = await insert('models.upsertByPath', input, { onDuplicateHash });
          return { id, outcome: created ? 'created' : 'skipped' };
        }
        const patch = changedFields(current, input);
        if (Object.keys(patch).length === 0) return { id: current.id, outcome: 'unchanged' };
        if (!(await writeTold(current.id, patch))) throw ignoredRows('models.upsertByPath');
        return { id: current.id, outcome: 'updated' };
      }),
  };
}

function isSearched(patch: ModelPatch): boolean {
  return searched.some((field) => patch[field] !== undefined);
}

const columns = getTableColumns(models);

function toDriver(field: string, value: unknown): unknown {
  for (const [name, column] of Object.entries(columns)) if (name === field) return column.mapToDriverValue(value);
  return value;
}

/** The given fields of `input` that differ from the model. */
function changedFields(model: Model, { id: _id, createdAt: _createdAt, ...given }: ModelInput): ModelPatch {
  const current: Readonly<Record<string, unknown>> = model;
  const changed = Object.entries(given).filter(
    ([field, value]) => value !== undefined && !isSame(current[field], value),
  );
  return Object.fromEntries(changed);
}

function isSame(a: unknown, b: unknown): boolean {
  if (types.isDate(a) && types.isDate(b)) return a.getTime() === b.getTime();
  return a === b;
}

function versionConflict(): DatabaseError {
  return new DatabaseError('The model was changed by someone else', {
    type: 'constraint',
    code: 'VERSION_CONFLICT',
    operation,
    hint: 'Read it again, apply the change to the new version and try once more',
  });
}

/** Only the row tells whether it is unparsed, so it is its check that refuses a reason alone; null for any other error. */
function reasonConflict(error: unknown, { parseError }: ModelPatch): DatabaseError | null {
  if (!isDatabaseError(error) || error.constraint?.name !== 'models_parse_check') return null;
  const [reason, hint] =
    parseError === null
      ? [
          'An unparsed model has to say why in parseError',
          `Give another reason, or parseStatus 'parsed' or 'pending', which takes the reason away`,
        ]
      : [
          'Only an unparsed model has a parseError, and this one is not unparsed',
          `Give parseStatus: 'unparsed' together with it`,
        ];
  const { constraint } = error;
  return new DatabaseError(reason, {
    type: 'constraint',
    code: 'PARSE_ERROR_CONFLICT',
    operation,
    hint,
    ...(constraint && { constraint }),
    cause: error,
  });
}
