// One call of the manager: reads folder and database side by side, works out its steps, refuses, runs. create.ts checks
// what people pass; choose.ts, plan.ts and run-steps.ts do the parts.
import type { TransactionManager } from '@cc/tx';
import { migrationError, refuse } from '../errors.js';
import { readFolder } from '../folder/read-folder.js';
import type { Reach } from '../options.js';
import type { MigrationDirection, MigrationPlan, MigrationResult, PlannedMigration } from '../types.js';
import { chooseDown, chooseUp } from './choose.js';
import { type Connection, readLedger } from './ledger.js';
import { planSteps, type Step, stepDown, stepUp } from './plan.js';
import { isDone, runSteps } from './run-steps.js';
import { compare, type Standing } from './standing.js';

/** What migrations need of a transaction manager. */
export type MigrationSource = Pick<
  TransactionManager,
  'getConnection' | 'current' | 'capabilities' | 'sync' | 'backup' | 'url'
>;

/** One database and one folder. */
export interface Ground {
  readonly transactions: MigrationSource;
  readonly folder: string;
  readonly maxAttempts: number;
}

/** What a call is to do. */
export interface Call {
  readonly direction: MigrationDirection;
  readonly reach: Reach;
}

/** How a run is to go about it. */
export interface RunOptions {
  readonly allowDataLoss: boolean;
  readonly dryRun: boolean;
}

/** Reads folder and database. */
export async function readStanding<T>(ground: Ground, answer: (standing: Standing) => T): Promise<T> {
  return await holding(ground, 'read', async (connection) => answer(await look(ground, connection)));
}

/** Describes a call without refusing it. */
export async function planCall(ground: Ground, call: Call): Promise<MigrationPlan> {
  return await holding(ground, 'ask', async (connection) => {
    const { standing, planned } = await prepare(ground, call, connection);
    return { direction: call.direction, migrations: planned, problems: problemsOf(call.direction, standing) };
  });
}

/** Runs a call, or refuses it as a whole. */
export async function runCall(ground: Ground, call: Call, options: RunOptions): Promise<MigrationResult> {
  const { direction } = call;
  const { allowDataLoss, dryRun } = options;
  return await holding(ground, dryRun ? 'ask' : 'write', async (connection) => {
    const prepared = await prepare(ground, call, connection);
    const { standing, steps } = prepared;
    refuseCall(call, prepared, options);
    if (dryRun) {
      const migrations = steps.map(({ version }) => ({ version, durationMs: null }));
      return { direction, dryRun, migrations, current: currentOf(standing) };
    }
    const { maxAttempts } = ground;
    const run = { connection, maxAttempts, allowDataLoss, look: () => look(ground, connection) };
    const { executed, after } = await runSteps(run, steps, standing);
    return { direction, dryRun, migrations: executed, current: currentOf(after) };
  });
}

/** The newest applied migration. */
export function currentOf({ applied }: Standing): string | null {
  return applied.at(-1)?.version ?? null;
}

/**
 * Holds a connection: `read` for what this machine knows, `ask` for what the database itself says now, `write`. They
 * differ on a replica, where reads are local; it has fetched what there was at the end of a `write`.
 */
async function holding<T>(
  { transactions }: Ground,
  mode: 'read' | 'ask' | 'write',
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  if (transactions.current()) throw new TypeError('Migrations cannot run inside transaction(): call them outside');
  const { sync } = transactions.capabilities;
  try {
    using lease = await transactions.getConnection({
      mode: mode === 'write' || (mode === 'ask' && sync) ? 'write' : 'read',
    });
    return await work(lease.client);
  } finally {
    // What others did meanwhile counts too. Without its server a replica fetches later, and says so in an event.
    if (mode === 'write' && sync) await transactions.sync().catch(() => undefined);
  }
}

async function look({ folder }: Ground, connection: Connection): Promise<Standing> {
  const [files, ledger] = await Promise.all([readFolder(folder), readLedger(connection)]);
  return compare(files, ledger);
}

interface Prepared {
  readonly standing: Standing;
  readonly steps: readonly Step[];
  readonly planned: readonly PlannedMigration[];
}

async function prepare(ground: Ground, { direction, reach }: Call, connection: Connection): Promise<Prepared> {
  let standing = await look(ground, connection);
  const steps = direction === 'up' ? chooseUp(standing, reach).map(stepUp) : chooseDown(standing, reach).map(stepDown);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const left = steps.filter((step) => !isDone(step, standing));
      return { standing, steps, planned: await planSteps(connection, left) };
    } catch (error) {
      // A plan reads several times: another runner may have taken away what an earlier read saw.
      const now = await look(ground, connection);
      if (now.ledger.head === standing.ledger.head) throw error;
      standing = now;
      if (attempt < ground.maxAttempts) continue;
      throw migrationError('lock_lost', 'Other migrations kept running while this one was planned', {
        operation: `plan ${direction}`,
        hint: 'Look at status(), then run again if there is anything left to do',
        cause: error,
      });
    }
  }
}

function refuseCall({ direction }: Call, { standing, planned }: Prepared, { allowDataLoss }: RunOptions): void {
  const ofSteps = planned.flatMap(({ problems }) =>
    problems.filter(({ kind }) => kind !== 'data_loss' || !allowDataLoss),
  );
  refuse(
    [...problemsOf(direction, standing), ...ofSteps],
    direction === 'up' ? 'applyMigrations' : 'rollbackMigration',
  );
}

/** Going back mends most problems, so only what makes the order of applied migrations unsure stops it. */
function problemsOf(direction: MigrationDirection, { problems }: Standing): Standing['problems'] {
  return direction === 'up' ? problems : problems.filter(({ kind }) => kind === 'duplicate' || kind === 'renumbered');
}
