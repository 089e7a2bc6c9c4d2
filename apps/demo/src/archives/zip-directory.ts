// Reads the directory of a zip archive: which files are in it, and which of them are not unpacked and why.
// Nothing is unpacked here, so the directory of a stranger's archive can be read by the program itself; `archive-shelf.ts` asks.
import yauzl from 'yauzl';
import { UnreadableModel } from '../geometry/geometry.js';
import type { ModelFile } from '../geometry/model-file.js';

/** A file in an archive. */
export interface ArchiveEntry {
  /** Its name, its folders parted by `/`. */
  readonly name: string;
  /** Bytes unpacked, as the directory has it. */
  readonly size: number;
  readonly modifiedMs: number;
  /** Why it is not unpacked, in a sentence for people; null when it can be. */
  readonly problem: string | null;
  /** Whether it is an archive itself, by its name. */
  readonly isArchive: boolean;
  readonly packed: PackedBytes;
}

/** Where the bytes of an entry lie in the archive. */
export interface PackedBytes {
  readonly offset: number;
  readonly size: number;
  readonly isDeflated: boolean;
  readonly crc32: number;
}

/** The files in an archive. */
export interface ArchiveDirectory {
  readonly entries: readonly ArchiveEntry[];
  /** Why the directory ends before its end; null when it was read whole. */
  readonly problem: string | null;
}

/** What is more is not unpacked. */
export const archiveLimits = Object.freeze({
  entries: 20_000,
  /** Bytes of an entry: it is read in memory, and reading a file may take 320 MiB. */
  entryBytes: 128 * 1024 * 1024,
  /** How many times its packed size an entry may be; meshes stay below 50. It does not count for the first megabyte. */
  ratio: 200,
  nameLength: 1000,
});

/** Reads the directory of an open archive. @throws UnreadableModel when it is no zip archive */
export async function readZipDirectory(file: ModelFile, modifiedMs: number): Promise<ArchiveDirectory> {
  const entries: ArchiveEntry[] = [];
  let problem: string | null = null;
  const zip = await openDirectory(file);
  try {
    for await (const entry of zip.eachEntry()) {
      const name = nameOf(entry);
      if (name === '' || name.endsWith('/')) continue;
      if (entries.length === archiveLimits.entries) {
        problem = `it has more than ${archiveLimits.entries} files; those after them are not read: unpack it`;
        break;
      }
      entries.push(entryOf(entry, name, modifiedMs));
    }
  } catch (error) {
    problem = `its directory is damaged (${messageOf(error)}); what comes after is not read`;
  }
  const shared = new Map([...sharedNames(entries), ...sharedBytes(entries)]);
  return {
    entries: entries.map((entry) => ({ ...entry, problem: entry.problem ?? shared.get(entry) ?? null })),
    problem,
  };
}

async function openDirectory(file: ModelFile): Promise<yauzl.ZipFile> {
  try {
    const options = { autoClose: false, lazyEntries: true, decodeStrings: false, validateEntrySizes: false };
    return await yauzl.fromRandomAccessReaderPromise(new Window(file), file.size, options);
  } catch (error) {
    throw new UnreadableModel(`it is not a whole zip archive (${messageOf(error)})`, { cause: error });
  }
}

const windowBytes = 1 << 18;

/** Reads a directory in large pieces: entry by entry it would be two calls of the system for each. */
class Window extends yauzl.RandomAccessReader {
  readonly #file: ModelFile;
  readonly #bytes = Buffer.allocUnsafe(windowBytes);
  #start = 0;
  #filled = 0;

  constructor(file: ModelFile) {
    super();
    this.#file = file;
  }

  override read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null) => void,
  ): void {
    const target = into.subarray(offset, offset + length);
    let count = this.#copy(target, position);
    if (count < length && length <= windowBytes) {
      this.#start = position;
      this.#filled = this.#file.fill(this.#bytes, position);
      count = this.#copy(target, position);
    } else if (count < length) count = this.#file.fill(target, position);
    done(count < length ? new Error('it ends too early') : null);
  }

  #copy(target: Buffer, position: number): number {
    const from = position - this.#start;
    return from < 0 || from >= this.#filled ? 0 : this.#bytes.copy(target, 0, from, this.#filled);
  }
}

