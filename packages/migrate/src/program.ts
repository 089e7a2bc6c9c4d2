// The commands and flags of cc-migrate. Opens the database for one command (commands.ts) and turns errors into exit codes.
import { isDatabaseError, openTransactionManager } from '@cc/tx';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { type CommandFlags, type CommandName, commands, type Surroundings } from './command-line/commands.js';
import { exitCodeOf } from './command-line/exit-codes.js';
import { create, type GenerateFlags, generate } from './command-line/generate-commands.js';
import { createMigrationManager } from './create.js';

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

  const add = (name: CommandName, description: string): Command =>
    program
      .command(name)
      .description(description)
      .option('--url <url>', 'database, such as file:./app.db (default: the variable CC_DATABASE_URL)')
      .option('--folder <path>', `drizzle-kit's folder`, './drizzle')
      .option('--json', 'print one JSON document')
      .action(async (flags: CommandFlags & Target) => {
        exitCode = await runCommand(name, flags, surroundings);
      });
  const addRun = (name: 'up' | 'down', description: string): Command =>
    reach(add(name, description))
      .option('--dry-run', 'make every check and show what would run, without writing')
      .option('--allow-data-loss', 'let it drop tables and columns that hold data')
      .option('--backup [path]', 'make a verified copy first (default: beside the database)')
      .option('--yes', name === 'up' ? 'accepted for scripts: up never asks' : 'do not ask');

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
  outOfOrder(addRun('up', 'apply pending migrations, all of them by default'));
  addRun('down', 'take back applied migrations, the newest one by default');
  add('status', 'compare folder and database');
  add('history', 'list every run of a migration');
  outOfOrder(reach(add('plan', 'print the SQL that would run, and its warnings'))).option(
    '--down',
    'for down instead of up',
  );

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
  2  pending migrations (status), or folder and database differ
  3  refused: data would be lost, no way back is known, or nobody agreed
  4  other runners or a lock got in the way; try again`;

/** A migration may take its time; a server that never answers is given up on all the same. */
const transactionTimeoutMs = 3_600_000;

interface Target {
  readonly url?: string;
  readonly folder: string;
}

function reach(command: Command): Command {
  return command
    .option('--steps <n>', 'how many migrations', count)
    .option('--to <version>', `name or number of the migration to arrive at; for down also 'none'`);
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

async function runCommand(
  name: CommandName,
  flags: CommandFlags & Target,
  surroundings: Surroundings,
): Promise<number> {
  const url = flags.url ?? surroundings.env['CC_DATABASE_URL'];
  if (!url) throw new TypeError('No database: give --url, or set CC_DATABASE_URL');
  const authToken = surroundings.env['CC_AUTH_TOKEN'];
  await using transactions = await openTransactionManager({
    url,
    transactionTimeoutMs,
    ...(authToken && { authToken }),
  });
  const migrations = createMigrationManager(transactions, { folder: flags.folder });
  return await commands[name](migrations, flags, surroundings);
}

function report(error: unknown, json: boolean, { name, print, warn }: Surroundings): void {
  const message = error instanceof Error ? error.message : String(error);
  const code = isDatabaseError(error) ? error.code : null;
  const hint = isDatabaseError(error) ? error.hint : null;
  if (json) print(JSON.stringify({ error: { code, message, hint } }, null, 2));
  warn(`${name ?? 'cc-migrate'}: ${message}`);
}
