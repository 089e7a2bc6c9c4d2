// Turns what the import knows of a file into the model that the repositories take.
import { basename, extname } from 'node:path';
import type { ModelFormat } from '@cc/schema';
import { type ModelInput, type ModelPatch, textLimits } from '@cc/schema/validation';
import type { FilePrint, FileReading, GeometryResult } from '../geometry/reader.js';
import { stampOf } from './file-stamp.js';

/** The name of a model whose owner has given it none: the file's without the extension. */
export function nameOf(fileName: string): string {
  return fileName.slice(0, -extname(fileName).length || undefined).slice(0, textLimits.name);
}

/** The model of a file that was read. */
export function modelOf(path: string, print: FilePrint, format: ModelFormat, reading: FileReading): ModelInput {
  const fileName = basename(path);
  return {
    name: nameOf(fileName),
    fileName,
    filePath: path,
    format,
    fileHash: print.fileHash,
    fileSize: print.fileSize,
    fileModifiedAt: new Date(print.modifiedMs),
    fileStamp: stampOf(reading),
    ...figuresOf(reading.result),
  };
}

/** What changes in the row of a path whose file was changed. The name stays: its owner may have edited it. */
export function patchOf(input: ModelInput): ModelPatch {
  const { id: _id, createdAt: _createdAt, name: _name, ...patch } = input;
  return patch;
}

/** The fields that are measured. */
export const figures = [
  'format',
  'parseStatus',
  'parseError',
  'triangles',
  'vertices',
  'minX',
  'minY',
  'minZ',
  'maxX',
  'maxY',
  'maxZ',
  'volume',
  'unit',
] as const;

/** The figures that were measured, or the reason why there are none. */
function figuresOf(result: GeometryResult): Omit<Pick<ModelInput, (typeof figures)[number]>, 'format'> {
  if (result.status === 'unparsed') {
    return { ...noFigures, parseStatus: 'unparsed', parseError: storable(result.reason) };
  }
  const { triangles, vertices, bounds, volume } = result.geometry;
  const [minX, minY, minZ] = bounds?.min ?? [null, null, null];
  const [maxX, maxY, maxZ] = bounds?.max ?? [null, null, null];
  const measured = { triangles, vertices, minX, minY, minZ, maxX, maxY, maxZ, volume, unit: result.unit ?? null };
  return { parseStatus: 'parsed', parseError: null, ...measured };
}

/** Reasons quote from the file, which may hold anything. */
function storable(reason: string): string {
  return reason.slice(0, textLimits.path).toWellFormed().replaceAll('\0', '\ufffd');
}

const noFigures = {
  triangles: null,
  vertices: null,
  minX: null,
  minY: null,
  minZ: null,
  maxX: null,
  maxY: null,
  maxZ: null,
  volume: null,
  unit: null,
};
