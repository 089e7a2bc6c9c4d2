// Numbers distinct positions, by a 64-bit hash of their exact coordinates, in some 20 bytes each.
// `mesh-measure.ts` matches edges by these numbers, so closed surfaces are recognised without an index.

// Most files are small, and all of this is made anew for each.
const firstSlots = 256;

/** Hashes positions and remembers which ones it has seen. Of a million positions, two share a hash in one of 30 million files. */
export class PositionSet {
  #size = 0;
  #mask = firstSlots - 1;
  /** Half of the hash and one more than the number, side by side: a look-up touches one place of the memory, not several. */
  #slots = new Int32Array(firstSlots * 2);
  /** The other half, which also says where to look, by number. */
  #highs = new Int32Array(firstSlots);
  readonly #coordinates = new Float64Array(3);
  readonly #words = new Int32Array(this.#coordinates.buffer);

  /** How many distinct positions were added. */
  get size(): number {
    return this.#size;
  }

  /** Returns the number of a position, in the order in which distinct ones came, from 0 on; 0 and −0 are the same coordinate. */
  add(x: number, y: number, z: number): number {
    const coordinates = this.#coordinates;
    const words = this.#words;
    coordinates[0] = x + 0;
    coordinates[1] = y + 0;
    coordinates[2] = z + 0;
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
    const highs = this.#highs;
    let slot = high & this.#mask;
    for (;;) {
      const number = (slots[slot * 2 + 1] ?? 0) - 1;
      if (number < 0) break;
      if (slots[slot * 2] === low && highs[number] === high) return number;
      slot = (slot + 1) & this.#mask;
    }
    const number = this.#size;
    slots[slot * 2] = low;
    slots[slot * 2 + 1] = number + 1;
    highs[number] = high;
    this.#size += 1;
    if (this.#size > this.#mask * 0.7) this.#grow();
    return number;
  }

  #grow(): void {
    const [old, oldHighs] = [this.#slots, this.#highs];
    const count = old.length;
    this.#mask = count - 1;
    const slots = new Int32Array(count * 2);
    for (let from = 0; from < old.length; from += 2) {
      const number = (old[from + 1] ?? 0) - 1;
      if (number < 0) continue;
      let slot = (oldHighs[number] ?? 0) & this.#mask;
      while (slots[slot * 2 + 1] !== 0) slot = (slot + 1) & this.#mask;
      slots[slot * 2] = old[from] ?? 0;
      slots[slot * 2 + 1] = number + 1;
    }
    this.#slots = slots;
    // As many as fit before the next time.
    this.#highs = new Int32Array(Math.ceil(count * 0.7) + 1);
    this.#highs.set(oldHighs.subarray(0, this.#size));
  }
}

/** Scrambles 32 bits so that each input bit reaches every output bit (the finaliser of MurmurHash3). */
export function mix(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
