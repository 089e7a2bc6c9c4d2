// Finds the bytes of a glTF document: the chunks of a GLB, data URIs, and files beside a .gltf.
// Only the ranges that positions and indices live in are ever read, so textures cost nothing.
import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { type Surroundings, UnreadableModel } from './geometry.js';
import { type ModelFile, openModelFile } from './model-file.js';

/** The bytes of one buffer. */
export interface GltfBuffer extends Disposable {
  /** @throws UnreadableModel when the buffer ends before `offset + length`. */
  range(offset: number, length: number): Uint8Array<ArrayBuffer>;
}

/** The JSON of a document, and the buffer that a GLB carries with it. */
export interface GltfContainer {
  readonly json: string;
  readonly binary: GltfBuffer | null;
}

const maxJsonBytes = 128 * 1024 * 1024;
const jsonChunk = 0x4e4f534a;
const binaryChunk = 0x004e4942;

/**
 * Takes a .gltf as JSON.
 * @throws UnreadableModel when it is larger than 128 MiB or not UTF-8.
 */
export function readGltfText(file: ModelFile): GltfContainer {
  return { json: textOf(file, 0, file.size), binary: null };
}

/**
 * Takes a .glb apart.
 * @throws UnreadableModel when it is not GLB 2, or shorter than it says.
 */
export function readGlbChunks(file: ModelFile): GltfContainer {
  const header = file.bytes(0, 12);
  if (header.toString('latin1', 0, 4) !== 'glTF') throw new UnreadableModel("does not start with 'glTF'");
  const [version, length] = [header.readUInt32LE(4), header.readUInt32LE(8)];
  if (version !== 2) throw new UnreadableModel(`is GLB version ${version}; only 2 is read`);
  if (length > file.size) throw new UnreadableModel(`declares ${length} bytes but has ${file.size}`);
  const json = chunkAt(file, 12, length);
  if (json?.type !== jsonChunk) throw new UnreadableModel('has no JSON chunk at its start');
  const binary = chunkAt(file, json.end, length);
  return {
    json: textOf(file, json.start, json.end - json.start),
    binary: binary?.type === binaryChunk ? new FileRange(file, binary.start, binary.end) : null,
  };
}

/**
 * Opens the buffer that a document refers to by URI. A file must lie in the folder of the document, or below it.
 * @throws UnreadableModel for any other place, for the network, and when the file is missing.
 */
export function openGltfBuffer(uri: string, { path: documentPath, note }: Surroundings): GltfBuffer {
  if (/^data:/i.test(uri)) return new MemoryRange(bytesOfDataUri(uri));
  if (/^[a-z][a-z0-9+.-]*:/i.test(uri)) throw new UnreadableModel('refers to a buffer outside its folder');
  const folder = realpathSync(dirname(documentPath));
  const path = resolve(folder, decodeUri(uri));
  if (!isInside(folder, path)) throw new UnreadableModel('refers to a buffer outside its folder');
  note(path);
  const name = `refers to a buffer '${uri.slice(0, 100)}' that`;
  try {
    const file = openModelFile(path);
    // A link inside the folder may still lead out of it.
    if (isInside(folder, realpathSync(path))) return new FileRange(file, 0, file.size, file);
    file[Symbol.dispose]();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnreadableModel(`${name} ${why}`, { cause: error });
  }
  throw new UnreadableModel('refers to a buffer outside its folder');
}

function chunkAt(file: ModelFile, position: number, end: number): { type: number; start: number; end: number } | null {
  if (position + 8 > end) return null;
  const head = file.bytes(position, 8);
  const chunk = { type: head.readUInt32LE(4), start: position + 8, end: position + 8 + head.readUInt32LE(0) };
  if (chunk.end > end) throw new UnreadableModel('has a chunk that reaches past its end');
  return chunk;
}

function textOf(file: ModelFile, start: number, length: number): string {
  if (length > maxJsonBytes) throw new UnreadableModel(`holds ${length} bytes of JSON, more than are read at once`);
  try {
    const bytes = file.bytes(start, length);
    // A chunk is padded with spaces, and by some writers with zero bytes.
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end));
  } catch (error) {
    if (error instanceof UnreadableModel) throw error;
    throw new UnreadableModel('holds JSON that is not UTF-8', { cause: error });
  }
}

function decodeUri(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    // Some exporters leave a bare % in file names.
    return uri;
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && !isAbsolute(way) && way.split(/[\\/]/)[0] !== '..';
}

function bytesOfDataUri(uri: string): Uint8Array<ArrayBuffer> {
  const base64 = /^data:[^,]*;base64,/i.exec(uri)?.[0];
  if (base64 === undefined) throw new UnreadableModel('holds a buffer that is not base64');
  return Uint8Array.from(Buffer.from(uri.slice(base64.length), 'base64'));
}

class MemoryRange implements GltfBuffer {
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  range(offset: number, length: number): Uint8Array<ArrayBuffer> {
    if (offset + length > this.#bytes.length) throw new UnreadableModel('has a buffer that is shorter than it says');
    return this.#bytes.subarray(offset, offset + length);
  }

  [Symbol.dispose](): void {}
}

class FileRange implements GltfBuffer {
  readonly #file: ModelFile;
  readonly #start: number;
  readonly #end: number;
  readonly #owned: ModelFile | null;

  constructor(file: ModelFile, start: number, end: number, owned: ModelFile | null = null) {
    this.#file = file;
    this.#start = start;
    this.#end = end;
    this.#owned = owned;
  }

  range(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const position = this.#start + offset;
    if (position + length > this.#end) throw new UnreadableModel('has a buffer that is shorter than it says');
    const bytes = new Uint8Array(length);
    const filled = this.#file.fill(Buffer.from(bytes.buffer), position);
    if (filled < length) throw new UnreadableModel('was cut while it was read');
    return bytes;
  }

  [Symbol.dispose](): void {
    if (this.#owned === null) return;
    try {
      this.#owned.verifyUnchanged();
    } finally {
      this.#owned[Symbol.dispose]();
    }
  }
}
