// Reads the lines that nearly all of an OBJ file is made of straight from its bytes: vertices in plain decimals, and faces whose
// corners count from the first vertex. `obj.ts` reads all others as text.

/** A line that was read. Its fields are valid until the next one. */
export class PlainObjLine {
  x = 0;
  y = 0;
  z = 0;
  /** The corners of a face from 0 on; only the first `count` are its own. */
  readonly corners: number[] = [];
  count = 0;
  #at = 0;

  /** Returns what a line is: `other` when it is anything but plain. */
  read(bytes: Buffer, start: number, end: number): 'vertex' | 'face' | 'other' {
    const keyword = bytes[start];
    if (keyword !== vertex && keyword !== face) return 'other';
    this.#at = start + 1;
    if (!isBlank(bytes[this.#at])) return 'other';
    const last = bytes[end - 1] === carriageReturn ? end - 1 : end;
    return keyword === vertex ? this.#vertex(bytes, last) : this.#face(bytes, last);
  }

  #vertex(bytes: Buffer, end: number): 'vertex' | 'other' {
    this.x = this.#decimal(bytes, end);
    this.y = this.#decimal(bytes, end);
    this.z = this.#decimal(bytes, end);
    if (Number.isNaN(this.x + this.y + this.z)) return 'other';
    // Weights and colours say nothing about the place.
    for (let at = this.#at; at < end; at += 1) {
      const byte = bytes[at];
      if (byte === backslash || byte === carriageReturn) return 'other';
    }
    return 'vertex';
  }

  #face(bytes: Buffer, end: number): 'face' | 'other' {
    let at = this.#at;
    this.count = 0;
    for (;;) {
      while (isBlank(bytes[at]) && at < end) at += 1;
      if (at >= end) return 'face';
      let index = 0;
      const from = at;
      for (; at < end && isDigit(bytes[at]); at += 1) index = index * 10 + (bytes[at] ?? 0) - zero;
      if (index === 0 || at - from > 9) return 'other';
      // Texture and normal.
      for (let part = 0; part < 2 && at < end && bytes[at] === slash; part += 1) {
        at += 1;
        while (at < end && isDigit(bytes[at])) at += 1;
      }
      if (at < end && !isBlank(bytes[at])) return 'other';
      this.corners[this.count] = index - 1;
      this.count += 1;
    }
  }

  /** The next number when it has no exponent and at most 15 digits, which a double holds exactly; NaN for any other. */
  #decimal(bytes: Buffer, end: number): number {
    let at = this.#at;
    while (at < end && isBlank(bytes[at])) at += 1;
    const sign = bytes[at];
    if (sign === minus || sign === plus) at += 1;
    let [mantissa, digits, decimals] = [0, 0, 0];
    for (; at < end && isDigit(bytes[at]); at += 1) {
      mantissa = mantissa * 10 + (bytes[at] ?? 0) - zero;
      digits += 1;
    }
    if (at < end && bytes[at] === point) {
      at += 1;
      for (; at < end && isDigit(bytes[at]); at += 1) {
        mantissa = mantissa * 10 + (bytes[at] ?? 0) - zero;
        digits += 1;
        decimals += 1;
      }
    }
    if (digits === 0 || digits > 15 || (at < end && !isBlank(bytes[at]))) return NaN;
    this.#at = at;
    // Both are exact, so the quotient is the double next to the decimal.
    const value = decimals === 0 ? mantissa : mantissa / (powers[decimals] ?? NaN);
    return sign === minus ? -value : value;
  }
}

const code = (character: string): number => character.charCodeAt(0);
const [vertex, face, zero, point, minus, plus] = [code('v'), code('f'), code('0'), code('.'), code('-'), code('+')];
const [slash, backslash, carriageReturn] = [code('/'), code('\\'), code('\r')];
const powers = Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9;
}
