// Decodes the positions and indices of glTF meshes with glTF-Transform, after checking that they lie where they say.
import { type Accessor, type JSONDocument, Logger, WebIO } from '@gltf-transform/core';
import { UnreadableModel } from './geometry.js';
import type { GltfBuffer } from './gltf-buffers.js';
import type { GltfAccessor, GltfDocument, GltfPrimitive } from './gltf-document.js';

/** A piece of a mesh, in its own coordinates. */
export interface GltfPiece {
  /** x, y, z triples. */
  readonly positions: Float64Array;
  /** Vertex numbers, three to a triangle; none in a piece of lines or points. */
  readonly corners: Uint32Array;
  /** The numbers of the vertices that lines or points use; null in a piece of triangles. */
  readonly points: Uint32Array | null;
}

/**
 * Returns the decoder of a document: mesh number → its pieces. Lines and points count in a document without triangles only.
 * @throws UnreadableModel when an accessor reaches past its buffer view or a view past its buffer.
 */
export async function openGltfMeshes(
  document: GltfDocument,
  bufferAt: (buffer: number) => GltfBuffer,
): Promise<(mesh: number) => GltfPiece[]> {
  const used = new Set<number>();
  const hasTriangles = document.meshes.some(({ primitives }) => primitives.some(({ mode }) => mode >= 4));
  const counts = ({ mode }: GltfPrimitive) => mode >= 4 || !hasTriangles;
  for (const { primitives } of document.meshes) {
    for (const { attributes, indices } of primitives.filter(counts)) {
      for (const number of [attributes.POSITION, indices]) if (number !== undefined) used.add(number);
    }
  }
  const slots = new Map([...used].map((accessor, slot) => [accessor, slot]));
  const decoded = await decode(document, [...used], bufferAt);
  const arrayAt = (accessor: number) => decoded[slots.get(accessor) ?? -1];
  return (mesh) =>
    (document.meshes[mesh]?.primitives ?? []).filter(counts).map((primitive) => pieceOf(primitive, document, arrayAt));
}

const componentBytes: Readonly<Record<number, number>> = { 5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4 };

async function decode(
  document: GltfDocument,
  used: readonly number[],
  bufferAt: (buffer: number) => GltfBuffer,
): Promise<Accessor[]> {
  const json: JSONDocument['json'] = { asset: { version: '2.0' }, accessors: [], bufferViews: [], buffers: [] };
  const resources: JSONDocument['resources'] = {};
  const viewAt = viewsOf(document, { json, resources, slots: new Map() }, bufferAt);
  for (const number of used) {
    const accessor = document.accessors[number];
    if (accessor === undefined) throw new UnreadableModel(`refers to accessor ${number}, which does not exist`);
    if (accessor.count === 0) throw new UnreadableModel(`has a mesh whose accessor ${number} is empty`);
    const { byteOffset, normalized, count, type, bufferView, sparse } = accessor;
    const componentType = accessor.componentType as 5126;
    const declared = { componentType, normalized, count, type };
    const replaced = sparse === undefined ? {} : { sparse: sparseOf(accessor, number, sparse, document, viewAt) };
    if (bufferView === undefined) {
      // Without a view every element is 0, but for those that are replaced.
      if (sparse === undefined) throw new UnreadableModel(`has an accessor ${number} without data`);
      json.accessors?.push({ ...declared, ...replaced });
      continue;
    }
    const view = viewAt(bufferView, `an accessor ${number} without data`);
    verifyAccessor(accessor, number, view.byteLength, view.byteStride);
    json.accessors?.push({ bufferView: view.slot, byteOffset, ...declared, ...replaced });
  }
  const io = new WebIO().setLogger(new Logger(Logger.Verbosity.SILENT));
  const parsed = await io.readJSON({ json, resources });
  return parsed.getRoot().listAccessors();
}

interface ReadView {
  readonly slot: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly byteLength: number;
  readonly byteStride: number | undefined;
}
type ViewAt = (view: number, what: string) => ReadView;

