// candy restore: the rollback plan of cc-migrate, on the library.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Refused } from '../failure.js';
import { visible } from '../terminal.js';
import { withExamples } from './examples.js';
import type { CommonFlags } from './of-models.js';

/** Flags of the command. */
export interface RestoreFlags extends CommonFlags {
  readonly yes?: boolean;
}

/** Adds `restore` to the program. `migrate` runs cc-migrate on the library of the flags. */
export function addRestoreCommand(
  program: Command,
  common: (command: Command) => Command,
  workingFolder: string,
  migrate: (args: readonly string[], flags: CommonFlags) => Promise<void>,
): void {
  const restore = common(
    program
      .command('restore')
      .description('put a backup into the place of the library, which is kept beside it')
      .argument('<backup>', 'what `backup` has written'),
  ).option('--yes', 'do it; without this only what would be done is told');
  withExamples(restore, 'restore library-backup.db --yes').action(async (backup: string, flags: RestoreFlags) => {
    const path = resolve(workingFolder, backup);
    if (!existsSync(path)) throw new Refused(`There is no file ${visible(path)}: name what \`backup\` has written.`);
    await migrate(['restore', path, ...(flags.yes ? ['--yes'] : [])], flags);
  });
}
