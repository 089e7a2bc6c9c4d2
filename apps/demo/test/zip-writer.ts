// Writes zip archives byte by byte, honest ones and such as no program writes: every field can be made to lie.
import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive; what is left out is the truth. */
export interface ZipEntry {
  readonly name: string | Buffer;
  readonly content: Uint8Array | string;
  readonly isStored?: boolean;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  /** Bytes unpacked, as the archive says. */
  readonly size?: number;
  /** Upper half: the Unix mode. */
  readonly attributes?: number;
  /** It has no bytes of its own but those of this entry, which comes before it. */
  readonly over?: string;
}

/** The bytes of an archive. */
export function zipOf(...entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  const offsets = new Map<string, number>();
  let offset = 0;
  for (const { name, content, isStored = false, over, attributes = 0, ...said } of entries) {
    const bytes = Buffer.from(content);
    const packed = isStored ? bytes : deflateRawSync(bytes);
    const rawName = Buffer.isBuffer(name) ? name : Buffer.from(name);
    const { method = isStored ? 0 : 8, flags = 0x800, crc = crc32(bytes), size = bytes.length } = said;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    // 2024-05-06 07:08.
    fields.writeUInt32LE(((44 << 25) | (5 << 21) | (6 << 16) | (7 << 11) | (8 << 5)) >>> 0, 6);
    fields.writeUInt32LE(crc >>> 0, 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(size, 18);
    fields.writeUInt16LE(rawName.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), fields, rawName, packed]);
    const at = over === undefined ? offset : (offsets.get(over) ?? 0);
    offsets.set(String(name), at);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(attributes >>> 0, 6);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\u0001\u0002', 'latin1'), Buffer.from([20, 3]), fields, rest, rawName);
    if (over !== undefined) continue;
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}
