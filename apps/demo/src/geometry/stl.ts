// Reads STL, binary and ASCII, in constant memory and to the last byte.
// Own code on purpose: the libraries take a truncated text file for an empty one and need four times the file in memory.
import { UnreadableModel } from './geometry.js';
import { addTriangles, type MeshMeasure } from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { hasDecimalComma, numberFrom } from './number-text.js';
import { linesToFacet, StlRows } from './stl-rows.js';
import { type LineTaker, takeLines } from './text-lines.js';

const headerBytes = 84;
const facetBytes = 50;
const normalBytes = 12;
const facetsPerChunk = 20_000;
const facetsAtOnce = 2_000;
const textHeadBytes = 1024;

/**
 * Measures an STL file. It is binary when its size is what its facet count calls for, whatever its first word.
 * @throws UnreadableModel when the count and the size disagree, or the text breaks off or breaks the grammar.
 */
export function readStl(file: ModelFile, measure: MeshMeasure): void {
  const head = file.bytes(0, Math.min(headerBytes, file.size));
  const declared = head.length < headerBytes ? null : head.readUInt32LE(80);
  const whole = Math.floor((file.size - headerBytes) / facetBytes);
  if (declared !== null && declared === whole) return readBinary(file, declared, measure);
  if (startsAsUtf16(head)) return readText(file, measure);
  // Some writers begin the header of a binary file with the word of the text form, but no text has a zero byte.
  const start = file.bytes(0, Math.min(file.size, textHeadBytes)).toString('latin1');
  if (!start.includes('\0') && textStart.test(start)) return readText(file, measure);
  if (plainText.test(start))
    throw new UnreadableModel("is text that does not begin with 'solid', as an STL in text must");
  if (declared === null) throw new UnreadableModel(`ends inside the header of a binary STL, after ${file.size} bytes`);
  throw new UnreadableModel(`declares ${declared} facets but has room for ${whole}`);
}

/** The first word, behind comments. */
const textStart = /^(?:\u00ef\u00bb\u00bf)?(?:\s*#[^\n\r]*[\n\r])*\s*solid\b/i;
const plainText = /^[\t\n\f\r\x20-\x7e\x80-\xff]+$/;

function readBinary(file: ModelFile, facets: number, measure: MeshMeasure): void {
  const corners = new Float64Array(Math.min(facets, facetsAtOnce) * 9);
  // One for all: what is left over of many is collected late.
  const room = facets > facetsPerChunk ? Buffer.allocUnsafe(facetsPerChunk * facetBytes) : null;
  for (let done = 0; done < facets; done += facetsPerChunk) {
    const wanted = Math.min(facetsPerChunk, facets - done);
    const position = headerBytes + done * facetBytes;
    const chunk = room?.subarray(0, wanted * facetBytes) ?? file.bytes(position, wanted * facetBytes);
    if (room !== null && file.fill(chunk, position) < chunk.length) {
      throw new UnreadableModel('was cut while it was read');
    }
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let from = 0; from < wanted; from += facetsAtOnce) {
      const part = Math.min(facetsAtOnce, wanted - from);
      for (let facet = 0; facet < part; facet += 1) {
        const at = (from + facet) * facetBytes + normalBytes;
        for (let number = 0; number < 9; number += 1)
          corners[facet * 9 + number] = view.getFloat32(at + number * 4, true);
      }
      addTriangles(measure, corners, part);
    }
  }
}

type Place = 'file' | 'solid' | 'facet' | 'loop' | 'after loop';

// Each keyword, the place it may stand in, the place it leads to, and how many words after it belong to it (of a solid, its name).
const grammar: ReadonlyMap<string, readonly [from: Place, to: Place, words: number]> = new Map([
  ['solid', ['file', 'solid', 0]],
  ['facet', ['solid', 'facet', 4]],
  ['outer', ['facet', 'loop', 1]],
  ['vertex', ['loop', 'loop', 3]],
  ['endloop', ['loop', 'after loop', 0]],
  ['endfacet', ['after loop', 'solid', 0]],
  ['endsolid', ['solid', 'file', 0]],
]);

/** Reads keyword by keyword, wherever the lines end; what stands behind a whole statement on its line is passed over. */
class TextReading implements LineTaker {
  #place: Place = 'file';
  #lineNumber = 0;
  readonly #rows = new StlRows();
  readonly #corners: number[] = [];
  readonly #measure: MeshMeasure;

