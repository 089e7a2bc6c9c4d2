// The files behind what a database has recorded: what diff and repair replay.
import { migrationError } from '../errors.js';
import type { FolderMigration } from '../folder/read-folder.js';
import type { Applied, Standing } from '../run/standing.js';

/** The migration of the folder that `entry` stands for, also when it moved to another `when`; null without one. */
export function fileOf(entry: Applied, { pending, applied }: Standing): FolderMigration | null {
  // Pending ones first: a file with the same content may be recorded rightly.
  const files = [...pending, ...applied.flatMap(({ file }) => file ?? [])];
  return entry.file ?? files.find(({ hashes }) => hashes.includes(entry.hash)) ?? null;
}

/**
 * Returns the files of the applied migrations in the order of the folder, each once.
 *
 * @throws DatabaseError `MIGRATION_MISSING` for one that the folder does not have
 */
export function recordedFiles(standing: Standing): readonly FolderMigration[] {
  const files = standing.applied.map((entry) => {
    const file = fileOf(entry, standing);
    if (file) return file;
    throw migrationError(
      'missing',
      `${entry.version} is applied and the folder does not have it: nothing says what the schema should be`,
      {
        operation: 'compare the schema',
        hint: `Use the checkout that has it (${entry.version}.sql); if no checkout has it: cc-migrate repair --dry-run`,
      },
    );
  });
  return [...new Set(files)].toSorted((a, b) => a.createdAt - b.createdAt);
}
