// createMigrationManager: checks what people pass and hands it to run/call.ts, create-care.ts, verify/ and generate/.
import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import type { MigrationDatabase } from './contract/connection.js';
import type { MigrationDirection } from './contract/migration.js';
import type {
  ApplyOptions,
  MigrationManager,
  MigrationManagerOptions,
  MigrationResult,
  RollbackOptions,
} from './contract/run.js';
import { createCare } from './create-care.js';
import { createMigration } from './generate/create-migration.js';
import { generateMigration } from './generate/generate-migration.js';
import { checkAgreement, checkReach, checkRunOptions, resolveManagerOptions } from './options.js';
import { currentOf, type Ground, planCall, readStanding, readStatus, runCall } from './run/call.js';
import { historyOf } from './run/history.js';
import { statusOf } from './run/status.js';
import { planMeasured } from './verify/plan-measured.js';

/**
 * Returns the manager of the migrations in `folder`, or of those given as `migrations`, for the database of `transactions`.
 * Reads nothing yet, and owns nothing: there is nothing to close.
 *
 * @throws TypeError for an unknown or wrong option
 */
export function createMigrationManager(
  transactions: MigrationDatabase,
  options: MigrationManagerOptions,
): MigrationManager {
  const ground: Ground = { transactions, ...resolveManagerOptions(options), by: whoRuns(), now: () => new Date() };
  const { origin } = ground;

  const migrate = async (
    direction: MigrationDirection,
    options: RollbackOptions & Pick<ApplyOptions, 'allowOutOfOrder'>,
  ): Promise<MigrationResult> => {
    checkReach(direction === 'up' ? 'applyMigrations' : 'rollbackMigration', options);
    const { allowOutOfOrder = false, allowDataLoss = false, dryRun = false, backup, onProgress } = options;
    const manner = { dryRun, backup, onProgress };
    return await runCall(ground, { direction, reach: options, allowOutOfOrder, allowDataLoss }, manner);
  };

  return {
    ...createCare(ground),
    getCurrentVersion: () => readStanding(ground, currentOf),
    status: () => readStatus(ground, statusOf),
    history: () => readStanding(ground, historyOf),
    plan: async (options = {}) => {
      refuseUnknownOptions('plan', options, planOptions);
      const { direction = 'up', allowOutOfOrder = false, allowDataLoss = false, measure = false } = options;
      if (direction !== 'up' && direction !== 'down') throw new TypeError(`plan: direction must be 'up' or 'down'`);
      if (options.targetDate !== undefined && direction === 'up')
        throw new TypeError(`plan: targetDate is for direction 'down'`);
      checkReach('plan', options);
      checkAgreement('plan', allowDataLoss);
      const call = { direction, reach: options, allowOutOfOrder, allowDataLoss };
      return measure ? await planMeasured(ground, call, options) : await planCall(ground, call);
    },
    generateMigration: async (options = {}) =>
      generateMigration({ ...options, folder: resolve(origin.folder('generateMigration')) }),
    createMigration: async (options) => createMigration(resolve(origin.folder('createMigration')), options),
    applyMigrations: async (options = {}) => {
      checkRunOptions('applyMigrations', options, ['allowOutOfOrder']);
      return await migrate('up', options);
    },
    rollbackMigration: async (options = {}) => {
      checkRunOptions('rollbackMigration', options, ['targetDate']);
      return await migrate('down', options);
    },
  };
}

const planOptions = [
  ...['direction', 'targetVersion', 'steps', 'targetDate', 'allowOutOfOrder', 'allowDataLoss', 'measure'],
  'encryptionKey',
];

/** Who is said to have run a migration. */
function whoRuns(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run under a number without a name.
    return `${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}
