// Reads the directory of a 7z archive. Most are packed themselves: of all that is in the archive only they are unpacked here,
// in bounded memory; `seven-zip-streams.ts` has the blocks that the files are packed in.
import { crc32 } from 'node:zlib';
import { UnreadableModel } from '../geometry/geometry.js';
import type { ModelFile } from '../geometry/model-file.js';
import { ArchiveBytes } from './archive-bytes.js';
import {
  type ArchiveDirectory,
  type ArchiveEntry,
  archiveLimits,
  blockProblem,
  isArchiveName,
  nameOrSizeProblem,
  nestedProblem,
  type PackedBlock,
  ratioProblem,
  shortenedName,
  tidyName,
  unpackIt,
  withoutSharedNames,
} from './archive-directory.js';
import {
  archiveOf,
  bitsIn,
  countIn,
  knownIn,
  numberIn,
  packedSize,
  type SevenZipBlock,
  type SevenZipStreams,
  startBytes,
  streamsIn,
} from './seven-zip-streams.js';
import type { Unpacker } from './unpacker.js';

/** Reads the directory of an open archive. @throws UnreadableModel when it is no whole 7z archive, or an encrypted one */
export async function readSevenZipDirectory(
  file: ModelFile,
  modifiedMs: number,
  unpacker: Unpacker,
): Promise<ArchiveDirectory> {
  const header = await headerOf(file, unpacker);
  if (header === null) return { entries: [], problem: null };
  const { streams, files } = filesIn(header);
  const [entries, isWhole] = entriesOf(files, streams, modifiedMs);
  const problem = isWhole
    ? null
    : `it has more than ${archiveLimits.entries} files; those after them are not read: unpack it`;
  return { entries: withoutSharedNames(entries), problem };
}

const ids = { header: 1, properties: 2, more: 3, streams: 4, files: 5, encoded: 0x17 };

/** The header as it is unpacked; null for an archive of nothing. */
async function headerOf(file: ModelFile, unpacker: Unpacker): Promise<ArchiveBytes | null> {
  const start = new ArchiveBytes(file.bytes(0, Math.min(startBytes, file.size)));
  if (start.take(6).toString('latin1') !== '7z\u00bc\u00af\u0027\u001c') throw notWhole('its first bytes are others');
  start.skip(2);
  const sum = start.uint32();
  if (crc32(file.bytes(12, 20)) !== sum) throw notWhole('its start is damaged');
  const [offset, size, checksum] = [start.uint64(), start.uint64(), start.uint32()];
  if (size === 0) return null;
  if (startBytes + offset + size > file.size) throw notWhole('it ends too early');
  if (size > archiveLimits.directoryBytes) throw new UnreadableModel('it has a directory that is too large: unpack it');
  let header = file.bytes(startBytes + offset, size);
  if (crc32(header) !== checksum) throw notWhole('its directory is damaged');
  // A header that is packed may hold a packed one again: nobody writes that more than once.
  for (let times = 0; times < 3; times += 1) {
    const bytes = new ArchiveBytes(header);
    const kind = bytes.byte();
    if (kind === ids.header) return bytes;
    const [block] = kind === ids.encoded ? streamsIn(bytes).blocks : [];
    if (block === undefined) break;
    header = await unpackedHeader(block, file, unpacker);
  }
  throw notWhole('its directory is of an unknown kind');
}

async function unpackedHeader(block: SevenZipBlock, file: ModelFile, unpacker: Unpacker): Promise<Buffer> {
  const problem = problemOfPackers(block);
  if (problem !== null) throw new UnreadableModel(`the names in it are not read: ${problem}`);
  if (Math.max(block.size, packedSize(block)) > archiveLimits.directoryBytes)
    throw new UnreadableModel('it has a directory that is too large: unpack it');
  using opened = await unpacker.open(archiveOf(block), file);
  const header = await opened.read({ member: 0, start: 0, size: block.size }, Buffer.allocUnsafe(block.size));
  if (block.crc32 !== null && crc32(header) !== block.crc32) throw notWhole('its directory is damaged');
  return header;
}

interface ListedFile {
  readonly name: string;
  readonly isFolder: boolean;
  readonly isEmpty: boolean;
  readonly isLink: boolean;
  readonly modifiedMs: number | null;
}

function filesIn(header: ArchiveBytes): { readonly streams: SevenZipStreams; readonly files: readonly ListedFile[] } {
  let streams: SevenZipStreams = { blocks: [], files: [] };
  for (let id = header.byte(); id !== 0; id = header.byte()) {
    if (id === ids.streams) streams = streamsIn(header);
    else if (id === ids.files) return { streams, files: listed(header) };
    else if (id === ids.more) streamsIn(header);
    else if (id === ids.properties) while (header.byte() !== 0) header.skip(numberIn(header));
    else throw notWhole('its directory has a part of an unknown kind');
  }
  return { streams, files: [] };
}

