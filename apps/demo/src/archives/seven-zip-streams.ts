// How the header of a 7z archive tells of its blocks: where their bytes lie, what packed them and what they unpack to.
// `seven-zip-directory.ts` reads the files in them; this also writes an archive of one block, which the unpacking library takes.
import { crc32 } from 'node:zlib';
import { UnreadableModel } from '../geometry/geometry.js';
import { type ArchiveBytes, exact } from './archive-bytes.js';
import { type ArchivePart, archiveLimits } from './archive-directory.js';

/** A block: files that are packed as one. */
export interface SevenZipBlock {
  /** Where its packed streams lie in the archive, and how long they are. */
  readonly streams: readonly { readonly offset: number; readonly size: number }[];
  /** How it is packed, as the header writes it. */
  readonly coders: Buffer;
  readonly methods: readonly string[];
  /** Bytes that its packers look back to, the most of them. */
  readonly dictionary: number;
  /** Where LZMA and LZMA2 note that among the bytes of `coders`. */
  readonly dictionaryNotes: readonly { readonly method: string; readonly at: number }[];
  /** Of each coder, in their order; the last of them that nothing else takes in is what it unpacks to. */
  readonly sizes: readonly number[];
  readonly size: number;
  /** Of all of it, where the archive has it. */
  readonly crc32: number | null;
}

/** What a header says of its blocks. */
export interface SevenZipStreams {
  readonly blocks: readonly SevenZipBlock[];
  /** Of each block the sizes and checksums of the files in it. */
  readonly files: readonly (readonly { readonly size: number; readonly crc32: number | null }[])[];
}

const ids = { end: 0, packed: 6, unpacked: 7, parts: 8, size: 9, crc: 0x0a, folder: 0x0b, sizes: 0x0c, number: 0x0d };

/** The length of the header at the start, behind which the streams lie. */
export const startBytes = 32;

/** A number of one to nine bytes; the first tells how many. */
export function numberIn(bytes: ArchiveBytes): number {
  const first = bytes.byte();
  let value = 0n;
  for (let at = 0; at < 8; at += 1) {
    if ((first & (0x80 >> at)) === 0) {
      return exact(value | (BigInt(first & ((0x80 >> at) - 1)) << BigInt(8 * at)));
    }
    value |= BigInt(bytes.byte()) << BigInt(8 * at);
  }
  return exact(value);
}

/** A number of things. @throws UnreadableModel when they are more than can be in what is left, or than is read at all */
export function countIn(bytes: ArchiveBytes): number {
  const count = numberIn(bytes);
  if (count > bytes.left * 8) throw new UnreadableModel('its directory tells of more than it holds');
  if (count > mostFiles) throw new UnreadableModel('it has so many files that none is looked at: unpack it');
  return count;
}

/** A directory is read whole, before those are left out that are too many to be unpacked. */
const mostFiles = 200_000;

/** A bit for each of `count` things, the highest first. */
export function bitsIn(bytes: ArchiveBytes, count: number): boolean[] {
  const packed = bytes.take(Math.ceil(count / 8));
  return Array.from({ length: count }, (_, at) => ((packed[at >> 3] ?? 0) & (0x80 >> (at & 7))) !== 0);
}

/** As `bitsIn`, behind a byte that may say that all are set. */
export function knownIn(bytes: ArchiveBytes, count: number): boolean[] {
  return bytes.byte() === 0 ? bitsIn(bytes, count) : Array.from({ length: count }, () => true);
}

/** Reads what a header says of its blocks. @throws UnreadableModel */
export function streamsIn(bytes: ArchiveBytes): SevenZipStreams {
  let streams: readonly { offset: number; size: number }[] = [];
  let blocks: readonly SevenZipBlock[] = [];
  let files: SevenZipStreams['files'] | null = null;
  for (let id = bytes.byte(); id !== ids.end; id = bytes.byte()) {
    if (id === ids.packed) streams = packedIn(bytes);
    else if (id === ids.unpacked) blocks = blocksIn(bytes, streams);
    else if (id === ids.parts) files = partsIn(bytes, blocks);
    else throw new UnreadableModel(`its directory has a part of an unknown kind (${id})`);
  }
  return { blocks, files: files ?? blocks.map(({ size, crc32 }) => [{ size, crc32 }]) };
}

