// Reads the facets of an ASCII STL straight from its bytes, where they are written in the seven lines that nearly all writers use;
// `stl.ts` reads the others word by word.
import { DecimalCursor, isBlank } from './decimal.js';

/** How many lines a facet has. */
export const linesToFacet = 7;
const facetsAtOnce = 512;

/** Reads facets, one piece of a file after another. */
export class StlRows {
  /** The corners of the facets that the last call has read, nine numbers to each. */
  readonly corners = new Float64Array(facetsAtOnce * 9);
  facets = 0;
  readonly #cursor = new DecimalCursor();

  /** Reads whole facets from a place on, as many as fit; returns the place behind the last. */
  take(bytes: Buffer, from: number, to: number): number {
    let at = from;
    this.facets = 0;
    while (at < to && this.facets < facetsAtOnce) {
      this.#cursor.at = at;
      if (!this.#facet(bytes, this.facets * 9) || this.#cursor.at > to) break;
      at = this.#cursor.at;
      this.facets += 1;
    }
    return at;
  }

  #facet(bytes: Buffer, into: number): boolean {
    // Nobody looks at the normal, as long as it is three words.
    if (!this.#has(bytes, facet) || !this.#words(bytes, 4) || !this.#endsLine(bytes)) return false;
    if (!this.#has(bytes, outer) || !this.#words(bytes, 1) || !this.#endsLine(bytes)) return false;
    for (let corner = into; corner < into + 9; corner += 3) {
      if (!this.#has(bytes, vertex)) return false;
      for (let axis = corner; axis < corner + 3; axis += 1) {
        const value = this.#cursor.blanks(bytes) ? this.#cursor.decimal(bytes) : NaN;
        if (!Number.isFinite(value)) return false;
        this.corners[axis] = value;
      }
      if (!this.#endsLine(bytes)) return false;
    }
    return this.#has(bytes, endloop) && this.#endsLine(bytes) && this.#has(bytes, endfacet) && this.#endsLine(bytes);
  }

  /** Passes blanks and a keyword, which another character than a letter follows. */
  #has(bytes: Buffer, word: Uint8Array): boolean {
    const cursor = this.#cursor;
    cursor.blanks(bytes);
    for (let at = 0; at < word.length; at += 1) if (bytes[cursor.at + at] !== word[at]) return false;
    cursor.at += word.length;
    const after = bytes[cursor.at] ?? 0;
    return isBlank(after) || after === lineFeed || after === carriageReturn;
  }

  /** Passes so many words. */
  #words(bytes: Buffer, count: number): boolean {
    const cursor = this.#cursor;
    for (let word = 0; word < count; word += 1) {
      cursor.blanks(bytes);
      const start = cursor.at;
      // Plain characters only: others may be space of some kind.
      for (let byte = bytes[start] ?? 0; byte > 0x20 && byte < 0x7f; byte = bytes[cursor.at] ?? 0) cursor.at += 1;
      if (cursor.at === start) return false;
    }
    return true;
  }

  /** Passes blanks and the end of the line. */
  #endsLine(bytes: Buffer): boolean {
    const cursor = this.#cursor;
    cursor.blanks(bytes);
    if (bytes[cursor.at] === carriageReturn) cursor.at += 1;
    if (bytes[cursor.at] !== lineFeed) return false;
    cursor.at += 1;
    return true;
  }
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const wordOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const facet = wordOf('facet');
const outer = wordOf('outer');
const vertex = wordOf('vertex');
const endloop = wordOf('endloop');
const endfacet = wordOf('endfacet');
