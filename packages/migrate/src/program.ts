// The commands and flags of cc-migrate. Opens the database for one command (commands.ts) and turns errors into exit codes.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDatabaseError, openTransactionManager } from '@cc/tx';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { baseline, check, diff, repair, verify } from './command-line/care-commands.js';
import { type CommandFlags, commands, type Surroundings } from './command-line/commands.js';
import { exitCodeOf } from './command-line/exit-codes.js';
import { bundle, create, type GenerateFlags, generate } from './command-line/generate-commands.js';
import { restore } from './command-line/restore-command.js';
import { goTo, redo } from './command-line/travel.js';
import { createMigrationManager } from './create.js';
import type { MigrationManager } from './types.js';

export type { Surroundings } from './command-line/commands.js';

/** Runs cc-migrate with `args` (without node and script) and returns its exit code. Never throws. */
export async function runProgram(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { print, warn, version } = surroundings;
  let exitCode = 0;
  const program = new Command(surroundings.name ?? 'cc-migrate')
    .description('Applies the migrations of a drizzle-kit folder to a libSQL database, and takes them back.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => warn(text.trimEnd()) })
    .addHelpText('after', `\n${exitCodeHelp}`);

  const command = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .option('--url <url>', 'database, such as file:./app.db (default: the variable CC_DATABASE_URL)')
      .option('--folder <path>', `drizzle-kit's folder`, './drizzle')
      .option('--json', 'print one JSON document');
  const add = (name: string, description: string, work: Work, access: Access = {}): Command =>
    command(name, description).action(async (flags: Flags) => {
      exitCode = await runCommand(work, flags, surroundings, access);
    });
  /** For commands that do more with a database. */
  const addLoose = (name: string, description: string, work: LooseWork): Command =>
    command(name, description).action(async (flags: Flags) => {
      const url = urlOf(flags, surroundings);
      const isThere = url !== undefined && !noteMissing(url, surroundings);
      exitCode = isThere ? await runCommand(work, flags, surroundings, looks) : await work(null, flags, surroundings);
    });
  const addRun = (name: 'up' | 'down', description: string): Command =>
    reach(runs(add(name, description, commands[name]))).option(
      '--yes',
      name === 'up' ? 'accepted for scripts: up never asks' : 'do not ask',
    );

  const addWriter = (name: string, description: string, work: typeof generate): Command =>
    program
      .command(name)
      .description(description)
      .option('--folder <path>', `drizzle-kit's folder (default: 'out' of the configuration, or ./drizzle)`)
      .option('--json', 'print one JSON document')
      .action(async (flags: GenerateFlags) => {
        exitCode = await work(flags, surroundings);
      });
  addWriter('generate', 'write the next migration from the schema code, up and down, proven', generate)
    .option('--name <name>', 'what follows the number in the file name')
    .option('--config <path>', `drizzle-kit's configuration (default: drizzle.config.ts)`)
    .option('--rename <old=new>', 'table=new, view=new or table.column=new; repeatable', collect)
    .option('--drop <what>', 'table, view or table.column that was dropped and not renamed; repeatable', collect)
    .option('--missing-downs', 'write the down files that the folder lacks instead')
    .option('--irreversible <version>', 'write a down file that says there is no way back; repeatable', collect)
    .option('--dry-run', 'plan and prove, and write nothing');
  addWriter('create', 'write a migration of custom SQL, with its way back', create)
    .requiredOption('--name <name>', 'what follows the number in the file name')
    .option('--up <file>', 'SQL file to take it from (default: an empty migration to fill in)')
    .option('--down <file>', 'SQL file of the way back (default: drafted)')
    .option('--irreversible', 'there is no way back');
  addWriter('bundle', 'write the migrations as a module, for programs without files beside them', bundle)
    .requiredOption('--out <file>', 'the module to write: .ts, .mts, .js or .mjs')
    .option('--check', 'write nothing, and end with 2 when the module is not what would be written');
  outOfOrder(addRun('up', 'apply pending migrations, all of them by default'));
  addRun('down', 'take back applied migrations, the newest one by default');
  asks(steps(runs(add('redo', 'take back the newest migration and apply it again', redo))));
  outOfOrder(asks(runs(command('goto <version>', `go up or down to a version, or to 'none'`))))
    .alias('to')
    .action(async (to: string, flags: Flags) => {
      exitCode = await runCommand(goTo, { ...flags, to }, surroundings);
    });
  add('status', 'compare folder and database', commands.status, looks);
  add('history', 'list every run of a migration', commands.history, looks);
  outOfOrder(reach(add('plan', 'print the SQL that would run, and its warnings', commands.plan, looks)))
    .option('--down', 'for down instead of up')
    .option('--measure', 'run them on a copy, and say what they lose there')
    .option('--allow-data-loss [names]', allowDataLossText, agreed);
  addLoose('check', 'check the folder as a whole; with a database also what that has recorded', check)
    .option('--config <path>', `drizzle-kit's configuration, to check the schema code (default: as generate finds it)`)
    .option('--no-code', 'leave the schema code out');
  steps(
    addLoose('verify', 'try migrations on a copy of the database; without one, all of them on made-up rows', verify),
  );
  add('diff', 'compare the schema of the database with what its migrations make', diff, looks);
  dryRun(add('baseline', 'record migrations as applied that the database has already', baseline)).option(
    '--to <version>',
    'the newest of them (default: the newest one with the schema of the database)',
  );
  asks(dryRun(add('repair', 'make what is recorded agree with folder and schema', repair))).option(
    '--journal',
    `also raise 'when' in the folder's journal where it does not grow`,
  );
  asks(command('restore <backup>', 'put a copy of a local database into its place'))
    .option('--without-migrations', 'also a copy from before the first migration')
    .action(async (backup: string, flags: Flags) => {
      const url = urlOf(flags, surroundings);
      if (url === undefined) throw noDatabase();
      exitCode = await restore({ ...flags, backup, url }, surroundings);
    });

  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    report(error, args.includes('--json'), surroundings);
    return exitCodeOf(error);
  }
}