function entryOf(entry: yauzl.Entry, name: string, modifiedMs: number): ArchiveEntry {
  const { uncompressedSize: size, compressedSize, relativeOffsetOfLocalHeader: offset, compressionMethod } = entry;
  const modified = entry.getLastModDate().getTime();
  const isArchive = /\.(?:zip|7z|rar)$/i.test(name);
  return {
    name: shortened(name),
    size,
    modifiedMs: modified >= 0 && modified < endOfTime ? modified : modifiedMs,
    problem: isArchive ? 'it is an archive in an archive, which is not looked into: unpack it' : problemOf(entry, name),
    isArchive,
    packed: { offset, size: compressedSize, isDeflated: compressionMethod === 8, crc32: entry.crc32 },
  };
}

function problemOf(entry: yauzl.Entry, name: string): string | null {
  const { uncompressedSize: size, compressedSize, compressionMethod, externalFileAttributes } = entry;
  if (/^(?:\/|[a-z]:)|(?:^|\/)\.\.(?:\/|$)/i.test(name)) return 'its name leads out of the archive';
  if (name.includes('\0')) return 'its name holds a zero byte';
  if (name.length > archiveLimits.nameLength) return 'its name is too long';
  if (isLink(externalFileAttributes)) return 'it is a link, and no file of the archive';
  if (entry.isEncrypted()) return 'it is encrypted: unpack the archive';
  if (compressionMethod !== 0 && compressionMethod !== 8) {
    return `it is packed in a way that is not read (method ${compressionMethod}): unpack the archive`;
  }
  if (size > archiveLimits.entryBytes) {
    return `it unpacks to more than ${archiveLimits.entryBytes / 1024 / 1024} MiB: unpack the archive`;
  }
  if (size > 1024 * 1024 && size > compressedSize * archiveLimits.ratio) {
    return `it unpacks to ${Math.round(size / Math.max(compressedSize, 1))} times its size, as no model does`;
  }
  return null;
}

/** The first moment of the year 10,000. */
const endOfTime = Date.UTC(10_000, 0);

/** Unix notes the kind of a file in the upper half. */
function isLink(attributes: number): boolean {
  return ((attributes >>> 16) & 0o170000) === 0o120000;
}

/** The name of an entry. UTF-8 is taken for what it is also where the archive forgets to say so. */
function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: yauzl.Entry): string {
  const text = fileNameRaw.toString('utf8');
  const name = Buffer.from(text, 'utf8').equals(fileNameRaw)
    ? text
    : yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
  return name
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/+)+/, '')
    .replace(/\/(?:\.?\/)+/g, '/');
}

/** A name to tell of, with its ending. */
function shortened(name: string): string {
  return name.length > archiveLimits.nameLength ? `${name.slice(0, 100)}…${name.slice(-20)}` : name;
}

/** Programs disagree about which of two files of one name an archive holds. */
function sharedNames(entries: readonly ArchiveEntry[]): ReadonlyMap<ArchiveEntry, string> {
  const first = new Map<string, ArchiveEntry>();
  const shared = new Map<ArchiveEntry, string>();
  for (const entry of entries) {
    const other = first.get(entry.name);
    if (other === undefined) first.set(entry.name, entry);
    else for (const one of [other, entry]) shared.set(one, 'the archive has several files of this name');
  }
  return shared;
}

/** Entries that lie over each other let a small archive unpack to terabytes: https://www.bamsoftware.com/hacks/zipbomb/ */
function sharedBytes(entries: readonly ArchiveEntry[]): ReadonlyMap<ArchiveEntry, string> {
  const shared = new Map<ArchiveEntry, string>();
  let last: ArchiveEntry | undefined;
  for (const entry of entries.toSorted((a, b) => a.packed.offset - b.packed.offset)) {
    if (last !== undefined && entry.packed.offset < endOf(last)) {
      for (const one of [last, entry]) shared.set(one, 'it shares its bytes with another file of the archive');
    }
    if (last === undefined || endOf(entry) > endOf(last)) last = entry;
  }
  return shared;
}

/** The least that an entry takes up: its header has 30 bytes and a name. */
function endOf({ packed }: ArchiveEntry): number {
  return packed.offset + 30 + packed.size;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
