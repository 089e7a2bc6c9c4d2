// Joins the methods that look after folder and database: checks their options and gives each the database as it needs it.
// create.ts puts them beside the methods that run migrations.
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { type Connection, readLedger } from '../run/ledger.js';
import type { Standing } from '../run/standing.js';
import type { MigrationCare } from './answers.js';
import { baseline } from './baseline.js';
import { checkFolder, checkRecorded } from './check.js';
import { driftOf } from './diff.js';
import { type Look, takePicture } from './picture.js';
import { repair } from './repair.js';

/** What create.ts knows of the database. */
export interface CareContext {
  readonly folder: string;
  readonly maxAttempts: number;
  readonly look: (connection: Connection) => Promise<Standing>;
  /** Holds a connection while `work` runs. */
  readonly holding: <T>(mode: 'read' | 'write', work: (connection: Connection) => Promise<T>) => Promise<T>;
}

/** Returns the methods. */
export function createCare({ folder, maxAttempts, look, holding }: CareContext): MigrationCare {
  const looking = <T>(mode: 'read' | 'write', work: (look: Look) => Promise<T>): Promise<T> =>
    holding(mode, (connection) => work({ connection, maxAttempts, look: () => look(connection) }));
  const modeOf = ({ dryRun = false }: { readonly dryRun?: boolean }): 'read' | 'write' => (dryRun ? 'read' : 'write');

  return {
    diff: () => looking('read', async (at) => driftOf(await takePicture(at))),
    check: async () => {
      const { migrations, problems } = await checkFolder(folder);
      const recorded = await holding('read', async (connection) => checkRecorded(folder, await readLedger(connection)));
      return { migrations, problems: [...problems, ...recorded] };
    },
    baseline: async (options = {}) => {
      refuseUnknownOptions('baseline', options, ['version', 'dryRun']);
      return await looking(modeOf(options), (at) => baseline(at, options));
    },
    repair: async (options = {}) => {
      refuseUnknownOptions('repair', options, ['dryRun', 'journal']);
      return await looking(modeOf(options), (at) => repair(at, folder, options));
    },
  };
}
