// The commands and flags of cc-migrate. Opens the database for one command (commands.ts) and turns errors into exit codes.
import { isDatabaseError } from '@cc/tx';
import { isError } from '@cc/tx/errors';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { baseline, check, diff, repair, verify } from './command-line/care-commands.js';
import { type CommandFlags, commands, type Surroundings } from './command-line/commands.js';
import type { ProjectConfig } from './command-line/config.js';
import { type Access, databaseOf, looks, makes, noteMissing, withDatabase } from './command-line/database.js';
import { parseDate } from './command-line/date.js';
import { drop } from './command-line/drop.js';
import { exitCodeOf } from './command-line/exit-codes.js';
import { noteFilter } from './command-line/filter.js';
import { bundle, create, type GenerateFlags, generate } from './command-line/generate-commands.js';
import { type InitFlags, init } from './command-line/init.js';
import { type Place, type PlaceFlags, placeOf } from './command-line/place.js';
import { restore } from './command-line/restore-command.js';
import { settle } from './command-line/settle-command.js';
import { goTo, redo } from './command-line/travel.js';
import { inFlags } from './command-line/wrong-use.js';
import type { MigrationManager } from './contract/run.js';
import { toJson } from './folder/json-text.js';
import { lossNamesIn } from './loss/agreement.js';
import { pathOf } from './run/database-file.js';
import { describeHolders, lockHolders } from './run/lock-holders.js';
import { drizzleTable } from './sql/bookkeeping.js';

export type { Surroundings } from './command-line/commands.js';

