// Views and triggers that a migration makes or leaves broken: SQLite tells only when they are used, so each is compiled inside
// the transaction, before COMMIT. plan.ts asks what to compile, run-steps.ts what a failure of it means.
import { type DatabaseError, isDatabaseError } from '@cc/tx/errors';
import type { Connection, Readable } from '../contract/connection.js';
import { migrationError, saidBy } from '../errors.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { sketchSchema } from '../loss/sketch.js';
import { readTrials, type Trial } from '../schema/trials.js';
import { type BrokenObject, brokenObjects, failingTrials } from '../scratch/broken-objects.js';
import { openReplayed } from '../scratch/past.js';
import { openScratch, type ScratchDatabase } from '../scratch/scratch-database.js';
import { lineAt, type Statement, splitStatements } from '../sql/statements.js';
import { foldName, type Word } from '../sql/words.js';
import { operationOf, whatStays } from './failure.js';
import type { Step } from './plan.js';

/** The trials of what `statements` leave behind; none where they can break nothing. The database is as it is before them. */
export async function trialsFor(connection: Connection, statements: readonly Statement[]): Promise<readonly Trial[]> {
  if (!statements.some(({ words }) => mayBreak(words))) return [];
  if (!statements.some(({ words }) => madeBy(words) !== null) && !(await hasAny(connection))) return [];
  await using scratch = await openScratch();
  await sketchSchema(connection, scratch);
  const isWhole = await sketched(scratch, statements);
  const trials = await readTrials(scratch.connection);
  if (isWhole) return trials;
  // What does not run here (a module that only the database has) may have left other names there: only what is made is sure.
  const made = new Set(statements.flatMap(({ words }) => madeBy(words) ?? []));
  return trials.filter((trial) => made.has(keyOf(trial)));
}

/** Whether a statement can make an object that does not work, or break one: what only adds tables, indexes or rows cannot. */
function mayBreak(words: readonly Word[]): boolean {
  const verb = words[0]?.keyword;
  return verb === 'DROP' || verb === 'ALTER' || madeBy(words) !== null;
}

/** The view or trigger that a statement makes in the database; null for none. */
function madeBy(words: readonly Word[]): string | null {
  const kind = words[1]?.keyword;
  if (words[0]?.keyword !== 'CREATE' || (kind !== 'VIEW' && kind !== 'TRIGGER')) return null;
  const at = words[2]?.keyword === 'IF' ? 5 : 2;
  const name = words[words[at + 1]?.name === '.' ? at + 2 : at]?.name ?? '';
  return keyOf({ kind: kind === 'VIEW' ? 'view' : 'trigger', name });
}

async function hasAny(connection: Readable): Promise<boolean> {
  const { rows } = await connection.execute(`SELECT 1 FROM sqlite_schema WHERE type IN ('view', 'trigger') LIMIT 1`);
  return rows.length > 0;
}

/** Runs the schema statements; false when one of them does not run. */
async function sketched(scratch: ScratchDatabase, statements: readonly Statement[]): Promise<boolean> {
  let isWhole = true;
  for (const { sql, words } of statements) {
    if (!['CREATE', 'ALTER', 'DROP'].includes(words[0]?.keyword ?? '')) continue;
    await scratch.run([sql]).catch(() => {
      isWhole = false;
    });
  }
  return isWhole;
}

/** An object as sets of them have it. */
export function keyOf({ kind, name }: Pick<Trial, 'kind' | 'name'>): string {
  return `${kind} ${foldName(name)}`;
}

/** The trials that `failure` may be the failure of. */
export function failedIn(failure: DatabaseError, trials: readonly Trial[]): readonly Trial[] {
  return trials.filter(({ sql }) => sql === failure.operation);
}

/** What is asked about a trial that failed. The database is as it is before the migration. */
export interface Broken {
  readonly connection: Connection;
  readonly step: Step;
  /** Its statements, and those of the migrations behind it in the same call. */
  readonly statements: readonly Statement[];
  readonly later: readonly (readonly Statement[])[];
  /** The migrations of the folder. */
  readonly files: readonly FolderMigration[];
}

/**
 * Returns the objects that need not work behind the migration: they did not before it, a later migration of the call mends them, or
 * it is a way back to where they did not either. `isAll`: nothing else fails. `failed`: what failed.
 */
