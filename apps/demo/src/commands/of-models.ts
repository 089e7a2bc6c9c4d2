// The command line of everything that is done with models one by one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ModelStatus } from '@cc/schema';
import type { Command } from 'commander';
import { entryPlace } from '../archives/entry-path.js';
import { Refused } from '../failure.js';
import { isAbsent } from '../importing/absence.js';
import type { Library } from '../library.js';
import { parseValue } from '../meta-condition.js';
import { findModel } from '../model-reference.js';
import { visible } from '../terminal.js';
import { metaGetCommand, metaSetCommand, metaUnsetCommand, parseRating, parseStatus, updateCommand } from './edit.js';
import { withExamples } from './examples.js';
import { pictureCommand } from './picture.js';
import { printedCommand, showCommand, tagCommand } from './show.js';
import type { CommandSurroundings, CommonFlags } from './surroundings.js';

/** How a model is named on the command line. */
export const modelArgument = 'its id, a beginning of it, its path or its name';

/** Adds the commands to the program. */
export function addModelCommands(program: Command, at: CommandSurroundings): void {
  const { common, run, workingFolder, picturesOf, interruptible } = at;
  const find = (library: Library, text: string) => findModel(library, text, workingFolder);
  const command = (name: string, description: string, ...examples: readonly string[]): Command =>
    withExamples(common(program.command(name).description(description)), ...examples);

  command(
    'show',
    'show everything about one model',
    'show "Stanford bunny.ply"',
    'show "Gear 12 teeth" --image gear.png',
  )
    .argument('<model>', modelArgument)
    .option('--image [file]', 'its picture instead: written to a .png, or without a file kept, and told where')
    .action((text: string, flags: CommonFlags & { readonly image?: string | true }) =>
      run(flags, async (library, output) => {
        const { image } = flags;
        const id = await find(library, text);
        if (image === undefined) return showCommand(library, id, output);
        const kept = picturesOf(flags);
        return pictureCommand(library, id, { kept, image, workingFolder, signal: interruptible() }, output);
      }),
    );
  command('open', 'open the file of a model with the program for its kind', 'open "Gear 12 teeth"')
    .argument('<model>', modelArgument)
    .action((text: string, flags: CommonFlags) =>
      run(flags, async (library, output) => {
        const found = await library.repositories.models.read(await find(library, text));
        const path = found === null ? '' : placeOnDisk(found.filePath);
        if (found === null || isAbsent(path)) throw new Refused('Its file is gone: see `missing`.');
        await openFile(path);
        output.answer({ id: found.id, path }, () => [visible(path)]);
        return 0;
      }),
    );
  command('tag', 'put tags on a model', 'tag "Gear 12 teeth" steel "for the robot"')
    .argument('<model>', modelArgument)
    .argument('<tag...>')
    .option('--remove', 'take them off instead')
    .action((text: string, tags: string[], flags: CommonFlags & { readonly remove?: boolean }) =>
      run(flags, async (library, output) =>
        tagCommand(library, await find(library, text), tags, flags.remove ?? false, output),
      ),
    );
  command('untag', 'take tags off a model', 'untag "Gear 12 teeth" steel')
    .argument('<model>', modelArgument)
    .argument('<tag...>')
    .action((text: string, tags: string[], flags: CommonFlags) =>
      run(flags, async (library, output) => tagCommand(library, await find(library, text), tags, true, output)),
    );
  command('rate', 'rate a model', 'rate "Gear 12 teeth" 5', 'rate "Gear 12 teeth" none')
    .argument('<model>', modelArgument)
    .argument('<rating>', '1 to 5, or none', parseRating)
    .action((text: string, rating: number | null, flags: CommonFlags) =>
      run(flags, async (library, output) => updateCommand(library, await find(library, text), { rating }, output)),
    );
  command('favorite', 'mark a model as a favorite', 'favorite "Gear 12 teeth"', 'favorite "Gear 12 teeth" --remove')
    .argument('<model>', modelArgument)
    .option('--remove', 'take the mark off')
    .action((text: string, flags: CommonFlags & { readonly remove?: boolean }) =>
      run(flags, async (library, output) =>
        updateCommand(library, await find(library, text), { favorite: flags.remove !== true }, output),
      ),
    );
  command('status', 'archive a model, or make it active again', 'status "Gear 12 teeth" archived')
    .argument('<model>', modelArgument)
    .argument('<status>', 'active or archived', parseStatus)
    .action((text: string, status: ModelStatus, flags: CommonFlags) =>
      run(flags, async (library, output) => updateCommand(library, await find(library, text), { status }, output)),
    );
  command('printed', 'note that a model was printed', 'printed "Gear 12 teeth"')
    .argument('<model>', modelArgument)
    .action((text: string, flags: CommonFlags) =>
      run(flags, async (library, output) => printedCommand(library, await find(library, text), output)),
    );

  const meta = program.command('meta').description('values that you give a model: get, set, unset');
  withExamples(meta, 'meta set "Gear 12 teeth" layer 0.2', 'meta get "Gear 12 teeth"');
  const get = common(meta.command('get').description('show them').argument('<model>', modelArgument).argument('[key]'));
  withExamples(get, 'meta get "Gear 12 teeth" layer').action(
    (text: string, key: string | undefined, flags: CommonFlags) =>
      run(flags, async (library, output) => metaGetCommand(library, await find(library, text), key, output)),
  );
  const set = common(
    meta
      .command('set')
      .description('set one: a number, true, false, null, JSON, or a text')
      .argument('<model>', modelArgument)
      .argument('<key>')
      .argument('<value>'),
  );
  withExamples(set, 'meta set "Gear 12 teeth" layer 0.2', `meta set "Gear 12 teeth" colours '["red","blue"]'`).action(
    (text: string, key: string, value: string, flags: CommonFlags) =>
      run(flags, async (library, output) =>
        metaSetCommand(library, await find(library, text), [key, parseValue(value)], output),
      ),
  );
  const unset = common(
    meta.command('unset').description('remove one').argument('<model>', modelArgument).argument('<key>'),
  );
  withExamples(unset, 'meta unset "Gear 12 teeth" layer').action((text: string, key: string, flags: CommonFlags) =>
    run(flags, async (library, output) => metaUnsetCommand(library, await find(library, text), key, output)),
  );
}

/** Of a file in an archive the archive: what is in it is never unpacked to the disk. */
function placeOnDisk(path: string): string {
  return isAbsent(path) ? (entryPlace(path)?.archive ?? path) : path;
}

/** Hands a file to the desktop. Its name is an argument, never part of a command line. @throws Refused where there is none */
async function openFile(path: string): Promise<void> {
  const [opener, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['explorer.exe'] : ['xdg-open'];
  if (opener === undefined) return;
  const child = spawn(opener, [...args, path], { detached: true, stdio: 'ignore' });
  child.unref();
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new Refused(`No program here opens files (${opener}). The file is ${visible(path)}.`, { cause });
  }
}
