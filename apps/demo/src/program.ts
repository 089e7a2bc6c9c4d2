// The command line of candy: which command takes which arguments, and which exit code an error becomes.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { nearestName } from '@cc/schema/validation';
import { Command, CommanderError } from 'commander';
import { historyFile, picturesFolder } from './beside-library.js';
import { addAdoptCommand } from './commands/adopt.js';
import { addCollectionCommands } from './commands/collections.js';
import { addCopyCommand } from './commands/copy.js';
import { addHealthCommand } from './commands/health.js';
import { addMigrateCommand, migrateCommand } from './commands/migrate.js';
import { addCareCommands } from './commands/of-care.js';
import { addImportCommand } from './commands/of-import.js';
import { addModelCommands } from './commands/of-models.js';
import { addRestoreCommand } from './commands/restore.js';
import { addSampleCommand } from './commands/sample.js';
import { addSavedCommands } from './commands/saved.js';
import { addListingCommands } from './commands/search.js';
import { addServeCommand, serveCommand } from './commands/serve.js';
import type { CommandSurroundings, CommonFlags, RunOptions } from './commands/surroundings.js';
import { addCompletionCommand } from './completion.js';
import { exitCodeHelp, exitCodes } from './exit-codes.js';
import { Refused, tellFailure } from './failure.js';
import { type Library, openLibrary } from './library.js';
import { libraryUrl, pathOf, serverAccess } from './location.js';
import { createOutput, type Output, type OutputFlags, type Streams } from './output.js';
import { didYouMean, harmless, visible } from './terminal.js';
import { tour } from './tour.js';
import { tellWaits } from './waiting.js';

/** What the program knows of the process around it. */
export interface Surroundings extends Streams {
  readonly env: NodeJS.ProcessEnv;
  /** Where the folder `.candy` lies. */
  readonly folder: string;
  /** Why no command can do anything here; null where it can. */
  readonly problem?: string | null;
  /** What paths on the command line are relative to. */
  readonly workingFolder: string;
  /** How examples call this program. */
  readonly program: string;
  /** Starts to listen for Ctrl-C and returns the signal that it fires. */
  readonly interruptible: () => AbortSignal;
}

/**
 * Runs candy with `args` and returns the exit code: 0 ok, 1 failed, 2 some files failed or the health is not OK,
 * 130 interrupted. Never throws.
 */
