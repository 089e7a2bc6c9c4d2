// The entry @cc/migrate/generate: writing migrations, which needs the project's drizzle-kit and no database.

export type {
  AskRename,
  CreatedMigration,
  CreateOptions,
  FolderStyle,
  GeneratedMigration,
  GenerateOptions,
  MissingDownsOptions,
  RenameQuestion,
  SettledHistory,
  SettleOptions,
  WrittenDown,
} from './contract/generate.js';
export { createMigration } from './generate/create-migration.js';
export { generateMigration } from './generate/generate-migration.js';
export { settleHistory } from './generate/settle-history.js';
export { writeMissingDowns } from './generate/write-missing-downs.js';
