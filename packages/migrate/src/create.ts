// createMigrationManager: checks what people pass and hands it to run/call.ts, care/ and generate/.
import { resolve } from 'node:path';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { createCare } from './care/create-care.js';
import { createMigration } from './generate/create-migration.js';
import { generateMigration } from './generate/generate-migration.js';
import { checkReach, resolveManagerOptions } from './options.js';
import { currentOf, type Ground, type MigrationSource, planCall, readStanding, runCall } from './run/call.js';
import { historyOf } from './run/history.js';
import { statusOf } from './run/status.js';
import type { MigrationDirection, MigrationManager, MigrationManagerOptions, MigrationResult } from './types.js';

export type { MigrationSource } from './run/call.js';

/**
 * Returns the manager of the migrations in `folder` for the database of `transactions`. Reads nothing yet, and owns
 * nothing: there is nothing to close.
 *
 * @throws TypeError for an unknown or wrong option
 */
export function createMigrationManager(
  transactions: MigrationSource,
  options: MigrationManagerOptions,
): MigrationManager {
  const ground: Ground = { transactions, ...resolveManagerOptions(options) };

  const migrate = async (
    direction: MigrationDirection,
    options: Parameters<MigrationManager['rollbackMigration']>[0] = {},
  ): Promise<MigrationResult> => {
    const where = direction === 'up' ? 'applyMigrations' : 'rollbackMigration';
    refuseUnknownOptions(where, options, runOptionNames);
    checkReach(where, options);
    const { allowDataLoss = false, dryRun = false } = options;
    return await runCall(ground, { direction, reach: options }, { allowDataLoss, dryRun });
  };

  return {
    ...createCare(ground),
    getCurrentVersion: () => readStanding(ground, currentOf),
    status: () => readStanding(ground, statusOf),
    history: () => readStanding(ground, historyOf),
    plan: async (options = {}) => {
      refuseUnknownOptions('plan', options, ['direction', 'targetVersion', 'steps']);
      const { direction = 'up' } = options;
      if (direction !== 'up' && direction !== 'down') throw new TypeError(`plan: direction must be 'up' or 'down'`);
      checkReach('plan', options);
      return await planCall(ground, { direction, reach: options });
    },
    generateMigration: (options = {}) => generateMigration({ ...options, folder: resolve(ground.folder) }),
    createMigration: (options) => createMigration(resolve(ground.folder), options),
    applyMigrations: (options) => migrate('up', options),
    rollbackMigration: (options) => migrate('down', options),
  };
}

const runOptionNames = ['targetVersion', 'steps', 'allowDataLoss', 'dryRun'];
