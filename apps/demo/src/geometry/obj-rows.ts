// Reads the lines that nearly all of an OBJ file is made of straight from its bytes: vertices, faces whose corners count from the
// first vertex, and the normals and textures that nobody looks at. `obj.ts` reads all others as text.
import { DecimalCursor, isBlank } from './decimal.js';
import type { CornerList, PositionList } from './position-list.js';

/** Where lines go to, and until when. */
export interface ObjSink {
  readonly vertices: PositionList;
  readonly triangles: CornerList;
  /** After so many triangles the lines wait. */
  readonly most: number;
  /** Whether faces are read here. */
  readonly takesFaces: boolean;
}

/** Reads plain lines, one piece of a file after another. */
export class ObjRows {
  /** How many lines the last call has read, and how many of them were faces. */
  lines = 0;
  faces = 0;
  readonly #cursor = new DecimalCursor();
  readonly #corners = new Uint32Array(64);

  /** Reads whole lines from a place on, each with the LF that ends it; returns the place of the first that is not plain. */
  take(bytes: Buffer, from: number, to: number, { vertices, triangles, most, takesFaces }: ObjSink): number {
    this.lines = 0;
    this.faces = 0;
    let at = from;
    while (at < to && triangles.triangles < most) {
      const first = bytes[at];
      const second = bytes[at + 1] ?? 0;
      let end = -1;
      if (first === letterV && isBlank(second)) end = this.#vertex(bytes, at + 2, vertices);
      else if (first === letterV && (second === letterN || second === letterT) && isBlank(bytes[at + 2] ?? 0))
        end = this.#rest(bytes, at + 2);
      else if (first === letterF && isBlank(second) && takesFaces) {
        end = this.#face(bytes, at + 2, vertices.length, triangles);
        if (end >= 0) this.faces += 1;
      }
      if (end < 0) return at;
      at = end;
      this.lines += 1;
    }
    return at;
  }

  /** Each returns where the next line begins, or −1 when the line is not plain. */
  #vertex(bytes: Buffer, from: number, vertices: PositionList): number {
    const cursor = this.#cursor;
    cursor.at = from;
    cursor.blanks(bytes);
    const x = cursor.decimal(bytes);
    const hasY = cursor.blanks(bytes);
    const y = cursor.decimal(bytes);
    const hasZ = cursor.blanks(bytes);
    const z = cursor.decimal(bytes);
    const after = bytes[cursor.at] ?? 0;
    if (!hasY || !hasZ || !Number.isFinite(x + y + z)) return -1;
    // Weights and colours say nothing about the place.
    const isWhole = after === lineFeed || after === carriageReturn || isBlank(after);
    const end = isWhole ? this.#rest(bytes, cursor.at) : -1;
    if (end >= 0) vertices.push(x, y, z);
    return end;
  }

  #face(bytes: Buffer, from: number, vertices: number, triangles: CornerList): number {
    const corners = this.#corners;
    let count = 0;
    let at = from;
    for (;;) {
      let byte = bytes[at] ?? 0;
      while (isBlank(byte)) byte = bytes[++at] ?? 0;
      if (byte === lineFeed || byte === carriageReturn) break;
      const first = at;
      let number = 0;
      for (; isDigit(byte); byte = bytes[++at] ?? 0) number = number * 10 + byte - zero;
      if (number < 1 || number > vertices || at - first > 9 || count === corners.length) return -1;
      corners[count] = number - 1;
      count += 1;
      // Texture and normal.
      for (let part = 0; part < 2 && byte === slash; part += 1) {
        byte = bytes[++at] ?? 0;
        while (isDigit(byte)) byte = bytes[++at] ?? 0;
      }
      if (byte !== lineFeed && byte !== carriageReturn && !isBlank(byte)) return -1;
    }
    const end = this.#rest(bytes, at);
    // Editors leave faces of one and two corners behind.
    if (end < 0 || count < 3) return -1;
    for (let corner = 2; corner < count; corner += 1) {
      triangles.push(corners[0] ?? 0, corners[corner - 1] ?? 0, corners[corner] ?? 0);
    }
    return end;
  }

  /** Passes what is left of a line, unless it goes on in the next one or a CR ends it. */
  #rest(bytes: Buffer, from: number): number {
    for (let at = from; ; at += 1) {
      const byte = bytes[at];
      if (byte === lineFeed) return at + 1;
      if (byte === backslash || byte === undefined) return -1;
      if (byte === carriageReturn && bytes[at + 1] !== lineFeed) return -1;
    }
  }
}

const code = (character: string): number => character.charCodeAt(0);
const [letterV, letterF, letterN, letterT] = [code('v'), code('f'), code('n'), code('t')];
const [zero, slash, backslash, carriageReturn, lineFeed] = [code('0'), code('/'), code('\\'), code('\r'), code('\n')];

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
