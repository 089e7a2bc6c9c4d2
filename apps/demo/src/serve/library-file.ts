// Opens a file for a page only when it is what the library knows: the very bytes that were imported, wherever links lead by now.
// So whatever is put in the place of a model file, nothing but the library's models is served.
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Model } from '@cc/schema';
import { parseStamp } from '../importing/file-stamp.js';
import { Refused } from './problem.js';

/** An open file, and how many bytes it has. */
export interface LibraryFile {
  readonly handle: FileHandle;
  readonly bytes: number;
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
  let handle: FileHandle;
  try {
    handle = await open(model.filePath, 'r');
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
      if (hash !== model.fileHash)
        throw new Refused(409, 'FILE_CHANGED', 'The file is another than was imported: import its folder again.');
      if (known.size >= mostKnown) known.clear();
      known.set(print, hash);
    }
    return { handle, bytes: look.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const mostKnown = 1_000;

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
