// Views and triggers that no longer work because what they name is gone: SQLite notices only when they are used. Asked on
// scratch databases before and after a migration.
import { isDatabaseError } from '@cc/tx/errors';
import { saidBy } from '../errors.js';
import type { Schema, Table } from '../schema/schema.js';
import { foldName, quoteName } from '../sql/words.js';
import type { ScratchDatabase } from './scratch-database.js';

/** A view or a trigger that fails when it is used. */
export interface BrokenObject {
  readonly kind: 'view' | 'trigger';
  readonly name: string;
  /** The first of SQLite's words about it. */
  readonly reason: string;
}

/** Returns the views and triggers of `schema` that do not work. Drops broken triggers from `scratch`, one after another. */
export async function brokenObjects(scratch: ScratchDatabase, schema: Schema): Promise<readonly BrokenObject[]> {
  const broken: BrokenObject[] = [...(await brokenViews(scratch, schema))];
  for (const table of schema.tables.values()) broken.push(...(await brokenTriggers(scratch, schema, table)));
  return broken;
}

/** Returns the views of `schema` that do not work. */
export async function brokenViews(scratch: ScratchDatabase, schema: Schema): Promise<readonly BrokenObject[]> {
  const broken: BrokenObject[] = [];
  const texts = [...schema.views.values()].map(({ sql }) => sql).join(' ');
  for (const { name } of schema.views.values()) {
    const reason = await failureOf(scratch, `SELECT * FROM ${quoteName(name)} LIMIT 0`, texts);
    if (reason !== null) broken.push({ kind: 'view', name, reason });
  }
  return broken;
}

async function brokenTriggers(
  scratch: ScratchDatabase,
  schema: Schema,
  table: Table,
): Promise<readonly BrokenObject[]> {
  const triggers = [...schema.triggers.values()].filter((each) => foldName(each.table) === foldName(table.name));
  const broken: BrokenObject[] = [];
  if (triggers.length === 0) return broken;
  const texts = triggers.map(({ sql }) => sql).join(' ');
  let reason = await failureOfWrites(scratch, table, texts);
  for (const { name } of triggers) {
    if (reason === null) return broken;
    await scratch.run([`DROP TRIGGER ${quoteName(name)}`]);
    const without = await failureOfWrites(scratch, table, texts);
    // Another reason, or none: this one was to blame for the first.
    if (without !== reason) broken.push({ kind: 'trigger', name, reason });
    reason = without;
  }
  return broken;
}

/** Statements that change nothing, but compile every trigger of `table`. */
async function failureOfWrites(
  scratch: ScratchDatabase,
  { name, columns }: Table,
  texts: string,
): Promise<string | null> {
  const stored = columns.filter(({ generated }) => generated === 'no').map((column) => quoteName(column.name));
  const table = quoteName(name);
  const writes = [
    `DELETE FROM ${table} WHERE 0`,
    `INSERT INTO ${table} (${stored.join(', ')}) SELECT ${stored.join(', ')} FROM ${table} WHERE 0`,
    ...stored.map((column) => `UPDATE ${table} SET ${column} = ${column} WHERE 0`),
  ];
  for (const sql of writes) {
    const reason = await failureOf(scratch, sql, texts);
    if (reason !== null) return reason;
  }
  return null;
}

/** Why `sql` fails; names that stand in `context`, what it uses, are told, too. */
async function failureOf(
  { connection }: Pick<ScratchDatabase, 'connection'>,
  sql: string,
  context?: string,
): Promise<string | null> {
  try {
    await connection.execute(sql);
    return null;
  } catch (error) {
    if (!isDatabaseError(error)) throw error;
    if (context === undefined) return saidBy(error);
    // Errors of @cc/tx repeat no word that is not in the statement: it might be a value.
    return await failureOf({ connection }, `${sql} /* ${context.replaceAll('*/', '')} */`);
  }
}
