// The command line of the import, once (import.ts) or until Ctrl-C (watch.ts).
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { findFolders } from '../importing/scan.js';
import { withExamples } from './examples.js';
import { collect } from './flag-values.js';
import { type ImportFlags, importCommand, importFlagsOf } from './import.js';
import type { CommandSurroundings, CommonFlags } from './surroundings.js';
import { refuseOneDocument, type WatchFlags, watchCommand } from './watch.js';

/** Adds the command to the program. */
export function addImportCommand(
  program: Command,
  { common, run, workingFolder, interruptible }: CommandSurroundings,
): void {
  withExamples(
    common(
      program.command('import').description('import the 3D models in folders, at any depth').argument('<folder...>'),
    ),
    'import models',
    'import models --tags-from-folders --ignore "*.gcode"',
  )
    .option('--ignore <pattern>', 'pass over what fits, as in a .candyignore (may be repeated)', collect)
    .option('--hidden', 'also files and folders whose names begin with a dot')
    .option('--retry', 'read files again that could not be read')
    .option('--tags-from-folders', 'tag new models with the names of their folders')
    .option('--emptied', 'a folder that is empty now has been emptied: its models are missing')
    .option('--watch', 'then follow what changes, a line for each file, until Ctrl-C')
    .action(async (folders: string[], flags: CommonFlags & ImportFlags & WatchFlags & { readonly watch?: boolean }) => {
      refuseOneDocument(flags);
      const paths = folders.map((path) => resolve(workingFolder, path));
      // A path that is none must not leave a library behind.
      await findFolders(paths);
      await run(
        flags,
        (library, output) =>
          flags.watch === true
            ? watchCommand(library, paths, output, interruptible(), {
                ...importFlagsOf(flags),
                jsonl: flags.jsonl ?? false,
              })
            : importCommand(library, paths, output, interruptible(), importFlagsOf(flags)),
        { create: true },
      );
    });
}
