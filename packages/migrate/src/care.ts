// The entry @cc/migrate/care: looking after a folder without a database, restoring a database, and the types of what the
// manager's diff, check, baseline, verify and repair answer.
export type {
  BaselineOptions,
  CheckOptions,
  CheckProblem,
  MigrationBaseline,
  MigrationCare,
  MigrationCheck,
  MigrationDrift,
  MigrationRepair,
  MigrationRepairAction,
  MigrationRepairKind,
  MigrationVerification,
  RepairOptions,
  VerifiedMigration,
  VerifyOptions,
} from './care/answers.js';
export { checkFolder } from './care/check.js';
export type { RestoredDatabase, RestoreOptions, RestorePlan } from './care/restore.js';
export { restoreBackup } from './care/restore.js';
export { verifyFolder } from './care/verify-folder.js';
export type { SchemaDifference } from './schema/compare-schemas.js';