/** Runs cc-migrate with `args` (without node and script) and returns its exit code. Never throws. */
export async function runProgram(args: readonly string[], given: Surroundings): Promise<number> {
  const surroundings = underItsName(given);
  const { print, warn, version } = surroundings;
  let exitCode = 0;
  const program = new Command(surroundings.name ?? 'cc-migrate')
    .description('Applies the migrations of a drizzle-kit folder to a libSQL database, and takes them back.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => warn(text.trimEnd()) })
    .addHelpText('after', `\n${exitCodeHelp}`);

  const { only } = surroundings;
  const named = (name: string): Command => {
    const hidden = only !== undefined && !only.includes(name.split(' ', 1).join());
    const made = program.command(name, { hidden });
    return hidden ? made.hook('preAction', () => program.error(`error: unknown command '${made.name()}'`)) : made;
  };
  const command = (name: string, description: string): Command =>
    named(name)
      .description(description)
      .option('--url <url>', `database, such as file:./app.db (default: CC_DATABASE_URL, or 'dbCredentials')`)
      .option('--folder <path>', folderHelp)
      .option('--table <name>', `drizzle's table (default: 'migrations.table', or ${drizzleTable})`)
      .option('--config <path>', configHelp)
      .option('--no-config', 'leave the configuration out')
      .option('--json', 'print one JSON document');
  const add = (name: string, description: string, work: Work, access: Access = {}): Command =>
    command(name, description).action(async (flags: Flags) => {
      exitCode = await runCommand(work, flags, surroundings, access);
    });
  /** For commands that do more with a database. */
  const addLoose = (name: string, description: string, work: LooseWork): Command =>
    command(name, description)
      .option('--no-url', 'leave the database out')
      .action(async (flags: Flags) => {
        const place = await placeOf(flags, surroundings);
        const resolved = resolvedFlags(flags, place);
        const isThere = place.url !== undefined && !noteMissing(place.url, surroundings);
        exitCode = isThere
          ? await withDatabase(place, surroundings, looks, (found) => work(found, resolved, surroundings))
          : await work(null, resolved, surroundings);
        if (name === 'check') noteFilter(place.config, surroundings);
      });
  const addRun = (name: 'up' | 'down', description: string): Command =>
    reach(runs(add(name, description, commands[name], name === 'up' ? makes : {}))).option(
      '--yes',
      name === 'up' ? 'accepted for scripts: up never asks' : 'do not ask',
    );

  const addWriter = (name: string, description: string, work: typeof generate): Command =>
    named(name)
      .description(description)
      .option('--folder <path>', folderHelp)
      .option('--config <path>', configHelp)
      .option('--no-config', 'leave the configuration out')
      .option('--json', 'print one JSON document')
      .action(async (flags: Omit<GenerateFlags, 'config'> & Pick<PlaceFlags, 'config'>) => {
        const { folder, prefix, config } = await placeOf({ ...flags, url: false }, surroundings);
        const { path, breakpoints = true, driver } = config ?? {};
        const isLeftOut = flags.config === false;
        exitCode = await work({ ...flags, folder, prefix, breakpoints, driver, config: path, isLeftOut }, surroundings);
      });
  addWriter('generate', 'write the next migration from the schema code, up and down, proven', generate)
    .option('--name <name>', 'what follows the number in the file name')
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
  addWriter('settle', 'say that history is as a snapshot says, where old files no longer run', settle)
    .option('--to <version>', 'the newest of them (default: the last one that does not run)')
    .option('--dry-run', 'show what would be written');
  outOfOrder(addRun('up', 'apply pending migrations, all of them by default'));
  toDate(addRun('down', 'take back applied migrations, the newest one by default'));
  asks(steps(runs(add('redo', 'take back the newest migration and apply it again', redo))));
  outOfOrder(asks(runs(command('goto <version>', `go up or down to a version, or to 'none'`))))
    .alias('to')
    .action(async (to: string, flags: Flags) => {
      exitCode = await runCommand(goTo, { ...flags, to }, surroundings, to === 'none' ? {} : makes);
    });
  command('init', 'write a configuration, scripts and an example test, where there are none')
    .option('--schema <path>', 'schema code (default: what is there, or an example in src/schema.ts)')
    .option('--yes', 'do not ask')
    .action(async (flags: InitFlags) => {
      exitCode = await init(flags, surroundings);
    });
  asks(dryRun(addLoose('drop', 'take the newest migration out of the folder, when it is not applied', drop)));
  add('status', 'compare folder and database', commands.status, looks);
  add('history', 'list every run of a migration', commands.history, looks);
  toDate(outOfOrder(reach(add('plan', 'print the SQL that would run, and its warnings', commands.plan, looks))))
    .option('--down', 'for down instead of up')
    .option('--measure', 'run them on a copy, and say what they lose there')
    .option('--allow-data-loss [names]', allowDataLossText, agreed);
  addLoose('check', 'check the folder as a whole; with a database also what that has recorded', check).option(
    '--no-code',
    'leave the schema code out',
  );
  steps(
    addLoose('verify', 'try migrations on a copy of the database; without one, all of them on made-up rows', verify),
  );
  add('diff', 'compare the schema of the database with what its migrations make', diff, looks);
  dryRun(add('baseline', 'record migrations as applied that the database has already', baseline))
    .option('--to <version>', 'the newest of them (default: the newest one with the schema of the database)')
    .option('--from-database', `first write the database's own CREATE statements into the folder's only migration`);
  asks(dryRun(add('repair', 'make what is recorded agree with folder and schema', repair))).option(
    '--journal',
    `also raise 'when' in the folder's journal where it does not grow`,
  );
  asks(command('restore <backup>', 'put a copy of a local database into its place'))
    .option('--without-migrations', 'also a copy from before the first migration')
    .action(async (backup: string, flags: Flags) => {
      const place = await placeOf(flags, surroundings);
      const { folder, table } = place;
      exitCode = await restore(
        { ...resolvedFlags(flags, place), folder, table, backup, url: databaseOf(place) },
        surroundings,
      );
    });

  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has told people already.
      if (error.exitCode !== 0 && args.includes('--json'))
        print(errorJson(error.message.replace(/^error: /, ''), null, null));
      return error.exitCode;
    }
    report(error, args.includes('--json'), surroundings);
    return exitCodeOf(error);
  }
}

