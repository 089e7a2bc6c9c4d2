// Views and triggers that a migration makes or leaves broken: SQLite tells only when they are used, so each is compiled inside
// the transaction, before COMMIT (schema/trials.ts). run-steps.ts asks what a failure of that means.
import { type DatabaseError, isDatabaseError } from '@cc/tx/errors';
import type { Connection } from '../contract/connection.js';
import { migrationError, saidBy } from '../errors.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { sketchSchema, sketchStatements } from '../loss/sketch.js';
import { objectKey } from '../schema/schema.js';
import { madeBy, readTrials, type Trial } from '../schema/trials.js';
import { type BrokenObject, brokenObjects, failingTrials, isForOthers } from '../scratch/broken-objects.js';
import { openReplayed } from '../scratch/past.js';
import { openScratch } from '../scratch/scratch-database.js';
import { lineAt, type Statement, splitStatements } from '../sql/statements.js';
import { operationOf, whatStays } from './failure.js';
import type { Step } from './step.js';

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
  const { broken, failing, present } = await sketchedBehind(connection, statements);
  // Somebody else has taken it away since the call was planned.
  for (const key of failed.map(objectKey)) if (!present.includes(key)) keys.add(key);
  if (step.direction === 'down') for (const key of await failingBefore(step, files)) keys.add(key);
  else if (later.length > 0) {
    const { failing: late } = await sketchedBehind(connection, [...statements, ...later.flat()]);
    for (const key of failing) if (!late.includes(key)) keys.add(key);
  }
  const tried = new Set(failed.map(objectKey));
  // That counts only where it is not there either.
  if (broken.some((each) => !keys.has(objectKey(each)) && (!isForOthers(each) || tried.has(objectKey(each)))))
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
      failing.push(objectKey(trial));
    }
  }
  return failing;
}

/** What does not work behind `statements`, and all that fails because of it. */
async function sketchedBehind(
  connection: Connection,
  statements: readonly Statement[],
): Promise<{
  readonly broken: readonly BrokenObject[];
  readonly failing: readonly string[];
  readonly present: readonly string[];
}> {
  await using scratch = await openScratch();
  await sketchSchema(connection, scratch);
  await sketchStatements(scratch, statements);
  const present = (await readTrials(scratch.connection)).map(objectKey);
  return { broken: await brokenObjects(scratch), failing: (await failingTrials(scratch)).map(objectKey), present };
}

/** What does not work before a migration, by the folder; nothing when that does not say. */
async function failingBefore(step: Step, files: readonly FolderMigration[]): Promise<readonly string[]> {
  try {
    await using scratch = await openReplayed(files.filter(({ createdAt }) => createdAt < step.createdAt));
    return (await failingTrials(scratch)).map(objectKey);
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
  const tried = new Set(failed.map(objectKey));
  const behind = await sketchedBehind(connection, statements);
  const found = behind.broken.filter((each) => !exempt.has(objectKey(each)));
  // The database may know of something that the sketch does not.
  const isKnown = behind.failing.some((key) => tried.has(key)) && found.length > 0;
  const broken = isKnown ? found : failed.map((each) => ({ ...each, reason: saidBy(failure) }));
  const said = broken.map(
    (each) => `the ${each.kind} ${each.name} does not work: ${each.reason}${placeOf(step, each)}`,
  );
  const names = broken.map(({ name }) => name).join(', ');
  return migrationError('broken_object', `Behind ${version} (${direction}) ${said.join('; ')}`, {
    operation: operationOf(step),
    hint: `${whatStays(0)} Mend ${names}, or drop and make anew what the migration breaks, in ${source}; where that must stay as it is, do so in the next migration, which then runs in the same call; then: cc-migrate ${direction}`,
    cause: failure,
  });
}

/** Where a migration makes an object. */
function placeOf({ sql, source }: Step, object: Pick<Trial, 'kind' | 'name'>): string {
  const made = splitStatements(sql ?? '', source).findLast(({ words }) => madeBy(words) === objectKey(object));
  return made ? ` (${source}, line ${lineAt(sql ?? '', made.words[0]?.start ?? 0)})` : '';
}
