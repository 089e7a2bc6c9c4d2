// One call of the manager: reads folder and database side by side, works out its steps, refuses, runs. create.ts checks
// what people pass; choose.ts, plan.ts, backup.ts and run-steps.ts do the parts.
import type { Connection, MigrationDatabase } from '../contract/connection.js';
import type { MigrationDirection, MigrationProblem } from '../contract/migration.js';
import type { MigrationPlan, MigrationProgress, MigrationResult, PlannedMigration } from '../contract/run.js';
import { migrationError, refuse } from '../errors.js';
import type { Origin } from '../folder/origin.js';
import type { FolderMigration } from '../folder/read-folder.js';
import type { Reach } from '../options.js';
import { backUp, withWayBack } from './backup.js';
import { chooseDown, chooseUp } from './choose.js';
import { readLedger } from './ledger.js';
import { ledgerOfFile, ledgerOfServer, otherServer } from './other-server.js';
import { type AllowDataLoss, type PlannedCall, planSteps } from './plan.js';
import { isDone, runSteps } from './run-steps.js';
import { compare, type Standing } from './standing.js';
import { type Step, stepDown, stepUp } from './step.js';
import { type WaitWatch, watchWaits } from './waiting.js';

/** One database and its migrations. */
export interface Ground {
  readonly transactions: MigrationDatabase;
  readonly origin: Origin;
  /** Name of drizzle's table. */
  readonly migrationsTable: string;
  readonly maxAttempts: number;
  /** Who runs it, for the log. */
  readonly by: string;
  readonly now: () => Date;
}

/** What a call is to do. */
export interface Call {
  readonly direction: MigrationDirection;
  readonly reach: Reach;
  readonly allowOutOfOrder: boolean;
  readonly allowDataLoss: AllowDataLoss;
}

/** How a run is to go about it. */
export interface Manner {
  readonly dryRun: boolean;
  readonly backup: string | true | undefined;
  readonly onProgress: ((progress: MigrationProgress) => void) | undefined;
}

/** Reads folder and database. */
export async function readStanding<T>(ground: Ground, answer: (standing: Standing) => T): Promise<T> {
  return await holding(ground, 'read', async (connection) => answer(await look(ground, connection)));
}

/** `readStanding`, and what a replica's server says against it. */
export async function readStatus<T>(ground: Ground, answer: (standing: Standing) => T): Promise<T> {
  const standing = await readStanding(ground, (found) => found);
  const server = await ledgerOfServer(ground.transactions, ground.migrationsTable);
  return answer(
    server ? withProblems(standing, otherServer(standing.ledger, server, ground.transactions.url)) : standing,
  );
}

/** `standing` of what the database says, and what the file of a replica says against it. */
async function besideFile({ transactions, migrationsTable }: Ground, standing: Standing): Promise<Standing> {
  const file = await ledgerOfFile(transactions, migrationsTable);
  return file ? withProblems(standing, otherServer(file, standing.ledger, transactions.url)) : standing;
}

function withProblems(standing: Standing, problems: Standing['problems']): Standing {
  return problems.length === 0 ? standing : { ...standing, problems: [...problems, ...standing.problems] };
}

/** Describes a call without refusing it. */
export async function planCall(ground: Ground, call: Call): Promise<MigrationPlan> {
  return (await describeCall(ground, call)).plan;
}

/** `planCall`, with the steps of the call and what each finds made by those before it. */
export async function describeCall(
  ground: Ground,
  call: Call,
): Promise<{ readonly plan: MigrationPlan } & Pick<Prepared, 'steps' | 'made'>> {
  return await holding(ground, 'ask', async (connection) => {
    const { standing, planned, steps, made } = await prepare(ground, call, connection);
    const plan = { direction: call.direction, migrations: planned, problems: problemsOf(call, standing) };
    return { plan, steps, made };
  });
}

/** Runs a call, or refuses it as a whole. */
export async function runCall(ground: Ground, call: Call, manner: Manner): Promise<MigrationResult> {
  const { direction } = call;
  if (manner.dryRun) {
    const { standing, planned } = await check(ground, call);
    const migrations = planned.map(({ version, warnings }) => ({ version, durationMs: null, warnings }));
    return { direction, dryRun: true, migrations, current: currentOf(standing), backup: null };
  }
  const backup = await copyBefore(ground, call, manner);
  try {
    return { ...(await run(ground, call, manner)), backup };
  } catch (error) {
    throw backup === null ? error : withWayBack(error, backup);
  }
}

/** Makes the copy that was asked for, once it is clear that the call is not refused and has something to do. */
async function copyBefore(ground: Ground, call: Call, manner: Manner): Promise<string | null> {
  const { backup } = manner;
  if (backup === undefined) return null;
  const { standing, planned } = await check(ground, call);
  if (planned.length === 0) return null;
  return await backUp(ground.transactions, backup, { version: currentOf(standing), now: ground.now() });
}

/** Makes every check of a call without writing. */
async function check(ground: Ground, call: Call): Promise<Prepared> {
  return await holding(ground, 'ask', async (connection) => {
    const prepared = await prepare(ground, call, connection);
    refuseCall(call, prepared);
    return prepared;
  });
}