/** Reads a view when it is first asked for, and gives it a place in the document that is decoded. */
function viewsOf(
  { bufferViews, buffers }: GltfDocument,
  { json, resources, slots }: JSONDocument & { readonly slots: Map<number, ReadView> },
  bufferAt: (buffer: number) => GltfBuffer,
): ViewAt {
  return (number, what) => {
    const known = slots.get(number);
    if (known !== undefined) return known;
    const view = bufferViews[number];
    if (view === undefined || view.byteLength === 0) throw new UnreadableModel(`has ${what}`);
    const { byteOffset, byteLength, byteStride } = view;
    if (byteOffset + byteLength > (buffers[view.buffer]?.byteLength ?? -1)) {
      throw new UnreadableModel('has a buffer view that reaches past its buffer');
    }
    const bytes = bufferAt(view.buffer).range(byteOffset, byteLength);
    const read = { slot: slots.size, bytes, byteLength, byteStride };
    slots.set(number, read);
    const uri = `view-${read.slot}`;
    resources[uri] = bytes;
    json.buffers?.push({ uri, byteLength });
    json.bufferViews?.push({ buffer: read.slot, byteLength, ...(byteStride === undefined ? {} : { byteStride }) });
    return read;
  };
}

/** Checks the elements that replace others of an accessor. */
function sparseOf(
  accessor: GltfAccessor,
  number: number,
  { count, indices, values }: NonNullable<GltfAccessor['sparse']>,
  { accessors }: GltfDocument,
  viewAt: ViewAt,
): NonNullable<NonNullable<JSONDocument['json']['accessors']>[number]['sparse']> {
  const what = `a sparse accessor ${number} without data`;
  const [numbers, replacing] = [viewAt(indices.bufferView, what), viewAt(values.bufferView, what)];
  const width = componentBytes[indices.componentType] ?? 4;
  const needed = count * elementBytes(accessor);
  if (
    indices.byteOffset + count * width > numbers.byteLength ||
    values.byteOffset + needed > replacing.byteLength ||
    count > (accessors[number]?.count ?? 0)
  ) {
    throw new UnreadableModel(`replaces ${count} elements in accessor ${number} but has room for fewer`);
  }
  const at = Buffer.from(numbers.bytes.buffer, numbers.bytes.byteOffset + indices.byteOffset, count * width);
  for (let element = 0; element < count; element += 1) {
    const index = at.readUIntLE(element * width, width);
    if (index < accessor.count) continue;
    throw new UnreadableModel(`replaces element ${index} of ${accessor.count} in accessor ${number}`);
  }
  const indexType = indices.componentType as 5121;
  return {
    count,
    indices: { bufferView: numbers.slot, byteOffset: indices.byteOffset, componentType: indexType },
    values: { bufferView: replacing.slot, byteOffset: values.byteOffset },
  };
}

function verifyAccessor(accessor: GltfAccessor, number: number, viewBytes: number, stride: number | undefined): void {
  const bytes = elementBytes(accessor);
  const needed = accessor.byteOffset + (accessor.count - 1) * (stride ?? bytes) + bytes;
  if (needed > viewBytes) {
    throw new UnreadableModel(`declares ${accessor.count} elements in accessor ${number} but has room for fewer`);
  }
}

function elementBytes({ componentType, type }: GltfAccessor): number {
  return (componentBytes[componentType] ?? 4) * ({ SCALAR: 1, VEC3: 3 }[type as string] ?? 16);
}

function pieceOf(
  { attributes, indices, mode }: GltfPrimitive,
  document: GltfDocument,
  arrayAt: (accessor: number) => Accessor | undefined,
): GltfPiece {
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
    const what = mode < 4 ? 'line or point' : 'triangle';
    throw new UnreadableModel(`has a ${what} that refers to vertex ${corner} of ${position.count}`);
  }
  if (mode < 4) return { positions, corners: new Uint32Array(), points: order };
  return { positions, corners: mode === 4 ? listOf(order) : stripOf(order, mode === 6), points: null };

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
