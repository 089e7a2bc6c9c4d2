// The command line of the care for a library: care.ts and the files of the commands do it, restore.ts puts a backup back.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { findModel, findModels } from '../model-reference.js';
import { backupCommand } from './backup.js';
import * as care from './care.js';
import { withExamples } from './examples.js';
import { parseWhole } from './flag-values.js';
import { forgetCommand } from './forget.js';
import { maintainCommand } from './maintain.js';
import { modelArgument } from './of-models.js';
import type { CommandSurroundings, CommonFlags } from './surroundings.js';
import { verifyCommand } from './verify.js';

type LimitFlags = CommonFlags & { readonly limit?: number };

/** Adds the commands to the program. */
export function addCareCommands(
  program: Command,
  { common, run, workingFolder, interruptible }: CommandSurroundings,
): void {
  const command = (name: string, description: string, ...examples: readonly string[]): Command =>
    withExamples(common(program.command(name).description(description)), ...examples);
  const limited = (name: string, description: string, ...examples: readonly string[]): Command =>
    command(name, description, ...examples).option(
      '--limit <n>',
      'most to show (default: 100; with --jsonl all)',
      parseWhole(1, 1000),
    );

  limited('duplicates', 'show the models with the same content', 'duplicates', 'duplicates --jsonl').action(
    (flags: LimitFlags) => run(flags, (library, output) => care.duplicatesCommand(library, flags.limit, output)),
  );
  limited('problems', 'show the models that could not be measured or whose files are gone', 'problems').action(
    (flags: LimitFlags) => run(flags, (library, output) => care.problemsCommand(library, flags.limit, output)),
  );
  limited('missing', 'show the models whose files are gone', 'missing').action((flags: LimitFlags) =>
    run(flags, (library, output) => care.missingCommand(library, flags.limit, output)),
  );
  command(
    'forget',
    'remove models from the library; no file is touched',
    'forget --missing',
    'forget --present "Wall hook"',
  )
    .argument('[model...]', modelArgument)
    .option('--missing', 'all whose files are gone')
    .option('--present', 'also those whose files are there')
    .action(
      async (
        names: string[],
        flags: CommonFlags & { readonly missing?: boolean; readonly present?: boolean },
        self: Command,
      ) => {
        if ((names.length === 0) !== (flags.missing === true)) self.error('error: name models, or say --missing');
        await run(flags, async (library, output) => {
          const ids = flags.missing === true ? 'missing' : await findModels(library, names, workingFolder);
          return forgetCommand(library, { ids, isForced: flags.present ?? false }, output, interruptible());
        });
      },
    );
  command('moved', 'say where the file of a missing model is now', 'moved "Gear 12 teeth" new/gear.stl')
    .argument('<model>', modelArgument)
    .argument('<path>')
    .action((text: string, path: string, flags: CommonFlags) =>
      run(flags, async (library, output) =>
        care.movedCommand(library, await findModel(library, text, workingFolder), resolve(workingFolder, path), output),
      ),
    );
  command('stats', 'show how many models there are', 'stats', 'stats --json').action((flags: CommonFlags) =>
    run(flags, care.statsCommand),
  );
  command('backup', 'write a copy of the library that is proven sound', 'backup library-backup.db')
    .argument('<path>', 'where there is no file yet')
    .action((path: string, flags: CommonFlags) =>
      run(flags, (library, output) => backupCommand(library, resolve(workingFolder, path), output, interruptible())),
    );
  command('verify', 'check the file and the search index', 'verify', 'verify --mend')
    .option('--mend', 'make a search index anew that is wrong')
    .action((flags: CommonFlags & { readonly mend?: boolean }) =>
      run(flags, (library, output) => verifyCommand(library, { mends: flags.mend ?? false }, output, interruptible())),
    );
  command('maintain', 'renew what makes the library quick', 'maintain').action((flags: CommonFlags) =>
    run(flags, (library, output) => maintainCommand(library, output, interruptible())),
  );
}
