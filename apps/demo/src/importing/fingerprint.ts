// What tells one version of a file from another: its size, its time and the SHA-256 of its bytes.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

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
    const hash = createHash('sha256');
    let length = 0;
    for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 1 << 18, signal })) {
      // Streams of files yield buffers; their type leaves room for text.
      const bytes = chunk as Buffer;
      hash.update(bytes);
      length += bytes.length;
    }
    const after = await file.stat();
    if (length !== before.size || after.mtimeMs !== before.mtimeMs) throw new Error('it was changed while it was read');
    return { fileSize: length, fileModifiedAt: before.mtime, fileHash: hash.digest('hex') };
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
