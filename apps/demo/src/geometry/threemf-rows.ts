// Reads the vertices and triangles of a 3MF mesh from its bytes, in the form that nearly all writers use; `threemf-part.ts` gets
// what is written otherwise from the XML parser. Many times as quick: a mesh is millions of rows, and each is an object there.
import { DecimalCursor } from './decimal.js';
import type { CornerList, PositionList } from './position-list.js';
import { isSpace } from './xml-document.js';

const zero = 0x30;
const quote = 0x22;
const equals = 0x3d;
const slash = 0x2f;
const greater = 0x3e;
const underscore = 0x5f;
const letterV = 0x76;
const letterX = 0x78;

/** Reads rows; one after the other, never two pieces at once. */
export class ThreeMfRows {
  #bytes: Buffer = Buffer.alloc(0);
  readonly #cursor = new DecimalCursor();

  /** Reads whole vertices from a place on, appends them, and returns the place behind the last. */
  takeVertices(bytes: Buffer, from: number, vertices: PositionList): number {
    const cursor = this.#cursor;
    this.#bytes = bytes;
    for (let taken = from; ; taken = cursor.at) {
      cursor.at = taken;
      this.#skipSpace();
      if (!this.#has(vertexTag) || !this.#hasSpace()) return taken;
      const x = this.#coordinate(letterX);
      const y = this.#hasSpace() ? this.#coordinate(letterX + 1) : NaN;
      const z = this.#hasSpace() ? this.#coordinate(letterX + 2) : NaN;
      // Something else, or a number that is none: the parser tells.
      if (!Number.isFinite(x + y + z) || !this.#endsTag()) return taken;
      vertices.push(x, y, z);
    }
  }

  /** Reads whole triangles from a place on, appends them, and returns the place behind the last. */
  takeTriangles(bytes: Buffer, from: number, corners: CornerList): number {
    const cursor = this.#cursor;
    this.#bytes = bytes;
    for (let taken = from; ; taken = cursor.at) {
      cursor.at = taken;
      this.#skipSpace();
      if (!this.#has(triangleTag) || !this.#hasSpace()) return taken;
      const a = this.#index(zero + 1);
      const b = this.#hasSpace() ? this.#index(zero + 2) : -1;
      const c = this.#hasSpace() ? this.#index(zero + 3) : -1;
      if (a < 0 || b < 0 || c < 0 || !this.#endsTriangle()) return taken;
      corners.push(a, b, c);
    }
  }

  /** The value of `x="…"`, or of another letter; NaN for anything else. */
  #coordinate(name: number): number {
    const bytes = this.#bytes;
    const cursor = this.#cursor;
    const at = cursor.at;
    if (bytes[at] !== name || bytes[at + 1] !== equals || bytes[at + 2] !== quote) return NaN;
    cursor.at = at + 3;
    const value = cursor.decimal(bytes);
    if (bytes[cursor.at] !== quote) return NaN;
    cursor.at += 1;
    return value;
  }

  /** The value of `v1="…"`, or with another digit; −1 for anything else, and for numbers of more than nine digits. */
  #index(digit: number): number {
    const bytes = this.#bytes;
    let at = this.#cursor.at;
    if (bytes[at] !== letterV || bytes[at + 1] !== digit || bytes[at + 2] !== equals || bytes[at + 3] !== quote)
      return -1;
    at += 4;
    const first = at;
    let value = 0;
    let code = bytes[at] ?? 0;
    for (; isDigit(code) && at - first < 9; code = bytes[++at] ?? 0) value = value * 10 + code - zero;
    if (at === first || code !== quote) return -1;
    this.#cursor.at = at + 1;
    return value;
  }

  /** Passes the properties and colours of a triangle, and its end. */
  #endsTriangle(): boolean {
    if (this.#endsTag()) return true;
    const names = ['v1', 'v2', 'v3'];
    do {
      if (!this.#hasSpace()) return false;
      const name = this.#name();
      // A name that comes twice is not well-formed, and one that declares a namespace is not looked at here.
      if (name === '' || name === 'xmlns' || names.includes(name) || !this.#has(valueStart) || !this.#passValue())
        return false;
      names.push(name);
    } while (!this.#endsTag());
    return true;
  }

  #name(): string {
    const cursor = this.#cursor;
    let name = '';
    for (;;) {
      const code = this.#bytes[cursor.at] ?? 0;
      const isLetter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
      if (!isLetter && code !== underscore && !(isDigit(code) && name !== '')) return name;
      name += String.fromCharCode(code);
      cursor.at += 1;
    }
  }

  /** Passes a value of plain characters, and the quote behind it. */
  #passValue(): boolean {
    const cursor = this.#cursor;
    for (;;) {
      const code = this.#bytes[cursor.at] ?? 0;
      cursor.at += 1;
      if (code === quote) return true;
      // Not the end, nor what is never plain in a value: `<`, `&`, control characters.
      if (code < 0x20 || code >= 0x7f || code === 0x3c || code === 0x26) return false;
    }
  }

  /** Passes a word that comes next. */
  #has(word: Uint8Array): boolean {
    const bytes = this.#bytes;
    const start = this.#cursor.at;
    for (let at = 0; at < word.length; at += 1) if (bytes[start + at] !== word[at]) return false;
    this.#cursor.at = start + word.length;
    return true;
  }

  /** Passes the end of a tag without content, white space before it included; otherwise it passes nothing. */
  #endsTag(): boolean {
    const cursor = this.#cursor;
    const start = cursor.at;
    this.#skipSpace();
    if (this.#bytes[cursor.at] === slash && this.#bytes[cursor.at + 1] === greater) {
      cursor.at += 2;
      return true;
    }
    cursor.at = start;
    return false;
  }

  #hasSpace(): boolean {
    const start = this.#cursor.at;
    this.#skipSpace();
    return this.#cursor.at > start;
  }

  #skipSpace(): void {
    const cursor = this.#cursor;
    while (isSpace(this.#bytes[cursor.at] ?? 0)) cursor.at += 1;
  }
}

const wordOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const vertexTag = wordOf('<vertex');
const triangleTag = wordOf('<triangle');
const valueStart = wordOf('="');

function isDigit(code: number): boolean {
  return code >= zero && code <= 0x39;
}
