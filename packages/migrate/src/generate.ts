// The entry @cc/migrate/generate: writing migrations, which needs the project's drizzle-kit and no database.
export { completeDowns } from './generate/complete-downs.js';
export { createMigration } from './generate/create-migration.js';
export { generateMigration } from './generate/generate-migration.js';
export type { AskRename, Question } from './generate/questions.js';
export { settleHistory } from './generate/settle-history.js';
export type {
  CompletedDown,
  CreatedMigration,
  CreateOptions,
  DownsOptions,
  GeneratedMigration,
  GenerateOptions,
  SettledHistory,
  SettleOptions,
} from './generate/types.js';
