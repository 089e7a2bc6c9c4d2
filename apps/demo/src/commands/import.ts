// candy import <folder…>: brings model files into the library, with a progress bar on a terminal.
import { pairOfGeometryReaders } from '../geometry/reader-pair.js';
import { type ImportOptions, importFolders } from '../importing/import-folders.js';
import { type ImportReport, ImportStopped, type Remark } from '../importing/import-report.js';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { showProgress } from '../progress.js';
import { count, counted, duration, visible } from '../terminal.js';

/** Flags of the command. */
export type ImportFlags = Pick<ImportOptions, 'ignore' | 'hidden' | 'retry' | 'emptied' | 'tagsFromFolders'>;

/** The flags of the import among those of the command line. */
export function importFlagsOf({ ignore, hidden, retry, emptied, tagsFromFolders }: ImportFlags): ImportFlags {
  return {
    ...(ignore !== undefined && { ignore }),
    ...(hidden !== undefined && { hidden }),
    ...(retry !== undefined && { retry }),
    ...(emptied !== undefined && { emptied }),
    ...(tagsFromFolders !== undefined && { tagsFromFolders }),
  };
}

/** Imports and reports. Returns 0, 2 when some files were unreadable or unparsed, 130 when the signal ended it. */
export async function importCommand(
  library: Library,
  folders: readonly string[],
  output: Output,
  signal: AbortSignal,
  flags: ImportFlags = {},
): Promise<number> {
  await using geometry = pairOfGeometryReaders();
  const progress = showProgress(output, { doing: 'Importing', things: 'files' });
  let report: ImportReport;
  try {
    report = await importFolders(library, folders, { ...flags, geometry, signal, onProgress: progress.show });
  } catch (error) {
    progress.end();
    if (!(error instanceof ImportStopped)) throw error;
    // What is in the library is told also when a full disk, say, ended the rest; with --json the error is the answer.
    if (!output.json) output.answer(error.report, () => summary(error.report, 'Stopped: '));
    throw error.cause;
  } finally {
    progress.end();
  }
  output.answer(report, () => summary(report, report.interrupted ? 'Interrupted: ' : ''));
  if (report.interrupted) return 130;
  return report.counts.unparsed + report.counts.unreadable > 0 ? 2 : 0;
}

function summary(report: ImportReport, how: string): string[] {
  const { counts, ignored, remarks, durationMs } = report;
  const files = Object.values(counts).reduce((sum, n) => sum + n, 0) - counts.missing;
  const rate = count(Math.round(files / Math.max(durationMs / 1000, 0.001)));
  return [
    ...remarks.map(remarkLine),
    `${how}${counted(files, 'model file')} in ${duration(durationMs)} (${rate} files/s): ` +
      Object.entries(counts)
        .map(([outcome, n]) => `${count(n)} ${outcome}`)
        .join(', ') +
      (ignored > 0 ? `; ${counted(ignored, 'other')} ignored` : ''),
  ];
}

function remarkLine({ outcome, path, reason }: Remark): string {
  const link = outcome === 'duplicate' ? 'same content as ' : outcome === 'moved' ? 'was ' : '';
  return `${outcome.padEnd(10)}  ${visible(path)}: ${link}${visible(reason ?? '')}`;
}
