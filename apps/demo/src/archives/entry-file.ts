// A file in an archive, unpacked in memory and to nowhere else: for readers it is a file like any other.
import { hash } from 'node:crypto';
import { crc32, inflateRawSync } from 'node:zlib';
import { type FilePrint, UnreadableModel } from '../geometry/geometry.js';
import type { ModelFile } from '../geometry/model-file.js';
import type { ArchiveEntry, BlockBytes, PackedBlock, ZipBytes } from './archive-directory.js';
import type { OpenedBlock, Unpacker } from './unpacker.js';

/** Unpacks an entry of an open archive, which is closed with it. @throws UnreadableModel when it is refused or damaged */
export async function openEntry(archive: ModelFile, entry: ArchiveEntry, blocks: OpenBlocks): Promise<ModelFile> {
  const { problem, packed, size } = entry;
  if (problem !== null) throw new UnreadableModel(problem);
  try {
    const content = packed.kind === 'zip' ? unzip(archive, packed, size) : await blocks.read(archive, packed, size);
    if (content.length !== size) throw new UnreadableModel('its size is another than the archive says');
    if (packed.crc32 !== null && crc32(content) !== packed.crc32) throw new UnreadableModel('its checksum is wrong');
    return new EntryFile(archive, entry, content);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // libarchive does not read all that old versions of RAR wrote, and says no more than that.
    const otherwise = packed.kind === 'zip' ? '' : ', or packed in a way that is not read';
    throw new UnreadableModel(`it is damaged in its archive${otherwise} (${why})`, { cause: error });
  }
}

const headerBytes = 30;
const headerMark = 0x04034b50;

/** Never makes more bytes than the directory says. */
function unzip(archive: ModelFile, packed: ZipBytes, size: number): Buffer {
  const header = archive.bytes(packed.offset, headerBytes);
  if (header.readUInt32LE(0) !== headerMark) throw new UnreadableModel('it has no header');
  const start = packed.offset + headerBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  const bytes = archive.bytes(start, packed.size);
  return packed.isDeflated ? inflateRawSync(bytes, { maxOutputLength: Math.max(size, 1) }) : bytes;
}

/** Keeps the block that was opened last: the files in it are asked for one after another. */
export class OpenBlocks {
  readonly #unpacker: Unpacker;
  readonly #reusesContent: boolean;
  /** What the file before was unpacked into. */
  #content: Buffer = Buffer.alloc(0);
  #last: { readonly block: PackedBlock; readonly opened: OpenedBlock } | null = null;

  /** `reusesContent`: a file's content is only valid until the next file is read. */
  constructor(unpacker: Unpacker, { reusesContent }: { readonly reusesContent: boolean }) {
    this.#unpacker = unpacker;
    this.#reusesContent = reusesContent;
  }

  async read(archive: ModelFile, { block, member, start }: BlockBytes, size: number): Promise<Buffer> {
    if (block === null || size === 0) return Buffer.alloc(0);
    const wanted = { member, start, size };
    if (this.#last?.block !== block || this.#last.opened.isBehind(wanted)) {
      this.#close();
      this.#last = { block, opened: await this.#unpacker.open(block.archive(), archive) };
    }
    try {
      return await this.#last.opened.read(wanted, this.#roomFor(size));
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  #roomFor(size: number): Buffer {
    if (!this.#reusesContent) return Buffer.allocUnsafe(size);
    if (this.#content.length < size) {
      // The old one goes first.
      this.#content = Buffer.alloc(0);
      this.#content = Buffer.allocUnsafeSlow(size);
    }
    return this.#content.subarray(0, size);
  }

  #close(): void {
    this.#last?.opened[Symbol.dispose]();
    this.#last = null;
  }
}

class EntryFile implements ModelFile {
  readonly descriptor = null;
  readonly size: number;
  readonly #archive: ModelFile;
  readonly #entry: ArchiveEntry;
  readonly #content: Buffer;

  constructor(archive: ModelFile, entry: ArchiveEntry, content: Buffer) {
    this.size = content.length;
    this.#archive = archive;
    this.#entry = entry;
    this.#content = content;
  }

  bytes(position: number, length: number): Buffer {
    if (position + length > this.size) {
      throw new UnreadableModel(`ends after ${this.size} bytes, but ${position + length} are called for`);
    }
    return this.#content.subarray(position, position + length);
  }

  fill(into: Buffer, position: number): number {
    return this.#content.copy(into, 0, position, position + into.length);
  }

  print(): FilePrint {
    const { modifiedMs } = this.#entry;
    const { changedMs, inode } = this.#archive.times;
    return { fileSize: this.size, modifiedMs, changedMs, inode, fileHash: hash('sha256', this.#content, 'hex') };
  }

  get times(): ModelFile['times'] {
    return this.#archive.times;
  }

  isUnchanged(): boolean {
    return this.#archive.isUnchanged();
  }

  verifyUnchanged(): void {
    this.#archive.verifyUnchanged();
  }

  [Symbol.dispose](): void {
    this.#archive[Symbol.dispose]();
  }
}
