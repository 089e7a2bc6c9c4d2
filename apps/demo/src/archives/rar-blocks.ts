// Reads the blocks of a rar archive as RAR 5 writes it. `old-rar-blocks.ts` reads those of before; `rar-directory.ts` decides.
import { crc32 } from 'node:zlib';
import { UnreadableModel } from '../geometry/geometry.js';
import type { ModelFile } from '../geometry/model-file.js';
import { ArchiveBytes, exact } from './archive-bytes.js';

/** A file of a rar archive. */
export interface RarFile {
  readonly kind: 'file';
  readonly name: string;
  readonly size: number;
  readonly packedSize: number;
  readonly crc32: number | null;
  readonly modifiedMs: number | null;
  readonly isFolder: boolean;
  readonly isLink: boolean;
  readonly isEncrypted: boolean;
  /** Whether it begins or ends in another file of its archive. */
  readonly isSplit: boolean;
  /** Whether it is packed, and not only kept. */
  readonly isPacked: boolean;
  /** Whether the way in which it is packed is one that is read. */
  readonly isKnown: boolean;
  /** Whether the file before it has to be unpacked first. */
  readonly isSolid: boolean;
  /** Bytes that its packer looks back to. */
  readonly dictionary: number;
  /** What tells of it, as the unpacking library gets it, and where its bytes lie. */
  readonly header: Buffer;
  readonly start: number;
  readonly end: number;
  /** Whether the files of the archive are packed as one. */
  readonly isInSolid: boolean;
  /** What an archive begins with that has this file, and what it ends with. */
  readonly opening: Buffer;
  readonly closing: Buffer;
}

/** What is told of an archive: a file, or that it is one of several that belong together. */
export type RarBlock = RarFile | { readonly kind: 'volume' };

/** Bytes of a block's header; the format allows 2 MiB, names and times need no more than this. */
const mostHeaderBytes = 64 * 1024;
const markBytes = 8;
/** The last block of an archive. */
const closing = Buffer.from([0x1d, 0x77, 0x56, 0x51, 3, 5, 4, 0]);
const types = { main: 1, file: 2, encryption: 4, end: 5 };

/** Yields the files of an archive. @throws UnreadableModel when it is damaged, or encrypted as a whole */
export function* rarBlocks(file: ModelFile): Generator<RarBlock> {
  let opening: Buffer | null = null;
  let isInSolid = false;
  for (let at = markBytes; at < file.size; ) {
    const block = blockAt(file, at);
    if (block.type === types.encryption) throw new UnreadableModel('it is encrypted with its names: unpack it');
    if (block.type === types.end) {
      if ((block.endFlags & 1) !== 0) yield { kind: 'volume' };
      return;
    }
    if (block.type === types.main) {
      opening = Buffer.concat([file.bytes(0, markBytes), block.raw]);
      isInSolid = (block.endFlags & 4) !== 0;
      if ((block.endFlags & 1) !== 0) yield { kind: 'volume' };
    } else if (block.type === types.file) {
      if (opening === null) throw new UnreadableModel('it has a file before its own header');
      yield { ...fileOf(block), header: plainHeader(block), isInSolid, opening, closing };
    }
    at = block.end;
  }
}

interface Block {
  readonly type: number;
  readonly flags: number;
  readonly body: ArchiveBytes;
  readonly extra: ArchiveBytes;
  readonly bodyBytes: Buffer;
  readonly extraBytes: Buffer;
  readonly raw: Buffer;
  readonly dataSize: number;
  readonly end: number;
  /** The first number of the block's own, which is the flags of an archive and of its end. */
  readonly endFlags: number;
}

function blockAt(file: ModelFile, start: number): Block {
  const look = (length: number): Buffer => file.bytes(start, Math.min(length, file.size - start));
  const first = new ArchiveBytes(look(4096));
  first.skip(4);
  const size = numberIn(first);
  if (size < 1 || size > mostHeaderBytes) throw new UnreadableModel('it has a block of an impossible size');
  const head = look(first.at + size);
  const bytes = new ArchiveBytes(head);
  const checksum = bytes.uint32();
  numberIn(bytes);
  const headerStart = bytes.at;
  const header = new ArchiveBytes(bytes.take(size));
  const raw = head.subarray(0, headerStart + size);
  if (crc32(raw.subarray(4)) !== checksum) throw new UnreadableModel('a block of it has a wrong checksum');
  const [type, flags] = [numberIn(header), numberIn(header)];
  const extraSize = (flags & 1) === 0 ? 0 : numberIn(header);
  const dataSize = (flags & 2) === 0 ? 0 : numberIn(header);
  const bodySize = header.left - extraSize;
  if (bodySize < 0) throw new UnreadableModel('it has a block of an impossible size');
  const [bodyBytes, extraBytes] = [header.take(bodySize), header.take(extraSize)];
  const end = start + raw.length + dataSize;
  if (end > file.size) throw new UnreadableModel('it ends too early');
  return {
    type,
    flags,
    body: new ArchiveBytes(bodyBytes),
    extra: new ArchiveBytes(extraBytes),
    bodyBytes,
    extraBytes,
    raw,
    dataSize,
    end,
    endFlags: type === types.main || type === types.end ? numberIn(new ArchiveBytes(bodyBytes)) : 0,
  };
}

