// Adds up the figures of a mesh while its triangles stream by, many at once; the readers of each format feed it.
// It keeps some 30 bytes for each distinct position and nothing for each triangle.
// Long, because the loop over the triangles is one piece: a call for each part of it would take longer than the part.
import { type Geometry, type Position, UnreadableModel } from './geometry.js';
import { highAt, lowAt, PositionSet, recordSize, shellAt } from './position-set.js';
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
  /** Forgets all that it has counted, to measure the next file: small ones take longer to make a measure for than to read. */
  clear(): void;
}

/** Returns an empty measure. */
export function createMeshMeasure(): FigureMeasure {
  return new StreamingMeasure();
}

/** Counts triangles by the numbers of their vertices in one list of positions. */
export interface IndexedTriangles {
  /**
   * Counts `count` triangles, whose corners are vertices of a list of x, y, z triples; a number outside the list is no number.
   * The list may grow between two calls but not change.
   */
  add(positions: Float64Array, corners: Uint32Array, count: number): void;
}

/** Returns what counts the triangles of one list: a vertex that many of them share is looked up once. */
export function indexedTriangles(measure: MeshMeasure): IndexedTriangles {
  if (measure instanceof StreamingMeasure) return measure.indexed();
  return {
    add: (positions, corners, count) => {
      const at = (corner: number): number => positions[corner] ?? NaN;
      for (let from = 0; from < count * 3; from += 3) {
        const [i, j, k] = [(corners[from] ?? 0) * 3, (corners[from + 1] ?? 0) * 3, (corners[from + 2] ?? 0) * 3];
        measure.triangle(at(i), at(i + 1), at(i + 2), at(j), at(j + 1), at(j + 2), at(k), at(k + 1), at(k + 2));
      }
    },
  };
}

/** Counts triangles by the coordinates of their corners, nine numbers to each. */
export function addTriangles(measure: MeshMeasure, corners: Float64Array, count: number): void {
  if (measure instanceof StreamingMeasure) return measure.triangles(corners, count);
  const at = (index: number): number => corners[index] ?? NaN;
  for (let i = 0; i < count * 9; i += 9) {
    measure.triangle(at(i), at(i + 1), at(i + 2), at(i + 3), at(i + 4), at(i + 5), at(i + 6), at(i + 7), at(i + 8));
  }
}

/** Counts the vertices themselves, for a model that has no triangles. */
export function addPoints(measure: MeshMeasure, positions: Float64Array): void {
  for (let at = 0; at < positions.length; at += 3) {
    measure.point(positions[at] ?? NaN, positions[at + 1] ?? NaN, positions[at + 2] ?? NaN);
  }
}

/** Triangles that are counted, and are best handed over, at once: their numbers stay in the nearest memory. */
export const trianglesAtOnce = 2_048;
/** The corners of triangles that are a list of their own. */
const inOrder = Uint32Array.from({ length: trianglesAtOnce * 3 }, (_, at) => at);

class StreamingMeasure implements FigureMeasure {
  readonly #positions = new PositionSet();
  readonly #shells = new Shells();
  /** The smallest x, y, z of points and the largest ones; those of triangles are in the boxes of their shells. */
  readonly #pointBox = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
  #triangles = 0;
  #posed = true;
  #solid = true;
  readonly #one = new Float64Array(9);
  /** The numbers of the corners that are counted next. */
  #numbers = new Int32Array(3);
  // Tetrahedra start at the first corner rather than at 0: a small part far from 0 keeps its digits.
  readonly #origin = new Float64Array(3);
  #sixVolumes = 0;
  #openFirst = 0;
  #openSecond = 0;

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
    this.#one.set([ax, ay, az, bx, by, bz, cx, cy, cz]);
    this.triangles(this.#one, 1);
  }

  triangles(corners: Float64Array, count: number): void {
    for (let from = 0; from < count; from += trianglesAtOnce) {
      const part = Math.min(trianglesAtOnce, count - from);
      const list = corners.subarray(from * 9, (from + part) * 9);
      this.#number(list, part);
      this.#count(list, inOrder, 0, part);
    }
  }

