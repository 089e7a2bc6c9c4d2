// The public names of @cc/migrate.
export type { MigrationDatabase } from './contract/connection.js';
export type {
  AppliedMigration,
  DataLoss,
  MigrationData,
  MigrationDirection,
  MigrationHistoryEntry,
  MigrationProblem,
  MigrationStatus,
  MigrationVersion,
  MigrationWarning,
  PendingMigration,
  WayBack,
} from './contract/migration.js';
export type {
  ApplyOptions,
  ExecutedMigration,
  LockHolder,
  MigrationManager,
  MigrationManagerOptions,
  MigrationPlan,
  MigrationProgress,
  MigrationResult,
  MigrationStepProgress,
  MigrationsOrigin,
  MigrationWait,
  PlannedMigration,
  PlanOptions,
  RollbackOptions,
  RunOptions,
} from './contract/run.js';
export { createMigrationManager } from './create.js';
export { migrationManagerDefaults } from './options.js';
