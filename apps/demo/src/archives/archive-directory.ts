// What is known of the files in an archive of any kind before one of them is unpacked, and which of them never are.
// `zip-directory.ts`, `seven-zip-directory.ts` and `rar-directory.ts` read it; `entry-file.ts` unpacks.
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

/** Where the bytes of an entry are: alone, or in a block that is unpacked from its start on. */
export type PackedBytes = ZipBytes | BlockBytes;

/** The bytes of an entry of a zip archive. */
export interface ZipBytes {
  readonly kind: 'zip';
  readonly offset: number;
  readonly size: number;
  readonly isDeflated: boolean;
  readonly crc32: number;
}

/** A part of what a block unpacks to. */
export interface BlockBytes {
  readonly kind: 'block';
  /** Null for an empty file. */
  readonly block: PackedBlock | null;
  /** Which of the block's files it lies in: a block of a 7z is one file for all its entries, a block of a rar has one for each. */
  readonly member: number;
  /** Where it starts in that. */
  readonly start: number;
  /** Null when the archive has none. */
  readonly crc32: number | null;
}

/** What is packed as one. */
export interface PackedBlock {
  /** An archive of nothing but this, which the unpacking library reads in memory. @throws UnreadableModel when it is too large */
  readonly archive: () => readonly ArchivePart[];
}

/** Some bytes, or where they lie in the file of the archive. */
export type ArchivePart = Buffer | { readonly offset: number; readonly size: number };

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
  /** Bytes of a block of files that are packed as one, for the same reason. */
  blockBytes: 96 * 1024 * 1024,
  /** Bytes that come before the end of an entry in its block: they are unpacked to get to it. */
  blockDepth: 512 * 1024 * 1024,
  /** The same where it is packed by PPMd, which is slow. */
  slowDepth: 32 * 1024 * 1024,
  /** Bytes of what a packer looks back to, which the unpacker keeps. */
  dictionaryBytes: 128 * 1024 * 1024,
  /** Bytes of a directory that is packed itself. */
  directoryBytes: 16 * 1024 * 1024,
});

const mebibyte = 1024 * 1024;

/** What is told of an archive of each kind where this is not read. */
export const unpackIt = 'unpack the archive';

/** Why an entry of this name and size is not unpacked, whatever packed it. */
export function nameOrSizeProblem(name: string, size: number): string | null {
  if (/^(?:\/|[a-z]:)|(?:^|\/)\.\.(?:\/|$)/i.test(name)) return 'its name leads out of the archive';
  if (name.includes('\0')) return 'its name holds a zero byte';
  if (name.length > archiveLimits.nameLength) return 'its name is too long';
  if (size > archiveLimits.entryBytes) {
    return `it unpacks to more than ${archiveLimits.entryBytes / mebibyte} MiB: ${unpackIt}`;
  }
  return null;
}

/** Why what unpacks to so many times its size is not unpacked. */
export function ratioProblem(size: number, packed: number): string | null {
  if (size <= mebibyte || size <= packed * archiveLimits.ratio) return null;
  return `it unpacks to ${Math.round(size / Math.max(packed, 1))} times its size, as no model does`;
}

/** Why an entry is not unpacked that ends `depth` bytes behind the start of a block of `packed` bytes. */
export function blockProblem(
  depth: number,
  packed: number,
  mostDepth: number = archiveLimits.blockDepth,
): string | null {
  if (packed > archiveLimits.blockBytes) {
    return `it is packed together with others in more than ${archiveLimits.blockBytes / mebibyte} MiB: ${unpackIt}`;
  }
  if (depth > mostDepth) {
    return `it comes after more than ${mostDepth / mebibyte} MiB with which it is packed: ${unpackIt}`;
  }
  return null;
}

/** What is told of an archive in an archive. */
export const nestedProblem = 'it is an archive in an archive, which is not looked into: unpack it';

/** Whether a file in an archive is one itself, by its name. */
export function isArchiveName(name: string): boolean {
  return /\.(?:zip|7z|rar)$/i.test(name);
}

/** A name as it is told and stored. */
export function tidyName(name: string): string {
  return name
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/+)+/, '')
    .replace(/\/(?:\.?\/)+/g, '/');
}

/** A name to tell of, with its ending. */
export function shortenedName(name: string): string {
  return name.length > archiveLimits.nameLength ? `${name.slice(0, 100)}…${name.slice(-20)}` : name;
}

/** Programs disagree about which of two files of one name an archive holds: neither is read. */
export function withoutSharedNames(entries: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
  const times = new Map<string, number>();
  for (const { name } of entries) times.set(name, (times.get(name) ?? 0) + 1);
  return entries.map((entry) =>
    (times.get(entry.name) ?? 0) < 2
      ? entry
      : { ...entry, problem: entry.problem ?? 'the archive has several files of this name' },
  );
}
