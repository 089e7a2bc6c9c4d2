// Opens a file for a page only when it is what the library knows: the very bytes that were imported, wherever links lead by now.
// So whatever is put in the place of a model file, nothing but the library's models is served.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Model } from '@cc/schema';
import { ArchiveShelf } from '../archives/archive-shelf.js';
import { entryPlace } from '../archives/entry-path.js';
import { UnreadableModel } from '../geometry/geometry.js';
import { parseStamp } from '../importing/file-stamp.js';
import { openToRead } from '../open-to-read.js';
import { Refused } from './problem.js';

/** An open file. */
export interface LibraryFile {
  readonly bytes: number;
  /** Fills a buffer from a place on and returns how much there was. */
  read(into: Uint8Array, at: number): Promise<number>;
  close(): Promise<void>;
}

/** Contents that were read through to make sure, so that a page that asks in ranges does not have them read each time. */
export type KnownContents = Map<string, string>;

/**
 * Opens the file of a model. @throws Refused 404 when it is not there, 409 when it is not what was imported
 */
export async function openLibraryFile(model: Model, known: KnownContents, signal: AbortSignal): Promise<LibraryFile> {
  const gone = new Refused(
    404,
    'FILE_GONE',
    'The file of the model is not there. An import finds it where it was moved to.',
  );
  const archived = await openArchived(model, gone);
  if (archived !== null) return archived;
  let handle: FileHandle;
  try {
    handle = await openToRead(model.filePath);
  } catch {
    throw gone;
  }
  try {
    const look = await handle.stat({ bigint: false });
    if (!look.isFile()) throw gone;
    const isAsNoted =
      look.size === model.fileSize &&
      look.mtime.getTime() === model.fileModifiedAt?.getTime() &&
      // The time of the entry is the system's own: nobody can set it as they can the time of the file.
      parseStamp(model.fileStamp)?.changed === look.ctimeMs;
    const print = [look.dev, look.ino, look.size, look.mtimeMs, look.ctimeMs].join(' ');
    if (!isAsNoted && known.get(print) !== model.fileHash) {
      const hash = look.size === model.fileSize ? await hashOf(handle, signal) : null;
      if (hash !== model.fileHash) throw isOther();
      if (known.size >= mostKnown) known.clear();
      known.set(print, hash);
    }
    return fileOf(handle, look.size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const mostKnown = 1_000;

function isOther(): Refused {
  return new Refused(409, 'FILE_CHANGED', 'The file is another than was imported: import its folder again.');
}

/** A file of the disk as it is sent. */
export function fileOf(handle: FileHandle, bytes: number): LibraryFile {
  return {
    bytes,
    read: async (into, at) => (await handle.read(into, 0, into.length, at)).bytesRead,
    close: () => handle.close(),
  };
}

/** A file in an archive is unpacked in memory, and hashed whole; null for one that lies on the disk. */
async function openArchived(model: Model, gone: Refused): Promise<LibraryFile | null> {
  if (entryPlace(model.filePath) === null || existsSync(model.filePath)) return null;
  try {
    using file = await new ArchiveShelf().open(model.filePath);
    const content = file.size === model.fileSize ? file.bytes(0, file.size) : null;
    if (content === null || file.print().fileHash !== model.fileHash) throw isOther();
    return {
      bytes: content.length,
      read: async (into, at) => content.copy(into, 0, at, at + into.length),
      close: async () => {},
    };
  } catch (error) {
    throw error instanceof UnreadableModel ? gone : error;
  }
}

async function hashOf(handle: FileHandle, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1 << 20);
  for (let at = 0; ; ) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
