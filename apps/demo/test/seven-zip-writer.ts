// Writes 7z archives byte by byte, with files that are only kept; what the directory says of them can be a lie.
import { crc32 } from 'node:zlib';

/** A file of an archive; what is left out is the truth. */
export interface SevenZipEntry {
  readonly name: string;
  readonly content: Uint8Array;
  readonly size?: number;
  readonly crc?: number;
  /** Upper half: the Unix mode. */
  readonly attributes?: number;
}

/** What is said of all of them. */
export interface SevenZipOptions {
  /** How they are packed, as the directory has it. Default: not at all. */
  readonly coder?: readonly number[];
  /** Of the block. */
  readonly size?: number;
}

/** The bytes of an archive, whose files lie in one block. */
export function sevenZipOf(entries: readonly SevenZipEntry[], options: SevenZipOptions = {}): Buffer {
  const sizes = entries.map(({ size, content }) => size ?? content.length);
  const { coder = [1, 1, 0], size = sizes.reduce((sum, own) => sum + own, 0) } = options;
  const packed = Buffer.concat(entries.map(({ content }) => content));
  const names = Buffer.concat([Buffer.from([0]), ...entries.map(({ name }) => Buffer.from(`${name}\0`, 'utf16le'))]);
  const attributes = Buffer.alloc(2 + 4 * entries.length);
  attributes[0] = 1;
  for (const [at, entry] of entries.entries()) attributes.writeUInt32LE(entry.attributes ?? 0x20, 2 + 4 * at);
  const sums = Buffer.alloc(4 * entries.length);
  for (const [at, { crc, content }] of entries.entries()) sums.writeUInt32LE(crc ?? crc32(content), 4 * at);
  const header = Buffer.concat([
    Buffer.from([1, 4, 6, 0, 1, 9]),
    number(packed.length),
    Buffer.from([0, 7, 0x0b, 1, 0, ...coder, 0x0c]),
    number(size),
    Buffer.from([0, 8, 0x0d]),
    number(entries.length),
    ...(entries.length > 1 ? [Buffer.from([9]), ...sizes.slice(0, -1).map(number)] : []),
    Buffer.from([0x0a, 1]),
    sums,
    Buffer.from([0, 0, 5]),
    number(entries.length),
    property(0x11, names),
    property(0x15, attributes),
    Buffer.from([0, 0]),
  ]);
  return sevenZipFile(packed, header);
}

/** What lies around a header, with right checksums. */
export function sevenZipFile(packed: Buffer, header: Buffer): Buffer {
  const start = Buffer.alloc(32);
  start.write('7z\u00bc\u00af\u0027\u001c', 'latin1');
  start.writeUInt8(4, 7);
  start.writeBigUInt64LE(BigInt(packed.length), 12);
  start.writeBigUInt64LE(BigInt(header.length), 20);
  start.writeUInt32LE(crc32(header), 28);
  start.writeUInt32LE(crc32(start.subarray(12)), 8);
  return Buffer.concat([start, packed, header]);
}

function property(id: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([id]), number(value.length), value]);
}

/** A number of up to nine bytes, all of them written. */
function number(value: number): Buffer {
  const bytes = Buffer.alloc(9, 0xff);
  bytes.writeBigUInt64LE(BigInt(value), 1);
  return bytes;
}
