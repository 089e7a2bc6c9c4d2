// Takes a file out of the operating system's page cache, and looks whether it is out: what a computer finds that was just
// started. Both need programs of Linux (GNU dd, fincore); elsewhere the answer is that nobody knows.
import { execFileSync } from 'node:child_process';

/** What is left of a file in memory. */
export interface PageCacheState {
  /** Bytes of the file in the page cache; null = cannot be told here. */
  readonly residentBytes: number | null;
}

/** Writes the file's changes to disk and drops its pages. No process may have it open for this to work on every page. */
export function dropFromPageCache(path: string): PageCacheState {
  // With `nocache` and nothing to copy, dd does posix_fadvise(DONTNEED) on the whole file.
  const dropped = output('dd', [`of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
  return { residentBytes: dropped === null ? null : residentBytes(path) };
}

/** Returns how many bytes of the file are in memory; null where that cannot be told. */
export function residentBytes(path: string): number | null {
  const text = output('fincore', ['--bytes', '--noheadings', '--output', 'RES', path]);
  const bytes = Number(text?.trim() === '' ? Number.NaN : text);
  return text === null || Number.isNaN(bytes) ? null : bytes;
}

/** Null when there is no such program, or it knows none of this. */
function output(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}
