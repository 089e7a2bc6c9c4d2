// A file in an archive, unpacked in memory and to nowhere else: for readers it is a file like any other.
import { hash } from 'node:crypto';
import { crc32, inflateRawSync } from 'node:zlib';
import { type FilePrint, UnreadableModel } from '../geometry/geometry.js';
import type { ModelFile } from '../geometry/model-file.js';
import type { ArchiveEntry } from './zip-directory.js';

/** Unpacks an entry of an open archive, which is closed with it. @throws UnreadableModel when it is refused or damaged */
export function openEntry(archive: ModelFile, entry: ArchiveEntry): ModelFile {
  if (entry.problem !== null) throw new UnreadableModel(entry.problem);
  return new EntryFile(archive, entry, unpack(archive, entry));
}

const headerBytes = 30;
const headerMark = 0x04034b50;

/** Never makes more bytes than the directory says. */
function unpack(archive: ModelFile, { size, packed }: ArchiveEntry): Buffer {
  try {
    const header = archive.bytes(packed.offset, headerBytes);
    if (header.readUInt32LE(0) !== headerMark) throw new UnreadableModel('it has no header');
    const start = packed.offset + headerBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
    const bytes = archive.bytes(start, packed.size);
    const content = packed.isDeflated ? inflateRawSync(bytes, { maxOutputLength: Math.max(size, 1) }) : bytes;
    if (content.length !== size) throw new UnreadableModel('its size is another than the archive says');
    if (crc32(content) !== packed.crc32) throw new UnreadableModel('its checksum is wrong');
    return content;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnreadableModel(`it is damaged in its archive (${why})`, { cause: error });
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
