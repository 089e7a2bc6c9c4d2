// candy adopt: takes over a database of the previous Candy-Cadence. It is only read; the library is copied before it is written to.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type AdoptReport, adopt } from '../adopt/adopt.js';
import { adoptLines, reasonOf } from '../adopt/adopt-lines.js';
import { openOldDatabase } from '../adopt/old-database.js';
import { copyAside, NotAdoptable } from '../adopt/old-file.js';
import { exitCodes } from '../exit-codes.js';
import type { Library } from '../library.js';
import { libraryUrl, makeFolderOf, missingFile } from '../location.js';
import type { Output } from '../output.js';
import { showProgress } from '../progress.js';
import { visible } from '../terminal.js';
import { withExamples } from './examples.js';
import type { CommandSurroundings, CommonFlags } from './surroundings.js';

interface AdoptFlags extends CommonFlags {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly base?: string;
  readonly backup?: string;
}

/** What the command needs to know of the process. */
interface AdoptSurroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly workingFolder: string;
  readonly interruptible: () => AbortSignal;
}

/** Adds the command to the program. */
export function addAdoptCommand(
  program: Command,
  { common, run }: Pick<CommandSurroundings, 'common' | 'run'>,
  { env, folder, workingFolder, interruptible }: AdoptSurroundings,
): void {
  const command = common(
    program.command('adopt').description('take over a database of the previous Candy-Cadence, which is only read'),
  )
    .argument('<old.db>')
    .option('--dry-run', 'tell what would be taken, changed and refused, and write nothing')
    .option('--yes', 'write it into the library, which is copied before anything is written')
    .option('--base <folder>', 'what relative paths are relative to (default: the folder of the old file)')
    .option('--backup <path>', 'where to copy the library to (default: a file beside it)')
    .addHelpText('after', '\nThe copy that it names is the way back: candy restore <copy> --yes');
  withExamples(command, 'adopt old.db --dry-run', 'adopt old.db --yes').action(
    async (given: string, flags: AdoptFlags) => {
      const oldPath = resolve(workingFolder, given);
      const dryRun = flags.dryRun === true || flags.yes !== true;
      const url = libraryUrl(flags.url ?? program.opts<CommonFlags>().url, env, folder);
      refuseItself(oldPath, url);
      // What only looks makes no library: an empty one in memory stands for it.
      const place = dryRun && missingFile(url) !== null ? { ...flags, url: ':memory:' } : flags;
      const signal = interruptible();
      const endAtOnce = (): never => process.exit(exitCodes.interrupted);
      // So far nothing is written but a copy, which goes with the process.
      signal.addEventListener('abort', endAtOnce);
      await using copy = await copyAside(oldPath);
      await using old = await openOldDatabase(copy.path);
      signal.removeEventListener('abort', endAtOnce);
      const options = {
        dryRun,
        base: flags.base === undefined ? dirname(oldPath) : resolve(workingFolder, flags.base),
        signal,
      };
      await run(
        place,
        async (library, output) => {
          const chosen = flags.backup === undefined ? backupPath(url, folder) : resolve(workingFolder, flags.backup);
          let backup: string | null = null;
          const progress = showProgress(output, { doing: 'Adopting', things: 'models' });
          const report = await adopt(library, old, {
            ...options,
            onFirstWrite: async () => {
              backup = await backedUp(library, chosen);
              progress.end();
              // At once: whatever happens now, this is the way back.
              if (backup !== null) output.note(`The library as it was: ${visible(backup)}`);
            },
            onProgress: progress.show,
          }).finally(progress.end);
          answer(output, report, { dryRun, backup, old: oldPath });
          if (report.interrupted) return exitCodes.interrupted;
          if (flags.dryRun !== true && flags.yes !== true) {
            output.note('Nothing was written: run it again with --yes.');
            return 1;
          }
          return report.remarks.some(({ what }) => what === 'refused') ? 2 : 0;
        },
        { create: !dryRun || place !== flags },
      );
    },
  );
}

function answer(
  output: Output,
  report: AdoptReport,
  { dryRun, backup, old }: { readonly dryRun: boolean; readonly backup: string | null; readonly old: string },
): void {
  const remarks = report.remarks.map((remark) => ({ ...remark, reason: reasonOf(remark) }));
  output.answer({ old, dryRun, backup, ...report, remarks }, () => [
    ...adoptLines(report, { dryRun }),
    ...(report.interrupted ? ['Interrupted: run the same command again, and it goes on.'] : []),
    ...(backup === null ? [] : [`The way back: restore ${visible(backup)} --yes`]),
  ]);
}

function refuseItself(oldPath: string, url: string): void {
  const library =
    url.startsWith('file://') && missingFile(url) === null ? fileURLToPath(url.replace(/\?.*$/, '')) : null;
  if (library === null || !existsSync(oldPath) || realpathSync(library) !== realpathSync(oldPath)) return;
  throw new NotAdoptable(`${visible(oldPath)} is the library itself: name another with --url or CANDY_URL.`);
}

/** Beside a library that is a file; else in the folder of this program. */
function backupPath(url: string, folder: string): string {
  const name = `before-adopt-${new Date().toISOString().replaceAll(':', '-')}.db`;
  return url.startsWith('file://')
    ? `${fileURLToPath(url.replace(/\?.*$/, ''))}.${name}`
    : join(folder, '.candy', name);
}

/** Copies the library; null for one in memory, which ends with the program. */
async function backedUp(library: Library, path: string): Promise<string | null> {
  if (library.transactions.capabilities.target === 'memory') return null;
  await makeFolderOf(`file:${path}`);
  return (await library.transactions.backup(path)).path;
}
