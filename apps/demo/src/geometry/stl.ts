// Reads STL, binary and ASCII, in constant memory and to the last byte.
// Own code on purpose: the libraries take a truncated text file for an empty one and need four times the file in memory.
import { UnreadableModel } from './geometry.js';
import type { MeshMeasure } from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { numberFrom } from './number-text.js';
import { readLines } from './text-lines.js';

const headerBytes = 84;
const facetBytes = 50;
const facetsPerChunk = 20_000;

/**
 * Measures an STL file. It is binary when its size is what its facet count calls for, whatever its first word.
 * @throws UnreadableModel when the count and the size disagree, or the text breaks off or breaks the grammar.
 */
export function readStl(file: ModelFile, measure: MeshMeasure): void {
  const head = file.bytes(0, Math.min(headerBytes, file.size));
  const declared = head.length < headerBytes ? null : head.readUInt32LE(80);
  const whole = Math.floor((file.size - headerBytes) / facetBytes);
  if (declared !== null && declared === whole) return readBinary(file, declared, measure);
  if (/^(?:\u00ef\u00bb\u00bf)?\s*solid\b/i.test(head.toString('latin1')) || startsAsUtf16(head)) {
    return readText(file, measure);
  }
  if (declared === null) throw new UnreadableModel(`ends inside the header of a binary STL, after ${file.size} bytes`);
  throw new UnreadableModel(`declares ${declared} facets but has room for ${whole}`);
}

function readBinary(file: ModelFile, facets: number, measure: MeshMeasure): void {
  const chunk = Buffer.allocUnsafe(facetBytes * Math.min(facets, facetsPerChunk));
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  const at = (offset: number) => view.getFloat32(offset, true);
  for (let done = 0; done < facets; done += facetsPerChunk) {
    const count = Math.min(facetsPerChunk, facets - done);
    const wanted = count * facetBytes;
    const filled = file.fill(chunk.subarray(0, wanted), headerBytes + done * facetBytes);
    if (filled < wanted) throw new UnreadableModel('was cut while it was read');
    for (let o = 12; o < wanted; o += facetBytes) {
      measure.triangle(
        at(o),
        at(o + 4),
        at(o + 8),
        at(o + 12),
        at(o + 16),
        at(o + 20),
        at(o + 24),
        at(o + 28),
        at(o + 32),
      );
    }
  }
}

type Place = 'file' | 'solid' | 'facet' | 'loop' | 'after loop';

// Each keyword, the place it may stand in, and the place it leads to.
const grammar: Readonly<Record<string, readonly [from: Place, to: Place]>> = Object.freeze({
  solid: ['file', 'solid'],
  facet: ['solid', 'facet'],
  outer: ['facet', 'loop'],
  vertex: ['loop', 'loop'],
  endloop: ['loop', 'after loop'],
  endfacet: ['after loop', 'solid'],
  endsolid: ['solid', 'file'],
});

function readText(file: ModelFile, measure: MeshMeasure): void {
  let place: Place = 'file';
  let lineNumber = 0;
  const corners: number[] = [];
  for (const line of readLines(file)) {
    lineNumber += 1;
    const words = line.trim().split(/\s+/);
    const keyword = words[0]?.toLowerCase() ?? '';
    if (keyword === '') continue;
    const step = Object.hasOwn(grammar, keyword) ? grammar[keyword] : undefined;
    if (step?.[0] !== place) {
      throw new UnreadableModel(`breaks off, or breaks the grammar of an ASCII STL, in line ${lineNumber}`);
    }
    place = step[1];
    if (keyword === 'vertex') {
      corners.push(numberFrom(words[1]), numberFrom(words[2]), numberFrom(words[3]));
    } else if (keyword === 'endloop') {
      addFacet(corners, lineNumber, measure);
      corners.length = 0;
    }
  }
  if (place !== 'file') throw new UnreadableModel(`breaks off in the middle of a solid, after line ${lineNumber}`);
}

function addFacet(corners: readonly number[], lineNumber: number, measure: MeshMeasure): void {
  if (corners.length !== 9) {
    throw new UnreadableModel(`has a facet of ${corners.length / 3} corners instead of 3 before line ${lineNumber}`);
  }
  const [ax = NaN, ay = NaN, az = NaN, bx = NaN, by = NaN, bz = NaN, cx = NaN, cy = NaN, cz = NaN] = corners;
  measure.triangle(ax, ay, az, bx, by, bz, cx, cy, cz);
}

function startsAsUtf16(head: Buffer): boolean {
  return (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
}
