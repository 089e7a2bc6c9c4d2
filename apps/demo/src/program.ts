// The command line of candy: which command takes which arguments, and which exit code an error becomes.
import { join, resolve } from 'node:path';
import { isDatabaseError } from '@cc/tx/errors';
import { Command, CommanderError } from 'commander';
import { addFilterFlags, collect, type FilterFlags } from './commands/filter.js';
import { healthCommand } from './commands/health.js';
import { type ImportFlags, importCommand, importFlagsOf } from './commands/import.js';
import { migrateCommand } from './commands/migrate.js';
import { listCommand, searchCommand } from './commands/search.js';
import { printedCommand, showCommand, tagCommand } from './commands/show.js';
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

interface CommonFlags {
  readonly url?: string;
  readonly json?: boolean;
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
        return program.error(`error: unknown command '${visible(unknown)}'; ${name} --help lists the commands`);
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
  common(program.command('show').description('show everything about one model').argument('<id>')).action(
    (id: string, flags: CommonFlags) => run(flags, (library, output) => showCommand(library, id, output)),
  );
  common(program.command('tag').description('put tags on a model').argument('<id>').argument('<tag...>'))
    .option('--remove', 'take them off instead')
    .action((id: string, tags: string[], flags: CommonFlags & { readonly remove?: boolean }) =>
      run(flags, (library, output) => tagCommand(library, id, tags, flags.remove ?? false, output)),
    );
  common(program.command('printed').description('note that a model was printed').argument('<id>')).action(
    (id: string, flags: CommonFlags) => run(flags, (library, output) => printedCommand(library, id, output)),
  );
  common(program.command('health').description('show how the database is doing')).action((flags: CommonFlags) =>
    run(flags, healthCommand),
  );
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
  const message = error instanceof Error ? error.message : String(error);
  const { code, hint } = isDatabaseError(error) ? error : { code: null, hint: null };
  if (output.json) output.answer({ error: { code, message, hint } }, () => []);
  output.note(`candy: ${message}`);
}
