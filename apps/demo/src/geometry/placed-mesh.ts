// Feeds an indexed mesh to the measure, where a scene places it. Used by the readers of 3MF, AMF and glTF.
import { type Affine, mirrors, transformed } from './affine.js';
import { indexedTriangles, type MeshMeasure } from './mesh-measure.js';

/** Scenes that place more triangles are refused: components of components can mean 2¹⁰⁰ of them in a small file. */
export const maxPlacedTriangles = 200_000_000;

/** Counts the triangles of a mesh after moving it; `corners` holds vertex numbers, three to a triangle. */
export function placeMesh(positions: Float64Array, corners: Uint32Array, affine: Affine, measure: MeshMeasure): void {
  const moved = transformed(positions, affine);
  const triangles = indexedTriangles(measure);
  triangles.add(moved, mirrors(affine) ? walkedBackwards(corners) : corners, corners.length / 3);
}

function walkedBackwards(corners: Uint32Array): Uint32Array {
  const backwards = corners.slice();
  for (let at = 0; at < corners.length; at += 3) {
    backwards[at + 1] = corners[at + 2] ?? 0;
    backwards[at + 2] = corners[at + 1] ?? 0;
  }
  return backwards;
}
