// Tells whether bytes are a whole PNG or JPEG, and how large it is, without unpacking it: a small file can unpack to
// gigabytes. Asked for what a 3MF brings along, and for what was kept.
import { crc32 } from 'node:zlib';

/** A picture by its first and last bytes. */
export interface ImageFile {
  readonly type: 'image/png' | 'image/jpeg';
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Returns what kind of picture `bytes` are; null when they are none, or are cut or damaged as far as can be told. */
export function imageIn(bytes: Uint8Array): ImageFile | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.subarray(0, 8).equals(pngSignature)) return pngIn(view);
  return view.length > 4 && view.readUInt16BE(0) === 0xffd8 ? jpegIn(view) : null;
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Every chunk has a checksum, so a PNG shows whether it is whole. */
function pngIn(view: Buffer): ImageFile | null {
  let size: ImageFile | null = null;
  for (let at = 8; at + 12 <= view.length; ) {
    const length = view.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > view.length || crc32(view.subarray(at + 4, end - 4)) !== view.readUInt32BE(end - 4)) return null;
    const name = view.toString('latin1', at + 4, at + 8);
    if ((name === 'IHDR') !== (size === null)) return null;
    if (name === 'IHDR') {
      if (length !== 13) return null;
      size = sized('image/png', view.readUInt32BE(at + 8), view.readUInt32BE(at + 12));
      if (size === null) return null;
    }
    if (name === 'IEND') return end === view.length ? size : null;
    at = end;
  }
  return null;
}

/** A JPEG has no checksums: its segments have to lead to a frame, and its last bytes to be the end mark. */
function jpegIn(view: Buffer): ImageFile | null {
  if (view.readUInt16BE(view.length - 2) !== 0xffd9) return null;
  for (let at = 2; at + 9 <= view.length; ) {
    if (view[at] !== 0xff) return null;
    const mark = view[at + 1] ?? 0;
    if (mark === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = mark >= 0xc0 && mark <= 0xcf && mark !== 0xc4 && mark !== 0xc8 && mark !== 0xcc;
    if (isFrame) return sized('image/jpeg', view.readUInt16BE(at + 7), view.readUInt16BE(at + 5));
    if (mark === 0xda) return null;
    at += 2 + view.readUInt16BE(at + 2);
  }
  return null;
}

function sized(type: ImageFile['type'], width: number, height: number): ImageFile | null {
  return width > 0 && height > 0 ? { type, width, height } : null;
}