  indexed(): IndexedTriangles {
    /** One more than the number of each vertex; 0: not seen yet. */
    let known: Int32Array = new Int32Array();
    return {
      add: (positions, corners, count) => {
        const vertices = Math.floor(positions.length / 3);
        if (known.length < vertices) known = enlarged(known, vertices);
        for (let from = 0; from < count; from += trianglesAtOnce) {
          const part = Math.min(trianglesAtOnce, count - from);
          this.#numberIndexed(positions, corners, from, part, known);
          this.#count(positions, corners, from * 3, part);
        }
      },
    };
  }

  point(x: number, y: number, z: number): void {
    if (!Number.isFinite(x + y + z)) {
      throw new UnreadableModel('a point has a coordinate that is not a finite number');
    }
    this.#one.set([x, y, z]);
    this.#positions.add(this.#one, 0);
    const box = this.#pointBox;
    for (const [axis, value] of [x, y, z].entries()) {
      box[axis] = Math.min(box[axis] ?? NaN, value);
      box[axis + 3] = Math.max(box[axis + 3] ?? NaN, value);
    }
  }

  leaveUnposed(): void {
    this.#posed = false;
  }

  leaveUnsolid(): void {
    this.#solid = false;
  }

  clear(): void {
    this.#positions.clear();
    this.#shells.clear();
    this.#pointBox.fill(Infinity, 0, 3).fill(-Infinity, 3);
    this.#triangles = 0;
    this.#posed = true;
    this.#solid = true;
    this.#sixVolumes = 0;
    this.#openFirst = 0;
    this.#openSecond = 0;
  }

  geometry(): Geometry {
    const vertices = this.#positions.size;
    const isPlaced = vertices > 0 && this.#posed;
    const isClosed = this.#solid && this.#triangles > 0 && this.#openFirst === 0 && this.#openSecond === 0;
    const volume = Math.abs(this.#sixVolumes) / 6;
    const box = this.#shells.box();
    const edge = (axis: number, of: (a: number, b: number) => number): number =>
      of(box[axis] ?? NaN, this.#pointBox[axis] ?? NaN);
    const min: Position = [edge(0, Math.min), edge(1, Math.min), edge(2, Math.min)];
    const max: Position = [edge(3, Math.max), edge(4, Math.max), edge(5, Math.max)];
    return {
      triangles: this.#triangles,
      vertices,
      bounds: isPlaced ? { min, max } : null,
      volume: isPlaced && isClosed && Number.isFinite(volume) && this.#shells.addUp() ? volume : null,
    };
  }

  /** Numbers corners that come with their coordinates. */
  #number(list: Float64Array, count: number): void {
    const numbers = this.#roomFor(count);
    for (let first = 0; first < count * 3; first += 3) {
      for (let corner = first; corner < first + 3; corner += 1) {
        const at = corner * 3;
        // Of two triangles in a row mostly two corners are the same.
        const like = first === 0 ? -1 : likeOneOf(list, at, first * 3 - 9);
        numbers[corner] = like < 0 ? this.#include(list, at, corner) : (numbers[first - 3 + like] ?? 0);
      }
    }
  }

  /** Numbers corners that are vertices of a list. */
  #numberIndexed(positions: Float64Array, corners: Uint32Array, from: number, count: number, known: Int32Array): void {
    const numbers = this.#roomFor(count);
    for (let corner = 0; corner < count * 3; corner += 1) {
      const vertex = corners[from * 3 + corner] ?? 0;
      let number = (known[vertex] ?? 0) - 1;
      if (number < 0) {
        number = this.#include(positions, vertex * 3, corner);
        known[vertex] = number + 1;
      }
      numbers[corner] = number;
    }
  }

  #roomFor(count: number): Int32Array {
    if (this.#numbers.length < count * 3) this.#numbers = new Int32Array(count * 3);
    return this.#numbers;
  }

