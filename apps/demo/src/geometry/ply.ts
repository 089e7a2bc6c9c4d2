// Reads PLY in its three encodings: polygons, triangle strips, or points alone.
// Own code on purpose: the libraries drop polygons of five corners and more, strips, and wrong indices without a word.
import { UnreadableModel } from './geometry.js';
import { addPoints, indexedTriangles, type MeshMeasure, trianglesAtOnce } from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { type PlyElement, type PlyProperty, type PlyScalar, plyScalarBytes, readPlyHeader } from './ply-header.js';
import { type PlyRowBytes, type PlyRows, plyRows } from './ply-rows.js';
import { CornerList, PositionList } from './position-list.js';

/**
 * Measures a PLY file.
 * @throws UnreadableModel when rows are missing or left over, an index lies outside the vertices, or a coordinate is no number.
 */
export function readPly(file: ModelFile, measure: MeshMeasure): void {
  const header = readPlyHeader(file);
  const rows = plyRows(file, header);
  const vertices = new PositionList();
  let faces = 0;
  let triangles = 0;
  let vertexRows: number | null = null;
  for (const element of header.elements) {
    if (element.name === 'vertex') {
      readVertices(element, rows, vertices);
      vertexRows = element.count;
    } else if (element.count > 0 && (element.name === 'face' || element.name === 'tristrips')) {
      if (vertexRows === null) throw new UnreadableModel(`has its ${element.name} rows before its vertices`);
      faces += element.count;
      triangles += readFaces(element, rows, vertices, measure);
    } else {
      readRows(element, rows, () => {});
    }
  }
  rows.endFile();
  if (vertexRows === null) throw new UnreadableModel('declares no vertices');
  if (faces > 0 && triangles === 0) throw new UnreadableModel('has only faces of fewer than 3 corners');
  if (faces === 0) addPoints(measure, vertices.coordinates());
}

function readVertices(element: PlyElement, rows: PlyRows, vertices: PositionList): void {
  const [x, y, z] = ['x', 'y', 'z'].map((axis) =>
    element.properties.findIndex((property) => property.name === axis && property.lengthType === null),
  );
  if (x === undefined || y === undefined || z === undefined || Math.min(x, y, z) < 0) {
    throw new UnreadableModel('has vertices without x, y and z');
  }
  if (rows.bytes !== null && readFloatVertices(element, rows.bytes, vertices, [x, y, z])) return;
  const values = new Float64Array(element.properties.length);
  readRows(
    element,
    rows,
    () => vertices.push(values[x] ?? NaN, values[y] ?? NaN, values[z] ?? NaN),
    (value, index) => {
      values[index] = value;
    },
  );
}

/** Reads binary vertices whose coordinates are single floats among other numbers; returns false when they are not. */
function readFloatVertices(
  { properties, count }: PlyElement,
  rows: PlyRowBytes,
  vertices: PositionList,
  axes: readonly [number, number, number],
): boolean {
  if (properties.some(({ lengthType }) => lengthType !== null)) return false;
  if (axes.some((axis) => properties[axis]?.type !== 'float32')) return false;
  const bytesUpTo = (end: number) => properties.slice(0, end).reduce((sum, { type }) => sum + plyScalarBytes[type], 0);
  const [x = 0, y = 0, z = 0] = axes.map(bytesUpTo);
  const { isLittleEndian } = rows;
  rows.fixed(count, bytesUpTo(properties.length), (view, at) =>
    vertices.push(
      view.getFloat32(at + x, isLittleEndian),
      view.getFloat32(at + y, isLittleEndian),
      view.getFloat32(at + z, isLittleEndian),
    ),
  );
  return true;
}

