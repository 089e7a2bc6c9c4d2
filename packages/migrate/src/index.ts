// The public names of @cc/migrate.
export type { MigrationSource } from './create.js';
export { createMigrationManager } from './create.js';
export type { MigrationData } from './folder/origin.js';
export { migrationManagerDefaults } from './options.js';
export type {
  AppliedMigration,
  ApplyOptions,
  DataLoss,
  ExecutedMigration,
  LockHolder,
  MigrationDirection,
  MigrationHistoryEntry,
  MigrationManager,
  MigrationManagerOptions,
  MigrationPlan,
  MigrationProblem,
  MigrationProgress,
  MigrationResult,
  MigrationStatus,
  MigrationStepProgress,
  MigrationsOrigin,
  MigrationVersion,
  MigrationWait,
  MigrationWarning,
  PendingMigration,
  PlannedMigration,
  PlanOptions,
  RollbackOptions,
} from './types.js';
