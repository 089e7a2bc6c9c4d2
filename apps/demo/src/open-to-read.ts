// How a file is opened that was named by somebody else, or may have been replaced meanwhile: a pipe has no writer that would come.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Opens whatever is there without waiting; the caller looks whether it is a regular file. */
export async function openToRead(path: string): Promise<FileHandle> {
  return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
}