function readFaces(element: PlyElement, rows: PlyRows, vertices: PositionList, measure: MeshMeasure): number {
  const corners = element.properties.find(
    ({ name, lengthType }) => lengthType !== null && /^vertex_ind(?:ices|ex)$/.test(name),
  );
  if (corners === undefined) throw new UnreadableModel(`has ${element.name} rows without vertex indices`);
  const positions = vertices.coordinates();
  const surface = indexedTriangles(measure);
  const list = new CornerList();
  let triangles = 0;
  const measureList = () => {
    triangles += list.triangles;
    surface.add(positions, list.numbers(), list.triangles);
    list.clear();
  };
  const add: AddTriangle = (a, b, c) => {
    list.push(a, b, c);
    if (list.triangles >= trianglesAtOnce) measureList();
  };
  const shape = element.name === 'face' ? fan(add) : strip(add);
  const least = element.name === 'face' ? 0 : -1;
  let row = 0;
  const corner = (value: number) => {
    if (!Number.isInteger(value) || value >= vertices.length || value < least) {
      throw new UnreadableModel(`refers in ${element.name} row ${row} to vertex ${value} of ${vertices.length}`);
    }
    shape.corner(value);
  };
  const isPlain = element.properties.length === 1 && corners.lengthType === 'uint8' && /^u?int32$/.test(corners.type);
  if (rows.bytes !== null && isPlain) {
    const { isLittleEndian } = rows.bytes;
    const isSigned = corners.type === 'int32';
    const isFace = element.name === 'face';
    rows.bytes.lists(element.count, 4, (view, at, length) => {
      row += 1;
      if (isFace && length === 3) {
        const a = view.getUint32(at, isLittleEndian);
        const b = view.getUint32(at + 4, isLittleEndian);
        const c = view.getUint32(at + 8, isLittleEndian);
        // A negative number is a large one here; what is wrong is told below.
        if (a < vertices.length && b < vertices.length && c < vertices.length) return add(a, b, c);
      }
      for (let end = at + length * 4, item = at; item < end; item += 4) {
        corner(isSigned ? view.getInt32(item, isLittleEndian) : view.getUint32(item, isLittleEndian));
      }
      shape.end();
    });
    measureList();
    return triangles;
  }
  row = 1;
  readRows(
    element,
    rows,
    () => {
      row += 1;
      shape.end();
    },
    undefined,
    (property, value) => {
      if (property === corners) corner(value);
    },
  );
  measureList();
  return triangles;
}

interface Shape {
  corner(index: number): void;
  end(): void;
}
type AddTriangle = (a: number, b: number, c: number) => void;

function fan(add: AddTriangle): Shape {
  let [count, first, previous] = [0, 0, 0];
  return {
    corner(index) {
      count += 1;
      if (count === 1) first = index;
      else if (count > 2) add(first, previous, index);
      previous = index;
    },
    end() {
      // Faces of no, one and two corners are left behind by editors: they are no surface.
      count = 0;
    },
  };
}

function strip(add: AddTriangle): Shape {
  let [count, before, previous] = [0, 0, 0];
  return {
    corner(index) {
      count = index < 0 ? 0 : count + 1;
      // Corners are repeated to join strips: such a triangle is no surface. Every second one runs the other way round.
      const isFlat = index === previous || index === before || previous === before;
      if (count > 2 && !isFlat) {
        if (count % 2 === 1) add(before, previous, index);
        else add(previous, before, index);
      }
      [before, previous] = [previous, index];
    },
    end() {
      count = 0;
    },
  };
}

function readRows(
  element: PlyElement,
  rows: PlyRows,
  endRow: () => void,
  value?: (value: number, propertyIndex: number) => void,
  listItem?: (property: PlyProperty, value: number) => void,
): void {
  for (let row = 0; row < element.count; row += 1) {
    for (let index = 0; index < element.properties.length; index += 1) {
      const property = element.properties[index];
      if (property === undefined) continue;
      if (property.lengthType === null) {
        const read = rows.next(property.type);
        value?.(read, index);
        continue;
      }
      const length = listLength(rows, property.lengthType);
      for (let item = 0; item < length; item += 1) {
        const read = rows.next(property.type);
        listItem?.(property, read);
      }
    }
    rows.endRow();
    endRow();
  }
}

function listLength(rows: PlyRows, type: PlyScalar): number {
  const length = rows.next(type);
  if (!Number.isInteger(length) || length < 0)
    throw new UnreadableModel('has a list whose length is not a whole number');
  return length;
}
