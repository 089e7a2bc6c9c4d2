// Tells the shells of a surface apart while its triangles stream by: which ones are connected, and which way each faces.
// `mesh-measure.ts` asks it whether a volume that comes out of several shells means anything.
import { shellAt } from './position-set.js';

const firstShells = 16;
/** So many shells are kept for the next file. */
const mostKept = 1_024;

/** Groups triangles that share corners, with the signed volume and the box of each group. Shells are numbered from 1 on. */
export class Shells {
  /** Shells that met are one: each refers to the one that it became part of, or to itself. The first is none. */
  #partOf = new Int32Array(firstShells);
  #sixVolumes = new Float64Array(firstShells);
  /** The smallest x, y, z and the largest ones of each. */
  #boxes = new Float64Array(firstShells * 6);
  #last = 0;

  /** Forgets all shells; what many of them took is given back. */
  clear(): void {
    this.#last = 0;
    this.#sixVolumes[0] = 0;
    if (this.#partOf.length <= mostKept) return;
    this.#partOf = new Int32Array(firstShells);
    this.#sixVolumes = new Float64Array(firstShells);
    this.#boxes = new Float64Array(firstShells * 6);
  }

  /** Adds the signed volume of triangles to a shell that `join` has returned; 0 is none. */
  addVolume(shell: number, sixVolume: number): void {
    this.#sixVolumes[shell] = (this.#sixVolumes[shell] ?? 0) + sixVolume;
  }

  /**
   * Joins the corners of a triangle, given by where the records of their positions begin, in which their shells are kept, and
   * where their coordinates begin in a list. Returns the shell that they are in now.
   */
  join(
    records: Int32Array,
    a: number,
    b: number,
    c: number,
    list: Float64Array,
    aAt: number,
    bAt: number,
    cAt: number,
  ): number {
    const ofA = records[a + shellAt] ?? 0;
    const ofB = records[b + shellAt] ?? 0;
    const ofC = records[c + shellAt] ?? 0;
    const shell = this.#joined(this.#joined(this.#root(ofA), this.#root(ofB)), this.#root(ofC)) || this.#open();
    records[a + shellAt] = shell;
    records[b + shellAt] = shell;
    records[c + shellAt] = shell;
    // A corner that had a shell is in its box.
    if (ofA === 0) this.#widen(shell * 6, list, aAt);
    if (ofB === 0) this.#widen(shell * 6, list, bAt);
    if (ofC === 0) this.#widen(shell * 6, list, cAt);
    return shell;
  }

  /** The box around all of them: the smallest x, y, z and the largest ones; infinite the wrong way round when there is none. */
  box(): readonly number[] {
    const whole = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
    for (let shell = 1; shell <= this.#last; shell += 1) {
      for (let axis = 0; axis < 3; axis += 1) {
        whole[axis] = Math.min(whole[axis] ?? NaN, this.#boxes[shell * 6 + axis] ?? NaN);
        whole[axis + 3] = Math.max(whole[axis + 3] ?? NaN, this.#boxes[shell * 6 + axis + 3] ?? NaN);
      }
    }
    return whole;
  }

  /**
   * Whether the volumes of the shells add up to that of a body: those that face the other way than the largest are
   * cavities, each inside the box of a shell that does not.
   */
  addUp(): boolean {
    const whole: number[] = [];
    for (let shell = 1; shell <= this.#last; shell += 1) if (this.#partOf[shell] === shell) whole.push(shell);
    const volume = (shell: number): number => this.#sixVolumes[shell] ?? 0;
    const largest = whole.reduce((best, shell) => (Math.abs(volume(shell)) > Math.abs(volume(best)) ? shell : best), 0);
    // What is flat has a volume of either sign by rounding.
    const direction = (shell: number): number =>
      Math.abs(volume(shell)) > Math.abs(volume(largest)) * 1e-9 ? Math.sign(volume(shell) * volume(largest)) : 0;
    const bodies = whole.filter((shell) => direction(shell) > 0);
    return whole.every((shell) => direction(shell) >= 0 || bodies.some((body) => this.#isInside(shell, body)));
  }

  #widen(box: number, list: Float64Array, at: number): void {
    const boxes = this.#boxes;
    for (let axis = 0; axis < 3; axis += 1) {
      const value = list[at + axis] ?? NaN;
      if (value < (boxes[box + axis] ?? NaN)) boxes[box + axis] = value;
      if (value > (boxes[box + axis + 3] ?? NaN)) boxes[box + axis + 3] = value;
    }
  }

  #root(shell: number): number {
    let at = shell;
    for (;;) {
      const part = this.#partOf[at] ?? at;
      if (part === at) return at;
      // Shortens the way for the next one.
      this.#partOf[at] = this.#partOf[part] ?? part;
      at = part;
    }
  }

  #joined(one: number, other: number): number {
    if (one === 0) return other;
    if (other === 0 || other === one) return one;
    const [stays, goes] = one < other ? [one, other] : [other, one];
    this.#partOf[goes] = stays;
    this.#sixVolumes[stays] = (this.#sixVolumes[stays] ?? 0) + (this.#sixVolumes[goes] ?? 0);
    const [box, to, from] = [this.#boxes, stays * 6, goes * 6];
    for (let axis = 0; axis < 3; axis += 1) {
      box[to + axis] = Math.min(box[to + axis] ?? Infinity, box[from + axis] ?? Infinity);
      box[to + axis + 3] = Math.max(box[to + axis + 3] ?? -Infinity, box[from + axis + 3] ?? -Infinity);
    }
    return stays;
  }

  #open(): number {
    this.#last += 1;
    const shell = this.#last;
    if (shell === this.#partOf.length) {
      this.#partOf = grown(this.#partOf, new Int32Array(shell * 2));
      this.#sixVolumes = grown(this.#sixVolumes, new Float64Array(shell * 2));
      this.#boxes = grown(this.#boxes, new Float64Array(shell * 12));
    }
    this.#partOf[shell] = shell;
    this.#sixVolumes[shell] = 0;
    for (let axis = 0; axis < 3; axis += 1) {
      this.#boxes[shell * 6 + axis] = Infinity;
      this.#boxes[shell * 6 + axis + 3] = -Infinity;
    }
    return shell;
  }

  #isInside(inner: number, outer: number): boolean {
    const box = this.#boxes;
    return [0, 1, 2].every(
      (axis) =>
        (box[inner * 6 + axis] ?? NaN) >= (box[outer * 6 + axis] ?? NaN) &&
        (box[inner * 6 + axis + 3] ?? NaN) <= (box[outer * 6 + axis + 3] ?? NaN),
    );
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
