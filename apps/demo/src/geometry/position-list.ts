// Holds the vertices, and where they must wait the triangles, of formats whose faces refer to vertices by number.
// Used by the readers of OBJ, PLY, OFF, 3MF and AMF.

/** A growing list of positions, 24 bytes each. */
export class PositionList {
  #coordinates = new Float64Array(3 * 256);
  #length = 0;

  /** How many positions there are. */
  get length(): number {
    return this.#length;
  }

  /** Appends a position. */
  push(x: number, y: number, z: number): void {
    const at = this.#length * 3;
    if (at === this.#coordinates.length) {
      const larger = new Float64Array(at * 2);
      larger.set(this.#coordinates);
      this.#coordinates = larger;
    }
    this.#coordinates[at] = x;
    this.#coordinates[at + 1] = y;
    this.#coordinates[at + 2] = z;
    this.#length += 1;
  }

  /** The coordinates as x, y, z triples, with room behind the last: valid until the next `push`. */
  get all(): Float64Array {
    return this.#coordinates;
  }

  /** The coordinates as x, y, z triples: a view, valid until the next `push`. */
  coordinates(): Float64Array {
    return this.#coordinates.subarray(0, this.#length * 3);
  }
}

/** A growing list of triangles by the numbers of their vertices, 12 bytes each. */
export class CornerList {
  /** The largest number pushed; Infinity when one was no vertex number at all, −1 when the list is empty. */
  largest = -1;
  #numbers = new Uint32Array(3 * 256);
  #length = 0;

  /** How many triangles there are. */
  get triangles(): number {
    return this.#length / 3;
  }

  /** Appends a triangle. */
  push(a: number, b: number, c: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Uint32Array(this.#length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length] = a;
    this.#numbers[this.#length + 1] = b;
    this.#numbers[this.#length + 2] = c;
    this.#length += 3;
    this.largest = Math.max(this.largest, a, b, c);
  }

  /** Forgets all of them. */
  clear(): void {
    this.#length = 0;
    this.largest = -1;
  }

  /** The vertex numbers, three to a triangle: a view, valid until the next `push`. */
  numbers(): Uint32Array {
    return this.#numbers.subarray(0, this.#length);
  }
}