  constructor(measure: MeshMeasure) {
    this.#measure = measure;
  }

  take(bytes: Buffer, from: number, to: number): number {
    if (this.#place !== 'solid') return from;
    const rows = this.#rows;
    for (let at = from; ; ) {
      at = rows.take(bytes, at, to);
      addTriangles(this.#measure, rows.corners, rows.facets);
      this.#lineNumber += rows.facets * linesToFacet;
      if (rows.facets === 0) return at;
    }
  }

  line(bytes: Buffer, start: number, end: number): void {
    // A lone CR ends a line too.
    for (const line of bytes.toString('latin1', start, end).replace(/\r$/, '').split('\r')) {
      this.#lineNumber += 1;
      const text = line.trim();
      if (text !== '') this.#read(text.split(/\s+/), this.#lineNumber);
    }
  }

  end(): void {
    if (this.#place !== 'file') {
      throw new UnreadableModel(`breaks off in the middle of a solid, after line ${this.#lineNumber}`);
    }
  }

  #read(words: readonly string[], lineNumber: number): void {
    // Colours are an extension of some writers, in the place of a facet; comments are one of people.
    if (/^(?:color$|#)/i.test(words[0] ?? '')) return;
    for (let at = 0; at < words.length; ) {
      const { keyword, next } = keywordAt(words, at);
      const step = grammar.get(keyword);
      if (step === undefined && at > 0) {
        at += 1;
        continue;
      }
      if (step?.[0] !== this.#place) {
        throw new UnreadableModel(`breaks off, or breaks the grammar of an ASCII STL, in line ${lineNumber}`);
      }
      this.#place = step[1];
      if (keyword === 'vertex') this.#addVertex(words.slice(next, next + 3), lineNumber);
      else if (keyword === 'endloop') this.#addFacet(lineNumber);
      if (keyword === 'endsolid') return;
      at = keyword === 'solid' ? endOfName(words, next) : next + step[2];
    }
  }

  #addVertex(words: readonly string[], lineNumber: number): void {
    const [x, y, z] = [numberFrom(words[0]), numberFrom(words[1]), numberFrom(words[2])];
    if (!Number.isFinite(x + y + z)) {
      const why = words.some(hasDecimalComma) ? ', but has a decimal comma' : '';
      throw new UnreadableModel(`has a coordinate in line ${lineNumber} that is not a finite number${why}`);
    }
    this.#corners.push(x, y, z);
  }

  #addFacet(lineNumber: number): void {
    const corners = this.#corners;
    if (corners.length !== 9) {
      throw new UnreadableModel(`has a facet of ${corners.length / 3} corners instead of 3 before line ${lineNumber}`);
    }
    const [ax = NaN, ay = NaN, az = NaN, bx = NaN, by = NaN, bz = NaN, cx = NaN, cy = NaN, cz = NaN] = corners;
    this.#measure.triangle(ax, ay, az, bx, by, bz, cx, cy, cz);
    corners.length = 0;
  }
}

/** The keyword at a word, which some writers break in two: `end solid`. */
function keywordAt(words: readonly string[], at: number): { keyword: string; next: number } {
  const first = words[at]?.toLowerCase() ?? '';
  if (first !== 'end') return { keyword: first, next: at + 1 };
  return { keyword: `end${words[at + 1]?.toLowerCase() ?? ''}`, next: at + 2 };
}

/** Where the name of a solid ends: with its line, or where its first facet begins on the same one. */
function endOfName(words: readonly string[], from: number): number {
  const end = words.findIndex(
    (word, at) =>
      at >= from &&
      /^facet$/i.test(word) &&
      /^normal$/i.test(words[at + 1] ?? '') &&
      // A name may have these words too, but no numbers behind them.
      /^[+-]?(?:\.?\d|nan|inf)/i.test(words[at + 2] ?? ''),
  );
  return end < 0 ? words.length : end;
}

function readText(file: ModelFile, measure: MeshMeasure): void {
  const reading = new TextReading(measure);
  takeLines(file, reading);
  reading.end();
}

function startsAsUtf16(head: Buffer): boolean {
  return (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
}