  /** The number of a corner, the how manieth it is of those that are counted next. */
  #include(list: Float64Array, at: number, corner: number): number {
    if (Number.isFinite((list[at] ?? NaN) + (list[at + 1] ?? NaN) + (list[at + 2] ?? NaN))) {
      return this.#positions.add(list, at);
    }
    const triangle = this.#triangles + Math.floor(corner / 3) + 1;
    throw new UnreadableModel(`triangle ${triangle} has a coordinate that is not a finite number`);
  }

  /**
   * Counts triangles whose corners have their numbers. Each directed edge adds what its opposite takes away, so both sums are 0
   * when the surface is closed: a position is a random point (two numbers of 32 bits), an edge is the cross product of its
   * ends, and three edges together are that of two sides of their triangle. Another surface than a closed one has a sum of 0
   * by chance: once in some 2³⁰ for each of the two, whose points are made of the same hash in two ways.
   */
  #count(list: Float64Array, corners: Uint32Array, from: number, count: number): void {
    const numbers = this.#numbers;
    const records = this.#positions.records;
    const shells = this.#shells;
    const origin = this.#origin;
    if (this.#triangles === 0) origin.set(list.subarray((corners[from] ?? 0) * 3, (corners[from] ?? 0) * 3 + 3));
    const ox = origin[0] ?? NaN;
    const oy = origin[1] ?? NaN;
    const oz = origin[2] ?? NaN;
    let first = this.#openFirst;
    let second = this.#openSecond;
    let sixVolumes = this.#sixVolumes;
    let shell = 0;
    let shellVolume = 0;
    for (let corner = 0; corner < count * 3; corner += 3) {
      const ra = (numbers[corner] ?? 0) * recordSize;
      const rb = (numbers[corner + 1] ?? 0) * recordSize;
      const rc = (numbers[corner + 2] ?? 0) * recordSize;
      const i = Math.imul(corners[from + corner] ?? 0, 3);
      const j = Math.imul(corners[from + corner + 1] ?? 0, 3);
      const k = Math.imul(corners[from + corner + 2] ?? 0, 3);
      if (
        shell === 0 ||
        records[ra + shellAt] !== shell ||
        records[rb + shellAt] !== shell ||
        records[rc + shellAt] !== shell
      ) {
        shells.addVolume(shell, shellVolume);
        shellVolume = 0;
        shell = shells.join(records, ra, rb, rc, list, i, j, k);
      }
      const u = records[ra + lowAt] ?? 0;
      const v = records[ra + highAt] ?? 0;
      const bu = records[rb + lowAt] ?? 0;
      const cu = records[rc + lowAt] ?? 0;
      const bv = (records[rb + highAt] ?? 0) - v;
      const cv = (records[rc + highAt] ?? 0) - v;
      first = (first + Math.imul(bu - u, cv) - Math.imul(cu - u, bv)) | 0;
      const uu = Math.imul(u, u);
      second = (second + Math.imul(Math.imul(bu, bu) - uu, cv) - Math.imul(Math.imul(cu, cu) - uu, bv)) | 0;
      const px = (list[i] ?? NaN) - ox;
      const py = (list[i + 1] ?? NaN) - oy;
      const pz = (list[i + 2] ?? NaN) - oz;
      const qx = (list[j] ?? NaN) - ox;
      const qy = (list[j + 1] ?? NaN) - oy;
      const qz = (list[j + 2] ?? NaN) - oz;
      const rx = (list[k] ?? NaN) - ox;
      const ry = (list[k + 1] ?? NaN) - oy;
      const rz = (list[k + 2] ?? NaN) - oz;
      // That of the tetrahedron between the origin and the triangle.
      const sixVolume = px * (qy * rz - qz * ry) + py * (qz * rx - qx * rz) + pz * (qx * ry - qy * rx);
      sixVolumes += sixVolume;
      shellVolume += sixVolume;
    }
    shells.addVolume(shell, shellVolume);
    this.#openFirst = first;
    this.#openSecond = second;
    this.#sixVolumes = sixVolumes;
    this.#triangles += count;
  }
}

/** Which of the three positions from `others` on is the one at a place of the same list; −1: none. */
function likeOneOf(list: Float64Array, at: number, others: number): number {
  const x = list[at];
  const y = list[at + 1];
  const z = list[at + 2];
  if (x === list[others + 6] && y === list[others + 7] && z === list[others + 8]) return 2;
  if (x === list[others + 3] && y === list[others + 4] && z === list[others + 5]) return 1;
  if (x === list[others] && y === list[others + 1] && z === list[others + 2]) return 0;
  return -1;
}

function enlarged(list: Int32Array, least: number): Int32Array {
  const larger = new Int32Array(Math.max(least, list.length * 2));
  larger.set(list);
  return larger;
}
