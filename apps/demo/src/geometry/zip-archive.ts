// Opens a zip archive and streams the parts in it; yauzl and zlib do the unpacking. Used by the readers of 3MF and AMF.
// Each part is checked against its CRC, because a part that unpacks is not yet a part that arrived whole.
import { pipeline, type Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import yauzl from 'yauzl';
import { UnreadableModel } from './geometry.js';
import type { ModelFile } from './model-file.js';

/** A file in an archive. */
export interface ZipPart {
  /** Its path as the archive writes it, from '/' on. */
  readonly name: string;
  /**
   * Yields its bytes unpacked.
   * @throws UnreadableModel when it is damaged.
   */
  chunks(): AsyncGenerator<Uint8Array, void, void>;
}

/**
 * Reads the directory of an archive: its parts by their paths, from '/' on and in lower case.
 * @throws UnreadableModel when the file is not a zip archive, or has two parts of one name.
 */
export async function openZipArchive(file: ModelFile): Promise<ReadonlyMap<string, ZipPart>> {
  try {
    const options = { autoClose: false, lazyEntries: true, decodeStrings: false };
    const zip =
      file.descriptor === null
        ? await yauzl.fromBufferPromise(file.bytes(0, file.size), options)
        : await yauzl.fromFdPromise(file.descriptor, options);
    const parts = new Map<string, ZipPart>();
    for await (const entry of zip.eachEntry()) {
      const name = `/${nameOf(entry)}`;
      const key = name.toLowerCase();
      if (parts.has(key)) throw new UnreadableModel('is an archive with two parts of one name');
      parts.set(key, { name, chunks: () => unpack(zip, entry, name) });
    }
    return parts;
  } catch (error) {
    if (error instanceof UnreadableModel) throw error;
    throw new UnreadableModel(`is not a whole zip archive (${messageOf(error)})`, { cause: error });
  }
}

/** The path of a part. Some writers begin it with the slash that the package adds anyway. */
function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: yauzl.Entry): string {
  const name = yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false).replace(/^\/+/, '');
  const fault = yauzl.validateFileName(name);
  if (fault === null) return name;
  throw new UnreadableModel(`is an archive with a part whose name leads out of it (${fault.slice(0, 100)})`);
}

async function* unpack(zip: yauzl.ZipFile, entry: yauzl.Entry, name: string): AsyncGenerator<Uint8Array, void, void> {
  let checksum = 0;
  let left = entry.uncompressedSize;
  const { compressionMethod: method } = entry;
  if (method !== stored && method !== deflated) {
    throw new UnreadableModel(
      `has a part '${name}' that is packed by method ${method}, where only stored (0) and deflated (8) are read`,
    );
  }
  if (entry.isEncrypted()) throw new UnreadableModel(`has a part '${name}' that is encrypted`);
  try {
    for await (const chunk of await contentOf(zip, entry)) {
      left -= chunk.length;
      if (left < 0) throw new Error('it is larger than the archive says');
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  } catch (error) {
    throw new UnreadableModel(`has a damaged part '${name}' (${messageOf(error)})`, { cause: error });
  }
  if (left > 0) throw new UnreadableModel(`has a damaged part '${name}' (it is smaller than the archive says)`);
  if (checksum !== entry.crc32) throw new UnreadableModel(`has a damaged part '${name}' (its checksum is wrong)`);
}

/** Unpacked in larger pieces than by yauzl: each takes a turn of the event loop. */
async function contentOf(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<AsyncIterable<Uint8Array>> {
  if (entry.compressionMethod !== deflated) return await zip.openReadStreamPromise(entry);
  const packed: Readable = await zip.openReadStreamPromise(entry, { decodeFileData: false });
  const inflate = createInflateRaw({ chunkSize: 1 << 16 });
  // Whoever reads hears of errors.
  pipeline(packed, inflate, () => {});
  return inflate;
}

const stored = 0;
const deflated = 8;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
