// The files of an import, before and after they are read, and how many of them are read at once.
import { statSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { FileReading } from '../geometry/reader.js';
import type { FileLook } from './file-stamp.js';
import type { Known } from './known-models.js';
import { reasonOf } from './scan.js';

/** A file that has to be read. */
export interface Unread {
  readonly path: string;
  readonly size: number;
  /** The model that the library has at this path. */
  readonly known: Known | null;
}

/** A file that was read and is a model. */
export interface Read extends Unread {
  readonly reading: FileReading;
  readonly hash: string;
}

/** Small files go to the reader many at once, large ones by themselves. */
export function batchesOf(files: readonly Unread[]): Unread[][] {
  const batches: Unread[][] = [];
  let bytes = Infinity;
  for (const file of files) {
    const last = batches.at(-1);
    if (last === undefined || last.length >= 256 || bytes + file.size > 4_000_000) {
      batches.push([file]);
      bytes = file.size;
    } else {
      last.push(file);
      bytes += file.size;
    }
  }
  return batches;
}

/** How many batches are with the readers at once: one for each of two processes, and one that waits. */
export const batchesAhead = 3;

/** Whether a batch waits until the one before it is read: of very large files, the memory of one is enough. */
export function isReadAlone(batch: readonly Unread[], before: readonly Unread[] = []): boolean {
  return [...batch, ...before].reduce((bytes, { size }) => bytes + size, 0) > 64_000_000;
}

/** What the disk shows of a file, or why it shows nothing. */
export function lookAt(path: string): FileLook | { readonly reason: string } {
  try {
    return statSync(path);
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** Timers of Node take a longer time for 1 ms. */
const longestTimerMs = 2 ** 31 - 1;

/** Whether a reading takes longer than `ms` from now, by a file that is large or slow. */
export async function takesLong(reading: Promise<unknown>, ms: number): Promise<boolean> {
  const ended = new AbortController();
  const isShort = reading.then(
    () => false,
    () => false,
  );
  const isLong = after(Math.min(ms, longestTimerMs), true, { signal: ended.signal }).catch(() => false);
  const first = await Promise.race([isShort, isLong]);
  ended.abort();
  return first;
}

/** Parts of a list. */
export function* slices<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
