// What tells one version of a file from another: its size, its time and the SHA-256 of its bytes.
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** The identity of a file's content. */
export interface Fingerprint {
  /** Bytes. */
  readonly fileSize: number;
  readonly fileModifiedAt: Date;
  /** SHA-256 in lower-case hex. */
  readonly fileHash: string;
}

/**
 * Reads the file once and returns its fingerprint.
 *
 * @throws Error of the file system; Error when the file changes while it is read; the reason of `signal`
 */
export async function fingerprint(path: string, signal: AbortSignal): Promise<Fingerprint> {
  const file = await open(path, 'r');
  try {
    const before = await file.stat();
    if (!before.isFile()) throw new Error('it is not a regular file');
    const fileHash = await sha256Of(file, before.size, signal);
    const after = await file.stat();
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) throw changed();
    return { fileSize: before.size, fileModifiedAt: before.mtime, fileHash };
  } finally {
    await file.close();
  }
}

/** Returns the first bytes of a file and its size. @throws Error of the file system */
export async function headOf(path: string, headBytes: number): Promise<{ head: Uint8Array; fileSize: number }> {
  const file = await open(path, 'r');
  try {
    const { size: fileSize } = await file.stat();
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return { head: buffer.subarray(0, bytesRead), fileSize };
  } finally {
    await file.close();
  }
}

const chunkBytes = 1 << 18;

/** Reads in a loop: a stream costs a small file more than its bytes do. */
async function sha256Of(file: FileHandle, size: number, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(Math.min(size, chunkBytes));
  for (let position = 0; position < size; ) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, size - position), position);
    if (bytesRead === 0) throw changed();
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash.digest('hex');
}

function changed(): Error {
  return new Error('it was changed while it was read');
}
