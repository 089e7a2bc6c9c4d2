// Counts distinct positions in twelve bytes each, by a 64-bit hash of their exact coordinates.
// `mesh-measure.ts` also matches edges by these hashes, so closed surfaces are recognised without an index.

const firstSlots = 1024;

/** Hashes positions and remembers which ones it has seen. Of a million positions, two share a hash in one of 30 million files. */
export class PositionSet {
  /** The two halves of the hash of the position added last. */
  high = 0;
  low = 0;
  /** Its number, in the order in which distinct positions came, from 0 on. */
  number = 0;
  #size = 0;
  #mask = firstSlots - 1;
  #highs = new Int32Array(firstSlots);
  #lows = new Int32Array(firstSlots);
  #numbers = new Int32Array(firstSlots);
  readonly #coordinates = new Float64Array(3);
  readonly #words = new Int32Array(this.#coordinates.buffer);

  /** How many distinct positions were added. */
  get size(): number {
    return this.#size;
  }

  /** Adds a position; 0 and −0 are the same coordinate. */
  add(x: number, y: number, z: number): void {
    this.#hash(x, y, z);
    let slot = this.low & this.#mask;
    for (;;) {
      const low = this.#lows[slot] ?? 0;
      const high = this.#highs[slot] ?? 0;
      if (low === 0 && high === 0) break;
      if (low === this.low && high === this.high) {
        this.number = this.#numbers[slot] ?? 0;
        return;
      }
      slot = (slot + 1) & this.#mask;
    }
    this.#lows[slot] = this.low;
    this.#highs[slot] = this.high;
    this.#numbers[slot] = this.#size;
    this.number = this.#size;
    this.#size += 1;
    if (this.#size > this.#mask * 0.7) this.#grow();
  }

  #hash(x: number, y: number, z: number): void {
    this.#coordinates[0] = x + 0;
    this.#coordinates[1] = y + 0;
    this.#coordinates[2] = z + 0;
    let low = 0x2545f491;
    let high = 0x1b873593;
    for (let word = 0; word < 6; word += 1) {
      const bits = this.#words[word] ?? 0;
      low = mix(low ^ bits, 0x85ebca6b);
      high = mix(high ^ bits, 0xc2b2ae35);
    }
    // Zero in both halves marks a free slot.
    this.low = low === 0 && high === 0 ? 1 : low;
    this.high = high;
  }

  #grow(): void {
    const [oldLows, oldHighs, oldNumbers] = [this.#lows, this.#highs, this.#numbers];
    const slots = oldLows.length * 2;
    this.#mask = slots - 1;
    this.#lows = new Int32Array(slots);
    this.#highs = new Int32Array(slots);
    this.#numbers = new Int32Array(slots);
    for (let from = 0; from < oldLows.length; from += 1) {
      const low = oldLows[from] ?? 0;
      const high = oldHighs[from] ?? 0;
      if (low === 0 && high === 0) continue;
      let slot = low & this.#mask;
      while (this.#lows[slot] !== 0 || this.#highs[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#lows[slot] = low;
      this.#highs[slot] = high;
      this.#numbers[slot] = oldNumbers[from] ?? 0;
    }
  }
}

/** Scrambles 32 bits so that each input bit reaches every output bit (the finaliser of MurmurHash3). */
export function mix(bits: number, factor: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), factor);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0x9e3779b1);
  return (mixed ^ (mixed >>> 16)) | 0;
}
