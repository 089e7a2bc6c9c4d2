// Reads the directory of a rar archive, of the kind that RAR 5 writes and of the one before it: block by block, as there is no
// list. Nothing is unpacked here. `rar-blocks.ts` reads the blocks.
import { UnreadableModel } from '../geometry/geometry.js';
import type { ModelFile } from '../geometry/model-file.js';
import {
  type ArchiveDirectory,
  type ArchiveEntry,
  type ArchivePart,
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
import { oldRarBlocks } from './old-rar-blocks.js';
import { type RarFile, rarBlocks } from './rar-blocks.js';

/** Reads the directory of an open archive. @throws UnreadableModel when it is no rar archive, or an encrypted one */
export function readRarDirectory(file: ModelFile, modifiedMs: number): ArchiveDirectory {
  const isOld = file.bytes(6, 1)[0] === 0;
  const blocks = isOld ? oldRarBlocks(file) : rarBlocks(file);
  const entries: ArchiveEntry[] = [];
  let problem: string | null = null;
  let run: Run | null = null;
  try {
    for (const block of blocks) {
      if (block.kind === 'volume') {
        problem = 'it is a part of an archive in several files: unpack it';
        continue;
      }
      // What is not packed leaves the packer as it was, and so does a folder.
      const goesOn = block.isInSolid && (block.isSolid || !block.isPacked);
      if (run === null || !goesOn) run = beginRun(block);
      addTo(run, block);
      const name = tidyName(block.name);
      if (block.isFolder || name === '' || name.endsWith('/')) continue;
      if (entries.length === archiveLimits.entries) {
        problem = `it has more than ${archiveLimits.entries} files; those after them are not read: unpack it`;
        break;
      }
      entries.push(entryOf(block, name, run, modifiedMs, isOld));
    }
  } catch (error) {
    if (!(error instanceof UnreadableModel)) throw error;
    if (entries.length === 0) throw error;
    problem = `its directory is damaged (${error.message}); what comes after is not read`;
  }
  return { entries: withoutSharedNames(entries), problem };
}

/** Files that are packed as one, and how far they were read. */
interface Run {
  readonly block: PackedBlock;
  /** Whether it goes on from a file that is not in this archive. */
  readonly isHeadless: boolean;
  /** The files of it that are read: the header and the bytes of each. */
  readonly parts: ArchivePart[];
  files: number;
  /** Bytes unpacked. */
  depth: number;
  /** Bytes packed. */
  packed: number;
}

/** The unpacker reads a little ahead of what it unpacks. */
const padding = Buffer.alloc(64);

function beginRun({ opening, closing, isSolid, isPacked }: RarFile): Run {
  const parts: ArchivePart[] = [];
  const archive = (): readonly ArchivePart[] => [opening, ...parts, closing, padding];
  return { block: { archive }, isHeadless: isSolid && isPacked, parts, files: 0, depth: 0, packed: 0 };
}

function addTo(run: Run, { size, packedSize, header, start }: RarFile): void {
  run.files += 1;
  run.depth += size;
  run.packed += header.length + packedSize;
  if (run.packed <= archiveLimits.blockBytes) run.parts.push(header, { offset: start, size: packedSize });
}

function entryOf(block: RarFile, name: string, run: Run, modifiedMs: number, isOld: boolean): ArchiveEntry {
  const isArchive = isArchiveName(name);
  return {
    name: shortenedName(name),
    size: block.size,
    modifiedMs: block.modifiedMs ?? modifiedMs,
    problem: isArchive ? nestedProblem : problemOf(block, name, run, isOld),
    isArchive,
    packed: { kind: 'block', block: run.block, member: run.files - 1, start: 0, crc32: block.crc32 },
  };
}

function problemOf(block: RarFile, name: string, run: Run, isOld: boolean): string | null {
  const unsafe = nameOrSizeProblem(name, block.size);
  if (unsafe !== null) return unsafe;
  if (block.isLink) return 'it is a link, and no file of the archive';
  if (block.isEncrypted) return `it is encrypted: ${unpackIt}`;
  if (!block.isKnown) return `it is packed in a way that is not read: ${unpackIt}`;
  if (run.isHeadless && !isOld) return `it is packed together with others in another file of its archive: ${unpackIt}`;
  if (block.isSplit) return `it goes on in another file of its archive: ${unpackIt}`;
  if (isOld && block.isSolid) return `it is packed together with others, as old rar archives are: ${unpackIt}`;
  if (block.dictionary > archiveLimits.dictionaryBytes) {
    return `its packer looks back more than ${archiveLimits.dictionaryBytes / 1024 / 1024} MiB: ${unpackIt}`;
  }
  return ratioProblem(block.size, block.packedSize) ?? blockProblem(run.depth, run.packed);
}
