// Reads Wavefront OBJ line by line, keeping the vertices and nothing else.
// Own code on purpose: three's loader takes 20 times the file in memory and lets wrong indices and encodings pass as 0.
import { UnreadableModel } from './geometry.js';
import { addPoints, addTriangle, type MeshMeasure } from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { coordinateFault, numberFrom } from './number-text.js';
import { CornerList, PositionList } from './position-list.js';
import { readLines } from './text-lines.js';

/**
 * Measures an OBJ file: its faces, as fans of triangles, or its vertices when it has no face.
 * @throws UnreadableModel on a statement that is not OBJ or that makes surfaces another way (`surf`, `call`), a
 * coordinate of a used vertex that is no number, and an index outside the vertices.
 */
export function readObj(file: ModelFile, measure: MeshMeasure): void {
  const vertices: Vertices = { list: new PositionList(), faults: new Map() };
  const later: LaterFaces = { corners: new CornerList(), lineNumber: 0 };
  let [faces, short] = [0, 0];
  for (const { words, lineNumber } of statements(file)) {
    const keyword = words[0] ?? '';
    if (keyword === 'v') {
      addVertex(words, lineNumber, vertices);
    } else if (keyword === 'f' || keyword === 'fo') {
      // Editors leave faces of one and two corners behind: they are no surface.
      if (words.length < 4) short += 1;
      else faces += 1;
      addFace(words, lineNumber, vertices, measure, later);
    } else if (!harmless.has(keyword)) {
      const known = freeForm.has(keyword) ? 'makes surfaces from curves or other files' : 'is not a statement of OBJ';
      throw new UnreadableModel(`has '${keyword.slice(0, 20)}' in line ${lineNumber}, which ${known}`);
    }
  }
  if (vertices.list.length === 0) throw new UnreadableModel('holds no vertices');
  addLaterFaces(later, vertices, measure);
  if (faces === 0 && short > 0) throw new UnreadableModel('has only faces of fewer than 3 corners');
  if (faces > 0) return;
  for (const fault of vertices.faults.values()) throw new UnreadableModel(fault);
  addPoints(measure, vertices.list.coordinates());
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

function* statements(file: ModelFile): Generator<{ words: string[]; lineNumber: number }, void, void> {
  let lineNumber = 0;
  let continued = '';
  for (const line of readLines(file)) {
    lineNumber += 1;
    const comment = line.indexOf('#');
    const text = continued + (comment < 0 ? line : line.slice(0, comment));
    continued = text.endsWith('\\') ? `${text.slice(0, -1)} ` : '';
    if (continued !== '') continue;
    const words = text.trim().split(/\s+/);
    if (words[0] !== '') yield { words, lineNumber };
  }
  if (continued !== '') throw new UnreadableModel('ends in a line that is continued');
}

/** The vertices, and what is wrong with those that no face may use. */
interface Vertices {
  readonly list: PositionList;
  readonly faults: Map<number, string>;
}

/** Faces that stand before their vertices, and where the last of them stands. */
interface LaterFaces {
  readonly corners: CornerList;
  lineNumber: number;
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

function addFace(
  words: readonly string[],
  lineNumber: number,
  vertices: Vertices,
  measure: MeshMeasure,
  later: LaterFaces,
): void {
  const { length } = vertices.list;
  const corners = words.slice(1).map((word) => cornerIndex(word, lineNumber, length));
  const isLater = corners.some((corner) => corner >= length);
  if (isLater) later.lineNumber = lineNumber;
  const positions = vertices.list.coordinates();
  const [first = NaN] = corners;
  for (let corner = 2; corner < corners.length; corner += 1) {
    const [second, third] = [corners[corner - 1] ?? NaN, corners[corner] ?? NaN];
    if (isLater) later.corners.push(first, second, third);
    else addUsable(measure, positions, vertices, [first, second, third]);
  }
}

function addLaterFaces({ corners, lineNumber }: LaterFaces, vertices: Vertices, measure: MeshMeasure): void {
  const { length } = vertices.list;
  if (corners.largest >= length) {
    throw new UnreadableModel(
      `has a face up to line ${lineNumber} that refers to vertex '${corners.largest + 1}' where there are only ${length}`,
    );
  }
  const numbers = corners.numbers();
  const positions = vertices.list.coordinates();
  for (let at = 0; at < numbers.length; at += 3) {
    addUsable(measure, positions, vertices, [numbers[at] ?? NaN, numbers[at + 1] ?? NaN, numbers[at + 2] ?? NaN]);
  }
}

function addUsable(
  measure: MeshMeasure,
  positions: Float64Array,
  { faults }: Vertices,
  [a, b, c]: readonly [number, number, number],
): void {
  if (faults.size > 0) {
    const fault = faults.get(a) ?? faults.get(b) ?? faults.get(c);
    if (fault !== undefined) throw new UnreadableModel(fault);
  }
  addTriangle(measure, positions, a, b, c);
}

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
