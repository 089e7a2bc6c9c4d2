// Measures a glTF 2 document, as .gltf or .glb: the meshes of its scene, where the nodes place them.
// Skeletons, morphs and animations are not played: a mesh that one of them moves counts without bounds and volume.
import { type Affine, compose, identity, transformed } from './affine.js';
import { type Surroundings, UnreadableModel } from './geometry.js';
import { type GltfBuffer, type GltfContainer, openGltfBuffer, readGlbChunks, readGltfText } from './gltf-buffers.js';
import { type GltfDocument, type GltfMesh, type GltfNode, parseGltf } from './gltf-document.js';
import { type GltfPiece, openGltfMeshes } from './gltf-meshes.js';
import { addPoints, type MeshMeasure } from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { maxPlacedTriangles, placeMesh } from './placed-mesh.js';

/** Measures a .glb. @throws UnreadableModel as {@link readGltf} does. */
export async function readGlb(file: ModelFile, place: Surroundings, measure: MeshMeasure): Promise<'meter'> {
  return await readDocument(readGlbChunks(file), place, measure);
}

/**
 * Measures a .gltf: its default scene, or its first one; the points of its lines and points when it has no triangles. Buffers must lie in its folder.
 * @throws UnreadableModel when bytes are missing, an index lies outside its mesh, nodes do not form trees, or the document
 * needs an extension that changes shapes.
 */
export async function readGltf(file: ModelFile, place: Surroundings, measure: MeshMeasure): Promise<'meter'> {
  return await readDocument(readGltfText(file), place, measure);
}

async function readDocument(container: GltfContainer, place: Surroundings, measure: MeshMeasure): Promise<'meter'> {
  const document = parseGltf(container.json);
  const uses = placedMeshes(document);
  if (uses.length === 0) throw new UnreadableModel('has a scene that places no mesh');
  const opened = new Map<number, GltfBuffer>();
  try {
    const piecesOfMesh = await openGltfMeshes(document, (buffer) => {
      const known = opened.get(buffer) ?? openBuffer(document, buffer, container, place);
      opened.set(buffer, known);
      return known;
    });
    const meshes = new Map<number, GltfPiece[]>();
    for (const { number } of uses) if (!meshes.has(number)) meshes.set(number, piecesOfMesh(number));
    placeAll(document, uses, meshes, measure);
    return 'meter';
  } finally {
    for (const buffer of opened.values()) buffer[Symbol.dispose]();
  }
}

function openBuffer(
  document: GltfDocument,
  buffer: number,
  { binary }: GltfContainer,
  place: Surroundings,
): GltfBuffer {
  const declared = document.buffers[buffer];
  if (declared?.uri !== undefined) return openGltfBuffer(declared.uri, place);
  if (declared === undefined || buffer > 0 || binary === null)
    throw new UnreadableModel(`has a buffer ${buffer} without data`);
  return binary;
}

interface PlacedMesh {
  readonly number: number;
  readonly node: GltfNode;
  readonly affine: Affine;
}

function placedMeshes(document: GltfDocument): PlacedMesh[] {
  const { nodes, scenes } = document;
  const children = new Set(nodes.flatMap((node) => node.children));
  const scene = scenes[document.scene ?? 0];
  if (document.scene !== undefined && scene === undefined)
    throw new UnreadableModel('names a scene that does not exist');
  const roots = scene?.nodes ?? nodes.map((_, number) => number).filter((number) => !children.has(number));
  const open = [...roots].map((number) => ({ number, outer: identity }));
  const seen = new Set<number>();
  const placed: PlacedMesh[] = [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const node = nodes[next.number];
    if (node === undefined) throw new UnreadableModel(`refers to node ${next.number}, which does not exist`);
    if (seen.has(next.number)) throw new UnreadableModel(`has a node ${next.number} with more than one parent`);
    seen.add(next.number);
    if ('EXT_mesh_gpu_instancing' in node.extensions) {
      throw new UnreadableModel('uses the glTF extension EXT_mesh_gpu_instancing, which is not read yet');
    }
    const affine = compose(next.outer, affineOf(node));
    if (node.mesh !== undefined) placed.push({ number: node.mesh, node, affine });
    for (const number of node.children) open.push({ number, outer: affine });
  }
  return placed;
}

function affineOf({ matrix, translation, rotation, scale }: GltfNode): Affine {
  if (matrix !== undefined) return matrix.filter((_, at) => at % 4 !== 3);
  const [x = 0, y = 0, z = 0, w = 1] = rotation ?? [];
  const [sx = 1, sy = 1, sz = 1] = scale ?? [];
  const [tx = 0, ty = 0, tz = 0] = translation ?? [];
  return [
    (1 - 2 * (y * y + z * z)) * sx,
    2 * (x * y + z * w) * sx,
    2 * (x * z - y * w) * sx,
    2 * (x * y - z * w) * sy,
    (1 - 2 * (x * x + z * z)) * sy,
    2 * (y * z + x * w) * sy,
    2 * (x * z + y * w) * sz,
    2 * (y * z - x * w) * sz,
    (1 - 2 * (x * x + y * y)) * sz,
    tx,
    ty,
    tz,
  ];
}

function placeAll(
  document: GltfDocument,
  uses: readonly PlacedMesh[],
  meshes: ReadonlyMap<number, readonly GltfPiece[]>,
  measure: MeshMeasure,
): void {
  const sizes = new Map(
    [...meshes].map(([number, pieces]) => [number, pieces.reduce((sum, piece) => sum + sizeOf(piece), 0)]),
  );
  const total = uses.reduce((sum, { number }) => sum + (sizes.get(number) ?? 0), 0);
  if (total > maxPlacedTriangles)
    throw new UnreadableModel(`places ${total} triangles, more than are counted one by one`);
  for (const { number, node, affine } of uses) {
    const mesh = document.meshes[number];
    if (mesh === undefined) throw new UnreadableModel(`refers to mesh ${number}, which does not exist`);
    if (node.skin !== undefined || isMorphed(mesh, node)) measure.leaveUnposed();
    for (const { positions, corners, points } of meshes.get(number) ?? []) {
      if (points === null) placeMesh(positions, corners, affine, measure);
      else addPoints(measure, transformed(pointsOf(positions, points), affine));
    }
  }
}

function sizeOf({ corners, points }: GltfPiece): number {
  return points === null ? corners.length / 3 : points.length;
}

function pointsOf(positions: Float64Array, points: Uint32Array): Float64Array {
  const chosen = new Float64Array(points.length * 3);
  for (const [at, point] of points.entries()) chosen.set(positions.subarray(point * 3, point * 3 + 3), at * 3);
  return chosen;
}

function isMorphed(mesh: GltfMesh, node: GltfNode): boolean {
  const hasTargets = mesh.primitives.some(({ targets }) => targets.length > 0);
  return hasTargets && (node.weights ?? mesh.weights).some((weight) => weight !== 0);
}
