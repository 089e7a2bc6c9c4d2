// Views and triggers that no longer work because what they name is gone: SQLite notices only when they are used. Asked on
// scratch databases before and after a migration.
import { isDatabaseError } from '@cc/tx/errors';
import type { Readable } from '../contract/connection.js';
import { saidBy } from '../errors.js';
import { readTrials, type Trial } from '../schema/trials.js';
import { foldName, quoteName, wordsOf } from '../sql/words.js';
import type { ScratchDatabase } from './scratch-database.js';

/** A view or a trigger that fails when it is used. */
export interface BrokenObject {
  readonly kind: 'view' | 'trigger';
  readonly name: string;
  /** The first of SQLite's words about it. */
  readonly reason: string;
}

/** Whether it fails for want of what an application or a server brings along: where that is, it works. */
export function isForOthers({ reason }: BrokenObject): boolean {
  return /no such (?:function|module|collation)/.test(reason);
}

/**
 * Returns the views and triggers of `scratch` that do not work. Not those that only fire or read another one that does not.
 */
export async function brokenObjects(scratch: ScratchDatabase): Promise<readonly BrokenObject[]> {
  const { connection } = scratch;
  const texts = await textsIn(connection);
  const failing = await failingTrials(scratch);
  const isOfBrokenView = ({ table }: Trial): boolean =>
    failing.some(({ kind, name }) => kind === 'view' && foldName(name) === foldName(table));
  const broken: BrokenObject[] = [];
  for (const trial of failing) {
    const { kind, name, sql } = trial;
    if (kind === 'trigger' && isOfBrokenView(trial)) continue;
    const others = failing.filter((other) => other !== trial && other.kind === 'trigger');
    if (kind === 'trigger') await scratch.run(others.flatMap(emptied));
    const reason = await failureOf(connection, sql, texts);
    if (kind === 'trigger') await scratch.run(others.flatMap(restored));
    if (reason !== null) broken.push({ kind, name, reason });
  }
  return broken;
}

/** The trials of `scratch` that fail, also where only what they fire or read does not work. */
export async function failingTrials({ connection }: ScratchDatabase): Promise<readonly Trial[]> {
  const failing: Trial[] = [];
  for (const trial of await readTrials(connection))
    if ((await failureOf(connection, trial.sql)) !== null) failing.push(trial);
  return failing;
}

/** The texts of all views and triggers: the words that an error may repeat. */
async function textsIn(connection: Readable): Promise<string> {
  const { rows } = await connection.execute(`SELECT sql FROM sqlite_schema WHERE type IN ('view', 'trigger')`);
  return rows.map(({ sql }) => String(sql)).join(' ');
}

/** Takes a trigger away; one of a view stays as one that does nothing, because the view is written through it. */
function emptied({ name, text }: Trial): readonly string[] {
  const words = wordsOf(text);
  const on = words.findIndex(({ keyword }) => keyword === 'ON');
  const isInstead = words.slice(0, on).some(({ keyword }) => keyword === 'INSTEAD');
  const drop = `DROP TRIGGER ${quoteName(name)}`;
  if (!isInstead) return [drop];
  const end = words[words[on + 2]?.name === '.' ? on + 3 : on + 1]?.end;
  return [drop, `${text.slice(0, end)} BEGIN SELECT 1; END`];
}

function restored({ name, text }: Trial): readonly string[] {
  return [`DROP TRIGGER IF EXISTS ${quoteName(name)}`, text];
}

/** Why `sql` fails; names that stand in `context`, what it uses, are told, too. */
async function failureOf(connection: Readable, sql: string, context?: string): Promise<string | null> {
  try {
    await connection.execute(sql);
    return null;
  } catch (error) {
    if (!isDatabaseError(error)) throw error;
    if (context === undefined) return saidBy(error);
    // Errors of @cc/tx repeat no word that is not in the statement: it might be a value.
    return await failureOf(connection, `${sql} /* ${context.replaceAll('*/', '')} */`);
  }
}
