// Measures one file with the reader of its format and turns everything that can go wrong into a reason.
// Runs inside the reader process (`child.ts`), never in the process of the import.
import { basename } from 'node:path';
import { readAmf } from './amf.js';
import { formatHeadBytes, formatOf, type ModelFormat } from './format.js';
import { type Geometry, type GeometryResult, type LengthUnit, UnreadableModel } from './geometry.js';
import { readGlb, readGltf } from './gltf.js';
import { createMeshMeasure, type MeshMeasure } from './mesh-measure.js';
import { type ModelFile, openModelFile } from './model-file.js';
import { readObj } from './obj.js';
import { readOff } from './off.js';
import { refuseOtherContent } from './other-content.js';
import { readPly } from './ply.js';
import { readStl } from './stl.js';
import { readThreeMf } from './threemf.js';

/** Measures a file. `onFormat` hears the format before the reading starts, in case the reading never ends. */
export async function measureFile(path: string, onFormat: (format: ModelFormat) => void): Promise<GeometryResult> {
  let format = formatOf(basename(path), new Uint8Array());
  try {
    using file = openModelFile(path);
    const head = file.bytes(0, Math.min(file.size, formatHeadBytes));
    format = formatOf(basename(path), head, file.size);
    if (format === null) throw new UnreadableModel('is not a model file');
    onFormat(format);
    if (file.size === 0) throw new UnreadableModel('is empty');
    refuseOtherContent(head, format);
    const measured = await measureAs(format, file, path);
    file.verifyUnchanged();
    return { status: 'parsed', format, ...measured };
  } catch (error) {
    const reason = error instanceof UnreadableModel ? error.message : `cannot be read: ${messageOf(error)}`;
    return { status: 'unparsed', format, reason };
  }
}

type Read = (file: ModelFile, measure: MeshMeasure, path: string) => Promise<LengthUnit | void> | void;

const readers: Readonly<Partial<Record<ModelFormat, Read>>> = Object.freeze({
  stl: readStl,
  obj: readObj,
  ply: readPly,
  '3mf': readThreeMf,
  off: readOff,
  amf: readAmf,
  glb: (file, measure, path) => readGlb(file, path, measure),
  gltf: (file, measure, path) => readGltf(file, path, measure),
} satisfies Partial<Record<ModelFormat, Read>>);

async function measureAs(format: ModelFormat, file: ModelFile, path: string): Promise<Measured> {
  const read = readers[format];
  if (read === undefined) throw new UnreadableModel(`is in the format ${format}, which is not read yet`);
  const measure = createMeshMeasure();
  const unit = await read(file, measure, path);
  return unit === undefined ? { geometry: measure.geometry() } : { geometry: measure.geometry(), unit };
}

interface Measured {
  readonly geometry: Geometry;
  readonly unit?: LengthUnit;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
