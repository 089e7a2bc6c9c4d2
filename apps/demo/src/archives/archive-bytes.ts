// Reads the numbers of archive headers out of bytes that a stranger wrote: what lies beyond their end is an error, never a zero.
import { UnreadableModel } from '../geometry/geometry.js';

/** Bytes and a place in them. */
export class ArchiveBytes {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The place, from the start. */
  get at(): number {
    return this.#at;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws UnreadableModel when there are fewer */
  take(length: number): Buffer {
    if (!(length <= this.left)) throw new UnreadableModel('its directory ends too early');
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  skip(length: number): void {
    this.take(length);
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  uint16(): number {
    return this.take(2).readUInt16LE();
  }

  uint32(): number {
    return this.take(4).readUInt32LE();
  }

  uint64(): number {
    return exact(this.take(8).readBigUInt64LE());
  }

  /** The bytes from a place on to the present one. */
  since(start: number): Buffer {
    return this.#bytes.subarray(start, this.#at);
  }
}

/** A number that JavaScript holds. @throws UnreadableModel */
export function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new UnreadableModel('its directory has a number that is too large');
  return number;
}
