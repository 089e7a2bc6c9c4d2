// Numbers distinct positions, by a 64-bit hash of their exact coordinates, in some 30 bytes each.
// `mesh-measure.ts` knows corners by these numbers, so closed surfaces are recognised without an index.

// Most files are small, and all of this is made anew for each.
const firstSlots = 256;
/** So many slots are kept for the next file whether it was used or not: clearing them takes no time. */
const fewKept = 4_096;
/** More are never kept. */
const mostKept = 1 << 21;
/** How much of the slots is used at most. */
const mostUsed = 0.7;

/** How many numbers of `records` belong to a position. */
export const recordSize = 3;
/** Where the two halves of the hash are in a record, and the shell that `shells.ts` notes there. */
export const [lowAt, highAt, shellAt] = [0, 1, 2];

/** Hashes positions and remembers which ones it has seen. Of a million positions, two share a hash in one of 30 million files. */
export class PositionSet {
  #size = 0;
  #mask = firstSlots - 1;
  /** Half of the hash and one more than the number, side by side: a look-up touches one place of the memory, not several. */
  #slots = new Int32Array(firstSlots * 2);
  #records = new Int32Array(capacityOf(firstSlots) * recordSize);
  readonly #coordinates = new Float64Array(3);
  readonly #words = new Int32Array(this.#coordinates.buffer);

  /** How many distinct positions were added. */
  get size(): number {
    return this.#size;
  }

  /** What is kept of each position, by its number: valid until the next `add`. */
  get records(): Int32Array {
    return this.#records;
  }

  /**
   * Returns the number of the position whose three coordinates begin at a place of a list: in the order in which distinct ones
   * came, from 0 on. 0 and −0 are the same coordinate.
   */
  add(list: Float64Array, at: number): number {
    const coordinates = this.#coordinates;
    const words = this.#words;
    coordinates[0] = (list[at] ?? NaN) + 0;
    coordinates[1] = (list[at + 1] ?? NaN) + 0;
    coordinates[2] = (list[at + 2] ?? NaN) + 0;
    let low = 0x2545f491;
    let high = 0x1b873593;
    for (let word = 0; word < 6; word += 1) {
      const bits = words[word] ?? 0;
      low = Math.imul(low ^ bits, 0x85ebca6b);
      low ^= low >>> 15;
      high = Math.imul(high ^ bits, 0xc2b2ae35);
      high ^= high >>> 13;
    }
    low = mix(low);
    high = mix(high);
    const slots = this.#slots;
    const records = this.#records;
    let slot = high & this.#mask;
    for (;;) {
      const number = (slots[slot * 2 + 1] ?? 0) - 1;
      if (number < 0) break;
      if (slots[slot * 2] === low && records[number * recordSize + highAt] === high) return number;
      slot = (slot + 1) & this.#mask;
    }
    const number = this.#size;
    slots[slot * 2] = low;
    slots[slot * 2 + 1] = number + 1;
    records[number * recordSize + lowAt] = low;
    records[number * recordSize + highAt] = high;
    records[number * recordSize + shellAt] = 0;
    this.#size += 1;
    if (this.#size === capacityOf(this.#mask + 1)) this.#grow((this.#mask + 1) * 2);
    return number;
  }

  /** Forgets all positions. Room that was used is kept for the next ones: given up and taken anew, there would be two of it for a while. */
  clear(): void {
    const isUsed = this.#size * 4 > capacityOf(this.#mask + 1) && this.#mask < mostKept;
    if (this.#mask < fewKept || isUsed) this.#slots.fill(0);
    else {
      this.#mask = firstSlots - 1;
      this.#slots = new Int32Array(firstSlots * 2);
      this.#records = new Int32Array(capacityOf(firstSlots) * recordSize);
    }
    this.#size = 0;
  }

  #grow(count: number): void {
    this.#mask = count - 1;
    const slots = new Int32Array(count * 2);
    const records = new Int32Array(capacityOf(count) * recordSize);
    records.set(this.#records.subarray(0, this.#size * recordSize));
    for (let number = 0; number < this.#size; number += 1) {
      let slot = (records[number * recordSize + highAt] ?? 0) & this.#mask;
      while (slots[slot * 2 + 1] !== 0) slot = (slot + 1) & this.#mask;
      slots[slot * 2] = records[number * recordSize + lowAt] ?? 0;
      slots[slot * 2 + 1] = number + 1;
    }
    this.#slots = slots;
    this.#records = records;
  }
}

/** How many positions so many slots hold. */
function capacityOf(slots: number): number {
  return Math.ceil(slots * mostUsed);
}

/** Scrambles 32 bits so that each input bit reaches every output bit (the finaliser of MurmurHash3). */
function mix(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
