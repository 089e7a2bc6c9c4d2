// candy import --watch <folder…>: imports and then follows what changes, a line for each file, until Ctrl-C.
import { pairOfGeometryReaders } from '../geometry/reader-pair.js';
import type { Remark } from '../importing/import-report.js';
import { watchFolders } from '../importing/watch-folders.js';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { harmless, visible } from '../terminal.js';
import type { ImportFlags } from './import.js';

/** What is written for each file. */
export interface WatchFlags extends ImportFlags {
  /** A line of JSON, rather than one for people. Default false. */
  readonly jsonl?: boolean;
}

/** Refuses what a watch cannot do. @throws TypeError */
export function refuseOneDocument(flags: { readonly json?: boolean; readonly watch?: boolean }): void {
  if (flags.watch !== true || flags.json !== true) return;
  throw new TypeError('--watch has no end, and so no one document for --json: use --jsonl, a document to a line.');
}

/** Imports and follows. Returns 0: Ctrl-C is how a watch ends; 130 when that ended the first import. */
export async function watchCommand(
  library: Library,
  folders: readonly string[],
  output: Output,
  signal: AbortSignal,
  flags: WatchFlags = {},
): Promise<number> {
  await using geometry = pairOfGeometryReaders();
  const { jsonl = false, ...options } = flags;
  const first = await watchFolders(library, folders, {
    ...options,
    geometry,
    signal,
    onOutcome: (report) => {
      if (report.outcome === 'unchanged') return;
      output.stdout.write(`${harmless(jsonl ? JSON.stringify(report) : line(report))}\n`);
    },
    onImport: ({ interrupted }, what) => {
      if (what === 'first' && !interrupted) output.note('Watching; Ctrl-C ends it.');
    },
    onFailure: (error) => {
      const why = error instanceof Error ? error.message : String(error);
      output.note(`candy: ${visible(why.replace(/\.$/, ''))}. The next walk tries again.`);
    },
    onUnwatched: (folder, reason) =>
      output.note(`candy: ${visible(folder)} is looked at once a minute only: it cannot be watched (${reason}).`),
  });
  return first.interrupted ? 130 : 0;
}

function line({ outcome, path, reason }: Remark): string {
  return `${outcome.padEnd(10)}  ${visible(path)}${reason === null ? '' : `: ${visible(reason)}`}`;
}
