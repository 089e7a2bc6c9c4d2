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

/** Counts triangles by the numbers of their vertices in one list of positions. */
export interface IndexedTriangles {
  /** Counts the triangle between three vertices of a list of x, y, z triples; a number outside the list is no number. */
  add(positions: Float64Array, a: number, b: number, c: number): void;
}

/**
 * Returns what counts the triangles of one list, which may grow between two calls but not change: a vertex that many of them
 * share is looked up once.
 */
export function indexedTriangles(measure: MeshMeasure): IndexedTriangles {
  if (measure instanceof StreamingMeasure) return measure.indexed();
  return {
    add: (positions, a, b, c) => {
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
    },
  };
}

/** Counts the vertices themselves, for a model that has no triangles. */
export function addPoints(measure: MeshMeasure, positions: Float64Array): void {
  for (let at = 0; at < positions.length; at += 3) {
    measure.point(positions[at] ?? NaN, positions[at + 1] ?? NaN, positions[at + 2] ?? NaN);
  }
}

class StreamingMeasure implements FigureMeasure {
  readonly #positions = new PositionSet();
  #minX = Infinity;
  #minY = Infinity;
  #minZ = Infinity;
  #maxX = -Infinity;
  #maxY = -Infinity;
  #maxZ = -Infinity;
  #triangles = 0;
  #posed = true;
  #solid = true;
  readonly #shells = new Shells();
  /** The corners of the triangle before, and their numbers. */
  readonly #before = new Float64Array(9).fill(NaN);
  readonly #numbersBefore = new Int32Array(3);
  // Tetrahedra start at the first corner rather than at 0: a small part far from 0 keeps its digits.
  #originX = 0;
  #originY = 0;
  #originZ = 0;
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
    this.#requireFinite(ax + ay + az + bx + by + bz + cx + cy + cz);
    const a = this.#numberOf(ax, ay, az);
    const b = this.#numberOf(bx, by, bz);
    const c = this.#numberOf(cx, cy, cz);
    const before = this.#before;
    before[0] = ax;
    before[1] = ay;
    before[2] = az;
    before[3] = bx;
    before[4] = by;
    before[5] = bz;
    before[6] = cx;
    before[7] = cy;
    before[8] = cz;
    const numbers = this.#numbersBefore;
    numbers[0] = a;
    numbers[1] = b;
    numbers[2] = c;
    this.#count(a, b, c, ax, ay, az, bx, by, bz, cx, cy, cz);
  }

  /** The number of a corner: of two triangles in a row mostly two are the same. */
  #numberOf(x: number, y: number, z: number): number {
    const [before, numbers] = [this.#before, this.#numbersBefore];
    if (x === before[6] && y === before[7] && z === before[8]) return numbers[2] ?? 0;
    if (x === before[3] && y === before[4] && z === before[5]) return numbers[1] ?? 0;
    if (x === before[0] && y === before[1] && z === before[2]) return numbers[0] ?? 0;
    return this.#include(x, y, z);
  }

  indexed(): IndexedTriangles {
    /** One more than the number of each vertex; 0: not seen yet. */
    let numbers = new Int32Array(1024);
    const numberOf = (vertex: number, x: number, y: number, z: number): number => {
      const known = numbers[vertex] ?? 0;
      if (known > 0) return known - 1;
      const number = this.#include(x, y, z);
      if (vertex >= numbers.length) {
        const larger = new Int32Array(Math.max(vertex + 1, numbers.length * 2));
        larger.set(numbers);
        numbers = larger;
      }
      numbers[vertex] = number + 1;
      return number;
    };
    return {
      add: (positions, a, b, c) => {
        const ax = positions[a * 3] ?? NaN;
        const ay = positions[a * 3 + 1] ?? NaN;
        const az = positions[a * 3 + 2] ?? NaN;
        const bx = positions[b * 3] ?? NaN;
        const by = positions[b * 3 + 1] ?? NaN;
        const bz = positions[b * 3 + 2] ?? NaN;
        const cx = positions[c * 3] ?? NaN;
        const cy = positions[c * 3 + 1] ?? NaN;
        const cz = positions[c * 3 + 2] ?? NaN;
        this.#requireFinite(ax + ay + az + bx + by + bz + cx + cy + cz);
        const an = numberOf(a, ax, ay, az);
        const bn = numberOf(b, bx, by, bz);
        const cn = numberOf(c, cx, cy, cz);
        this.#count(an, bn, cn, ax, ay, az, bx, by, bz, cx, cy, cz);
      },
    };
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
    const [min, max]: [Position, Position] = [
      [this.#minX, this.#minY, this.#minZ],
      [this.#maxX, this.#maxY, this.#maxZ],
    ];
    return {
      triangles: this.#triangles,
      vertices,
      bounds: isPlaced ? { min, max } : null,
      volume: isPlaced && isClosed && Number.isFinite(volume) && this.#shells.addUp() ? volume : null,
    };
  }

  #requireFinite(sum: number): void {
    if (Number.isFinite(sum)) return;
    throw new UnreadableModel(`triangle ${this.#triangles + 1} has a coordinate that is not a finite number`);
  }

  #include(x: number, y: number, z: number): number {
    if (x < this.#minX) this.#minX = x;
    if (y < this.#minY) this.#minY = y;
    if (z < this.#minZ) this.#minZ = z;
    if (x > this.#maxX) this.#maxX = x;
    if (y > this.#maxY) this.#maxY = y;
    if (z > this.#maxZ) this.#maxZ = z;
    return this.#positions.add(x, y, z);
  }

  /** Counts a triangle by the numbers and the coordinates of its corners. */
  #count(
    a: number,
    b: number,
    c: number,
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
    if (this.#triangles === 0) {
      this.#originX = ax;
      this.#originY = ay;
      this.#originZ = az;
    }
    this.#triangles += 1;
    this.#edge(a, b);
    this.#edge(b, c);
    this.#edge(c, a);
    const sixVolume = sixVolumeOf(
      ax - this.#originX,
      ay - this.#originY,
      az - this.#originZ,
      bx - this.#originX,
      by - this.#originY,
      bz - this.#originZ,
      cx - this.#originX,
      cy - this.#originY,
      cz - this.#originZ,
    );
    this.#sixVolumes += sixVolume;
    this.#shells.add(a, b, c, sixVolume, ax, ay, az, bx, by, bz, cx, cy, cz);
  }

  #edge(from: number, to: number): void {
    if (from === to) return;
    const first = from < to ? from : to;
    const second = from < to ? to : from;
    const high = mix(Math.imul(first + 1, 0x9e3779b1) ^ second);
    const low = mix(Math.imul(second + 1, 0x27d4eb2f) ^ first);
    this.#openHigh = (from < to ? this.#openHigh + high : this.#openHigh - high) | 0;
    this.#openLow = (from < to ? this.#openLow + low : this.#openLow - low) | 0;
  }
}

/** Six times the signed volume of the tetrahedron between 0 and three points. */
function sixVolumeOf(
  px: number,
  py: number,
  pz: number,
  qx: number,
  qy: number,
  qz: number,
  rx: number,
  ry: number,
  rz: number,
): number {
  return px * (qy * rz - qz * ry) + py * (qz * rx - qx * rz) + pz * (qx * ry - qy * rx);
}
