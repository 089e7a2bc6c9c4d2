// The schema code against the newest snapshot: what `generate` would find. Needs the project's drizzle-kit, so check asks
// for it only where there is a configuration.
import { resolve } from 'node:path';
import { isDatabaseError } from '@cc/tx/errors';
import type { CheckProblem } from '../contract/care.js';
import { isSameSnapshot, type Snapshot } from '../folder/snapshot.js';
import { readLastSnapshot } from '../folder/write-folder.js';
import { type Project, readSchemaCode } from '../generate/drizzle-kit.js';
import { generateMigration } from '../generate/generate-migration.js';

/**
 * Whether the schema code says something else than the newest snapshot of `folder`.
 *
 * @throws DatabaseError `MIGRATION_SCHEMA_CODE` when drizzle-kit cannot read the code; TypeError when its configuration is
 * for another folder
 */
export async function codeProblems(folder: string, project: Project): Promise<readonly CheckProblem[]> {
  const code = await readSchemaCode(project);
  if (code.folder !== resolve(folder)) {
    const config = project.config ?? 'drizzle.config.ts';
    throw new TypeError(
      `${config} is for the migrations in ${code.folder}, not for ${resolve(folder)}: give --folder too`,
    );
  }
  const snapshot = await readLastSnapshot(folder);
  if (isSameSnapshot(snapshot, code.snapshot) || !(await writesSomething(folder, project))) return [];
  return [
    {
      kind: 'code_drift',
      version: 'schema code',
      message: `The schema code has changed since the last migration: ${changesOf(snapshot, code.snapshot).join(', ')}`,
      hint: 'Write the next migration: cc-migrate generate',
    },
  ];
}

/** Whether `generate` would write a migration, or refuse to: some changes of a snapshot, as of views that others make, ask for none. */
async function writesSomething(folder: string, project: Project): Promise<boolean> {
  try {
    return (await generateMigration({ ...project, folder, dryRun: true })).upSql !== null;
  } catch (error) {
    if (isDatabaseError(error)) return true;
    throw error;
  }
}

/** Tables and views that are new, gone or changed, by name. */
function changesOf(before: Snapshot, after: Snapshot): readonly string[] {
  const changes: string[] = [];
  for (const part of ['tables', 'views'] as const) {
    const names = new Set([...Object.keys(before[part]), ...Object.keys(after[part])]);
    for (const name of names) {
      const [old, now] = [before[part][name], after[part][name]];
      if (!old) changes.push(`${name} is new`);
      else if (!now) changes.push(`${name} is gone`);
      else if (JSON.stringify(old) !== JSON.stringify(now)) changes.push(`${name} differs`);
    }
  }
  return changes;
}
