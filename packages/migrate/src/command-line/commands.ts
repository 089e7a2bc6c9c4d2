// What each command of cc-migrate does with a migration manager: calls it, shows the answer (show.ts), returns an exit code.

import type {
  MigrationManager,
  MigrationProgress,
  MigrationResult,
  RollbackOptions,
  RunOptions,
} from '../contract/run.js';
import { migrationError } from '../errors.js';
import { toJson } from '../folder/json-text.js';
import { agree } from './agree.js';
import { momentOf, type WrittenDate } from './date.js';
import { exitCodeOfFault, exitCodes } from './exit-codes.js';
import { showHistory, showPlan, showProgress, showResult, showStatus } from './show.js';

/** What the program knows of the process around it. */
export interface Surroundings {
  /** What the program is called. Default `cc-migrate`. */
  readonly name?: string | undefined;
  readonly version: string;
  /** The commands that it has, for programs whose folder is none of their users'. Default: all. */
  readonly only?: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One text to standard output. */
  readonly print: (text: string) => void;
  /** One text to standard error. */
  readonly warn: (text: string) => void;
  /** Asks a person; null when there is no terminal. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
  /** Shows how far it is in place of what it showed before, '' for nothing; absent or null when there is no terminal. */
  readonly progress?: ((text: string) => void) | null | undefined;
  /** Asks a person for a text, which is `otherwise` when nothing is typed; absent or null when there is no terminal. */
  readonly input?: ((question: string, otherwise: string) => Promise<string>) | null | undefined;
  /** Lets a person choose one of `options`; absent or null when there is no terminal. */
  readonly choose?: ((question: string, options: readonly string[]) => Promise<string>) | null | undefined;
  /** Makes a folder that of SQLite's temporary files: that of the database, where its log has room too. */
  readonly keepTemporaryFiles?: ((folder: string) => void) | undefined;
  /** Lets a signal end the process as it would without this program, also in the middle of a statement: it has nothing to remove. */
  readonly endAtOnce?: (() => void) | undefined;
}

/** Flags as commander gives them. */
export interface CommandFlags {
  readonly json?: boolean;
  readonly steps?: number;
  readonly to?: string;
  readonly toDate?: WrittenDate;
  readonly dryRun?: boolean;
  /** True without names. */
  readonly allowDataLoss?: true | readonly string[];
  readonly measure?: boolean;
  readonly allowOutOfOrder?: boolean;
  /** True without a path. */
  readonly backup?: string | true;
  readonly yes?: boolean;
  readonly down?: boolean;
}

/** Names of the commands here. */
type CommandName = 'up' | 'down' | 'status' | 'history' | 'plan';

type CommandWork = (
  migrations: MigrationManager,
  flags: CommandFlags,
  surroundings: CommandSurroundings,
) => Promise<number>;

/** The commands by name. */
export const commands: Readonly<Record<CommandName, CommandWork>> = { up, down, status, history, plan };

type CommandSurroundings = Pick<Surroundings, 'print' | 'ask' | 'progress'>;

async function up(
  migrations: MigrationManager,
  flags: CommandFlags,
  surroundings: CommandSurroundings,
): Promise<number> {
  const result = await watched(flags, surroundings, (onProgress) =>
    migrations.applyMigrations({ ...reachOf(flags), ...runOf(flags), ...outOfOrder(flags), ...onProgress }),
  );
  surroundings.print(flags.json ? toJson(result) : showResult(result));
  return exitCodes.ok;
}

async function down(
  migrations: MigrationManager,
  flags: CommandFlags,
  surroundings: CommandSurroundings,
): Promise<number> {
  const options = { ...(await backOf(migrations, flags)), ...runOf(flags) };
  // Refusals first: nobody is asked about what cannot be done.
  const look = (): Promise<MigrationResult> => migrations.rollbackMigration({ ...options, dryRun: true });
  let result = await look();
  if (!flags.dryRun && result.migrations.length > 0) {
    await agreeToGoBack(result, look, flags, surroundings);
    result = await watched(flags, surroundings, (onProgress) =>
      migrations.rollbackMigration({ ...options, ...onProgress }),
    );
  }
  surroundings.print(flags.json ? toJson(result) : showResult(result));
  return exitCodes.ok;
}

