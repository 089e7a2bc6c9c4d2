// Adds up the figures of a mesh while its triangles stream by; the readers of each format feed it.
// It keeps some 30 bytes for each distinct position and nothing for each triangle.
import { type Geometry, type Position, UnreadableModel } from './geometry.js';
import { mix, PositionSet } from './position-set.js';
import { Shells } from './shells.js';

/** Takes the triangles of a model, or its points when it has none: to measure them here, to draw them in `../pictures`. */
export interface MeshMeasure {
  /**
   * Counts one triangle with the corners a, b, c.
   * @throws UnreadableModel when a coordinate is not a finite number.
   */
  triangle(
    ax: number,
    ay: number,
    az: number,
    bx: number,
    by: number,
    bz: number,
    cx: number,
    cy: number,
    cz: number,
  ): void;
  /**
   * Counts one point of a model without triangles.
   * @throws UnreadableModel when a coordinate is not a finite number.
   */
  point(x: number, y: number, z: number): void;
  /** Says that a skeleton or a morph moves the mesh, so bounds and volume of the stored positions mean nothing. */
  leaveUnposed(): void;
  /** Says that some of the triangles are no part of the body, such as what a slicer cuts out of it: there is no volume. */
  leaveUnsolid(): void;
}

/** A measure that gives the figures. */
export interface FigureMeasure extends MeshMeasure {
  /** Returns the figures so far. */
  geometry(): Geometry;
}

/** Returns an empty measure. */
export function createMeshMeasure(): FigureMeasure {
  return new StreamingMeasure();
}

/** Counts the triangle between three vertices of a list of x, y, z triples; a number outside the list is no number. */
export function addTriangle(measure: MeshMeasure, positions: Float64Array, a: number, b: number, c: number): void {
  const [i, j, k] = [a * 3, b * 3, c * 3];
  measure.triangle(
    positions[i] ?? NaN,
    positions[i + 1] ?? NaN,
    positions[i + 2] ?? NaN,
    positions[j] ?? NaN,
    positions[j + 1] ?? NaN,
    positions[j + 2] ?? NaN,
    positions[k] ?? NaN,
    positions[k + 1] ?? NaN,
    positions[k + 2] ?? NaN,
  );
}

/** Counts the vertices themselves, for a model that has no triangles. */
export function addPoints(measure: MeshMeasure, positions: Float64Array): void {
  for (let at = 0; at < positions.length; at += 3) {
    measure.point(positions[at] ?? NaN, positions[at + 1] ?? NaN, positions[at + 2] ?? NaN);
  }
}

class StreamingMeasure implements FigureMeasure {
  readonly #positions = new PositionSet();
  readonly #min: Position = [Infinity, Infinity, Infinity];
  readonly #max: Position = [-Infinity, -Infinity, -Infinity];
  #triangles = 0;
  #posed = true;
  #solid = true;
  readonly #shells = new Shells();
  readonly #low: Position = [0, 0, 0];
  readonly #high: Position = [0, 0, 0];
  // Tetrahedra start at the first corner rather than at 0: a small part far from 0 keeps its digits.
  #origin: Position = [0, 0, 0];
  #sixVolumes = 0;
  // Each directed edge adds a hash that its opposite takes away, so both sums are 0 exactly when the surface is closed.
  #openHigh = 0;
  #openLow = 0;

  triangle(
    ax: number,
    ay: number,
    az: number,
    bx: number,
    by: number,
    bz: number,
    cx: number,
    cy: number,
    cz: number,
  ): void {
    if (!Number.isFinite(ax + ay + az + bx + by + bz + cx + cy + cz)) {
      throw new UnreadableModel(`triangle ${this.#triangles + 1} has a coordinate that is not a finite number`);
    }
    if (this.#triangles === 0) this.#origin = [ax, ay, az];
    this.#triangles += 1;
    const positions = this.#positions;
    this.#include(ax, ay, az);
    const [aHigh, aLow, aNumber] = [positions.high, positions.low, positions.number];
    this.#include(bx, by, bz);
    const [bHigh, bLow, bNumber] = [positions.high, positions.low, positions.number];
    this.#include(cx, cy, cz);
    const [cHigh, cLow, cNumber] = [positions.high, positions.low, positions.number];
    this.#edge(aHigh, aLow, bHigh, bLow);
    this.#edge(bHigh, bLow, cHigh, cLow);
    this.#edge(cHigh, cLow, aHigh, aLow);
    const [ox, oy, oz] = this.#origin;
    const [px, py, pz] = [ax - ox, ay - oy, az - oz];
    const [qx, qy, qz] = [bx - ox, by - oy, bz - oz];
    const [rx, ry, rz] = [cx - ox, cy - oy, cz - oz];
    const sixVolume = px * (qy * rz - qz * ry) + py * (qz * rx - qx * rz) + pz * (qx * ry - qy * rx);
    this.#sixVolumes += sixVolume;
    const [low, high] = [this.#low, this.#high];
    low[0] = Math.min(ax, bx, cx);
    low[1] = Math.min(ay, by, cy);
    low[2] = Math.min(az, bz, cz);
    high[0] = Math.max(ax, bx, cx);
    high[1] = Math.max(ay, by, cy);
    high[2] = Math.max(az, bz, cz);
    this.#shells.add(aNumber, bNumber, cNumber, sixVolume, low, high);
  }

  point(x: number, y: number, z: number): void {
    if (!Number.isFinite(x + y + z)) {
      throw new UnreadableModel('a point has a coordinate that is not a finite number');
    }
    this.#include(x, y, z);
  }

  leaveUnposed(): void {
    this.#posed = false;
  }

  leaveUnsolid(): void {
    this.#solid = false;
  }

  geometry(): Geometry {
    const vertices = this.#positions.size;
    const isPlaced = vertices > 0 && this.#posed;
    const isClosed = this.#solid && this.#triangles > 0 && this.#openHigh === 0 && this.#openLow === 0;
    const volume = Math.abs(this.#sixVolumes) / 6;
    return {
      triangles: this.#triangles,
      vertices,
      bounds: isPlaced ? { min: [...this.#min], max: [...this.#max] } : null,
      volume: isPlaced && isClosed && Number.isFinite(volume) && this.#shells.addUp() ? volume : null,
    };
  }

  #include(x: number, y: number, z: number): void {
    this.#positions.add(x, y, z);
    const [min, max] = [this.#min, this.#max];
    if (x < min[0]) min[0] = x;
    if (y < min[1]) min[1] = y;
    if (z < min[2]) min[2] = z;
    if (x > max[0]) max[0] = x;
    if (y > max[1]) max[1] = y;
    if (z > max[2]) max[2] = z;
  }

  #edge(fromHigh: number, fromLow: number, toHigh: number, toLow: number): void {
    if (fromHigh === toHigh && fromLow === toLow) return;
    const isForward = fromHigh === toHigh ? fromLow < toLow : fromHigh < toHigh;
    const high = isForward ? edgeHash(fromHigh, fromLow, toHigh, toLow) : -edgeHash(toHigh, toLow, fromHigh, fromLow);
    const low = isForward ? edgeHash(fromLow, toHigh, toLow, fromHigh) : -edgeHash(toLow, fromHigh, fromLow, toHigh);
    this.#openHigh = (this.#openHigh + high) | 0;
    this.#openLow = (this.#openLow + low) | 0;
  }
}

function edgeHash(a: number, b: number, c: number, d: number): number {
  return mix(mix(mix(mix(a, 0x85ebca6b) ^ b, 0xc2b2ae35) ^ c, 0x27d4eb2f) ^ d, 0x165667b1);
}
