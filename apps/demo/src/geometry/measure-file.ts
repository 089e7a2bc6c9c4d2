// Measures one file with the reader of its format and turns everything that can go wrong into a reason.
// Runs inside the reader process (`child.ts`), never in the process of the import.
import { basename, dirname } from 'node:path';
import { ArchiveShelf } from '../archives/archive-shelf.js';
import { fileBeside } from './file-beside.js';
import { formatHeadBytes, formatOf, type ModelFormat } from './format.js';
import {
  type FileBeside,
  type FilePrint,
  type FileReading,
  type Geometry,
  type GeometryResult,
  type LengthUnit,
  type Surroundings,
  UnreadableModel,
} from './geometry.js';
import { createMeshMeasure, type FigureMeasure, type MeshMeasure } from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { readObj } from './obj.js';
import { readOff } from './off.js';
import { refuseOtherContent } from './other-content.js';
import { readPly } from './ply.js';
import type { Wanted } from './protocol.js';
import { readStl } from './stl.js';

/** Measures a file. `onFormat` hears the format before the reading starts, in case the reading never ends. */
export async function measureFile(path: string, onFormat: (format: ModelFormat) => void): Promise<GeometryResult> {
  return (await readFile(path, { wants: 'figures', onFormat, onMeasure: () => {} })).result;
}

/** How a file is read, and who hears how far it is. */
export interface Reading {
  readonly wants: Wanted;
  readonly onFormat: (format: ModelFormat) => void;
  /** Called when the measuring starts. */
  readonly onMeasure: () => void;
  /** What opens the files, those in archives too. Default: one of its own. */
  readonly shelf?: ArchiveShelf;
  /** What measures, which is cleared before. Default: one of its own. */
  readonly measure?: FigureMeasure;
}

/** Measures a file and takes its print in one opening; small files are read once for both. */
export async function readFile(path: string, o: Reading): Promise<FileReading> {
  const { wants, onFormat, onMeasure, shelf = new ArchiveShelf(), measure = createMeshMeasure() } = o;
  let format = formatOf(basename(path), new Uint8Array());
  let print: FilePrint | null = null;
  const beside = new Map<string, FileBeside>();
  const note = (file: string) => void beside.set(file, fileBeside(dirname(path), file));
  try {
    using file = await shelf.open(path);
    try {
      const head = file.bytes(0, Math.min(file.size, formatHeadBytes));
      format = formatOf(basename(path), head, file.size);
      if (format === null) throw new UnreadableModel('is not a model file');
      onFormat(format);
      if (wants !== 'figures') print = file.print();
      if (wants === 'prints') throw new UnreadableModel('was not measured');
      onMeasure();
      if (file.size === 0) throw new UnreadableModel('is empty');
      refuseOtherContent(head, format);
      const measured = await measureAs(format, file, { path, note }, measure);
      file.verifyUnchanged();
      return { result: { status: 'parsed', format, ...measured }, print, problem: null, beside: [...beside.values()] };
    } catch (error) {
      const isWhole = (print !== null || wants === 'figures') && file.isUnchanged();
      const result: GeometryResult = { status: 'unparsed', format, reason: reasonOf(error) };
      if (isWhole || format === null) return { result, print, problem: null, beside: [...beside.values()] };
      return { result, print: null, problem: 'it was changed while it was read', beside: [] };
    }
  } catch (error) {
    const reason = reasonOf(error);
    return { result: { status: 'unparsed', format, reason }, print: null, problem: reason, beside: [] };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof UnreadableModel ? error.message : `cannot be read: ${messageOf(error)}`;
}

type Read = (file: ModelFile, measure: MeshMeasure, place: Surroundings) => Promise<LengthUnit | void> | void;

/** The reader of each format that is read. Those that parse with libraries are loaded with the first file of their format. */
export const readers: Readonly<Partial<Record<ModelFormat, Read>>> = Object.freeze({
  stl: readStl,
  obj: readObj,
  ply: readPly,
  '3mf': async (file, measure) => (await import('./threemf.js')).readThreeMf(file, measure),
  off: readOff,
  amf: async (file, measure) => (await import('./amf.js')).readAmf(file, measure),
  glb: async (file, measure, place) => (await import('./gltf.js')).readGlb(file, place, measure),
  gltf: async (file, measure, place) => (await import('./gltf.js')).readGltf(file, place, measure),
} satisfies Partial<Record<ModelFormat, Read>>);

async function measureAs(
  format: ModelFormat,
  file: ModelFile,
  place: Surroundings,
  measure: FigureMeasure,
): Promise<Measured> {
  const read = readers[format];
  if (read === undefined) throw new UnreadableModel(`is in the format ${format}, which is not read yet`);
  measure.clear();
  const unit = await read(file, measure, place);
  return unit === undefined ? { geometry: measure.geometry() } : { geometry: measure.geometry(), unit };
}

interface Measured {
  readonly geometry: Geometry;
  readonly unit?: LengthUnit;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
