// candy restore: the rollback plan of cc-migrate, on the library.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.js';
import { Refused } from '../failure.js';
import { createOutput, type Streams } from '../output.js';
import { showSteps } from '../progress.js';
import { visible } from '../terminal.js';
import { withExamples } from './examples.js';
import type { CommonFlags } from './surroundings.js';

/** Flags of the command. */
export interface RestoreFlags extends CommonFlags {
  readonly yes?: boolean;
}

/** What the command needs to know of the process. */
interface RestoreSurroundings extends Streams {
  readonly workingFolder: string;
  readonly interruptible: () => AbortSignal;
}

/** Adds `restore` to the program. `migrate` runs cc-migrate on the library of the flags. */
export function addRestoreCommand(
  program: Command,
  common: (command: Command) => Command,
  surroundings: RestoreSurroundings,
  migrate: (args: readonly string[], flags: CommonFlags, onAnswer: () => void) => Promise<void>,
): void {
  const restore = common(
    program
      .command('restore')
      .description('put a backup into the place of the library, which is kept beside it')
      .argument('<backup>', 'what `backup` has written'),
  ).option('--yes', 'do it; without this only what would be done is told');
  withExamples(restore, 'restore library-backup.db --yes').action(async (backup: string, flags: RestoreFlags) => {
    const path = resolve(surroundings.workingFolder, backup);
    if (!existsSync(path)) throw new Refused(`There is no file ${visible(path)}: name what \`backup\` has written.`);
    const steps = showSteps(createOutput(surroundings, { ...program.opts<CommonFlags>(), ...flags }), 'Restoring');
    steps.step('the backup is copied and read');
    // Until the copy is whole and sound nothing is changed, and the copy goes with the process.
    surroundings.interruptible().addEventListener('abort', () => {
      steps.end();
      surroundings.stderr.write('Interrupted: the library is the one from before, or the backup as a whole.\n');
      process.exit(exitCodes.interrupted);
    });
    await migrate(['restore', path, ...(flags.yes ? ['--yes'] : [])], flags, steps.end).finally(steps.end);
  });
}
