// Reads the directory of a zip archive: which files are in it, and which of them are not unpacked and why.
// Nothing is unpacked here, so the directory of a stranger's archive can be read by the program itself; `archive-shelf.ts` asks.
import yauzl from 'yauzl';
import { UnreadableModel } from '../geometry/geometry.js';
import type { ModelFile } from '../geometry/model-file.js';
import {
  type ArchiveDirectory,
  type ArchiveEntry,
  archiveLimits,
  isArchiveName,
  nameOrSizeProblem,
  nestedProblem,
  ratioProblem,
  shortenedName,
  tidyName,
  unpackIt,
  withoutSharedNames,
  type ZipBytes,
} from './archive-directory.js';

/** Reads the directory of an open archive. @throws UnreadableModel when it is no zip archive */
export async function readZipDirectory(file: ModelFile, modifiedMs: number): Promise<ArchiveDirectory> {
  const entries: ZipEntry[] = [];
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
  const shared = sharedBytes(entries);
  const told = entries.map((entry) => ({ ...entry, problem: entry.problem ?? shared.get(entry) ?? null }));
  return { entries: withoutSharedNames(told), problem };
}

type ZipEntry = ArchiveEntry & { readonly packed: ZipBytes };

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

function entryOf(entry: yauzl.Entry, name: string, modifiedMs: number): ZipEntry {
  const { uncompressedSize: size, compressedSize, relativeOffsetOfLocalHeader: offset, compressionMethod } = entry;
  const modified = entry.getLastModDate().getTime();
  const isArchive = isArchiveName(name);
  return {
    name: shortenedName(name),
    size,
    modifiedMs: modified >= 0 && modified < endOfTime ? modified : modifiedMs,
    problem: isArchive ? nestedProblem : problemOf(entry, name),
    isArchive,
    packed: { kind: 'zip', offset, size: compressedSize, isDeflated: compressionMethod === 8, crc32: entry.crc32 },
  };
}

function problemOf(entry: yauzl.Entry, name: string): string | null {
  const { uncompressedSize: size, compressedSize, compressionMethod, externalFileAttributes } = entry;
  const unsafe = nameOrSizeProblem(name, size);
  if (unsafe !== null) return unsafe;
  if (isLink(externalFileAttributes)) return 'it is a link, and no file of the archive';
  if (entry.isEncrypted()) return `it is encrypted: ${unpackIt}`;
  if (compressionMethod !== 0 && compressionMethod !== 8) {
    return `it is packed in a way that is not read (method ${compressionMethod}): ${unpackIt}`;
  }
  return ratioProblem(size, compressedSize);
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
  return tidyName(name);
}

/** Entries that lie over each other let a small archive unpack to terabytes: https://www.bamsoftware.com/hacks/zipbomb/ */
function sharedBytes(entries: readonly ZipEntry[]): ReadonlyMap<ZipEntry, string> {
  const shared = new Map<ZipEntry, string>();
  let last: ZipEntry | undefined;
  for (const entry of entries.toSorted((a, b) => a.packed.offset - b.packed.offset)) {
    if (last !== undefined && entry.packed.offset < endOf(last)) {
      for (const one of [last, entry]) shared.set(one, 'it shares its bytes with another file of the archive');
    }
    if (last === undefined || endOf(entry) > endOf(last)) last = entry;
  }
  return shared;
}

/** The least that an entry takes up: its header has 30 bytes and a name. */
function endOf({ packed }: ZipEntry): number {
  return packed.offset + 30 + packed.size;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