/** Lets what is printed name the command as it was called: hints say what to type next. What it leaves out is cc-migrate's. */
function underItsName(surroundings: Surroundings): Surroundings {
  const { name, only, print, warn } = surroundings;
  if (name === undefined) return surroundings;
  const called = (text: string): string =>
    text.replaceAll(/\bcc-migrate ([a-z]+)/g, (whole, command: string) =>
      only && !only.includes(command) ? whole : `${name} ${command}`,
    );
  return { ...surroundings, print: (text) => print(called(text)), warn: (text) => warn(called(text)) };
}

const exitCodeHelp = `Exit codes:
  0  done
  1  error
  2  pending migrations (status), or something differs from what it must be
  3  refused: data would be lost, no way back is known, or nobody agreed
  4  other runners or a lock got in the way; try again`;

const folderHelp = `drizzle-kit's folder (default: 'out' of the configuration, or ./drizzle)`;
const configHelp = `drizzle-kit's configuration (default: drizzle.config.ts, .js, .json, .mts, .mjs, .cts or .cjs)`;
const allowDataLossText = 'let rows and values go: all, or those named, as users.email,audit; repeatable';

/** True without names; with names all of those given so far. */
function agreed(value: string | undefined, before: true | readonly string[] | undefined): true | readonly string[] {
  if (value === undefined || before === true) return true;
  return [...(before ?? []), ...lossNamesIn(value)];
}

type Flags = CommandFlags & PlaceFlags;

/** Flags with what the configuration says in their place. */
type ResolvedFlags = CommandFlags & {
  readonly folder: string;
  readonly config: string | undefined;
  readonly driver: ProjectConfig['driver'];
  readonly checksCode: boolean;
  readonly database: string | undefined;
};

type Work = (migrations: MigrationManager, flags: ResolvedFlags, surroundings: Surroundings) => Promise<number>;
type LooseWork = (
  migrations: MigrationManager | null,
  flags: ResolvedFlags,
  surroundings: Surroundings,
) => Promise<number>;

function resolvedFlags(flags: Flags, { folder, config, isForFolder, url }: Place): ResolvedFlags {
  return { ...flags, folder, config: config?.path, driver: config?.driver, checksCode: isForFolder, database: url };
}

function reach(command: Command): Command {
  const help = `name or number of the migration to arrive at; for down also 'none'`;
  return steps(command).addOption(new Option('--to <version>', help).conflicts('steps'));
}

function toDate(command: Command): Command {
  const help = 'down: take back what was applied after it, such as 2026-11-28T14:30Z or 2026-11-28T14:30+01:00';
  return command.addOption(new Option('--to-date <date>', help).argParser(parseDate).conflicts(['steps', 'to']));
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

async function runCommand(work: Work, flags: Flags, surroundings: Surroundings, access: Access = {}): Promise<number> {
  const place = await placeOf(flags, surroundings);
  try {
    const ended = await withDatabase(place, surroundings, flags.dryRun ? looks : access, (migrations) =>
      work(migrations, resolvedFlags(flags, place), surroundings),
    );
    if (work === commands.status) noteFilter(place.config, surroundings);
    return ended;
  } catch (error) {
    noteHolders(error, place, surroundings);
    throw error;
  }
}

/** Says who has the lock that got in the way, where the system tells. */
function noteHolders(error: unknown, { url = '' }: Place, { name, warn }: Surroundings): void {
  if (!isDatabaseError(error) || error.type !== 'lock') return;
  const path = pathOf(url);
  const holders = path === undefined ? [] : lockHolders(path);
  if (holders.length > 0) warn(`${name ?? 'cc-migrate'}: ${describeHolders(holders)} has the lock of ${path}`);
}

function report(error: unknown, json: boolean, { name, print, warn }: Surroundings): void {
  const said = error instanceof TypeError ? inFlags(error) : isError(error) ? error.message : String(error);
  const code = isDatabaseError(error) ? error.code : null;
  const hint = isDatabaseError(error) ? error.hint : null;
  if (json) print(errorJson(said, code, hint));
  warn(`${name ?? 'cc-migrate'}: ${said}`);
}

function errorJson(message: string, code: string | null, hint: string | null): string {
  return toJson({ error: { code, message, hint } });
}
