// The entry @cc/migrate/generate: writing migrations, which needs the project's drizzle-kit and no database.

export type {
  AskRename,
  CompletedDown,
  CreatedMigration,
  CreateOptions,
  DownsOptions,
  FolderStyle,
  GeneratedMigration,
  GenerateOptions,
  Question,
  SettledHistory,
  SettleOptions,
} from './contract/generate.js';
export { completeDowns } from './generate/complete-downs.js';
export { createMigration } from './generate/create-migration.js';
export { generateMigration } from './generate/generate-migration.js';
export { settleHistory } from './generate/settle-history.js';