export async function mayStayBroken(
  { connection, step, statements, later, files }: Broken,
  failed: readonly Trial[],
): Promise<{ readonly keys: ReadonlySet<string>; readonly isAll: boolean }> {
  const keys = new Set<string>(await failingNow(connection));
  const { broken, failing } = await sketchedBehind(connection, statements);
  if (step.direction === 'down') for (const key of await failingBefore(step, files)) keys.add(key);
  else if (later.length > 0) {
    const { failing: late } = await sketchedBehind(connection, [...statements, ...later.flat()]);
    for (const key of failing) if (!late.includes(key)) keys.add(key);
  }
  const tried = new Set(failed.map(keyOf));
  // What an application or a server brings along is not here: that counts only where it is not there either.
  const counts = ({ reason }: BrokenObject): boolean => !/no such (?:function|module)/.test(reason);
  if (broken.some((each) => !keys.has(keyOf(each)) && (counts(each) || tried.has(keyOf(each)))))
    return { keys, isAll: false };
  // What is left fails only because of those.
  for (const key of failing) keys.add(key);
  return { keys, isAll: [...tried].every((key) => keys.has(key)) };
}

async function failingNow(connection: Connection): Promise<readonly string[]> {
  const failing: string[] = [];
  for (const trial of await readTrials(connection)) {
    try {
      await connection.execute(trial.sql);
    } catch (error) {
      if (!isDatabaseError(error) || error.type !== 'syntax') throw error;
      failing.push(keyOf(trial));
    }
  }
  return failing;
}

/** What does not work behind `statements`, and all that fails because of it. */
async function sketchedBehind(
  connection: Connection,
  statements: readonly Statement[],
): Promise<{ readonly broken: readonly BrokenObject[]; readonly failing: readonly string[] }> {
  await using scratch = await openScratch();
  await sketchSchema(connection, scratch);
  await sketched(scratch, statements);
  return { broken: await brokenObjects(scratch), failing: (await failingTrials(scratch)).map(keyOf) };
}

/** What does not work before a migration, by the folder; nothing when that does not say. */
async function failingBefore(step: Step, files: readonly FolderMigration[]): Promise<readonly string[]> {
  try {
    await using scratch = await openReplayed(files.filter(({ createdAt }) => createdAt < step.createdAt));
    return (await failingTrials(scratch)).map(keyOf);
  } catch (error) {
    if (isDatabaseError(error)) return [];
    throw error;
  }
}

/** The error of a migration behind which objects do not work. `exempt`: those that need not. */
export async function brokenError(
  { connection, step, statements }: Pick<Broken, 'connection' | 'step' | 'statements'>,
  failure: DatabaseError,
  { failed, exempt }: { readonly failed: readonly Trial[]; readonly exempt: ReadonlySet<string> },
): Promise<DatabaseError> {
  const { version, direction, source } = step;
  const tried = new Set(failed.map(keyOf));
  const behind = await sketchedBehind(connection, statements);
  const found = behind.broken.filter((each) => !exempt.has(keyOf(each)));
  // The database may know of something that the sketch does not.
  const isKnown = behind.failing.some((key) => tried.has(key)) && found.length > 0;
  const broken = isKnown ? found : failed.map((each) => ({ ...each, reason: saidBy(failure) }));
  const said = broken.map((each) => `the ${each.kind} ${each.name} does not work: ${each.reason}${placeOf(step, each)}`);
  const names = broken.map(({ name }) => name).join(', ');
  return migrationError('broken_object', `Behind ${version} (${direction}) ${said.join('; ')}`, {
    operation: operationOf(step),
    hint: `${whatStays(0)} Mend ${names}, or drop and make anew what the migration breaks, in ${source}; where that must stay as it is, do so in the next migration, which then runs in the same call; then: cc-migrate ${direction}`,
    cause: failure,
  });
}

/** Where a migration makes an object. */
function placeOf({ sql, source }: Step, object: Pick<Trial, 'kind' | 'name'>): string {
  const made = splitStatements(sql ?? '', source).findLast(({ words }) => madeBy(words) === keyOf(object));
  return made ? ` (${source}, line ${lineAt(sql ?? '', made.words[0]?.start ?? 0)})` : '';
}
