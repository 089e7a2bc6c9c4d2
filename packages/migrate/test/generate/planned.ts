// Plans a change between two versions of schema code without files, for the tests of the planner.
import { createHash } from 'node:crypto';
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api';
import type { FolderMigration } from '../../src/folder/read-folder.js';
import { emptySnapshot, parseSnapshot, type Snapshot } from '../../src/folder/snapshot.js';
import type { KitStatements } from '../../src/generate/code-schema.js';
import { type ProvenMigration, planMigration } from '../../src/generate/plan-migration.js';
import { resolveRenames } from '../../src/generate/questions.js';
import type { Case, Code } from './cases.js';

/** drizzle-kit's differ. */
export const kit: KitStatements = (from, to) => generateSQLiteMigration(from as never, to as never);

/** drizzle-kit's snapshot of schema code. */
export async function snapshotOf(code: Code): Promise<Snapshot> {
  return parseSnapshot(await generateSQLiteDrizzleJson(code), 'the schema code');
}

/** A migration as the folder has it. */
export function migrationOf(version: string, upSql: string): FolderMigration {
  const hash = createHash('sha256').update(upSql).digest('hex');
  return { version, createdAt: Number(version.slice(0, 4)) + 1, upSql, downSql: null, hash, hashes: [hash] };
}

/** The migrations before a case. */
export async function migrationsBefore({ before, custom }: Case): Promise<readonly FolderMigration[]> {
  const first = await kit(emptySnapshot, await snapshotOf(before));
  return [
    migrationOf('0000_base', first.join('\n')),
    ...(custom === undefined ? [] : [migrationOf('0001_custom', custom)]),
  ];
}

/** Plans and proves the change of a case. */
export async function planCase(each: Case): Promise<ProvenMigration> {
  const snapshotBefore = await snapshotOf(each.before);
  const snapshot = await snapshotOf(each.after);
  const answers = { renames: each.renames ?? [], drops: each.drops ?? [] };
  const { renames, views, isAmbiguous } = await resolveRenames(snapshotBefore, snapshot, answers, null);
  const isClear = !isAmbiguous && answers.renames.length === 0;
  return await planMigration(
    { before: await migrationsBefore(each), snapshotBefore, snapshot, renames, views, isClear },
    kit,
  );
}