function listed(header: ArchiveBytes): readonly ListedFile[] {
  const count = countIn(header);
  const every = <T>(value: T): T[] => Array.from({ length: count }, () => value);
  let [names, empty, times, attributes] = [every(''), every(false), every<number | null>(null), every(0)];
  let emptyFiles: readonly boolean[] = [];
  for (let id = header.byte(); id !== 0; id = header.byte()) {
    const part = new ArchiveBytes(header.take(numberIn(header)));
    if (id === 0x0e) empty = bitsIn(part, count);
    else if (id === 0x0f) emptyFiles = bitsIn(part, empty.filter(Boolean).length);
    else if (id === 0x11) names = namesIn(part, count);
    else if (id === 0x14) times = valuesIn(part, count, () => timeIn(part));
    else if (id === 0x15) attributes = valuesIn(part, count, () => part.uint32()).map((value) => value ?? 0);
  }
  let place = -1;
  return names.map((name, at) => {
    const isEmpty = empty[at] ?? false;
    if (isEmpty) place += 1;
    const bits = attributes[at] ?? 0;
    return {
      name: tidyName(name),
      isEmpty,
      isFolder: (isEmpty && emptyFiles[place] !== true) || (bits & 0x10) !== 0,
      // Unix notes the kind in the upper half, Windows marks what leads elsewhere.
      isLink: ((bits >>> 16) & 0o170000) === 0o120000 || (bits & 0x400) !== 0,
      modifiedMs: times[at] ?? null,
    };
  });
}

function namesIn(part: ArchiveBytes, count: number): string[] {
  if (part.byte() !== 0) throw notWhole('its names are elsewhere');
  const names = part.take(part.left).toString('utf16le').split('\0');
  if (names.length < count) throw notWhole('it has files without names');
  return names.slice(0, count).map((name) => name.toWellFormed());
}

function valuesIn<T>(part: ArchiveBytes, count: number, value: () => T): (T | null)[] {
  const known = knownIn(part, count);
  if (part.byte() !== 0) throw notWhole('it has values elsewhere');
  return known.map((isKnown) => (isKnown ? value() : null));
}

/** Steps of 100 ns since 1601. */
function timeIn(part: ArchiveBytes): number | null {
  const ms = Number(part.take(8).readBigUInt64LE() / 10_000n) - 11_644_473_600_000;
  return ms >= 0 && ms < endOfTime ? ms : null;
}

/** The first moment of the year 10,000. */
const endOfTime = Date.UTC(10_000, 0);

function entriesOf(
  files: readonly ListedFile[],
  { blocks, files: parts }: SevenZipStreams,
  modifiedMs: number,
): readonly [entries: readonly ArchiveEntry[], isWhole: boolean] {
  const packed = blocks.map((block): PackedBlock => ({ archive: () => archiveOf(block) }));
  const problems = blocks.map(problemOfBlock);
  const entries: ArchiveEntry[] = [];
  let [block, part, start] = [0, 0, 0];
  for (const file of files) {
    let size = 0;
    let where: { readonly at: number; readonly start: number; readonly crc32: number | null } | null = null;
    if (!file.isEmpty) {
      while (block < blocks.length && part >= (parts[block]?.length ?? 0)) [block, part, start] = [block + 1, 0, 0];
      const own = parts[block]?.[part];
      if (own === undefined) throw notWhole('it has more files than bytes');
      size = own.size;
      where = { at: block, start, crc32: own.crc32 };
      [part, start] = [part + 1, start + size];
    }
    if (file.isFolder || file.name === '' || file.name.endsWith('/')) continue;
    if (entries.length === archiveLimits.entries) return [entries, false];
    const isArchive = isArchiveName(file.name);
    const of = where === null ? undefined : blocks[where.at];
    let problem = nameOrSizeProblem(file.name, size);
    if (file.isLink) problem ??= 'it is a link, and no file of the archive';
    if (where !== null) problem ??= problems[where.at] ?? null;
    if (where !== null && of !== undefined) {
      const depth = of.methods.includes(ppmd) ? archiveLimits.slowDepth : archiveLimits.blockDepth;
      problem ??= blockProblem(where.start + size, packedSize(of), depth);
    }
    entries.push({
      name: shortenedName(file.name),
      size,
      modifiedMs: file.modifiedMs ?? modifiedMs,
      problem: isArchive ? nestedProblem : problem,
      isArchive,
      packed: {
        kind: 'block',
        block: where === null ? null : (packed[where.at] ?? null),
        member: 0,
        start: where?.start ?? 0,
        crc32: where?.crc32 ?? null,
      },
    });
  }
  return [entries, true];
}

function problemOfBlock(block: SevenZipBlock): string | null {
  return problemOfPackers(block) ?? ratioProblem(block.size, packedSize(block));
}

function problemOfPackers({ methods, dictionary }: SevenZipBlock): string | null {
  if (methods.includes('06f10701')) return `it is encrypted: ${unpackIt}`;
  const unknown = methods.find((method) => !readable.has(method));
  if (unknown !== undefined) return `it is packed in a way that is not read (method ${unknown}): ${unpackIt}`;
  if (dictionary <= archiveLimits.dictionaryBytes) return null;
  return `its packer looks back more than ${archiveLimits.dictionaryBytes / 1024 / 1024} MiB: ${unpackIt}`;
}

const ppmd = '030401';

/** Copy, LZMA, LZMA2, PPMd, Deflate, bzip2, and what makes programs and waves smaller. */
const readable = new Set(['00', '21', '030101', ppmd, '040108', '040202', '03', '03030103', '0303011b']);

function notWhole(why: string): UnreadableModel {
  return new UnreadableModel(`it is not a whole 7z archive (${why})`);
}
