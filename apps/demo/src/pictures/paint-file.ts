// Makes the picture of one file: the one that a 3MF brings along, or a drawing by the reader of its format.
// Runs inside the process that draws (`child.ts`), never in the process that asks.
import { basename, dirname } from 'node:path';
import type { ArchiveShelf } from '../archives/archive-shelf.js';
import { fileBeside } from '../geometry/file-beside.js';
import { formatHeadBytes, formatOf, type ModelFormat } from '../geometry/format.js';
import { type FileBeside, UnreadableModel } from '../geometry/geometry.js';
import { readers } from '../geometry/measure-file.js';
import type { ModelFile } from '../geometry/model-file.js';
import { openThreeMfPackage } from '../geometry/threemf-package.js';
import { draw } from './drawing.js';
import { type ImageFile, imageIn } from './image-file.js';

/** What came of a file. */
export type Painted =
  | (ImageFile & {
      readonly outcome: 'picture';
      readonly bytes: Uint8Array;
      /** The other files that it was drawn from. */
      readonly beside: readonly FileBeside[];
    })
  /** It is not there, not as it was imported, or cannot be opened at the moment. */
  | { readonly outcome: 'other' }
  /** It has no picture, whoever asks. */
  | { readonly outcome: 'none' };

/** A file to make the picture of. */
export interface PaintRequest {
  readonly path: string;
  /** SHA-256 in lower-case hex: another file at this path is not what was asked for. */
  readonly fileHash: string;
  /** Whether it may be drawn: those that could not be measured cannot be drawn either. */
  readonly draws: boolean;
}

/** Makes the picture of a file, which may lie in an archive. */
export async function paintFile({ path, fileHash, draws }: PaintRequest, shelf: ArchiveShelf): Promise<Painted> {
  try {
    using file = await shelf.open(path);
    if (file.print().fileHash !== fileHash) return { outcome: 'other' };
    const painted = await paint(file, path, draws);
    return file.isUnchanged() ? painted : { outcome: 'other' };
  } catch (error) {
    if (error instanceof UnreadableModel || (error instanceof Error && 'syscall' in error)) return { outcome: 'other' };
    throw error;
  }
}

async function paint(file: ModelFile, path: string, draws: boolean): Promise<Painted> {
  const format = formatOf(basename(path), file.bytes(0, Math.min(file.size, formatHeadBytes)), file.size);
  const read = format === null ? undefined : readers[format];
  if (format === null || read === undefined) return { outcome: 'none' };
  try {
    const own = format === '3mf' ? await broughtAlong(file) : null;
    if (own !== null) return own;
    if (!draws) return { outcome: 'none' };
    const beside = new Map<string, FileBeside>();
    const note = (other: string) => void beside.set(other, fileBeside(dirname(path), other));
    const bytes = await draw(
      async (to) => void (await read(file, to, { path, note })),
      standsOnY.has(format) ? 'y' : 'z',
    );
    const image = imageIn(bytes);
    if (image === null) throw new Error('The drawing is no whole PNG.');
    return { outcome: 'picture', bytes, ...image, beside: [...beside.values()] };
  } catch (error) {
    if (error instanceof UnreadableModel) return { outcome: 'none' };
    throw error;
  }
}

/** glTF says that Y is up; who prints has Z up. */
const standsOnY: ReadonlySet<ModelFormat> = new Set(['gltf', 'glb']);

/** Larger ones are drawn anew: pictures are shown hundreds to a page. */
const most = { bytes: 1 << 20, side: 1024 };
const leastSide = 32;

/** The picture in a 3MF, if there is one of use. A damaged one is none. */
async function broughtAlong(file: ModelFile): Promise<Painted | null> {
  const archive = await openThreeMfPackage(file);
  for (const part of archive.thumbnails) {
    try {
      const bytes = await archive.bytes(part, most.bytes);
      const image = imageIn(bytes);
      if (image === null || Math.min(image.width, image.height) < leastSide) continue;
      if (Math.max(image.width, image.height) <= most.side) return { outcome: 'picture', bytes, ...image, beside: [] };
    } catch (error) {
      if (!(error instanceof UnreadableModel)) throw error;
    }
  }
  return null;
}
