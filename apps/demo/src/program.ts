// The command line of candy: which command takes which arguments, and which exit code an error becomes.
import { join, resolve } from 'node:path';
import { isDatabaseError } from '@cc/tx/errors';
import { Argument, Command, CommanderError } from 'commander';
import { addAdoptCommand } from './commands/adopt.js';
import { addCopyCommand } from './commands/copy.js';
import { addFilterFlags, collect, type FilterFlags } from './commands/filter.js';
import { healthCommand } from './commands/health.js';
import { type ImportFlags, importCommand, importFlagsOf } from './commands/import.js';
import { migrateCommand } from './commands/migrate.js';
import { addModelCommands, type CommonFlags } from './commands/of-models.js';
import { listCommand, searchCommand } from './commands/search.js';
import { completionScript, nearestCommand, shells } from './completion.js';
import { findFolders } from './importing/scan.js';
import { type Library, openLibrary } from './library.js';
import { libraryUrl, serverAccess } from './location.js';
import { createOutput, type Output, type Streams } from './output.js';
import { visible } from './terminal.js';
import { tour } from './tour.js';

/** What the program knows of the process around it. */
export interface Surroundings extends Streams {
  readonly env: NodeJS.ProcessEnv;
  /** Where the folder `.candy` lies. */
  readonly folder: string;
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
  const { env, folder, workingFolder, program: name, interruptible } = surroundings;
  let exitCode = 0;
  const program = new Command('candy')
    .description('A library of 3D models: import, search, tag.')
    .exitOverride()
    .enablePositionalOptions()
    .helpCommand('help [command]', 'show the help of a command')
    .configureOutput({
      writeOut: (text) => void surroundings.stdout.write(text),
      writeErr: (text) => void surroundings.stderr.write(text),
    })
    .addHelpText(
      'after',
      '\nWithout a command: a tour with sample models.\nExit codes: 0 ok, 1 failed, 2 some files failed or the health is not OK, 130 interrupted.',
    );

  /** A command on an open library, which only some of them make. */
  const run = async (
    flags: CommonFlags,
    work: (library: Library, output: Output) => Promise<number>,
    { create = false } = {},
  ): Promise<void> => {
    // `candy --url … list` means the same as `candy list --url …`.
    const flag = flags.url ?? program.opts<CommonFlags>().url;
    const toIt = flag === undefined ? '' : ` --url ${flag}`;
    await using library = await openLibrary(libraryUrl(flag, env, folder), {
      create,
      upCommand: `${name} migrate up${toIt}`,
      importCommand: `${name} import <folder>${toIt}`,
      server: serverAccess(env),
    });
    exitCode = await work(library, createOutput(surroundings, flags.json ?? false));
  };
  const common = (command: Command): Command =>
    command
      .option('--url <url>', 'the library (default: the variable CANDY_URL, or a file in the folder .candy)')
      .option('--json', 'print one JSON document');

  program
    .option('--url <url>', 'the library (default: the variable CANDY_URL, or a file in the folder .candy)')
    .argument('[command...]')
    .usage('[options] [command]')
    .action(([unknown]: string[], flags: CommonFlags) => {
      if (unknown !== undefined) {
        const near = nearestCommand(
          unknown,
          program.commands.map((known) => known.name()),
        );
        const meant = near === null ? '' : `. Did you mean ${near}?`;
        return program.error(`error: unknown command '${visible(unknown)}'; ${name} --help lists the commands${meant}`);
      }
      return run(
        flags,
        (library, output) => tour(library, output, interruptible(), { folder: join(folder, '.candy'), program: name }),
        { create: true },
      );
    });
  common(program.command('import').description('import the 3D models in folders, at any depth').argument('<folder...>'))
    .option('--ignore <pattern>', 'pass over what fits, as in a .candyignore (may be repeated)', collect)
    .option('--hidden', 'also files and folders whose names begin with a dot')
    .option('--retry', 'read files again that could not be read')
    .option('--tags-from-folders', 'tag new models with the names of their folders')
    .option('--emptied', 'a folder that is empty now has been emptied: its models are missing')
    .action(async (folders: string[], flags: CommonFlags & ImportFlags & { readonly tagsFromFolders?: boolean }) => {
      const paths = folders.map((path) => resolve(workingFolder, path));
      // A path that is none must not leave a library behind.
      await findFolders(paths);
      await run(
        flags,
        (library, output) => importCommand(library, paths, output, interruptible(), importFlagsOf(flags)),
        { create: true },
      );
    });
  addFilterFlags(
    common(
      program.command('search').description('find models by words; the last may be a beginning').argument('[words...]'),
    ),
  ).action((words: string[], flags: CommonFlags & FilterFlags) =>
    run(flags, (library, output) => searchCommand(library, words, flags, output)),
  );
  addFilterFlags(common(program.command('list').description('list models, newest first'))).action(
    (flags: CommonFlags & FilterFlags) => run(flags, (library, output) => listCommand(library, flags, output)),
  );
  addModelCommands(program, { common, run, workingFolder });
  addAdoptCommand(program, { common, run }, surroundings);
  addCopyCommand(program, surroundings, (code) => {
    exitCode = code;
  });
  common(program.command('health').description('show how the database is doing')).action((flags: CommonFlags) =>
    run(flags, healthCommand),
  );
  program
    .command('completion')
    .description('print a script that lets a shell complete the commands')
    .addArgument(new Argument('<shell>').choices(shells))
    .action((shell: (typeof shells)[number]) => {
      surroundings.stdout.write(
        `${completionScript(
          shell,
          program.commands.map((known) => known.name()),
        )}\n`,
      );
    });
  program
    .command('restore')
    .description('put a backup into the place of the library: restore <backup> --yes')
    .argument('[arguments...]')
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (rest: string[]) => {
      const target = { url: libraryUrl(program.opts<CommonFlags>().url, env, folder) };
      exitCode = await migrateCommand(['restore', ...rest], target, name, createOutput(surroundings, false));
    });
  program
    .command('migrate')
    .description('migrate the library: up, down, status, history, plan')
    .argument('[arguments...]')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (rest: string[]) => {
      const { authToken, syncUrl } = serverAccess(env);
      // A replica's schema is its server's.
      const url = syncUrl ?? libraryUrl(program.opts<CommonFlags>().url, env, folder);
      const target = { url, ...(authToken && { authToken }) };
      exitCode = await migrateCommand(rest, target, `${name} migrate`, createOutput(surroundings, false));
    });

  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    report(error, createOutput(surroundings, args.includes('--json')));
    return 1;
  }
}

function report(error: unknown, output: Output): void {
  const { code, hint } = isDatabaseError(error) ? error : { code: null, hint: null };
  const message = messageOf(error);
  if (output.json) output.answer({ error: { code, message, hint } }, () => []);
  output.note(`candy: ${message}`);
}

/** What happened, in the words of whoever runs the program: which statement found out does not matter to them. */
function messageOf(error: unknown): string {
  if (isDatabaseError(error) && error.type === 'connection') return `The library cannot be reached. ${error.hint}`;
  if (isDatabaseError(error) && error.type === 'lock') {
    return `Another program is writing to the library and did not finish in time. ${error.hint}`;
  }
  return error instanceof Error ? error.message : String(error);
}
