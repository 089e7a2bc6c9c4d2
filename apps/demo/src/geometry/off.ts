// Reads the text form of OFF: counts, then a line for each vertex and a line for each face.
// Own code like the other text formats: it checks every count and index, and keeps the vertices and nothing else.
import { UnreadableModel } from './geometry.js';
import { addPoints, indexedTriangles, type MeshMeasure, trianglesAtOnce } from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { coordinateFault, indexFrom, numberFrom } from './number-text.js';
import { CornerList, PositionList } from './position-list.js';
import { readLines } from './text-lines.js';

/**
 * Measures an OFF file: its faces, as fans of triangles, or its vertices when it has none. Faces of one and two corners
 * are points and lines, no surface. Colours, normals and texture coordinates are passed over.
 * @throws UnreadableModel on the binary form, on vertices in other than three dimensions, when lines are missing or left
 * over, when a coordinate is no number, and when an index lies outside the vertices.
 */
export function readOff(file: ModelFile, measure: MeshMeasure): void {
  const start = file.bytes(0, Math.min(file.size, 64)).toString('latin1');
  if (/^(?:ST|C|N|4|n)*OFF[ \t]+BINARY\b/.test(start))
    throw new UnreadableModel('is a binary OFF, which is not read yet');
  const rows = new Rows(file);
  const counts = readCounts(rows, file.size);
  const vertices = new PositionList();
  while (vertices.length < counts.vertices) addVertex(rows, vertices);
  if (vertices.length === 0) throw new UnreadableModel('holds no vertices');
  const positions = vertices.coordinates();
  const surface = indexedTriangles(measure);
  const list = new CornerList();
  let triangles = 0;
  for (let face = 0; face < counts.faces; face += 1) {
    const corners = readCorners(rows, vertices.length);
    const [first = NaN] = corners;
    for (let corner = 2; corner < corners.length; corner += 1) {
      list.push(first, corners[corner - 1] ?? NaN, corners[corner] ?? NaN);
      triangles += 1;
    }
    if (list.triangles >= trianglesAtOnce || face === counts.faces - 1) {
      surface.add(positions, list.numbers(), list.triangles);
      list.clear();
    }
  }
  rows.endFile();
  if (triangles === 0) addPoints(measure, positions);
}

// ST, C and N announce what stands behind the coordinates of a vertex; writers disagree about their order.
const keyword = /^((?:ST|C|N|4|n)*)(?:OFF|off)(.*)$/;
const countsForm = /^(\d{1,15})\s+(\d{1,15})(?:\s+\d+)?$/;

/** Reads the keyword, which old files leave out, and the counts, which may stand behind it, even without a space. */
function readCounts(rows: Rows, fileSize: number): { vertices: number; faces: number } {
  let line = rows.next();
  const [, prefix = '', rest = ''] = keyword.exec(line) ?? ['', '', line];
  if (/[4n]/.test(prefix)) throw new UnreadableModel('has vertices in other than three dimensions');
  line = rest.trim() === '' ? rows.next() : rest.trim();
  const written = countsForm.exec(line);
  if (written === null) {
    throw new UnreadableModel(`has no counts of vertices and faces in line ${rows.lineNumber}, as an OFF file must`);
  }
  const [vertices, faces] = [Number(written[1]), Number(written[2])];
  // A vertex takes three digits with their separators, a face two; the last line may lack its end.
  if (vertices * 6 + faces * 4 > fileSize + 1) {
    throw new UnreadableModel(`declares ${vertices} vertices and ${faces} faces but has only ${fileSize} bytes`);
  }
  return { vertices, faces };
}

function addVertex(rows: Rows, vertices: PositionList): void {
  const words = rows.next().split(/\s+/, 3);
  const [x, y, z] = words.map(numberFrom);
  if (x === undefined || y === undefined || z === undefined || !Number.isFinite(x + y + z)) {
    throw new UnreadableModel(`has a vertex in line ${rows.lineNumber} whose coordinates ${coordinateFault(words)}`);
  }
  vertices.push(x, y, z);
}

/** Reads the corners of a face; what stands behind them is its colour. */
function readCorners(rows: Rows, vertices: number): number[] {
  const [count, ...words] = rows.next().split(/\s+/);
  const corners = words.slice(0, indexFrom(count)).map(indexFrom);
  if (corners.length !== indexFrom(count) || corners.length === 0) {
    throw new UnreadableModel(`has a face in line ${rows.lineNumber} that is not a count and as many corners`);
  }
  const wrong = corners.findIndex((corner) => corner >= vertices);
  if (wrong < 0) return corners;
  throw new UnreadableModel(
    `has a face in line ${rows.lineNumber} that refers to vertex '${words[wrong]?.slice(0, 20)}' of ${vertices}`,
  );
}

/** The lines that say something: without comments, without blank ones. */
class Rows {
  lineNumber = 0;
  readonly #lines: Iterator<string, void, void>;

  constructor(file: ModelFile) {
    this.#lines = readLines(file);
  }

  next(): string {
    const row = this.#read();
    if (row === null) throw new UnreadableModel(`ends after line ${this.lineNumber}, before all that it declares`);
    return row;
  }

  endFile(): void {
    if (this.#read() === null) return;
    throw new UnreadableModel(`holds more lines than it declares, from line ${this.lineNumber} on`);
  }

  #read(): string | null {
    for (;;) {
      const { value, done } = this.#lines.next();
      if (done === true || value === undefined) return null;
      this.lineNumber += 1;
      const row = value.replace(/#.*$/, '').trim();
      if (row !== '') return row;
    }
  }
}
