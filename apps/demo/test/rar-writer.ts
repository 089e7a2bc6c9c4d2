// Writes rar archives byte by byte, as RAR 5 and those before it do: what every field says can be a lie.
import { crc32 } from 'node:zlib';

/** A file of an archive; what is left out is the truth. */
export interface RarEntry {
  readonly name: string;
  readonly content: Uint8Array;
  /** Packed, each byte for itself, and not only kept. */
  readonly isPacked?: boolean;
  readonly isSolid?: boolean;
  readonly isFolder?: boolean;
  readonly size?: number;
  readonly crc?: number;
  /** The Unix mode. */
  readonly mode?: number;
  /** Records behind the header, such as that of an encryption. */
  readonly extra?: Buffer;
  /** Flags of the block: 8 and 16 for files that lie in several archives. */
  readonly flags?: number;
  /** What the packer says of itself, in place of the truth. */
  readonly packing?: number;
}

const mark = Buffer.from('Rar!\u001a\u0007\u0001\u0000', 'latin1');

/** The bytes of an archive of RAR 5; `archiveFlags`: 1 one of several, 4 packed as one. */
export function rarOf(entries: readonly RarEntry[], archiveFlags = 0): Buffer {
  return Buffer.concat([
    mark,
    rarBlock(1, 0, Buffer.from([archiveFlags])),
    ...entries.map(fileBlock),
    rarBlock(5, 0, Buffer.from([0])),
  ]);
}

/** A block of RAR 5 with a right checksum. */
export function rarBlock(
  type: number,
  flags: number,
  body: Buffer,
  extra: Buffer = Buffer.alloc(0),
  data?: Buffer,
): Buffer {
  const all = flags | (extra.length > 0 ? 1 : 0) | (data === undefined ? 0 : 2);
  const header = Buffer.concat([
    number(type),
    number(all),
    ...(extra.length > 0 ? [number(extra.length)] : []),
    ...(data === undefined ? [] : [number(data.length)]),
    body,
    extra,
  ]);
  const sized = Buffer.concat([number(header.length), header]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(sized));
  return Buffer.concat([sum, sized, data ?? Buffer.alloc(0)]);
}

function fileBlock(entry: RarEntry): Buffer {
  const {
    name,
    content,
    isPacked = false,
    isSolid = false,
    isFolder = false,
    mode = 0o100644,
    extra,
    flags = 0,
  } = entry;
  const { size = content.length, crc = crc32(content) } = entry;
  const { packing = (isSolid ? 0x40 : 0) | (isPacked ? 1 << 7 : 0) } = entry;
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc);
  const rawName = Buffer.from(name);
  const body = Buffer.concat([
    number(4 | (isFolder ? 1 : 0)),
    number(size),
    number(mode),
    checksum,
    number(packing),
    number(1),
    number(rawName.length),
    rawName,
  ]);
  return rarBlock(2, flags, body, extra, isPacked ? packedBytes(content) : Buffer.from(content));
}

/** Seven bits to a byte, the lowest first. */
function number(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    bytes.push((left % 128) | (left >= 128 ? 0x80 : 0));
    if (left < 128) return Buffer.from(bytes);
  }
}

/** One block of RAR 5's packer, whose code for each byte is the byte itself: 256 codes of eight bits. */
function packedBytes(content: Uint8Array): Buffer {
  const bits: string[] = [];
  const put = (value: number, width: number) => void bits.push(value.toString(2).padStart(width, '0'));
  // The code of the lengths: 8 is `0`, a repeated one is `10`, zeros are `11`.
  for (let symbol = 0; symbol < 20; symbol += 1) put(symbol === 8 ? 1 : symbol === 17 || symbol === 19 ? 2 : 0, 4);
  bits.push('0');
  for (const repeats of [138, 117]) bits.push(`10${(repeats - 11).toString(2).padStart(7, '0')}`);
  for (const zeros of [138, 36]) bits.push(`11${(zeros - 11).toString(2).padStart(7, '0')}`);
  for (const byte of content) put(byte, 8);
  const text = bits.join('');
  const bytes = Buffer.alloc(Math.ceil(text.length / 8));
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(text.slice(at * 8, at * 8 + 8).padEnd(8, '0'), 2);
  }
  const lastBits = text.length % 8 || 8;
  const flags = 0x80 | 0x40 | (2 << 3) | (lastBits - 1);
  const size = [bytes.length & 255, (bytes.length >> 8) & 255, bytes.length >> 16];
  const sum = size.reduce((all, byte) => all ^ byte, 0x5a ^ flags);
  return Buffer.concat([Buffer.from([flags, sum, ...size]), bytes]);
}

/** The bytes of an archive of RAR 4, whose files are only kept; names as the bytes that they are. */
export function oldRarOf(entries: readonly (RarEntry & { readonly rawName?: Buffer })[], archiveFlags = 0): Buffer {
  return Buffer.concat([
    Buffer.from('Rar!\u001a\u0007\u0000', 'latin1'),
    oldBlock(0x73, archiveFlags, Buffer.alloc(6)),
    ...entries.map(
      ({ name, rawName = Buffer.from(name), content, mode = 0o100644, flags = 0, size, crc, isFolder }) => {
        const body = Buffer.alloc(25);
        body.writeUInt32LE(content.length, 0);
        body.writeUInt32LE(size ?? content.length, 4);
        body.writeUInt8(3, 8);
        body.writeUInt32LE(crc ?? crc32(content), 9);
        // 2024-05-06 07:08.
        body.writeUInt32LE(((44 << 25) | (5 << 21) | (6 << 16) | (7 << 11) | (8 << 5)) >>> 0, 13);
        body.writeUInt8(29, 17);
        body.writeUInt8(0x30, 18);
        body.writeUInt16LE(rawName.length, 19);
        body.writeUInt32LE(mode, 21);
        const kind = 0x8000 | flags | (isFolder === true ? 0xe0 : 0);
        return Buffer.concat([oldBlock(0x74, kind, Buffer.concat([body, rawName])), Buffer.from(content)]);
      },
    ),
    oldBlock(0x7b, 0, Buffer.alloc(0)),
  ]);
}

function oldBlock(type: number, flags: number, body: Buffer): Buffer {
  const head = Buffer.alloc(7);
  head.writeUInt8(type, 2);
  head.writeUInt16LE(flags, 3);
  head.writeUInt16LE(7 + body.length, 5);
  const block = Buffer.concat([head, body]);
  block.writeUInt16LE(crc32(block.subarray(2)) & 0xffff, 0);
  return block;
}
