// Decodes the positions and indices of glTF meshes with glTF-Transform, after checking that they lie where they say.
import { type Accessor, type JSONDocument, Logger, WebIO } from '@gltf-transform/core';
import { UnreadableModel } from './geometry.js';
import type { GltfBuffer } from './gltf-buffers.js';
import type { GltfAccessor, GltfDocument, GltfPrimitive } from './gltf-document.js';

/** The triangles of one mesh, in its own coordinates. */
export interface GltfTriangles {
  /** x, y, z triples. */
  readonly positions: Float64Array;
  /** Vertex numbers, three to a triangle. */
  readonly corners: Uint32Array;
}

/**
 * Returns the decoder of a document: mesh number → its pieces, lines and points left out.
 * @throws UnreadableModel when an accessor reaches past its buffer view or a view past its buffer.
 */
export async function openGltfMeshes(
  document: GltfDocument,
  bufferAt: (buffer: number) => GltfBuffer,
): Promise<(mesh: number) => GltfTriangles[]> {
  const used = new Set<number>();
  for (const { primitives } of document.meshes) {
    for (const { attributes, indices, mode } of primitives) {
      if (mode < 4) continue;
      for (const number of [attributes.POSITION, indices]) if (number !== undefined) used.add(number);
    }
  }
  const slots = new Map([...used].map((accessor, slot) => [accessor, slot]));
  const decoded = await decode(document, [...used], bufferAt);
  const arrayAt = (accessor: number) => decoded[slots.get(accessor) ?? -1];
  return (mesh) =>
    (document.meshes[mesh]?.primitives ?? [])
      .filter(({ mode }) => mode >= 4)
      .map((primitive) => trianglesOf(primitive, document, arrayAt));
}

const componentBytes: Readonly<Record<number, number>> = { 5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4 };

async function decode(
  { accessors, bufferViews, buffers }: GltfDocument,
  used: readonly number[],
  bufferAt: (buffer: number) => GltfBuffer,
): Promise<Accessor[]> {
  const json: JSONDocument['json'] = { asset: { version: '2.0' }, accessors: [], bufferViews: [], buffers: [] };
  const resources: JSONDocument['resources'] = {};
  const readViews = new Map<number, number>();
  for (const number of used) {
    const accessor = accessors[number];
    if (accessor === undefined) throw new UnreadableModel(`refers to accessor ${number}, which does not exist`);
    if (accessor.sparse !== undefined) throw new UnreadableModel('uses sparse accessors, which are not read yet');
    const view = bufferViews[accessor.bufferView ?? -1];
    if (accessor.bufferView === undefined || view === undefined) {
      throw new UnreadableModel(`has an accessor ${number} without data`);
    }
    verifyAccessor(accessor, number, view.byteLength, view.byteStride);
    if (view.byteOffset + view.byteLength > (buffers[view.buffer]?.byteLength ?? -1)) {
      throw new UnreadableModel('has a buffer view that reaches past its buffer');
    }
    let slot = readViews.get(accessor.bufferView);
    if (slot === undefined) {
      slot = readViews.size;
      readViews.set(accessor.bufferView, slot);
      const uri = `view-${slot}`;
      resources[uri] = bufferAt(view.buffer).range(view.byteOffset, view.byteLength);
      json.buffers?.push({ uri, byteLength: view.byteLength });
      const stride = view.byteStride === undefined ? {} : { byteStride: view.byteStride };
      json.bufferViews?.push({ buffer: slot, byteLength: view.byteLength, ...stride });
    }
    const { byteOffset, normalized, count, type } = accessor;
    const componentType = accessor.componentType as 5126;
    json.accessors?.push({ bufferView: slot, byteOffset, componentType, normalized, count, type });
  }
  const io = new WebIO().setLogger(new Logger(Logger.Verbosity.SILENT));
  const parsed = await io.readJSON({ json, resources });
  return parsed.getRoot().listAccessors();
}

function verifyAccessor(accessor: GltfAccessor, number: number, viewBytes: number, stride: number | undefined): void {
  const bytes = (componentBytes[accessor.componentType] ?? 4) * ({ SCALAR: 1, VEC3: 3 }[accessor.type as string] ?? 16);
  const needed = accessor.byteOffset + (accessor.count - 1) * (stride ?? bytes) + bytes;
  if (needed > viewBytes) {
    throw new UnreadableModel(`declares ${accessor.count} elements in accessor ${number} but has room for fewer`);
  }
}

function trianglesOf(
  { attributes, indices, mode }: GltfPrimitive,
  document: GltfDocument,
  arrayAt: (accessor: number) => Accessor | undefined,
): GltfTriangles {
  const positionsAt = attributes.POSITION ?? -1;
  const position = document.accessors[positionsAt];
  const source = arrayAt(positionsAt);
  if (position?.type !== 'VEC3' || source === undefined) throw new UnreadableModel('has a mesh without positions');
  const positions = new Float64Array(position.count * 3);
  const element: number[] = [0, 0, 0];
  for (let vertex = 0; vertex < position.count; vertex += 1)
    positions.set(source.getElement(vertex, element), vertex * 3);
  const order =
    indices === undefined ? Uint32Array.from({ length: position.count }, (_, at) => at) : numbersOf(indices);
  for (const corner of order) {
    if (corner < position.count) continue;
    throw new UnreadableModel(`has a triangle that refers to vertex ${corner} of ${position.count}`);
  }
  return { positions, corners: mode === 4 ? listOf(order) : stripOf(order, mode === 6) };

  function numbersOf(accessor: number): Uint32Array {
    const declared = document.accessors[accessor];
    const array = arrayAt(accessor)?.getArray();
    const isWhole = declared !== undefined && [5121, 5123, 5125].includes(declared.componentType);
    if (!isWhole || declared.type !== 'SCALAR' || array == null)
      throw new UnreadableModel('has indices that are not whole numbers');
    return Uint32Array.from(array);
  }
}

function listOf(order: Uint32Array): Uint32Array {
  if (order.length % 3 !== 0)
    throw new UnreadableModel(`has ${order.length} corners, which do not make whole triangles`);
  return order;
}

/** Unrolls a strip or a fan; triangles that repeat a corner only join strips and are no surface. */
function stripOf(order: Uint32Array, isFan: boolean): Uint32Array {
  if (order.length < 3) throw new UnreadableModel('has a strip of fewer than 3 corners');
  const corners: number[] = [];
  for (let at = 2; at < order.length; at += 1) {
    const first = order[isFan ? 0 : at - 2] ?? 0;
    const [second, third] = [order[at - 1] ?? 0, order[at] ?? 0];
    if (first === second || second === third || first === third) continue;
    if (isFan || at % 2 === 0) corners.push(first, second, third);
    else corners.push(second, first, third);
  }
  return Uint32Array.from(corners);
}