export async function runCandy(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { env, folder, problem = null, workingFolder, program: name, interruptible } = surroundings;
  const dotFolder = join(folder, '.candy');
  let exitCode = 0;
  const program = new Command('candy')
    .description('A library of 3D models: import, search, tag.')
    .version(ownVersion(), '-V, --version', 'print the version')
    .exitOverride()
    .enablePositionalOptions()
    .hook('preAction', () => {
      if (problem !== null) throw new Refused(problem);
    })
    .helpCommand('help [command]', 'show the help of a command')
    .configureOutput({
      writeOut: (text) => void surroundings.stdout.write(harmless(text)),
      writeErr: (text) => void surroundings.stderr.write(harmless(text)),
    })
    .addHelpText(
      'after',
      `\nWithout a command: a tour with sample models.\n\nExit codes:\n${exitCodeHelp.map((line) => `  ${line}`).join('\n')}`,
    );

  /** A command on an open library, which only some of them make. */
  const run = async (
    ofCommand: CommonFlags,
    work: (library: Library, output: Output) => Promise<number>,
    { create = false, advice = false, history = false, monitored = advice }: RunOptions = {},
  ): Promise<void> => {
    // `candy --url … list` means the same as `candy list --url …`.
    const flags = { ...program.opts<CommonFlags>(), ...ofCommand };
    const flag = flags.url;
    const toIt = flag === undefined ? '' : ` --url ${flag}`;
    const url = libraryUrl(flag, env, folder);
    await using library = await openLibrary(url, {
      create,
      advice,
      monitored,
      ...(history && { history: historyFile(url, folder) }),
      upCommand: `${name} migrate up${toIt}`,
      importCommand: `${name} import <folder>${toIt}`,
      server: serverAccess(env),
    });
    const output = createOutput(surroundings, flags);
    tellWaits(library.transactions, pathOf(url), output);
    exitCode = await work(library, output);
  };
  const picturesOf = (ofCommand: CommonFlags): string => {
    const { url } = { ...program.opts<CommonFlags>(), ...ofCommand };
    return picturesFolder(libraryUrl(url, env, folder), folder);
  };
  const refuseUnknown = (unknown: string): never => {
    const names = program.commands.map((known) => known.name());
    const near = didYouMean(nearestName(unknown, names));
    return program.error(`error: unknown command '${visible(unknown)}'; ${name} --help lists the commands.${near}`);
  };
  common(program)
    .argument('[command...]')
    .option('--no-serve', 'end after the tour instead of showing the page')
    .usage('[options] [command]')
    .action(([unknown]: string[], flags: CommonFlags & { readonly serve: boolean }) => {
      if (unknown !== undefined) return refuseUnknown(unknown);
      if (flags.json || flags.jsonl) return program.error('error: the tour is for people; a command takes --json');
      // Scripts and CI want an end; people want to look.
      const isWatched = flags.serve && surroundings.interactive && !env['CI'];
      return run(
        flags,
        async (library, output) => {
          const signal = interruptible();
          const ended = await tour(library, output, signal, { folder: dotFolder, program: name });
          if (!isWatched || signal.aborted) return ended;
          const place = { folder: dotFolder, env, signal, pictures: picturesOf(flags) };
          return await serveCommand(library, { port: 0 }, output, place);
        },
        { create: true, advice: true, history: isWatched },
      );
    });
  const at: CommandSurroundings = { common, run, workingFolder, interruptible, picturesOf };
  addImportCommand(program, at);
  addListingCommands(program, at);
  addModelCommands(program, at);
  addServeCommand(program, at, { folder: dotFolder, env });
  addCollectionCommands(program, at);
  addSavedCommands(program, at);
  addCareCommands(program, at);
  addHealthCommand(program, at);
  addSampleCommand(program, at);
  addAdoptCommand(program, at, surroundings);
  addCopyCommand(program, surroundings, (code) => {
    exitCode = code;
  });
  addCompletionCommand(program, surroundings.stdout);
  const migrate = async (
    rest: readonly string[],
    ofCommand: CommonFlags,
    called: string,
    onAnswer?: () => void,
  ): Promise<void> => {
    const flags = { ...program.opts<CommonFlags>(), ...ofCommand };
    const { authToken, syncUrl } = serverAccess(env);
    // A replica's schema is its server's.
    const url = syncUrl ?? libraryUrl(flags.url, env, folder);
    const args = flags.json || flags.jsonl ? [...rest, '--json'] : rest;
    exitCode = await migrateCommand(
      args,
      { url, ...(authToken && { authToken }) },
      called,
      createOutput(surroundings, flags),
      onAnswer,
    );
  };
  addRestoreCommand(program, common, surroundings, (rest, flags, onAnswer) => migrate(rest, flags, name, onAnswer));
  addMigrateCommand(program, (rest, flags) => migrate(rest, flags, `${name} migrate`));
  refuseEmptyArguments(program);

  try {
    const [first, about] = args;
    const isKnown = program.commands.some((known) => known.name() === about) || about === 'help';
    // Commander would show the help of everything.
    if (first === 'help' && about !== undefined && !about.startsWith('-') && !isKnown) refuseUnknown(about);
    // And for an error what stands behind it: help is a text, whatever form an answer would have.
    await program.parseAsync(first === 'help' ? args.filter((each) => !forms.has(each)) : [...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    const flags = flagsIn(args);
    tellFailure(error, createOutput(surroundings, flags), { ...flags, program: name });
    return exitCodes.failed;
  }
}

/** Adds the flags that every command has. */
function common(command: Command): Command {
  return command
    .option('--url <url>', 'the library (default: the variable CANDY_URL, or a file in the folder .candy)')
    .option('--json', 'print one JSON document')
    .option('--jsonl', 'print JSON on one line; lists whole, an item to a line')
    .option('--verbose', 'with an error also its causes and stack traces');
}

/** A variable of the shell that is not set: as a path it would be the folder that candy is started in. */
function refuseEmptyArguments(program: Command): void {
  program.hook('preAction', (_, command) => {
    for (const [at, argument] of command.registeredArguments.entries()) {
      const given = argument.variadic ? command.args.slice(at) : command.args.slice(at, at + 1);
      if (given.includes('') && !mayBeEmpty.has(argument.name()))
        command.error(`error: the argument '${argument.name()}' is empty; if it was a variable, it is not set`);
    }
  });
}

/** Arguments that are texts as they stand. */
const mayBeEmpty: ReadonlySet<string> = new Set(['words', 'value', 'arguments']);

const forms: ReadonlySet<string> = new Set(['--json', '--jsonl', '--verbose']);

/** The flags that say how an error is told, also where the command line could not be read. */
function flagsIn(args: readonly string[]): OutputFlags & { readonly verbose: boolean } {
  const end = args.indexOf('--');
  const flags = new Set(end < 0 ? args : args.slice(0, end));
  return { json: flags.has('--json'), jsonl: flags.has('--jsonl'), verbose: flags.has('--verbose') };
}

/** That of the package: from sources and from dist, its file is one folder up. */
function ownVersion(): string {
  const { version }: { readonly version: string } = createRequire(import.meta.url)('../package.json');
  return version;
}
