// Draws a model: turns it to the viewer, fits it into the picture, and hands it to the raster.
// Readers that measure a file draw it too: here they hand over their triangles once more. `paint-file.ts` picks the reader.
import { encode } from 'fast-png';
import { UnreadableModel } from '../geometry/geometry.js';
import type { MeshMeasure } from '../geometry/mesh-measure.js';
import { pictureSide, Raster, sampleSide, samplesPerPixel } from './raster.js';

/** Which axis of the file points up. */
export type UpAxis = 'y' | 'z';

/** Hands a model over, the same each time. @throws UnreadableModel as the readers do */
export type Hand = (to: MeshMeasure) => Promise<void>;

/**
 * Returns the drawing of a model as a PNG of 256 × 256 pixels: seen from the front, the right and above in equal shares
 * (the isometric view), as large as fits. A model of up to 200,000 triangles is read once, a larger one twice, so that the
 * memory does not grow with it.
 * @throws UnreadableModel when there is nothing to draw, or the readers refuse it
 */
export async function draw(hand: Hand, up: UpAxis): Promise<Uint8Array> {
  const view = new View(up);
  const sketch = new Sketch(view);
  await hand(sketch);
  const place = placeOf(sketch);
  const canvas = new Canvas(view, place);
  if (sketch.isWhole) sketch.replay(canvas);
  else await hand(canvas);
  return encode({ width: pictureSide, height: pictureSide, data: canvas.raster.pixels(), channels: 4, depth: 8 });
}

/** Free pixels around the model. */
const margin = 10;
const rootOf2 = Math.SQRT2;
const rootOf3 = Math.sqrt(3);
const rootOf6 = Math.sqrt(6);

/** Turns positions: x to the right, y downwards, z towards the viewer. */
class View {
  x = 0;
  y = 0;
  z = 0;
  readonly #up: UpAxis;

  constructor(up: UpAxis) {
    this.#up = up;
  }

  turn(x: number, y: number, z: number): void {
    const [depth, height] = this.#up === 'z' ? [y, z] : [-z, y];
    this.x = (x + depth) / rootOf2;
    this.y = (x - depth - 2 * height) / rootOf6;
    this.z = (x - depth + height) / rootOf3;
  }
}

/** What lies where in the picture. */
interface Place {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
  /** Taken off depths before they are scaled, so that what lies far from 0 keeps its digits. */
  readonly z: number;
}

function placeOf({ min, max, z }: Sketch): Place {
  const [width, height] = [max.x - min.x, max.y - min.y];
  if (!(width >= 0 && height >= 0) || !Number.isFinite(width + height + z)) {
    throw new UnreadableModel('holds nothing that can be drawn');
  }
  const room = sampleSide - 2 * margin * samplesPerPixel;
  const extent = Math.max(width, height);
  const scale = extent > 0 && Number.isFinite(room / extent) ? room / extent : 1;
  // The middle between two samples: what is symmetric gets a symmetric picture.
  const middle = (sampleSide - 1) / 2;
  return { scale, x: middle - (scale * (min.x + max.x)) / 2, y: middle - (scale * (min.y + max.y)) / 2, z };
}

const mostKept = 200_000;

/** The first look at a model: how far it goes, and as much of it as is kept. */
class Sketch implements MeshMeasure {
  readonly min = { x: Infinity, y: Infinity };
  readonly max = { x: -Infinity, y: -Infinity };
  z = NaN;
  /** Whether all of it is kept. */
  isWhole = true;
  readonly #view: View;
  #kept = new Float64Array(9 * 256);
  #length = 0;
  readonly #points: number[] = [];

  constructor(view: View) {
    this.#view = view;
  }

  triangle(...corners: Parameters<MeshMeasure['triangle']>): void {
    const [ax, ay, az, bx, by, bz, cx, cy, cz] = corners;
    this.#include(ax, ay, az);
    this.#include(bx, by, bz);
    this.#include(cx, cy, cz);
    if (!this.isWhole) return;
    if (this.#length === this.#kept.length) this.#grow();
    if (this.isWhole) this.#kept.set(corners, this.#length);
    this.#length += 9;
  }

  point(x: number, y: number, z: number): void {
    this.#include(x, y, z);
    if (this.#points.length < mostKept * 3) this.#points.push(x, y, z);
    else this.isWhole = false;
  }

  leaveUnposed(): void {}
  leaveUnsolid(): void {}

  replay(to: MeshMeasure): void {
    const kept = this.#kept;
    const at = (index: number): number => kept[index] ?? NaN;
    for (let i = 0; i < this.#length; i += 9) {
      to.triangle(at(i), at(i + 1), at(i + 2), at(i + 3), at(i + 4), at(i + 5), at(i + 6), at(i + 7), at(i + 8));
    }
    const points = this.#points;
    for (let i = 0; i < points.length; i += 3) to.point(points[i] ?? NaN, points[i + 1] ?? NaN, points[i + 2] ?? NaN);
  }

  #grow(): void {
    if (this.#length >= mostKept * 9) {
      this.isWhole = false;
      this.#kept = new Float64Array();
      return;
    }
    const larger = new Float64Array(Math.min(this.#length * 2, mostKept * 9));
    larger.set(this.#kept);
    this.#kept = larger;
  }

  #include(x: number, y: number, z: number): void {
    const view = this.#view;
    view.turn(x, y, z);
    if (Number.isNaN(this.z)) this.z = view.z;
    if (!Number.isFinite(view.x + view.y + view.z)) throw new UnreadableModel('has a coordinate that cannot be drawn');
    const { min, max } = this;
    if (view.x < min.x) min.x = view.x;
    if (view.y < min.y) min.y = view.y;
    if (view.x > max.x) max.x = view.x;
    if (view.y > max.y) max.y = view.y;
  }
}

/** The second look: every triangle goes to its place. */
class Canvas implements MeshMeasure {
  readonly raster = new Raster();
  readonly #view: View;
  readonly #place: Place;
  readonly #at = new Float64Array(9);

  constructor(view: View, place: Place) {
    this.#view = view;
    this.#place = place;
  }

  triangle(...[ax, ay, az, bx, by, bz, cx, cy, cz]: Parameters<MeshMeasure['triangle']>): void {
    this.#put(0, ax, ay, az);
    this.#put(3, bx, by, bz);
    this.#put(6, cx, cy, cz);
    const at = (index: number): number => this.#at[index] ?? NaN;
    this.raster.triangle(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8));
  }

  point(x: number, y: number, z: number): void {
    this.#put(0, x, y, z);
    this.raster.point(this.#at[0] ?? NaN, this.#at[1] ?? NaN, this.#at[2] ?? NaN);
  }

  leaveUnposed(): void {}
  leaveUnsolid(): void {}

  #put(corner: number, x: number, y: number, z: number): void {
    const { scale, x: right, y: down, z: near } = this.#place;
    this.#view.turn(x, y, z);
    this.#at[corner] = this.#view.x * scale + right;
    this.#at[corner + 1] = this.#view.y * scale + down;
    this.#at[corner + 2] = (this.#view.z - near) * scale;
  }
}
