// Opens the files that a reader may touch: regular ones, read only, and the same from start to end.
// Pipes, sockets and devices are refused by their type before they are opened, so nothing can block here.
import { createHash, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { type FilePrint, UnreadableModel } from './geometry.js';

/** An open regular file. */
export interface ModelFile extends Disposable {
  /** Null for a file in an archive, which is in memory. */
  readonly descriptor: number | null;
  readonly size: number;
  /** Of the file on the disk: for one in an archive, those of the archive. */
  readonly times: Pick<FilePrint, 'modifiedMs' | 'changedMs' | 'inode'>;
  /**
   * Returns `length` bytes from `position` on, which may be those of all readers: nobody may write to them.
   * @throws UnreadableModel when the file ends before that.
   */
  bytes(position: number, length: number): Buffer;
  /** Fills `into` from `position` on as far as the file goes; returns the number of bytes. */
  fill(into: Buffer, position: number): number;
  /** Reads it all and returns what tells this version of it from others. @throws UnreadableModel when it is cut */
  print(): FilePrint;
  /** Whether the file was not written to, replaced or cut since it was opened. */
  isUnchanged(): boolean;
  /** @throws UnreadableModel when the file was written to, replaced or cut since it was opened. */
  verifyUnchanged(): void;
}

/**
 * Opens a regular file, through symbolic links if need be.
 * @throws UnreadableModel when there is none, it is something else than a regular file, or it may not be read.
 */
export function openModelFile(path: string): ModelFile {
  try {
    if (!statSync(path).isFile()) throw new UnreadableModel('is not a regular file');
    const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
    const descriptor = openSync(path, flags);
    const stats = fstatSync(descriptor);
    if (stats.isFile()) return new OpenModelFile(descriptor, stats);
    closeSync(descriptor);
    throw new UnreadableModel('is not a regular file');
  } catch (error) {
    if (error instanceof UnreadableModel) throw error;
    const reason = isLink(path) ? `is a link whose target ${reasonOf(error)}` : reasonOf(error);
    throw new UnreadableModel(reason, { cause: error });
  }
}

class OpenModelFile implements ModelFile {
  readonly descriptor: number;
  readonly size: number;
  readonly #stats: Stats;
  /** All of a small file, once it was read. */
  #content: Buffer | null = null;

  constructor(descriptor: number, stats: Stats) {
    this.descriptor = descriptor;
    this.size = stats.size;
    this.#stats = stats;
  }

  bytes(position: number, length: number): Buffer {
    if (position + length > this.size) {
      throw new UnreadableModel(`ends after ${this.size} bytes, but ${position + length} are called for`);
    }
    if (this.#content === null && this.size <= tinyBytes) this.#content = this.#read(0, this.size);
    if (this.#content !== null) return this.#content.subarray(position, position + length);
    return this.#read(position, length);
  }

  #read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    if (this.fill(bytes, position) < length) throw new UnreadableModel('was cut while it was read');
    return bytes;
  }

  get times(): ModelFile['times'] {
    const { mtime, ctimeMs: changedMs, ino: inode } = this.#stats;
    return { modifiedMs: mtime.getTime(), changedMs, inode };
  }

  print(): FilePrint {
    return { fileSize: this.size, ...this.times, fileHash: this.#hash() };
  }

  #hash(): string {
    if (this.size <= smallBytes) {
      const content = this.bytes(0, this.size);
      this.#content = content;
      return hash('sha256', content, 'hex');
    }
    const sum = createHash('sha256');
    const chunk = Buffer.allocUnsafe(smallBytes);
    for (let position = 0; position < this.size; position += chunk.length) {
      const wanted = Math.min(chunk.length, this.size - position);
      if (this.fill(chunk.subarray(0, wanted), position) < wanted) {
        throw new UnreadableModel('was cut while it was read');
      }
      sum.update(chunk.subarray(0, wanted));
    }
    return sum.digest('hex');
  }

  fill(into: Buffer, position: number): number {
    if (this.#content !== null) return this.#content.copy(into, 0, position, position + into.length);
    let filled = 0;
    while (filled < into.length) {
      const count = readSync(this.descriptor, into, filled, into.length - filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  verifyUnchanged(): void {
    if (!this.isUnchanged()) throw new UnreadableModel('changed while it was read');
  }

  isUnchanged(): boolean {
    const { size, mtimeMs } = fstatSync(this.descriptor);
    return size === this.size && mtimeMs === this.#stats.mtimeMs;
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }
}

/** Files up to this size are read at once when their print is taken. */
const smallBytes = 1 << 20;
/** Files up to this size are read at once when any of it is asked for. */
const tinyBytes = 1 << 16;

const reasons: Readonly<Record<string, string>> = Object.freeze({
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  ELOOP: 'leads back to itself',
  ENAMETOOLONG: 'has a path that is too long',
});

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? `cannot be opened (${code || String(error)})`;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
