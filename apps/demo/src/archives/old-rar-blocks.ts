// Reads the blocks of a rar archive as RAR 1.5 to 4 write it. `rar-blocks.ts` reads the newer ones.
import { crc32 } from 'node:zlib';
import { UnreadableModel } from '../geometry/geometry.js';
import type { ModelFile } from '../geometry/model-file.js';
import { ArchiveBytes } from './archive-bytes.js';
import type { RarBlock, RarFile } from './rar-blocks.js';

const markBytes = 7;
/** The last block of an archive. */
const closing = Buffer.from([0xc4, 0x3d, 0x7b, 0, 0x40, 7, 0]);
const types = { main: 0x73, file: 0x74, end: 0x7b };

/** Yields the files of an archive. @throws UnreadableModel when it is damaged, or encrypted as a whole */
export function* oldRarBlocks(file: ModelFile): Generator<RarBlock> {
  let opening: Buffer | null = null;
  for (let at = markBytes; at + 7 <= file.size; ) {
    const head = new ArchiveBytes(file.bytes(at, 7));
    const [checksum, type, flags, size] = [head.uint16(), head.byte(), head.uint16(), head.uint16()];
    if (size < 7) throw new UnreadableModel('it has a block of an impossible size');
    const raw = file.bytes(at, size);
    if ((crc32(raw.subarray(2)) & 0xffff) !== checksum) throw new UnreadableModel('a block of it has a wrong checksum');
    if (type === types.end) {
      if ((flags & 1) !== 0) yield { kind: 'volume' };
      return;
    }
    const body = new ArchiveBytes(raw.subarray(7));
    let end = at + size;
    if (type === types.main) {
      if ((flags & 0x80) !== 0) throw new UnreadableModel('it is encrypted with its names: unpack it');
      opening = Buffer.concat([file.bytes(0, markBytes), raw]);
      if ((flags & 1) !== 0) yield { kind: 'volume' };
    } else if (type === types.file) {
      if (opening === null) throw new UnreadableModel('it has a file before its own header');
      const found = { ...fileOf(body, flags, end), header: raw, isInSolid: false, opening, closing };
      end = found.end;
      if (end > file.size) throw new UnreadableModel('it ends too early');
      yield found;
    } else if ((flags & 0x8000) !== 0 && body.left >= 4) end += body.uint32();
    at = end;
  }
}

function fileOf(
  body: ArchiveBytes,
  flags: number,
  start: number,
): Omit<RarFile, 'header' | 'isInSolid' | 'opening' | 'closing'> {
  let [packedSize, size] = [body.uint32(), body.uint32()];
  const host = body.byte();
  const [checksum, time] = [body.uint32(), body.uint32()];
  const version = body.byte();
  const method = body.byte();
  const nameLength = body.uint16();
  const attributes = body.uint32();
  if ((flags & 0x100) !== 0) {
    packedSize += body.uint32() * 2 ** 32;
    size += body.uint32() * 2 ** 32;
  }
  const window = (flags >> 5) & 7;
  return {
    kind: 'file',
    name: nameOf(body.take(nameLength), (flags & 0x200) !== 0),
    size,
    packedSize,
    crc32: checksum,
    modifiedMs: dosTime(time),
    isFolder: window === 7,
    // Unix has host 3.
    isLink: host === 3 ? (attributes & 0o170000) === 0o120000 : (attributes & 0x400) !== 0,
    isEncrypted: (flags & 4) !== 0,
    isSplit: (flags & 3) !== 0,
    isPacked: method !== 0x30,
    // RAR 1 and 2 packed in other ways.
    isKnown: method === 0x30 || (method <= 0x35 && version >= 29),
    isSolid: (flags & 0x10) !== 0,
    dictionary: 64 * 1024 * 2 ** window,
    start,
    end: start + packedSize,
  };
}

/** As the clock on the wall had it, in steps of two seconds; nothing says where it hung. */
function dosTime(time: number): number | null {
  const [date, clock] = [time >>> 16, time & 0xffff];
  const [year, month, day] = [1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31];
  const ms = new Date(year, month, day, clock >> 11, (clock >> 5) & 63, (clock & 31) * 2).getTime();
  return Number.isNaN(ms) ? null : ms;
}

/** Plain bytes, and behind a zero how they become Unicode; without the zero they are UTF-8. */
function nameOf(bytes: Buffer, isUnicode: boolean): string {
  const zero = bytes.indexOf(0);
  if (!isUnicode || zero < 0) {
    const text = bytes.toString('utf8');
    return Buffer.from(text, 'utf8').equals(bytes) ? text : bytes.toString('latin1');
  }
  const plain = bytes.subarray(0, zero);
  const packed = new ArchiveBytes(bytes.subarray(zero + 1));
  if (packed.left === 0) return plain.toString('latin1');
  const high = packed.byte() << 8;
  const codes: number[] = [];
  for (let [flags, bits] = [0, 0]; packed.left > 0; bits -= 2, flags <<= 2) {
    if (bits === 0) {
      [flags, bits] = [packed.byte(), 8];
      if (packed.left === 0) break;
    }
    const kind = (flags >> 6) & 3;
    if (kind === 0) codes.push(packed.byte());
    else if (kind === 1) codes.push(packed.byte() | high);
    else if (kind === 2) codes.push(packed.uint16());
    else {
      const length = packed.byte();
      const shift = (length & 0x80) === 0 ? null : packed.byte();
      for (let left = (length & 0x7f) + 2; left > 0 && codes.length < plain.length; left -= 1) {
        const code = plain[codes.length] ?? 0;
        codes.push(shift === null ? code : ((code + shift) & 0xff) | high);
      }
    }
  }
  return String.fromCharCode(...codes).toWellFormed();
}
