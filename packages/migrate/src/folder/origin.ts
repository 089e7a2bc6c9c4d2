// Where a manager has its migrations from: a folder, read anew for every call, or data that a program carries with it.
// create.ts makes it; whatever only reads migrations sees no difference.
import type { MigrationData } from '../contract/migration.js';
import { type FolderMigration, migrationOf, readFolder } from './read-folder.js';

/** The migrations of a manager. */
export interface Origin {
  /** In the order of the journal. @throws DatabaseError `MIGRATION_FOLDER` */
  read(): Promise<readonly FolderMigration[]>;
  /** Path of the folder. @throws TypeError that `operation` needs one, for data */
  folder(operation: string): string;
}

/** The migrations in a drizzle-kit folder. */
export function folderOrigin(folder: string): Origin {
  return { read: () => readFolder(folder), folder: () => folder };
}

/** Migrations that are given as they are. @throws TypeError for what `cc-migrate bundle` does not write */
export function dataOrigin(migrations: readonly MigrationData[]): Origin {
  if (!Array.isArray(migrations)) throw new TypeError('migrations must be the list that cc-migrate bundle writes');
  const read = migrations.map(checked);
  return {
    read: async () => read,
    folder: (operation) => {
      throw new TypeError(
        `${operation} needs the folder: this manager has its migrations as data. Call it where the folder is, on a manager with { folder }, or use cc-migrate there`,
      );
    },
  };
}

function checked(data: MigrationData, index: number): FolderMigration {
  const { version, createdAt, hash, upSql, downSql, baseSql = null } = data;
  const isWhole =
    [version, hash, upSql].every((text) => typeof text === 'string') &&
    (typeof downSql === 'string' || downSql === null) &&
    (typeof baseSql === 'string' || baseSql === null) &&
    Number.isSafeInteger(createdAt);
  if (!isWhole) throw new TypeError(`migrations[${index}] needs version, createdAt, hash, upSql and downSql`);
  const migration = { ...migrationOf({ version, createdAt, upSql, downSql }), baseSql };
  if (migration.hash === hash) return migration;
  throw new TypeError(`upSql of ${version} is not the text that its hash belongs to: run cc-migrate bundle again`);
}
