// Joins the methods that look after folder and database: checks their options and gives each the database as it needs it.
// create.ts puts them beside the methods that run migrations.
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { checkFolder, checkRecorded } from './check/check.js';
import { driftOf } from './check/diff.js';
import { type PictureSource, takePicture } from './check/picture.js';
import type { MigrationCare, RepairOptions } from './contract/care.js';
import { checkReach } from './options.js';
import { baseline } from './repair/baseline.js';
import { repair } from './repair/repair.js';
import { type Ground, holding, lookBesideFile } from './run/call.js';
import { readLedger } from './run/ledger.js';
import { verify } from './verify/verify.js';

/** Returns the methods for one database and one folder. */
export function createCare(ground: Ground): MigrationCare {
  const { origin, maxAttempts, by } = ground;
  const looking = <T>(mode: 'ask' | 'write', work: (at: PictureSource) => Promise<T>): Promise<T> =>
    holding(ground, mode, (connection) =>
      work({ connection, maxAttempts, by, look: () => lookBesideFile(ground, connection) }),
    );
  const modeOf = ({ dryRun = false }: Pick<RepairOptions, 'dryRun'>): 'ask' | 'write' => (dryRun ? 'ask' : 'write');

  return {
    diff: () => looking('ask', async (at) => driftOf(await takePicture(at))),
    check: async (options = {}) => {
      refuseUnknownOptions('check', options, ['code']);
      const folder = origin.folder('check');
      const { migrations, problems } = await checkFolder(folder, options);
      const recorded = await looking('ask', async ({ connection }) =>
        checkRecorded(folder, await readLedger(connection, ground.migrationsTable)),
      );
      return { migrations, problems: [...problems, ...recorded] };
    },
    baseline: async (options = {}) => {
      refuseUnknownOptions('baseline', options, ['targetVersion', 'dryRun', 'fromDatabase']);
      return await looking(modeOf(options), (at) => baseline(at, origin, options));
    },
    verify: async (options = {}) => {
      refuseUnknownOptions('verify', options, ['steps', 'encryptionKey']);
      checkReach('verify', options);
      return await verify(ground, options);
    },
    repair: async (options = {}) => {
      refuseUnknownOptions('repair', options, ['dryRun', 'journal']);
      return await looking(modeOf(options), (at) => repair(at, origin, options));
    },
  };
}
