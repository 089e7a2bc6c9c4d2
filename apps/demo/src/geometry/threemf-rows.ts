// Reads the vertices and triangles of a 3MF mesh from its text, in the form that nearly all writers use; `threemf-part.ts` gets
// what is written otherwise from the XML parser. Ten times as quick: a mesh is millions of rows, and each is an object there.
import type { CornerList, PositionList } from './position-list.js';
import { isSpace } from './xml-document.js';

const quote = 0x22;
const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const slash = 0x2f;
const underscore = 0x5f;
/** Below it there is room for one more digit in a whole number that a double holds exactly. */
const roomForDigit = 900_719_925_474_099;
/** The powers of ten that a double holds exactly. */
const powers: readonly number[] = Object.freeze(Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`)));

/** Reads rows; one after the other, never two texts at once. */
export class ThreeMfRows {
  #text = '';
  #at = 0;

  /** Reads whole vertices from a place on, appends them, and returns the place behind the last. */
  takeVertices(text: string, from: number, vertices: PositionList): number {
    this.#text = text;
    for (let taken = from; ; taken = this.#at) {
      this.#at = taken;
      this.#skipSpace();
      if (!this.#has('<vertex') || !this.#hasSpace()) return taken;
      const x = this.#has('x="') ? this.#number() : NaN;
      const y = this.#hasSpace() && this.#has('y="') ? this.#number() : NaN;
      const z = this.#hasSpace() && this.#has('z="') ? this.#number() : NaN;
      // Something else, or a number that is none: the parser tells.
      if (!Number.isFinite(x + y + z) || !this.#endsTag()) return taken;
      vertices.push(x, y, z);
    }
  }

  /** Reads whole triangles from a place on, appends them, and returns the place behind the last. */
  takeTriangles(text: string, from: number, corners: CornerList): number {
    this.#text = text;
    for (let taken = from; ; taken = this.#at) {
      this.#at = taken;
      this.#skipSpace();
      if (!this.#has('<triangle') || !this.#hasSpace()) return taken;
      const a = this.#has('v1="') ? this.#index() : NaN;
      const b = this.#hasSpace() && this.#has('v2="') ? this.#index() : NaN;
      const c = this.#hasSpace() && this.#has('v3="') ? this.#index() : NaN;
      if (Number.isNaN(a + b + c) || !this.#endsTriangle()) return taken;
      corners.push(a, b, c);
    }
  }

  /** Passes the properties and colours of a triangle, and its end. */
  #endsTriangle(): boolean {
    const names = ['v1', 'v2', 'v3'];
    while (!this.#endsTag()) {
      if (!this.#hasSpace()) return false;
      const name = this.#name();
      // A name that comes twice is not well-formed, and one that declares a namespace is not looked at here.
      if (name === '' || name === 'xmlns' || names.includes(name) || !this.#has('="') || !this.#passValue())
        return false;
      names.push(name);
    }
    return true;
  }

  #name(): string {
    const start = this.#at;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      const isLetter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
      if (!isLetter && code !== underscore && !(isDigit(code) && this.#at > start)) break;
      this.#at += 1;
    }
    return this.#text.slice(start, this.#at);
  }

  /** Passes a value of plain characters, and the quote behind it. */
  #passValue(): boolean {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      this.#at += 1;
      if (code === quote) return true;
      // Not NaN at the end, nor what is never plain in a value: `<`, `&`, control characters.
      if (!(code >= 0x20 && code < 0x7f) || code === 0x3c || code === 0x26) return false;
    }
  }

  /** The value of a decimal number and the quote behind it, exactly as `Number` reads it; NaN for anything else. */
  #number(): number {
    const text = this.#text;
    const start = this.#at;
    let code = text.charCodeAt(this.#at);
    const isNegative = code === minus;
    if (isNegative || code === plus) code = text.charCodeAt(++this.#at);
    let [digits, fraction, value, isExact] = [0, 0, 0, true];
    for (; isDigit(code); code = text.charCodeAt(++this.#at), digits += 1) {
      if (value < roomForDigit) value = value * 10 + code - 0x30;
      else isExact = false;
    }
    if (code === point) {
      code = text.charCodeAt(++this.#at);
      for (; isDigit(code); code = text.charCodeAt(++this.#at), digits += 1, fraction += 1) {
        if (value < roomForDigit) value = value * 10 + code - 0x30;
        else isExact = false;
      }
    }
    if (digits === 0) return NaN;
    let exponent = 0;
    if ((code | 0x20) === 0x65) {
      code = text.charCodeAt(++this.#at);
      const isSmall = code === minus;
      if (isSmall || code === plus) code = text.charCodeAt(++this.#at);
      if (!isDigit(code)) return NaN;
      for (; isDigit(code); code = text.charCodeAt(++this.#at))
        exponent = Math.min(exponent * 10 + code - 0x30, 10_000);
      if (isSmall) exponent = -exponent;
    }
    const end = this.#at;
    if (code !== quote) return NaN;
    this.#at += 1;
    exponent -= fraction;
    // Two exact numbers: their product and quotient are rounded once, as the decimal itself would be.
    if (!isExact || Math.abs(exponent) > 22) return Number(text.slice(start, end));
    const size = exponent < 0 ? value / (powers[-exponent] ?? NaN) : value * (powers[exponent] ?? NaN);
    return isNegative ? -size : size;
  }

  /** The value of a whole number and the quote behind it; NaN for anything else. */
  #index(): number {
    let [value, digits] = [0, 0];
    let code = this.#text.charCodeAt(this.#at);
    for (; isDigit(code) && value < roomForDigit; code = this.#text.charCodeAt(++this.#at), digits += 1) {
      value = value * 10 + code - 0x30;
    }
    if (digits === 0 || code !== quote) return NaN;
    this.#at += 1;
    return value;
  }

  /** Passes a word that comes next. */
  #has(word: string): boolean {
    const text = this.#text;
    for (let at = 0; at < word.length; at += 1) {
      if (text.charCodeAt(this.#at + at) !== word.charCodeAt(at)) return false;
    }
    this.#at += word.length;
    return true;
  }

  /** Passes the end of a tag without content, white space before it included; otherwise it passes nothing. */
  #endsTag(): boolean {
    const start = this.#at;
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) === slash && this.#has('/>')) return true;
    this.#at = start;
    return false;
  }

  #hasSpace(): boolean {
    const start = this.#at;
    this.#skipSpace();
    return this.#at > start;
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
