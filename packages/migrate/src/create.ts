// createMigrationManager: reads folder and ledger, lets plan.ts work out what a call means, and run.ts do it.
import { resolve } from 'node:path';
import type { TransactionManager } from '@cc/tx';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { createCare } from './care/create-care.js';
import { refuse } from './errors.js';
import { readFolder } from './folder/read-folder.js';
import { createMigration } from './generate/create-migration.js';
import { generateMigration } from './generate/generate-migration.js';
import { checkReach, type Reach, resolveManagerOptions } from './options.js';
import { chooseDown, chooseUp } from './run/choose.js';
import { historyOf } from './run/history.js';
import { type Connection, readLedger } from './run/ledger.js';
import { planSteps, type Step, stepDown, stepUp } from './run/plan.js';
import { runSteps } from './run/run-steps.js';
import { compare, type Standing } from './run/standing.js';
import { statusOf } from './run/status.js';
import type { MigrationDirection, MigrationManager, MigrationManagerOptions, MigrationResult } from './types.js';

/** The few methods that migrations need of a transaction manager. */
export type MigrationSource = Pick<TransactionManager, 'getConnection' | 'current'>;

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
  const { folder, maxAttempts } = resolveManagerOptions(options);

  const look = async (connection: Connection): Promise<Standing> => {
    const [files, ledger] = await Promise.all([readFolder(folder), readLedger(connection)]);
    return compare(files, ledger);
  };

  const holding = async <T>(mode: 'read' | 'write', work: (connection: Connection) => Promise<T>): Promise<T> => {
    if (transactions.current()) throw new TypeError('Migrations cannot run inside transaction(): call them outside');
    using lease = await transactions.getConnection({ mode });
    return await work(lease.client);
  };

  const migrate = (direction: MigrationDirection, reach: Reach, rest: RunOptions): Promise<MigrationResult> =>
    holding(rest.dryRun ? 'read' : 'write', async (connection) => {
      const standing = await look(connection);
      const steps = stepsOf(direction, standing, reach);
      const planned = await planSteps(connection, steps);
      refuse(
        [
          ...problemsOf(direction, standing),
          ...planned.flatMap(({ problems }) =>
            problems.filter(({ kind }) => kind !== 'data_loss' || !rest.allowDataLoss),
          ),
        ],
        direction === 'up' ? 'applyMigrations' : 'rollbackMigration',
      );
      if (rest.dryRun) {
        const migrations = steps.map(({ version }) => ({ version, durationMs: null }));
        return { direction, dryRun: true, migrations, current: currentOf(standing) };
      }
      const run = { connection, maxAttempts, allowDataLoss: rest.allowDataLoss, look: () => look(connection) };
      const { executed, after } = await runSteps(run, steps, standing);
      return { direction, dryRun: false, migrations: executed, current: currentOf(after) };
    });

  return {
    ...createCare({ folder, maxAttempts, look, holding }),
    getCurrentVersion: () => holding('read', async (connection) => currentOf(await look(connection))),
    status: () => holding('read', async (connection) => statusOf(await look(connection))),
    history: () => holding('read', async (connection) => historyOf(await look(connection))),
    plan: async (options = {}) => {
      refuseUnknownOptions('plan', options, ['direction', 'targetVersion', 'steps']);
      const { direction = 'up' } = options;
      if (direction !== 'up' && direction !== 'down') throw new TypeError(`plan: direction must be 'up' or 'down'`);
      checkReach('plan', options);
      return await holding('read', async (connection) => {
        const standing = await look(connection);
        const migrations = await planSteps(connection, stepsOf(direction, standing, options));
        return { direction, migrations, problems: problemsOf(direction, standing) };
      });
    },
    applyMigrations: async (options = {}) => {
      refuseUnknownOptions('applyMigrations', options, runOptionNames);
      checkReach('applyMigrations', options);
      return await migrate('up', options, runOptions(options));
    },
    rollbackMigration: async (options = {}) => {
      refuseUnknownOptions('rollbackMigration', options, runOptionNames);
      checkReach('rollbackMigration', options);
      return await migrate('down', options, runOptions(options));
    },
    generateMigration: (options = {}) => generateMigration({ ...options, folder: resolve(folder) }),
    createMigration: (options) => createMigration(resolve(folder), options),
  };
}

const runOptionNames = ['targetVersion', 'steps', 'allowDataLoss', 'dryRun'];

interface RunOptions {
  readonly allowDataLoss: boolean;
  readonly dryRun: boolean;
}

function runOptions({ allowDataLoss = false, dryRun = false }: Partial<RunOptions>): RunOptions {
  return { allowDataLoss, dryRun };
}

function stepsOf(direction: MigrationDirection, standing: Standing, reach: Reach): readonly Step[] {
  return direction === 'up' ? chooseUp(standing, reach).map(stepUp) : chooseDown(standing, reach).map(stepDown);
}

/** Going back mends most problems, so only what makes the order of applied migrations unsure stops it. */
function problemsOf(direction: MigrationDirection, { problems }: Standing): Standing['problems'] {
  return direction === 'up' ? problems : problems.filter(({ kind }) => kind === 'duplicate' || kind === 'renumbered');
}

function currentOf({ applied }: Standing): string | null {
  return applied.at(-1)?.version ?? null;
}
