// What the files of a folder do on an empty database: each runs, its down leads back to the schema from before, and then it
// runs again. Rows are the business of verify.

import type { CheckProblem, SchemaDifference } from '../contract/care.js';
import { sinceBase, sourceOf } from '../folder/base-file.js';
import { parseDownHeader } from '../folder/down-file.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { compareSchemas } from '../schema/compare-schemas.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { type BrokenObject, brokenObjects, isForOthers } from '../scratch/broken-objects.js';
import { tryFile } from '../scratch/run-file.js';
import { openScratch, type ScratchDatabase } from '../scratch/scratch-database.js';

/** Runs `files` forwards and backwards, from the newest base file on. Ends at the first that does not run forwards. */
export async function replayProblems(all: readonly FolderMigration[]): Promise<readonly CheckProblem[]> {
  const files = sinceBase(all);
  const problems: CheckProblem[] = [];
  for (let from = 0; from < files.length; ) {
    await using scratch = await openScratch();
    const tried = await replayFrom(scratch, files, from);
    problems.push(...tried.problems);
    from = tried.next;
  }
  return problems;
}

/** Tries the files from index `from` on, until one leaves the database in a state that the next cannot start from. */
async function replayFrom(
  scratch: ScratchDatabase,
  files: readonly FolderMigration[],
  from: number,
): Promise<{ readonly problems: readonly CheckProblem[]; readonly next: number }> {
  const problems: CheckProblem[] = [];
  for (const [index, file] of files.entries()) {
    const before = await readSchema(scratch.connection);
    const failure = await tryFile(scratch, file.upSql, sourceOf(file));
    if (failure !== null) {
      const { fault, reason, hint } = failure;
      problems.push({ kind: fault, version: file.version, message: reason, hint });
      return { problems, next: files.length };
    }
    // What a base file stands for was never one step.
    if (index < from || typeof file.baseSql === 'string') continue;
    const found = await checkDown(scratch, file, before);
    problems.push(...found.problems);
    if (!found.isWhole) return { problems, next: index + 1 };
  }
  problems.push(...(await brokenProblems(scratch, files)));
  return { problems, next: files.length };
}

/** What SQLite tells only when it is used. Of the newest schema: a later migration may have mended it. */
async function brokenProblems(
  scratch: ScratchDatabase,
  files: readonly FolderMigration[],
): Promise<readonly CheckProblem[]> {
  const version = files.at(-1)?.version;
  if (version === undefined) return [];
  const broken = await brokenObjects(scratch);
  return broken.map((each) => ({
    kind: 'broken_object',
    version,
    message: `After ${version} the ${each.kind} ${each.name} does not work: ${each.reason}`,
    hint: adviceOn(each),
  }));
}

function adviceOn(broken: BrokenObject): string {
  const anew = `the migration, or drop the ${broken.kind} and make it anew in the next one: SQLite tells only when it is used`;
  if (!isForOthers(broken)) return `Mend ${anew}`;
  return `Leave it if the program that uses it brings that along. Else mend ${anew}`;
}

interface DownFindings {
  readonly problems: readonly CheckProblem[];
  /** The database is as the migration leaves it. */
  readonly isWhole: boolean;
}

async function checkDown(scratch: ScratchDatabase, file: FolderMigration, before: Schema): Promise<DownFindings> {
  const { version, upSql, downSql } = file;
  const kind = downSql === null ? null : parseDownHeader(downSql)?.kind;
  // What is missing, unfinished or marked as irreversible is told elsewhere or meant so.
  if (downSql === null || kind === 'draft' || kind === 'irreversible') return { problems: [], isWhole: true };
  const after = await readSchema(scratch.connection);
  const source = `${version}.down.sql`;
  const hint = `Mend ${source}, or delete it and let generate --missing-downs make it anew`;
  const failure = await tryFile(scratch, downSql, source);
  if (failure !== null)
    return { problems: [{ kind: 'down_fails', version, message: failure.reason, hint }], isWhole: true };
  const differences = compareSchemas(await readSchema(scratch.connection), before);
  if (differences.length > 0) {
    const message = `${source} does not lead back to the schema before ${version}: ${said(differences)}`;
    return { problems: [{ kind: 'down_differs', version, message, hint }], isWhole: false };
  }
  const again = await tryFile(scratch, upSql, `${version}.sql`);
  const changed = again === null ? compareSchemas(await readSchema(scratch.connection), after) : [];
  if (again === null && changed.length === 0) return { problems: [], isWhole: true };
  const why = again === null ? `makes something else: ${said(changed)}` : `does not run: ${again.reason}`;
  const message = `After ${source}, ${version}.sql ${why}`;
  return { problems: [{ kind: 'not_repeatable', version, message, hint }], isWhole: false };
}

function said(differences: readonly SchemaDifference[]): string {
  return differences.map(({ message }) => message).join('; ');
}