function packedIn(bytes: ArchiveBytes): readonly { offset: number; size: number }[] {
  let offset = startBytes + numberIn(bytes);
  const count = countIn(bytes);
  let sizes: number[] = [];
  for (let id = bytes.byte(); id !== ids.end; id = bytes.byte()) {
    if (id === ids.size) sizes = Array.from({ length: count }, () => numberIn(bytes));
    else if (id === ids.crc) checksumsIn(bytes, count);
    else throw new UnreadableModel(`its directory has a part of an unknown kind (${id})`);
  }
  return sizes.map((size) => {
    const stream = { offset, size };
    offset += size;
    return stream;
  });
}

function checksumsIn(bytes: ArchiveBytes, count: number): (number | null)[] {
  return knownIn(bytes, count).map((isKnown) => (isKnown ? bytes.uint32() : null));
}

interface Coders extends Pick<SevenZipBlock, 'coders' | 'methods' | 'dictionary' | 'dictionaryNotes'> {
  readonly outputs: number;
  readonly packed: number;
  /** Which output is what the block unpacks to. */
  readonly last: number;
}

function blocksIn(bytes: ArchiveBytes, streams: readonly { offset: number; size: number }[]): SevenZipBlock[] {
  if (bytes.byte() !== ids.folder) throw new UnreadableModel('its directory has no blocks');
  const count = countIn(bytes);
  if (bytes.byte() !== 0) throw new UnreadableModel('its directory has its blocks elsewhere, which is not read');
  const all = Array.from({ length: count }, () => codersIn(bytes));
  if (bytes.byte() !== ids.sizes) throw new UnreadableModel('its directory has no sizes');
  const sizes = all.map(({ outputs }) => Array.from({ length: outputs }, () => numberIn(bytes)));
  let checksums: readonly (number | null)[] = [];
  for (let id = bytes.byte(); id !== ids.end; id = bytes.byte()) {
    if (id !== ids.crc) throw new UnreadableModel(`its directory has a part of an unknown kind (${id})`);
    checksums = checksumsIn(bytes, count);
  }
  let next = 0;
  return all.map(({ packed, last, outputs: _outputs, dictionary, ...rest }, at) => {
    const own = streams.slice(next, next + packed);
    next += packed;
    if (own.length < packed) throw new UnreadableModel('its directory has too few streams');
    const size = sizes[at]?.[last] ?? 0;
    // Nobody looks back over the start. PPMd keeps as much as it says.
    const needed = rest.methods.includes('030401') ? dictionary : Math.min(dictionary, size);
    return { ...rest, dictionary: needed, streams: own, sizes: sizes[at] ?? [], size, crc32: checksums[at] ?? null };
  });
}

/** More do not belong together in any archive that a program writes. */
const mostCoders = 8;

function codersIn(bytes: ArchiveBytes): Coders {
  const start = bytes.at;
  const count = numberIn(bytes);
  if (count < 1 || count > mostCoders) throw new UnreadableModel('its directory has a block of too many packers');
  const methods: string[] = [];
  const dictionaryNotes: { method: string; at: number }[] = [];
  let [inputs, outputs, dictionary] = [0, 0, 0];
  for (let at = 0; at < count; at += 1) {
    const flags = bytes.byte();
    const method = bytes.take(flags & 0x0f).toString('hex');
    const isSimple = (flags & 0x10) === 0;
    inputs += isSimple ? 1 : numberIn(bytes);
    outputs += isSimple ? 1 : numberIn(bytes);
    const properties = (flags & 0x20) === 0 ? Buffer.alloc(0) : bytes.take(numberIn(bytes));
    if (method === '030101' || method === '21') {
      dictionaryNotes.push({ method, at: bytes.at - properties.length - start });
    }
    methods.push(method);
    dictionary = Math.max(dictionary, dictionaryOf(method, properties));
  }
  if (inputs > 32 || outputs > 32) throw new UnreadableModel('its directory has a block of too many packers');
  const taken = new Set<number>();
  for (let pair = 1; pair < outputs; pair += 1) {
    numberIn(bytes);
    taken.add(numberIn(bytes));
  }
  const packed = inputs - Math.max(0, outputs - 1);
  if (packed < 1) throw new UnreadableModel('its directory has a block without bytes');
  if (packed > 1) for (let stream = 0; stream < packed; stream += 1) numberIn(bytes);
  const last = Array.from({ length: outputs }, (_, at) => at).find((at) => !taken.has(at)) ?? 0;
  return { coders: bytes.since(start), methods, dictionary, dictionaryNotes, outputs, packed, last };
}

function dictionaryOf(method: string, properties: Buffer): number {
  if ((method === '030101' || method === '030401') && properties.length >= 5) return properties.readUInt32LE(1);
  const code = properties[0];
  if (method !== '21' || code === undefined) return 0;
  return dictionaryOfCode(code);
}