const exitCodeHelp = `Exit codes:
  0  done
  1  error
  2  pending migrations (status), or something differs from what it must be
  3  refused: data would be lost, no way back is known, or nobody agreed
  4  other runners or a lock got in the way; try again`;

const allowDataLossText = 'let rows and values go: all, or those named, as users.email,audit; repeatable';

/** True without names; with names all of those given so far. */
function agreed(value: string | undefined, before: true | readonly string[] | undefined): true | readonly string[] {
  if (value === undefined || before === true) return true;
  return [...(before ?? []), ...value.split(',').map((name) => name.trim())].filter((name) => name !== '');
}

/** A migration may take its time; a server that never answers is given up on all the same. */
const transactionTimeoutMs = 3_600_000;

interface Flags extends CommandFlags {
  readonly url?: string;
  readonly folder: string;
}

type Work = (migrations: MigrationManager, flags: Flags, surroundings: Surroundings) => Promise<number>;
type LooseWork = (migrations: MigrationManager | null, flags: Flags, surroundings: Surroundings) => Promise<number>;

function reach(command: Command): Command {
  return steps(command).option('--to <version>', `name or number of the migration to arrive at; for down also 'none'`);
}

function steps(command: Command): Command {
  return command.option('--steps <n>', 'how many migrations', count);
}

function runs(command: Command): Command {
  return dryRun(command)
    .option('--allow-data-loss [names]', allowDataLossText, agreed)
    .option('--backup [path]', 'make a verified copy first (default: beside the database)');
}

function dryRun(command: Command): Command {
  return command.option('--dry-run', 'make every check and show what would be done, without writing');
}

function asks(command: Command): Command {
  return command.option('--yes', 'do not ask');
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function outOfOrder(command: Command): Command {
  return command.option('--allow-out-of-order', 'apply migrations that are older than applied ones, too');
}

function count(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of at least 1.');
}

function urlOf({ url }: Flags, { env }: Surroundings): string | undefined {
  return url ?? (env['CC_DATABASE_URL'] || undefined);
}

function noDatabase(): TypeError {
  return new TypeError('No database: give --url, or set CC_DATABASE_URL');
}

/** How a command opens the database. */
interface Access {
  readonly readOnly?: true;
}

/** Commands that only look make no file: one that is not there is as an empty database. */
const looks: Access = { readOnly: true };

/** Whether `url` names a file that is not there, which a person should hear of: it may be a slip. */
function noteMissing(url: string, { name, warn }: Surroundings): boolean {
  const path = pathOf(url);
  if (path === undefined || existsSync(path)) return false;
  warn(`${name ?? 'cc-migrate'}: there is no file ${path} yet; this is what an empty database would answer`);
  return true;
}

/** The path of a local file; undefined for anything else, and for what opening will refuse. */
function pathOf(url: string): string | undefined {
  if (!url.startsWith('file:') || url === 'file::memory:') return undefined;
  try {
    return url.startsWith('file://') ? fileURLToPath(url) : decodeURIComponent(url.slice('file:'.length));
  } catch {
    return undefined;
  }
}

async function runCommand(work: Work, flags: Flags, surroundings: Surroundings, access: Access = {}): Promise<number> {
  const given = urlOf(flags, surroundings);
  if (given === undefined) throw noDatabase();
  const url = access.readOnly && noteMissing(given, surroundings) ? ':memory:' : given;
  const authToken = surroundings.env['CC_AUTH_TOKEN'];
  await using transactions = await openTransactionManager({
    url,
    transactionTimeoutMs,
    ...(url === given && access),
    ...(authToken && { authToken }),
  });
  const migrations = createMigrationManager(transactions, { folder: flags.folder });
  return await work(migrations, flags, surroundings);
}

function report(error: unknown, json: boolean, { name, print, warn }: Surroundings): void {
  const message = error instanceof Error ? error.message : String(error);
  const code = isDatabaseError(error) ? error.code : null;
  const hint = isDatabaseError(error) ? error.hint : null;
  if (json) print(JSON.stringify({ error: { code, message, hint } }, null, 2));
  warn(`${name ?? 'cc-migrate'}: ${message}`);
}
