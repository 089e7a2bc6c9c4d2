// Feeds an indexed mesh to the measure, where a scene places it. Used by the readers of 3MF, AMF and glTF.
import { type Affine, mirrors, transformed } from './affine.js';
import { indexedTriangles, type MeshMeasure } from './mesh-measure.js';

/** Scenes that place more triangles are refused: components of components can mean 2¹⁰⁰ of them in a small file. */
export const maxPlacedTriangles = 200_000_000;

/** Counts the triangles of a mesh after moving it; `corners` holds vertex numbers, three to a triangle. */
export function placeMesh(positions: Float64Array, corners: Uint32Array, affine: Affine, measure: MeshMeasure): void {
  const moved = transformed(positions, affine);
  const [second, third] = mirrors(affine) ? [2, 1] : [1, 2];
  const triangles = indexedTriangles(measure);
  for (let at = 0; at < corners.length; at += 3) {
    triangles.add(moved, corners[at] ?? NaN, corners[at + second] ?? NaN, corners[at + third] ?? NaN);
  }
}