function dictionaryOfCode(code: number): number {
  return code >= 40 ? 2 ** 32 : (2 | (code & 1)) * 2 ** ((code >> 1) + 11);
}

/** A packer may say that it looks back further than there is anything: the unpacker would take the memory for it. */
function withLeastDictionaries({ coders, dictionaryNotes, size }: SevenZipBlock): Buffer {
  const written = Buffer.from(coders);
  for (const { method, at } of dictionaryNotes) {
    if (method === '030101') {
      const least = Math.max(size, 4096);
      if (at + 5 <= written.length && written.readUInt32LE(at + 1) > least) written.writeUInt32LE(least, at + 1);
    } else {
      const least = Array.from({ length: 41 }, (_, code) => code).find((code) => dictionaryOfCode(code) >= size) ?? 40;
      if ((written[at] ?? 0) > least) written[at] = least;
    }
  }
  return written;
}

function partsIn(bytes: ArchiveBytes, blocks: readonly SevenZipBlock[]): SevenZipStreams['files'] {
  let id = bytes.byte();
  const counts = blocks.map(() => 1);
  if (id === ids.number) {
    for (const at of blocks.keys()) counts[at] = countIn(bytes);
    id = bytes.byte();
    if (counts.reduce((sum, count) => sum + count, 0) > mostFiles) {
      throw new UnreadableModel('it has so many files that none is looked at: unpack it');
    }
  }
  const isEach = id === ids.size;
  const sizes = blocks.map(({ size }, at) => {
    let rest = size;
    return Array.from({ length: counts[at] ?? 0 }, (_, part) => {
      if (part === (counts[at] ?? 0) - 1) return rest;
      const own = isEach ? numberIn(bytes) : 0;
      rest -= own;
      if (rest < 0) throw new UnreadableModel('its directory has files that are larger than their block');
      return own;
    });
  });
  if (isEach) id = bytes.byte();
  // Of a block with one file the checksum may be that of the block.
  const needed = blocks.map(({ crc32 }, at) => (counts[at] === 1 && crc32 !== null ? 0 : (counts[at] ?? 0)));
  let checksums: (number | null)[] = [];
  for (; id !== ids.end; id = bytes.byte()) {
    if (id !== ids.crc) throw new UnreadableModel(`its directory has a part of an unknown kind (${id})`);
    checksums = checksumsIn(
      bytes,
      needed.reduce((sum, count) => sum + count, 0),
    );
  }
  let next = 0;
  return sizes.map((own, at) =>
    own.map((size) => {
      if (needed[at] === 0) return { size, crc32: blocks[at]?.crc32 ?? null };
      next += 1;
      return { size, crc32: checksums[next - 1] ?? null };
    }),
  );
}

/** Bytes of a block as it is packed. */
export function packedSize({ streams }: SevenZipBlock): number {
  return streams.reduce((sum, { size }) => sum + size, 0);
}

/** An archive of one file, which is all that a block unpacks to. @throws UnreadableModel when the block is too large */
export function archiveOf(block: SevenZipBlock): readonly ArchivePart[] {
  if (packedSize(block) > archiveLimits.blockBytes)
    throw new UnreadableModel('it is packed in a block that is too large');
  const { streams, sizes } = block;
  const coders = withLeastDictionaries(block);
  const header = Buffer.concat([
    Buffer.from([1, 4, ids.packed, 0, ...written(streams.length), ids.size]),
    ...streams.map(({ size }) => Buffer.from(written(size))),
    Buffer.from([ids.end, ids.unpacked, ids.folder, 1, 0]),
    coders,
    Buffer.from([ids.sizes]),
    ...sizes.map((size) => Buffer.from(written(size))),
    // One file in it, and its name is `a`.
    Buffer.from([ids.end, ids.parts, ids.end, ids.end, 5, 1, 0x11, 5, 0, 0x61, 0, 0, 0, ids.end, ids.end]),
  ]);
  const start = Buffer.alloc(startBytes);
  Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4]).copy(start);
  start.writeBigUInt64LE(BigInt(packedSize(block)), 12);
  start.writeBigUInt64LE(BigInt(header.length), 20);
  start.writeUInt32LE(crc32(header), 28);
  start.writeUInt32LE(crc32(start.subarray(12)), 8);
  return [start, ...streams, header];
}

/** A number, in nine bytes. */
function written(value: number): readonly number[] {
  const bytes = Buffer.alloc(9, 0xff);
  bytes.writeBigUInt64LE(BigInt(value), 1);
  return [...bytes];
}
