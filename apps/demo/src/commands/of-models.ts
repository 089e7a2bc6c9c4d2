// The command line of everything that is done with models one by one, and of the care for the library.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { ModelStatus } from '@cc/schema';
import { type Command, InvalidArgumentError } from 'commander';
import { isAbsent } from '../importing/absence.js';
import type { Library } from '../library.js';
import { findModel, findModels, NoSuchModel } from '../model-reference.js';
import type { Output } from '../output.js';
import { visible } from '../terminal.js';
import * as care from './care.js';
import { collectionChangeCommand, collectionListCommand } from './collections.js';
import {
  metaGetCommand,
  metaSetCommand,
  metaUnsetCommand,
  parseRating,
  parseStatus,
  parseValue,
  updateCommand,
} from './edit.js';
import { printedCommand, showCommand, tagCommand } from './show.js';

/** Flags that every command has. */
export interface CommonFlags {
  readonly url?: string;
  readonly json?: boolean;
}

/** What the commands need of the program. */
export interface CommandSurroundings {
  /** Adds the common flags. */
  readonly common: (command: Command) => Command;
  /** Runs a command on the open library. */
  readonly run: (
    flags: CommonFlags,
    work: (library: Library, output: Output) => Promise<number>,
    options?: { readonly create?: boolean; readonly advice?: boolean },
  ) => Promise<void>;
  readonly workingFolder: string;
}

