// Unpacks what is packed in 7z and rar archives: libarchive as WebAssembly, which sees a small archive in its own memory and no
// file of the disk. `entry-file.ts` asks for one entry after another; what comes later in a block goes on where the last ended.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setImmediate as giveTurn } from 'node:timers/promises';
import type * as Libarchive from 'libarchive-wasm';
import { UnreadableModel } from '../geometry/geometry.js';
import type { ModelFile } from '../geometry/model-file.js';
import type { ArchivePart } from './archive-directory.js';

/** A part of what a block unpacks to. */
export interface Wanted {
  /** Which of the files of the archive. */
  readonly member: number;
  readonly start: number;
  readonly size: number;
}

/** An archive that is being unpacked from its start on. */
export interface OpenedBlock extends Disposable {
  /** Whether a part lies before what was unpacked already. */
  readonly isBehind: (wanted: Wanted) => boolean;
  /** Unpacks a part into a buffer of its size, in turns; what lies before it is passed over. @throws UnreadableModel when it is damaged, or lies behind */
  readonly read: (wanted: Wanted, into: Buffer) => Promise<Buffer>;
}

/** Opens archives. */
export interface Unpacker {
  /** Takes an archive into the memory of the library. One is open at a time. @throws UnreadableModel */
  readonly open: (archive: readonly ArchivePart[], file: ModelFile) => Promise<OpenedBlock>;
}

/** Makes an unpacker; the library is loaded with the first archive. */
export function createUnpacker(): Unpacker {
  let library: Libarchive.LibarchiveWasm | null = null;
  return {
    open: async (archive, file) => {
      // Its memory never shrinks: what a large block has taken is given back with the whole of it.
      if (library !== null && heapOf(library).length > keptBytes) library = null;
      library ??= await load();
      return openBlock(library, archive, file);
    },
  };
}

const keptBytes = 48 * 1024 * 1024;
const pieceBytes = 1 << 20;

async function load(): Promise<Libarchive.LibarchiveWasm> {
  // Not bundled: it finds its other half beside itself.
  const require = createRequire(import.meta.url);
  const { libarchiveWasm }: typeof Libarchive = require('libarchive-wasm');
  return await libarchiveWasm({ wasmBinary: readFileSync(require.resolve('libarchive-wasm/dist/libarchive.wasm')) });
}

function heapOf({ module }: Libarchive.LibarchiveWasm): Uint8Array {
  const { HEAPU8 }: { readonly HEAPU8: Uint8Array } = module;
  return HEAPU8;
}

function openBlock(library: Libarchive.LibarchiveWasm, archive: readonly ArchivePart[], file: ModelFile): OpenedBlock {
  const { module } = library;
  const allocate = (bytes: number): number => {
    const at: number = module._malloc(bytes);
    if (at === 0) throw new UnreadableModel('it takes more memory to unpack than there is');
    return at;
  };
  const length = archive.reduce((sum, part) => sum + lengthOf(part), 0);
  const memory = allocate(length + pieceBytes);
  const piece = memory + length;
  let handle = 0;
  let [member, position] = [-1, 0];

  const close = (): void => {
    if (handle !== 0) library.read_free(handle);
    handle = 0;
    module._free(memory);
  };
  const next = (): void => {
    if (library.read_next_entry(handle) === 0) throw new Error(library.error_string(handle) || 'it ends too early');
    [member, position] = [member + 1, 0];
  };
  /** Unpacks so many bytes in pieces, to `take` or to nowhere. */
  const unpack = async (bytes: number, take: (piece: Uint8Array, at: number) => void): Promise<void> => {
    for (let at = 0; at < bytes; ) {
      const count = library.read_data(handle, piece, Math.min(pieceBytes, bytes - at));
      if (count <= 0) throw new Error('it ends too early');
      // The heap is another one when it has grown.
      take(heapOf(library).subarray(piece, piece + count), at);
      at += count;
      position += count;
      // A piece takes some ten milliseconds, and a server has others to answer.
      await giveTurn();
    }
  };
  try {
    let at = memory;
    for (const part of archive) {
      put(part, heapOf(library).subarray(at, at + lengthOf(part)), file);
      at += lengthOf(part);
    }
    handle = library.read_new_memory(memory, length);
  } catch (error) {
    close();
    throw damaged(error);
  }
  return {
    isBehind: (wanted) => wanted.member < member || (wanted.member === member && wanted.start < position),
    read: async (wanted, into) => {
      try {
        while (member < wanted.member) next();
        if (member !== wanted.member || wanted.start < position) throw new Error('it was passed over');
        await unpack(wanted.start - position, () => undefined);
        await unpack(wanted.size, (part, at) => into.set(part, at));
        return into;
      } catch (error) {
        throw damaged(error);
      }
    },
    [Symbol.dispose]: close,
  };
}

function lengthOf(part: ArchivePart): number {
  return Buffer.isBuffer(part) ? part.length : part.size;
}

/** From the file straight into the memory of the library: a block may be large. */
function put(part: ArchivePart, into: Uint8Array, file: ModelFile): void {
  if (Buffer.isBuffer(part)) return into.set(part);
  const place = Buffer.from(into.buffer, into.byteOffset, into.byteLength);
  if (file.fill(place, part.offset) < part.size) throw new Error('it ends too early');
}

function damaged(error: unknown): UnreadableModel {
  if (error instanceof UnreadableModel) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new UnreadableModel(why, { cause: error });
}
