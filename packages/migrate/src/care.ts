// The entry @cc/migrate/care: looking after a folder without a database, restoring a database, and the types of what the
// manager's diff, check, baseline, verify and repair answer.

export { checkFolder } from './check/check.js';
export type {
  BaselineOptions,
  CheckOptions,
  CheckProblem,
  JournalTimeRaise,
  MigrationBaseline,
  MigrationCare,
  MigrationCheck,
  MigrationDrift,
  MigrationRepair,
  MigrationRepairAction,
  MigrationVerification,
  RepairOptions,
  SchemaDifference,
  VerifiedMigration,
  VerifyOptions,
} from './contract/care.js';
export type { MigrationRepairKind } from './contract/migration.js';
export type { RestoredDatabase, RestoreOptions, RestorePlan } from './repair/restore.js';
export { restoreBackup } from './repair/restore.js';
export { verifyFolder } from './verify/verify-folder.js';
