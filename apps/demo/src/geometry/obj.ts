// Reads Wavefront OBJ line by line, keeping the vertices and nothing else.
// Own code on purpose: three's loader takes 20 times the file in memory and lets wrong indices and encodings pass as 0.
import { UnreadableModel } from './geometry.js';
import {
  addPoints,
  type IndexedTriangles,
  indexedTriangles,
  type MeshMeasure,
  trianglesAtOnce,
} from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { coordinateFault, numberFrom } from './number-text.js';
import { ObjRows } from './obj-rows.js';
import { CornerList, PositionList } from './position-list.js';
import { type LineTaker, takeLines } from './text-lines.js';

/**
 * Measures an OBJ file: its faces, as fans of triangles, or its vertices when it has no face.
 * @throws UnreadableModel on a statement that is not OBJ or that makes surfaces another way (`surf`, `call`), a
 * coordinate of a used vertex that is no number, and an index outside the vertices.
 */
export function readObj(file: ModelFile, measure: MeshMeasure): void {
  const reading = new ObjReading(measure);
  takeLines(file, reading);
  reading.end();
}

class ObjReading implements LineTaker {
  readonly #vertices: Vertices = { list: new PositionList(), faults: new Map() };
  readonly #measure: MeshMeasure;
  readonly #surface: IndexedTriangles;
  /** Triangles that are measured next. */
  readonly #next = new CornerList();
  readonly #rows = new ObjRows();
  /** Of faces that come before their vertices, and the line of the last of them. */
  readonly #later = new CornerList();
  #laterLine = 0;
  #lineNumber = 0;
  #continued = '';
  #faces = 0;
  #short = 0;

  constructor(measure: MeshMeasure) {
    this.#measure = measure;
    this.#surface = indexedTriangles(measure);
  }