async function run(ground: Ground, call: Call, manner: Manner): Promise<Omit<MigrationResult, 'backup'>> {
  const { direction, allowOutOfOrder, allowDataLoss } = call;
  const { maxAttempts, by } = ground;
  const { onProgress } = manner;
  using waits = watchWaits(ground.transactions, onProgress);
  const work = async (connection: Connection): Promise<Omit<MigrationResult, 'backup'>> => {
    const prepared = await prepare(ground, call, connection);
    // What the first one loses is told by its own transaction, which measures the rest of it, too.
    refuseCall(call, { ...prepared, planned: prepared.planned.map(withoutFirstLoss) });
    const { files } = prepared;
    const how = { connection, maxAttempts, by, allowDataLoss, allowOutOfOrder, onProgress, files };
    const { executed, after } = await runSteps(
      { ...how, look: async () => compare(prepared.files, await readLedger(connection, ground.migrationsTable)) },
      prepared,
      prepared.standing,
    );
    return { direction, dryRun: false, migrations: executed, current: currentOf(after) };
  };
  return await holding(ground, 'write', work, waits);
}

function withoutFirstLoss(planned: PlannedMigration, index: number): PlannedMigration {
  const isMeasured = index === 0 && planned.slices === null;
  return isMeasured ? { ...planned, problems: planned.problems.filter(({ kind }) => kind !== 'data_loss') } : planned;
}

/** The newest applied migration. */
export function currentOf({ applied }: Standing): string | null {
  return applied.at(-1)?.version ?? null;
}

/**
 * Holds a connection: `read` for what this machine knows, `ask` for what the database itself says now, `write`. They
 * differ on a replica, where reads are local; it has fetched what there was at the end of a `write`.
 */
export async function holding<T>(
  { transactions }: Ground,
  mode: 'read' | 'ask' | 'write',
  work: (connection: Connection) => Promise<T>,
  waits?: WaitWatch,
): Promise<T> {
  if (transactions.current()) throw new TypeError('Migrations cannot run inside transaction(): call them outside');
  const { sync } = transactions.capabilities;
  try {
    const taking = transactions.getConnection({
      mode: mode === 'write' || (mode === 'ask' && sync) ? 'write' : 'read',
    });
    using lease = await (waits ? waits.turn(taking) : taking);
    return await work(lease.client);
  } finally {
    // What others did meanwhile counts too. Without its server a replica fetches later, and says so in an event.
    if (mode === 'write' && sync) await transactions.sync().catch(() => undefined);
  }
}

/** Reads folder and database side by side over a held connection. */
export async function look({ origin, migrationsTable }: Ground, connection: Connection): Promise<Standing> {
  const [files, ledger] = await Promise.all([origin.read(), readLedger(connection, migrationsTable)]);
  return compare(files, ledger);
}

/** `look`, beside the file of a replica, too. */
export async function lookBesideFile(ground: Ground, connection: Connection): Promise<Standing> {
  return await besideFile(ground, await look(ground, connection));
}

interface Prepared extends PlannedCall {
  /** Read once for a call: a checkout in between must not mix two folders in one run. */
  readonly files: readonly FolderMigration[];
  readonly standing: Standing;
  readonly steps: readonly Step[];
}

async function prepare(
  ground: Ground,
  { direction, reach, allowDataLoss }: Call,
  connection: Connection,
): Promise<Prepared> {
  const { writeLimitMs: limitMs } = ground.transactions.capabilities;
  const files = await ground.origin.read();
  let standing = await besideFile(ground, compare(files, await readLedger(connection, ground.migrationsTable)));
  const steps = direction === 'up' ? chooseUp(standing, reach).map(stepUp) : chooseDown(standing, reach).map(stepDown);
  for (let attempt = 1; ; attempt += 1) {
    const left = steps.filter((step) => !isDone(step, standing));
    const how = { limitMs, allowDataLoss, ledger: ground.migrationsTable };
    const [outcome] = await Promise.allSettled([planSteps(connection, left, how)]);
    const plan = outcome.status === 'fulfilled' ? outcome.value : null;
    const isRefused = plan?.planned.some(({ problems }) => problems.length > 0) ?? true;
    // A plan reads several times: another runner may have taken away what an earlier read saw, or made what is refused now.
    const now = isRefused ? compare(files, await readLedger(connection, ground.migrationsTable)) : standing;
    const isSure = now.ledger.head === standing.ledger.head;
    if (isSure && plan !== null) return { files, standing, steps: left, ...plan };
    const error: unknown = outcome.status === 'rejected' ? outcome.reason : undefined;
    if (isSure) throw error;
    standing = await besideFile(ground, now);
    if (attempt < ground.maxAttempts) continue;
    throw migrationError('lock_lost', 'Other migrations kept running while this one was planned', {
      operation: `plan ${direction}`,
      hint: 'Look at cc-migrate status, then run again if there is anything left to do',
      cause: error,
    });
  }
}

function refuseCall(call: Call, { standing, planned }: Pick<Prepared, 'standing' | 'planned'>): void {
  const ofSteps = planned.flatMap(({ problems }) => problems);
  refuse(
    [...problemsOf(call, standing), ...ofSteps],
    call.direction === 'up' ? 'applyMigrations' : 'rollbackMigration',
  );
}

const mixed: ReadonlySet<MigrationProblem['kind']> = new Set([
  ...(['duplicate', 'renumbered', 'other_table', 'other_server'] as const),
]);

/** Going back mends most problems, so only what makes the order of applied migrations unsure stops it. */
function problemsOf({ direction, allowOutOfOrder }: Call, { problems, late }: Standing): Standing['problems'] {
  if (direction === 'down') return problems.filter(({ kind }) => mixed.has(kind));
  return problems.filter((problem) => !allowOutOfOrder || !late.includes(problem));
}
