// `generate`: the schema code against the newest snapshot, and what differs as a proven migration with its way back.
import { resolve } from 'node:path';
import type { FolderStyle, GeneratedMigration, GenerateOptions } from '../contract/generate.js';
import { markOf } from '../folder/down-file.js';
import { writeEmbedded } from '../folder/embedded.js';
import { readFolderIfAny } from '../folder/read-folder.js';
import { isSameSnapshot } from '../folder/snapshot.js';
import { readLastSnapshot, writeMigration } from '../folder/write-folder.js';
import { loadDiffer, migrationStatements, readSchemaCode } from './drizzle-kit.js';
import { checkGenerateOptions } from './options.js';
import { type ProvenMigration, planMigration } from './plan-migration.js';
import { resolveRenames } from './questions.js';
import { downFile, upFile } from './sql-file.js';

/**
 * Reads `drizzle.config.ts` and the schema code through the project's drizzle-kit, and writes the next migration: up,
 * down, snapshot and journal entry. Both directions are proven on a database in memory, with rows in it, before a file is
 * written. Needs no database.
 *
 * @returns the migration; `version` is null, and nothing is written, when the code is what the newest snapshot says
 * @throws DatabaseError `MIGRATION_QUESTION` when something may have been renamed and no answer says so,
 * `MIGRATION_UNPROVEN` when no statements pass the proof, `MIGRATION_SCHEMA_CODE` when drizzle-kit cannot read the code,
 * `MIGRATION_FOLDER` for a broken folder, `MIGRATION_LOCK_LOST` when another command changed it meanwhile; TypeError for wrong options
 */
export async function generateMigration(options: GenerateOptions = {}): Promise<GeneratedMigration> {
  checkGenerateOptions(options);
  const { name = 'changes', cwd = process.cwd(), renames = [], drops = [], ask = null, dryRun = false } = options;
  const { now = Date.now } = options;
  const code = await readSchemaCode({ cwd, config: options.config }, () => loadDiffer(cwd));
  const folder = options.folder === undefined ? code.folder : resolve(cwd, options.folder);
  const before = await readFolderIfAny(folder);
  const snapshotBefore = await readLastSnapshot(folder);
  const resolved = await resolveRenames(snapshotBefore, code.snapshot, { renames, drops }, ask);
  const isRenamed = resolved.renames.tables.length + resolved.renames.columns.length > 0;
  // Names that trade places leave the same snapshot, and other rows.
  if (!isRenamed && isSameSnapshot(snapshotBefore, code.snapshot)) return { ...nothing, folder };
  const change = {
    before,
    snapshotBefore,
    snapshot: code.snapshot,
    ...resolved,
    isClear: !resolved.isAmbiguous && !isRenamed && resolved.views.length === 0,
  };
  const proven = await planMigration(change, (from, to) => migrationStatements(cwd, from, to));
  // Only what drizzle-kit itself does not act on has changed.
  if (proven.up.length === 0) return { ...nothing, folder };
  const { upSql, downSql } = textsOf(proven, code);
  const shown = { ...summaryOf(proven), folder, upSql, downSql };
  if (dryRun) return { version: null, files: [], ...shown };
  const added = { name, upSql, downSql, snapshot: code.snapshot, renames: resolved.renames, before };
  const { version, files } = await writeMigration(folder, added, code, now());
  return { version, files: [...files, ...(await writeEmbedded(folder, code.driver))], ...shown };
}

const nothing: Omit<GeneratedMigration, 'folder'> = {
  version: null,
  files: [],
  upSql: null,
  downSql: null,
  author: null,
  reasons: [],
  notes: [],
  losses: { up: [], down: [] },
  altered: [],
};

function textsOf(proven: ProvenMigration, style: FolderStyle): { readonly upSql: string; readonly downSql: string } {
  const { up, down, author, reasons, upNotes, downNotes, upLosses, altered } = proven;
  const remarks =
    author === 'cc-migrate'
      ? [...reasons.map((reason) => `Not as drizzle-kit writes it: ${reason}`), ...upNotes]
      : upNotes;
  const upSql = upFile(up, remarks, style.breakpoints);
  const header = { kind: 'generated', of: markOf(upSql), losses: [...new Set([...upLosses, ...altered])] } as const;
  return { upSql, downSql: downFile(header, down, downNotes, style.breakpoints) };
}

function summaryOf(
  proven: ProvenMigration,
): Pick<GeneratedMigration, 'author' | 'reasons' | 'notes' | 'losses' | 'altered'> {
  const { author, reasons, upNotes, downNotes, warnings, unseeded, upLosses, downLosses, altered } = proven;
  return {
    author,
    reasons,
    notes: [
      ...upNotes,
      ...downNotes.map((note) => `Going back: ${note}`),
      ...warnings.map((warning) => `Only for rows that fit: ${warning}`),
      ...unseeded.map((table) => `The proof could not put rows into ${table}: its checks or triggers refused them`),
    ],
    losses: { up: upLosses, down: downLosses },
    altered,
  };
}