/** Asks a person, unless the flags say yes. @throws DatabaseError `MIGRATION_CONFIRM` without a yes */
async function agreeToGoBack(
  shown: MigrationResult,
  look: () => Promise<MigrationResult>,
  flags: CommandFlags,
  surroundings: CommandSurroundings,
): Promise<void> {
  const names = namesOf(shown);
  if (!(await agree(`Take back ${names}?`, 'down', flags, surroundings))) return;
  // Thinking takes time: the yes was to these migrations and no others.
  if (namesOf(await look()) !== names) {
    throw migrationError('lock_lost', 'Other migrations ran meanwhile', {
      operation: 'down',
      hint: 'Nothing was taken back. Look at cc-migrate status, then run it again',
    });
  }
}

function namesOf({ migrations }: MigrationResult): string {
  return migrations.map(({ version }) => version).join(', ');
}

async function status(
  migrations: MigrationManager,
  flags: CommandFlags,
  { print }: CommandSurroundings,
): Promise<number> {
  const answer = await migrations.status();
  print(flags.json ? toJson(answer) : showStatus(answer));
  return answer.pending.length + answer.problems.length === 0 ? exitCodes.ok : exitCodes.pendingOrDrift;
}

async function history(
  migrations: MigrationManager,
  flags: CommandFlags,
  { print }: CommandSurroundings,
): Promise<number> {
  const answer = await migrations.history();
  print(flags.json ? toJson(answer) : showHistory(answer));
  return exitCodes.ok;
}

async function plan(
  migrations: MigrationManager,
  flags: CommandFlags,
  { print }: CommandSurroundings,
): Promise<number> {
  const direction = flags.down ? 'down' : 'up';
  if (flags.toDate && !flags.down)
    throw new TypeError('--to-date is for the way down: cc-migrate plan --down --to-date');
  const reach = flags.down ? await backOf(migrations, flags) : reachOf(flags);
  const { measure = false, allowDataLoss = false } = flags;
  const losses = { measure, allowDataLoss };
  const answer = await migrations.plan({ direction, ...reach, ...outOfOrder(flags), ...losses });
  print(flags.json ? toJson(answer) : showPlan(answer));
  const [first] = [...answer.problems, ...answer.migrations.flatMap(({ problems }) => problems)];
  return first ? exitCodeOfFault(first.kind) : exitCodes.ok;
}

function reachOf({ steps, to }: CommandFlags): { readonly steps?: number; readonly targetVersion?: string } {
  return { ...(steps !== undefined && { steps }), ...(to !== undefined && { targetVersion: to }) };
}

/** How far down. */
async function backOf(
  migrations: MigrationManager,
  flags: CommandFlags,
): Promise<Pick<RollbackOptions, 'steps' | 'targetVersion' | 'targetDate'>> {
  if (flags.toDate) return { targetDate: await momentOf(migrations, flags.toDate) };
  return flags.to === 'none' ? { targetVersion: null } : reachOf(flags);
}

function runOf({ dryRun = false, allowDataLoss, backup }: CommandFlags): RunOptions {
  return { dryRun, allowDataLoss: allowDataLoss ?? false, ...(backup !== undefined && { backup }) };
}

function outOfOrder({ allowOutOfOrder = false }: CommandFlags): { readonly allowOutOfOrder: boolean } {
  return { allowOutOfOrder };
}

/** Shows on a terminal how far `work` is, and takes it away at the end. */
async function watched<T>(
  { json }: CommandFlags,
  { progress }: CommandSurroundings,
  work: (options: Pick<RunOptions, 'onProgress'>) => Promise<T>,
): Promise<T> {
  if (!progress || json) return await work({});
  try {
    const onProgress = (done: MigrationProgress): void => {
      // Waits show themselves, of every command (waiting.ts).
      if (!done.waiting) progress(showProgress(done));
    };
    return await work({ onProgress });
  } finally {
    progress('');
  }
}