/** Adds the commands to the program. */
export function addModelCommands(program: Command, { common, run, workingFolder }: CommandSurroundings): void {
  const find = (library: Library, text: string) => findModel(library, text, workingFolder);
  const command = (name: string, description: string): Command =>
    common(program.command(name).description(description));
  const model = 'its id, a beginning of it, its path or its name';

  command('show', 'show everything about one model')
    .argument('<model>', model)
    .action((text: string, flags: CommonFlags) =>
      run(flags, async (library, output) => showCommand(library, await find(library, text), output)),
    );
  command('open', 'open the file of a model with the program for its kind')
    .argument('<model>', model)
    .action((text: string, flags: CommonFlags) =>
      run(flags, async (library, output) => {
        const found = await library.repositories.models.read(await find(library, text));
        if (found === null || isAbsent(found.filePath)) throw new NoSuchModel('Its file is gone: see `missing`.');
        await openFile(found.filePath);
        output.answer({ id: found.id, path: found.filePath }, () => [visible(found.filePath)]);
        return 0;
      }),
    );
  command('tag', 'put tags on a model')
    .argument('<model>', model)
    .argument('<tag...>')
    .option('--remove', 'take them off instead')
    .action((text: string, tags: string[], flags: CommonFlags & { readonly remove?: boolean }) =>
      run(flags, async (library, output) =>
        tagCommand(library, await find(library, text), tags, flags.remove ?? false, output),
      ),
    );
  command('untag', 'take tags off a model')
    .argument('<model>', model)
    .argument('<tag...>')
    .action((text: string, tags: string[], flags: CommonFlags) =>
      run(flags, async (library, output) => tagCommand(library, await find(library, text), tags, true, output)),
    );
  command('rate', 'rate a model')
    .argument('<model>', model)
    .argument('<rating>', '1 to 5, or none', parseRating)
    .action((text: string, rating: number | null, flags: CommonFlags) =>
      run(flags, async (library, output) => updateCommand(library, await find(library, text), { rating }, output)),
    );
  command('favorite', 'mark a model as a favorite')
    .argument('<model>', model)
    .option('--remove', 'take the mark off')
    .action((text: string, flags: CommonFlags & { readonly remove?: boolean }) =>
      run(flags, async (library, output) =>
        updateCommand(library, await find(library, text), { favorite: flags.remove !== true }, output),
      ),
    );
  command('status', 'archive a model, or make it active again')
    .argument('<model>', model)
    .argument('<status>', 'active or archived', parseStatus)
    .action((text: string, status: ModelStatus, flags: CommonFlags) =>
      run(flags, async (library, output) => updateCommand(library, await find(library, text), { status }, output)),
    );
  command('printed', 'note that a model was printed')
    .argument('<model>', model)
    .action((text: string, flags: CommonFlags) =>
      run(flags, async (library, output) => printedCommand(library, await find(library, text), output)),
    );

  const meta = program.command('meta').description('values that you give a model: get, set, unset');
  common(meta.command('get').description('show them').argument('<model>', model).argument('[key]')).action(
    (text: string, key: string | undefined, flags: CommonFlags) =>
      run(flags, async (library, output) => metaGetCommand(library, await find(library, text), key, output)),
  );
  common(
    meta
      .command('set')
      .description('set one: a number, true, false, null, JSON, or a text')
      .argument('<model>', model)
      .argument('<key>')
      .argument('<value>'),
  ).action((text: string, key: string, value: string, flags: CommonFlags) =>
    run(flags, async (library, output) =>
      metaSetCommand(library, await find(library, text), [key, parseValue(value)], output),
    ),
  );
  common(meta.command('unset').description('remove one').argument('<model>', model).argument('<key>')).action(
    (text: string, key: string, flags: CommonFlags) =>
      run(flags, async (library, output) => metaUnsetCommand(library, await find(library, text), key, output)),
  );

  const collection = program.command('collection').description('named groups of models: list, add, remove');
  common(
    collection.command('list').description('show the collections, or the models of one').argument('[collection]'),
  ).action((name: string | undefined, flags: CommonFlags) =>
    run(flags, (library, output) => collectionListCommand(library, name, output)),
  );
  for (const [verb, description] of [
    ['add', 'put models into a collection; a new name makes one'],
    ['remove', 'take models out of a collection'],
  ] as const) {
    common(
      collection.command(verb).description(description).argument('<collection>').argument('<model...>', model),
    ).action((name: string, names: string[], flags: CommonFlags) =>
      run(flags, (library, output) =>
        collectionChangeCommand(library, { name, names, remove: verb === 'remove', workingFolder }, output),
      ),
    );
  }

  const limited = (name: string, description: string): Command =>
    command(name, description).option('--limit <n>', 'most to show', parseMost, 100);
  limited('duplicates', 'show the models with the same content').action(
    (flags: CommonFlags & { readonly limit: number }) =>
      run(flags, (library, output) => care.duplicatesCommand(library, flags.limit, output)),
  );
  limited('problems', 'show the models that could not be measured or whose files are gone').action(
    (flags: CommonFlags & { readonly limit: number }) =>
      run(flags, (library, output) => care.problemsCommand(library, flags.limit, output)),
  );
  limited('missing', 'show the models whose files are gone').action((flags: CommonFlags & { readonly limit: number }) =>
    run(flags, (library, output) => care.missingCommand(library, flags.limit, output)),
  );
  command('forget', 'remove models from the library; no file is touched')
    .argument('[model...]', model)
    .option('--missing', 'all whose files are gone')
    .option('--present', 'also those whose files are there')
    .action(
      (
        names: string[],
        flags: CommonFlags & { readonly missing?: boolean; readonly present?: boolean },
        self: Command,
      ) => {
        if ((names.length === 0) !== (flags.missing === true)) self.error('error: name models, or say --missing');
        return run(flags, async (library, output) => {
          const ids = flags.missing === true ? 'missing' : await findModels(library, names, workingFolder);
          return care.forgetCommand(library, { ids, isForced: flags.present ?? false }, output);
        });
      },
    );
  command('moved', 'say where the file of a missing model is now')
    .argument('<model>', model)
    .argument('<path>')
    .action((text: string, path: string, flags: CommonFlags) =>
      run(flags, async (library, output) =>
        care.movedCommand(library, await find(library, text), resolve(workingFolder, path), output),
      ),
    );
  command('stats', 'show how many models there are').action((flags: CommonFlags) => run(flags, care.statsCommand));
  command('backup', 'write a copy of the library that is proven sound')
    .argument('<path>')
    .action((path: string, flags: CommonFlags) =>
      run(flags, (library, output) => care.backupCommand(library, resolve(workingFolder, path), output)),
    );
  command('verify', 'check the file and the search index').action((flags: CommonFlags) =>
    run(flags, care.verifyCommand),
  );
  command('maintain', 'renew what makes the library quick').action((flags: CommonFlags) =>
    run(flags, care.maintainCommand),
  );
}

function parseMost(value: string): number {
  const limit = Number(value);
  if (/^\d+$/.test(value) && limit >= 1 && limit <= 1000) return limit;
  throw new InvalidArgumentError('It must be a whole number from 1 to 1000.');
}

/** Hands a file to the desktop. Its name is an argument, never part of a command line. @throws NoSuchModel where there is none */
async function openFile(path: string): Promise<void> {
  const [opener, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['explorer.exe'] : ['xdg-open'];
  if (opener === undefined) return;
  const child = spawn(opener, [...args, path], { detached: true, stdio: 'ignore' });
  child.unref();
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new NoSuchModel(`No program here opens files (${opener}). The file is ${visible(path)}.`, { cause });
  }
}
