// Turns what the import knows of a file into the model that the repositories take.
import { basename, extname } from 'node:path';
import type { ModelFormat } from '@cc/schema';
import { type ModelInput, type ModelPatch, textLimits } from '@cc/schema/validation';
import type { GeometryResult } from '../geometry/reader.js';
import type { Fingerprint } from './fingerprint.js';

type Figures = Pick<
  ModelInput,
  | 'parseStatus'
  | 'parseError'
  | 'triangles'
  | 'vertices'
  | 'minX'
  | 'minY'
  | 'minZ'
  | 'maxX'
  | 'maxY'
  | 'maxZ'
  | 'volume'
>;

/** The model of a file, without its figures. Its name is the file's without the extension. */
export function describeFile(path: string, print: Fingerprint, format: ModelFormat): ModelInput {
  const fileName = basename(path);
  return {
    name: fileName.slice(0, -extname(fileName).length || undefined),
    fileName,
    filePath: path,
    format,
    fileHash: print.fileHash,
    fileSize: print.fileSize,
    fileModifiedAt: print.fileModifiedAt,
  };
}

/** The figures that were measured, or the reason why there are none. */
export function figuresOf(result: GeometryResult): Figures {
  if (result.status === 'unparsed') {
    return { ...noFigures, parseStatus: 'unparsed', parseError: storable(result.reason) };
  }
  const { triangles, vertices, bounds, volume } = result.geometry;
  const [minX, minY, minZ] = bounds?.min ?? [null, null, null];
  const [maxX, maxY, maxZ] = bounds?.max ?? [null, null, null];
  return { parseStatus: 'parsed', parseError: null, triangles, vertices, minX, minY, minZ, maxX, maxY, maxZ, volume };
}

/**
 * Whether the figures of a file with the same bytes hold for one that is in `format`. The same bytes are an empty OBJ
 * under one name and an empty STL under another, and a glTF has its shape in other files beside it.
 */
export function sharesFigures(twin: Pick<ModelInput, 'format' | 'parseStatus'>, format: ModelFormat): boolean {
  const isMeasured = twin.parseStatus === 'parsed' || twin.parseStatus === 'unparsed';
  return isMeasured && twin.format === format && format !== 'gltf';
}

/** The figures of a file with the same bytes. */
export function figuresOfTwin(twin: Figures): Figures {
  const { parseStatus, parseError, triangles, vertices, minX, minY, minZ, maxX, maxY, maxZ, volume } = twin;
  return { parseStatus, parseError, triangles, vertices, minX, minY, minZ, maxX, maxY, maxZ, volume };
}

/** What changes in the row of a path whose file was changed. The name stays: its owner may have edited it. */
export function patchOf(input: ModelInput): ModelPatch {
  const { id: _id, createdAt: _createdAt, name: _name, ...patch } = input;
  return patch;
}

/** Reasons quote from the file, which may hold anything. */
function storable(reason: string): string {
  return reason.slice(0, textLimits.path).toWellFormed().replaceAll('\0', '\ufffd');
}

const noFigures: Figures = {
  triangles: null,
  vertices: null,
  minX: null,
  minY: null,
  minZ: null,
  maxX: null,
  maxY: null,
  maxZ: null,
  volume: null,
};