type FileAlone = Omit<RarFile, 'header' | 'isInSolid' | 'opening' | 'closing'>;

function fileOf({ flags, body, extra, dataSize, end }: Block): FileAlone {
  const fileFlags = numberIn(body);
  const size = numberIn(body);
  const attributes = numberIn(body);
  const seconds = (fileFlags & 2) === 0 ? null : body.uint32();
  const checksum = (fileFlags & 4) === 0 ? null : body.uint32();
  const packing = numberIn(body);
  const isUnix = numberIn(body) === 1;
  const name = body.take(numberIn(body)).toString('utf8');
  const records = recordsIn(extra);
  const isLinkByMode = isUnix ? (attributes & 0o170000) === 0o120000 : (attributes & 0x400) !== 0;
  return {
    kind: 'file',
    name,
    // A size that was not known when it was packed.
    size: (fileFlags & 8) === 0 ? size : Infinity,
    packedSize: dataSize,
    crc32: checksum,
    modifiedMs: seconds === null ? records.modifiedMs : seconds * 1000,
    isFolder: (fileFlags & 1) !== 0,
    isLink: isLinkByMode || records.isLink,
    isEncrypted: records.isEncrypted,
    isSplit: (flags & 0x18) !== 0,
    isPacked: ((packing >> 7) & 7) !== 0,
    // RAR 7 has another one, for packers that look back gigabytes.
    isKnown: (packing & 0x3f) === 0 && ((packing >> 7) & 7) <= 5,
    isSolid: (packing & 0x40) !== 0,
    dictionary: 128 * 1024 * 2 ** ((packing >> 10) & 15),
    start: end - dataSize,
    end,
  };
}

function recordsIn(extra: ArchiveBytes): Pick<RarFile, 'isLink' | 'isEncrypted' | 'modifiedMs'> {
  let [isLink, isEncrypted, modifiedMs] = [false, false, null as number | null];
  while (extra.left > 0) {
    const record = new ArchiveBytes(extra.take(numberIn(extra)));
    const type = numberIn(record);
    if (type === 1) isEncrypted = true;
    if (type === 5) isLink = true;
    if (type !== 3) continue;
    const timeFlags = numberIn(record);
    if ((timeFlags & 2) === 0) continue;
    modifiedMs =
      (timeFlags & 1) === 1
        ? record.uint32() * 1000
        : Number(record.take(8).readBigUInt64LE() / 10_000n) - 11_644_473_600_000;
  }
  return { isLink, isEncrypted, modifiedMs: modifiedMs !== null && modifiedMs >= 0 ? modifiedMs : null };
}

/**
 * The header of a file with no record but that of its checksum: libarchive 3.7 loses its way in the times that RAR writes with
 * `-tsc` and `-tsa`, and the others are of no use to it. Its sizes and flags are those of the block.
 */
function plainHeader({ type, flags, raw, dataSize, extraBytes, bodyBytes }: Block): Buffer {
  if (extraBytes.length === 0) return raw;
  const kept = checksumRecordIn(new ArchiveBytes(extraBytes));
  const fields = Buffer.concat([
    numberOf(type),
    numberOf(kept.length > 0 ? flags : flags & ~1),
    ...(kept.length > 0 ? [numberOf(kept.length)] : []),
    ...((flags & 2) === 0 ? [] : [numberOf(dataSize)]),
    bodyBytes,
    kept,
  ]);
  const sized = Buffer.concat([numberOf(fields.length), fields]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(sized));
  return Buffer.concat([checksum, sized]);
}

function checksumRecordIn(extra: ArchiveBytes): Buffer {
  while (extra.left > 0) {
    const start = extra.at;
    const record = new ArchiveBytes(extra.take(numberIn(extra)));
    if (numberIn(record) === 2) return extra.since(start);
  }
  return Buffer.alloc(0);
}

function numberOf(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    bytes.push((left % 128) | (left >= 128 ? 0x80 : 0));
    if (left < 128) return Buffer.from(bytes);
  }
}

/** Seven bits to a byte, the lowest first. */
function numberIn(bytes: ArchiveBytes): number {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const next = bytes.byte();
    value |= BigInt(next & 0x7f) << shift;
    if ((next & 0x80) === 0) return exact(value);
  }
  throw new UnreadableModel('its directory has a number without an end');
}
