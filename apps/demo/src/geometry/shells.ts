// Tells the shells of a surface apart while its triangles stream by: which ones are connected, and which way each faces.
// `mesh-measure.ts` asks it whether a volume that comes out of several shells means anything.

const firstShells = 16;

/** Groups triangles that share corners, with the signed volume and the box of each group. */
export class Shells {
  /** The shell of each position, one more than its number; 0 for none yet. */
  #shellOf = new Int32Array(256);
  /** Shells that met are one: each refers to the one that it became part of, or to itself. */
  #partOf = new Int32Array(firstShells);
  #sixVolumes = new Float64Array(firstShells);
  /** The smallest x, y, z and the largest ones of each. */
  #boxes = new Float64Array(firstShells * 6);
  #count = 0;

  /** Adds a triangle by the numbers and the coordinates of its corners; `sixVolume` is its signed tetrahedron. */
  add(
    a: number,
    b: number,
    c: number,
    sixVolume: number,
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
    const first = this.#shellOf[a] ?? 0;
    const isWhole = first > 0 && first === this.#shellOf[b] && first === this.#shellOf[c];
    if (isWhole && this.#partOf[first - 1] === first - 1) {
      this.#sixVolumes[first - 1] = (this.#sixVolumes[first - 1] ?? 0) + sixVolume;
      return;
    }
    const [atA, atB, atC] = [this.#at(a), this.#at(b), this.#at(c)];
    let shell = this.#joined(this.#joined(atA, atB), this.#rootOrNone(atC));
    if (shell < 0) shell = this.#open();
    const shellOf = this.#shellOf;
    shellOf[a] = shell + 1;
    shellOf[b] = shell + 1;
    shellOf[c] = shell + 1;
    this.#sixVolumes[shell] = (this.#sixVolumes[shell] ?? 0) + sixVolume;
    // A corner that had a shell is in its box.
    if (atA < 0) this.#widen(shell * 6, ax, ay, az);
    if (atB < 0) this.#widen(shell * 6, bx, by, bz);
    if (atC < 0) this.#widen(shell * 6, cx, cy, cz);
  }

  #widen(at: number, x: number, y: number, z: number): void {
    const box = this.#boxes;
    if (x < (box[at] ?? NaN)) box[at] = x;
    if (y < (box[at + 1] ?? NaN)) box[at + 1] = y;
    if (z < (box[at + 2] ?? NaN)) box[at + 2] = z;
    if (x > (box[at + 3] ?? NaN)) box[at + 3] = x;
    if (y > (box[at + 4] ?? NaN)) box[at + 4] = y;
    if (z > (box[at + 5] ?? NaN)) box[at + 5] = z;
  }

  #rootOrNone(shell: number): number {
    return shell < 0 ? shell : this.#root(shell);
  }

  /**
   * Whether the volumes of the shells add up to that of a body: those that face the other way than the largest are
   * cavities, each inside the box of a shell that does not.
   */
  addUp(): boolean {
    const whole: number[] = [];
    for (let shell = 0; shell < this.#count; shell += 1) if (this.#partOf[shell] === shell) whole.push(shell);
    const volume = (shell: number): number => this.#sixVolumes[shell] ?? 0;
    const largest = whole.reduce((best, shell) => (Math.abs(volume(shell)) > Math.abs(volume(best)) ? shell : best), 0);
    // What is flat has a volume of either sign by rounding.
    const direction = (shell: number): number =>
      Math.abs(volume(shell)) > Math.abs(volume(largest)) * 1e-9 ? Math.sign(volume(shell) * volume(largest)) : 0;
    const bodies = whole.filter((shell) => direction(shell) > 0);
    return whole.every((shell) => direction(shell) >= 0 || bodies.some((body) => this.#isInside(shell, body)));
  }

  #at(position: number): number {
    if (position >= this.#shellOf.length) {
      const larger = new Int32Array(Math.max(position + 1, this.#shellOf.length * 2));
      larger.set(this.#shellOf);
      this.#shellOf = larger;
    }
    const shell = (this.#shellOf[position] ?? 0) - 1;
    return shell < 0 ? shell : this.#root(shell);
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
    if (one < 0) return other;
    if (other < 0 || other === one) return one;
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
    const shell = this.#count;
    if (shell === this.#partOf.length) {
      this.#partOf = grown(this.#partOf, new Int32Array(shell * 2));
      this.#sixVolumes = grown(this.#sixVolumes, new Float64Array(shell * 2));
      this.#boxes = grown(this.#boxes, new Float64Array(shell * 12));
    }
    this.#count += 1;
    this.#partOf[shell] = shell;
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
