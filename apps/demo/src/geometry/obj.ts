// Reads Wavefront OBJ line by line, keeping the vertices and nothing else.
// Own code on purpose: three's loader takes 20 times the file in memory and lets wrong indices and encodings pass as 0.
import { UnreadableModel } from './geometry.js';
import { addPoints, addTriangle, type MeshMeasure } from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { numberFrom } from './number-text.js';
import { PositionList } from './position-list.js';
import { readLines } from './text-lines.js';

/**
 * Measures an OBJ file: its faces, as fans of triangles, or its vertices when it has no face.
 * @throws UnreadableModel on a statement that is not OBJ or that makes surfaces another way (`surf`, `call`), a
 * coordinate that is no number, and an index outside the vertices that stand before it.
 */
export function readObj(file: ModelFile, measure: MeshMeasure): void {
  const vertices = new PositionList();
  let faces = 0;
  for (const { words, lineNumber } of statements(file)) {
    const keyword = words[0] ?? '';
    if (keyword === 'v') {
      addVertex(words, lineNumber, vertices);
    } else if (keyword === 'f' || keyword === 'fo') {
      faces += 1;
      addFace(words, lineNumber, vertices, measure);
    } else if (!harmless.has(keyword)) {
      const known = freeForm.has(keyword) ? 'makes surfaces from curves or other files' : 'is not a statement of OBJ';
      throw new UnreadableModel(`has '${keyword.slice(0, 20)}' in line ${lineNumber}, which ${known}`);
    }
  }
  if (vertices.length === 0) throw new UnreadableModel('holds no vertices');
  if (faces === 0) addPoints(measure, vertices.coordinates());
}

const harmless = new Set(
  (
    'vt vn vp p l o g s mg usemtl mtllib usemap maplib shadow_obj trace_obj bevel c_interp d_interp lod ' +
    'cstype deg bmat step parm trim hole scrv sp curv2 con end'
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

function addVertex(words: readonly string[], lineNumber: number, vertices: PositionList): void {
  const [x, y, z] = [numberFrom(words[1]), numberFrom(words[2]), numberFrom(words[3])];
  if (!Number.isFinite(x + y + z)) {
    throw new UnreadableModel(`has a vertex in line ${lineNumber} whose coordinates are not three finite numbers`);
  }
  vertices.push(x, y, z);
}

function addFace(words: readonly string[], lineNumber: number, vertices: PositionList, measure: MeshMeasure): void {
  if (words.length < 4) throw new UnreadableModel(`has a face of fewer than 3 corners in line ${lineNumber}`);
  const positions = vertices.coordinates();
  const first = cornerIndex(words[1], lineNumber, vertices.length);
  let previous = cornerIndex(words[2], lineNumber, vertices.length);
  for (let corner = 3; corner < words.length; corner += 1) {
    const next = cornerIndex(words[corner], lineNumber, vertices.length);
    addTriangle(measure, positions, first, previous, next);
    previous = next;
  }
}

const cornerForm = /^([+-]?\d+)(?:\/(?:[+-]?\d+)?){0,2}$/;

function cornerIndex(word: string | undefined, lineNumber: number, vertices: number): number {
  const written = Number(cornerForm.exec(word ?? '')?.[1] ?? NaN);
  // Positive numbers count from the first vertex, negative ones back from the latest.
  const index = written < 0 ? vertices + written : written - 1;
  if (index >= 0 && index < vertices) return index;
  throw new UnreadableModel(
    `has a face in line ${lineNumber} that refers to vertex '${(word ?? '').slice(0, 20)}' where only ${vertices} stand before it`,
  );
}
