// What a reader says about one model file: the figures, or the reason why there are none.
// The readers of each format throw `UnreadableModel`; `measure-file.ts` turns it into an `unparsed` result.
import type { ModelFormat } from './format.js';

/** A corner of a bounding box: x, y, z. */
export type Position = [x: number, y: number, z: number];

/**
 * The figures of one model, in the units of its file: STL, OBJ, PLY and OFF name none, 3MF and AMF name their own
 * (millimetre by default), glTF is in metres. Nothing is converted.
 *
 * What is counted is the scene as the file places it: a mesh that a 3MF build, an AMF constellation or a glTF scene uses
 * three times counts three times, moved by its transforms. Polygons count as the triangles of their fan (n corners, n − 2 triangles).
 */
export interface Geometry {
  readonly triangles: number;
  /** Distinct positions among the corners of the triangles; in a file without triangles, among its points. */
  readonly vertices: number;
  /** The smallest box around the counted positions. Null when there are none, or when a skeleton decides where they are. */
  readonly bounds: { readonly min: Position; readonly max: Position } | null;
  /**
   * The absolute sum of the signed tetrahedra between the triangles and one fixed point, in cubic file units.
   *
   * Null unless the surface is closed: each edge, matched by the exact coordinates of its ends, must be walked as often
   * in one direction as in the other. Shells add up; a shell facing inward (a cavity) is subtracted, and where one faces
   * inward outside of every other there is no volume; where shells overlap, the overlap counts once for each.
   */
  readonly volume: number | null;
}

/** The units that files name, in the words of 3MF. */
export type LengthUnit = 'micron' | 'millimeter' | 'centimeter' | 'inch' | 'foot' | 'meter';

/**
 * The outcome of reading one file. `unparsed` is an answer, not a failure: the file stays in the library without figures,
 * and `reason` says why in a sentence for people. `format` is null when the file turned out not to be a model at all.
 */
export type GeometryResult =
  | {
      readonly status: 'parsed';
      readonly format: ModelFormat;
      readonly geometry: Geometry;
      /** The unit of the figures, where the file or its format names one. */
      readonly unit?: LengthUnit | undefined;
    }
  | {
      readonly status: 'unparsed';
      readonly format: ModelFormat | null;
      readonly reason: string;
      /** The fault may lie elsewhere than in the file (a process that ended): the next import reads it again. */
      readonly isPassing?: boolean | undefined;
    };

/** What tells one version of a file from another. Times are epoch milliseconds, `changedMs` that of its entry (ctime). */
export interface FilePrint {
  /** Bytes. */
  readonly fileSize: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
  readonly inode: number;
  /** SHA-256 in lower-case hex. */
  readonly fileHash: string;
}

/** Another file that the figures depend on, by its path from the folder of the model; null times and size: it is absent. */
export interface FileBeside {
  readonly name: string;
  readonly size: number | null;
  readonly modifiedMs: number | null;
  readonly changedMs: number | null;
}

/** All that one pass over a file gives. */
export interface FileReading {
  readonly result: GeometryResult;
  /** Null when the file is no model, or could not be read as a whole; then `problem` says why. */
  readonly print: FilePrint | null;
  /** Why there is no print; null when there is one, and for what is no model. */
  readonly problem: string | null;
  readonly beside: readonly FileBeside[];
}

/** Grows when files that were refused are read, or get other reasons: the import reads refused ones of older readers again. */
export const readerVersion = 3;

/** Says that a file cannot be measured with certainty; the message is the reason that people read. */
export class UnreadableModel extends Error {
  override readonly name = 'UnreadableModel';
}

/** What a reader knows of the place of its file. */
export interface Surroundings {
  readonly path: string;
  /** Hears of each other file that is read, or that should be there. */
  readonly note: (path: string) => void;
}