  take(bytes: Buffer, from: number, to: number): number {
    if (this.#continued !== '') return from;
    const { list: vertices, faults } = this.#vertices;
    const [rows, triangles] = [this.#rows, this.#next];
    for (let at = from; ; ) {
      at = rows.take(bytes, at, to, { vertices, triangles, most: trianglesAtOnce, takesFaces: faults.size === 0 });
      this.#lineNumber += rows.lines;
      this.#faces += rows.faces;
      if (triangles.triangles < trianglesAtOnce) return at;
      this.#measureNext();
    }
  }

  line(bytes: Buffer, start: number, end: number): void {
    // A lone CR ends a line too.
    const text = bytes.toString('latin1', start, end).replace(/\r$/, '');
    for (const line of text.split('\r')) this.#textLine(line);
  }

  end(): void {
    if (this.#continued !== '') throw new UnreadableModel('ends in a line that is continued');
    const { list, faults } = this.#vertices;
    if (list.length === 0) throw new UnreadableModel('holds no vertices');
    this.#addLaterFaces();
    this.#measureNext();
    if (this.#faces === 0 && this.#short > 0) throw new UnreadableModel('has only faces of fewer than 3 corners');
    if (this.#faces > 0) return;
    for (const fault of faults.values()) throw new UnreadableModel(fault);
    addPoints(this.#measure, list.coordinates());
  }

  #textLine(line: string): void {
    this.#lineNumber += 1;
    const comment = line.indexOf('#');
    const text = this.#continued + (comment < 0 ? line : line.slice(0, comment));
    this.#continued = text.endsWith('\\') ? `${text.slice(0, -1)} ` : '';
    if (this.#continued !== '') return;
    const words = text.trim().split(/\s+/);
    const keyword = words[0] ?? '';
    if (keyword === '') return;
    if (keyword === 'v') addVertex(words, this.#lineNumber, this.#vertices);
    else if (keyword === 'f' || keyword === 'fo') {
      const { length } = this.#vertices.list;
      const corners = words.slice(1).map((word) => cornerIndex(word, this.#lineNumber, length));
      this.#addFace(corners, corners.length);
    } else if (!harmless.has(keyword)) {
      const known = freeForm.has(keyword) ? 'makes surfaces from curves or other files' : 'is not a statement of OBJ';
      throw new UnreadableModel(`has '${keyword.slice(0, 20)}' in line ${this.#lineNumber}, which ${known}`);
    }
  }

  #addFace(corners: readonly number[], count: number): void {
    // Editors leave faces of one and two corners behind: they are no surface.
    if (count < 3) this.#short += 1;
    else this.#faces += 1;
    const { list } = this.#vertices;
    let isLater = false;
    for (let corner = 0; corner < count; corner += 1) isLater ||= (corners[corner] ?? NaN) >= list.length;
    if (isLater) this.#laterLine = this.#lineNumber;
    const first = corners[0] ?? NaN;
    for (let corner = 2; corner < count; corner += 1) {
      const second = corners[corner - 1] ?? NaN;
      const third = corners[corner] ?? NaN;
      if (isLater) this.#later.push(first, second, third);
      else this.#addUsable(first, second, third);
    }
  }

  #addLaterFaces(): void {
    const { length } = this.#vertices.list;
    if (this.#later.largest >= length) {
      throw new UnreadableModel(
        `has a face up to line ${this.#laterLine} that refers to vertex '${this.#later.largest + 1}' where there are only ${length}`,
      );
    }
    const numbers = this.#later.numbers();
    for (let at = 0; at < numbers.length; at += 3) {
      this.#addUsable(numbers[at] ?? NaN, numbers[at + 1] ?? NaN, numbers[at + 2] ?? NaN);
    }
  }

  #addUsable(a: number, b: number, c: number): void {
    const { faults } = this.#vertices;
    if (faults.size > 0) {
      const fault = faults.get(a) ?? faults.get(b) ?? faults.get(c);
      if (fault !== undefined) throw new UnreadableModel(fault);
    }
    this.#next.push(a, b, c);
    if (this.#next.triangles >= trianglesAtOnce) this.#measureNext();
  }

  #measureNext(): void {
    this.#surface.add(this.#vertices.list.all, this.#next.numbers(), this.#next.triangles);
    this.#next.clear();
  }
}

const harmless = new Set(
  (
    'vt vn vp p l o g s mg usemtl mtllib usemap maplib shadow_obj trace_obj bevel c_interp d_interp lod ' +
    'cstype deg bmat step parm trim hole scrv sp curv2 con end ' +
    // Materials, which belong into a file of their own and stand in the same one now and then.
    'newmtl Ka Kd Ks Ke Ns Ni Tr Tf d illum map_Ka map_Kd map_Ks map_Ke map_Ns map_d map_bump map_Bump bump disp decal refl norm ' +
    'Pr Pm Ps Pc Pcr aniso anisor map_Pr map_Pm map_Ps'
  ).split(' '),
);
const freeForm = new Set(['curv', 'surf', 'call', 'csh', 'bzp', 'bsp', 'cdc', 'cdp', 'res']);

/** The vertices, and what is wrong with those that no face may use. */
interface Vertices {
  readonly list: PositionList;
  readonly faults: Map<number, string>;
}

function addVertex(words: readonly string[], lineNumber: number, { list, faults }: Vertices): void {
  const [x, y, z] = [numberFrom(words[1]), numberFrom(words[2]), numberFrom(words[3])];
  if (!Number.isFinite(x + y + z)) {
    if (faults.size === maxFaults) throw new UnreadableModel(`has more than ${maxFaults} vertices without coordinates`);
    faults.set(
      list.length,
      `has a vertex in line ${lineNumber} whose coordinates ${coordinateFault(words.slice(1, 4))}`,
    );
  }
  list.push(x, y, z);
}

const maxFaults = 10_000;

const maxIndex = 0xffff_fffe;
const cornerForm = /^([+-]?\d+)(?:\/(?:[+-]?\d+)?){0,2}$/;

function cornerIndex(word: string | undefined, lineNumber: number, vertices: number): number {
  const written = Number(cornerForm.exec(word ?? '')?.[1] ?? NaN);
  // Positive numbers count from the first vertex, negative ones back from the latest.
  const index = written < 0 ? vertices + written : written - 1;
  if (index >= 0 && index <= maxIndex) return index;
  throw new UnreadableModel(
    `has a face in line ${lineNumber} that refers to vertex '${(word ?? '').slice(0, 20)}' where only ${vertices} stand before it`,
  );
}
