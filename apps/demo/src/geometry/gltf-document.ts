// Says which parts of a glTF document are read, and checks their form before anything is built on them.
// Materials, textures, animations and everything else are dropped here, so no library ever sees them.
import { z } from 'zod';
import { UnreadableModel } from './geometry.js';

const index = z.int().nonnegative();
// What is empty is refused where it is used: exporters leave such things behind.
const count = z.int().nonnegative();
const offset = z.int().nonnegative().default(0);
const extensions = z.record(z.string(), z.unknown()).default({});
const matrix = z.array(z.number()).length(16);

const accessor = z.object({
  bufferView: index.optional(),
  byteOffset: offset,
  componentType: z.union([5120, 5121, 5122, 5123, 5125, 5126].map((type) => z.literal(type))),
  normalized: z.boolean().default(false),
  count,
  type: z.enum(['SCALAR', 'VEC2', 'VEC3', 'VEC4', 'MAT2', 'MAT3', 'MAT4']),
  sparse: z
    .object({
      count,
      indices: z.object({ bufferView: index, byteOffset: offset, componentType: z.literal([5121, 5123, 5125]) }),
      values: z.object({ bufferView: index, byteOffset: offset }),
    })
    .optional(),
});

const bufferView = z.object({
  buffer: index,
  byteOffset: offset,
  byteLength: count,
  byteStride: z.int().min(4).max(252).optional(),
});

const primitive = z.object({
  attributes: z.object({ POSITION: index.optional() }),
  indices: index.optional(),
  mode: z.int().min(0).max(6).default(4),
  targets: z.array(z.unknown()).default([]),
});

const mesh = z.object({ primitives: z.array(primitive), weights: z.array(z.number()).default([]) });

const node = z.object({
  children: z.array(index).default([]),
  mesh: index.optional(),
  skin: index.optional(),
  matrix: matrix.optional(),
  translation: z.array(z.number()).length(3).optional(),
  rotation: z.array(z.number()).length(4).optional(),
  scale: z.array(z.number()).length(3).optional(),
  weights: z.array(z.number()).optional(),
  extensions,
});

const gltf = z.object({
  asset: z.object({ version: z.string() }),
  extensionsRequired: z.array(z.string()).default([]),
  scene: index.optional(),
  scenes: z.array(z.object({ nodes: z.array(index).default([]) })).default([]),
  nodes: z.array(node).default([]),
  meshes: z.array(mesh).default([]),
  accessors: z.array(accessor).default([]),
  bufferViews: z.array(bufferView).default([]),
  buffers: z.array(z.object({ uri: z.string().optional(), byteLength: count })).default([]),
});

/** The parts of a glTF document that decide about its triangles. */
export type GltfDocument = z.infer<typeof gltf>;
/** A node of its scenes. */
export type GltfNode = z.infer<typeof node>;
/** A mesh. */
export type GltfMesh = z.infer<typeof mesh>;
/** A piece of a mesh. */
export type GltfPrimitive = z.infer<typeof primitive>;
/** A typed view of a buffer. */
export type GltfAccessor = z.infer<typeof accessor>;

// Extensions that may be required and still leave the triangles what they are.
const harmless =
  /^(?:KHR_mesh_quantization|KHR_materials_\w+|KHR_texture_\w+|EXT_texture_\w+|MSFT_texture_dds|KHR_lights_punctual|KHR_techniques?_webgl|KHR_xmp\w*)$/;

/**
 * Parses the JSON of a glTF document.
 * @throws UnreadableModel when it is not glTF 2, or needs an extension that is not known to leave shapes alone.
 */
export function parseGltf(text: string): GltfDocument {
  const document = jsonFrom(text);
  if (isOfVersion1(document)) throw new UnreadableModel('is glTF 1; only 2 is read');
  const parsed = gltf.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UnreadableModel(`breaks the form of glTF at '${issue?.path.join('.') ?? ''}': ${issue?.message ?? ''}`);
  }
  const { asset, extensionsRequired } = parsed.data;
  if (!asset.version.startsWith('2.'))
    throw new UnreadableModel(`is glTF ${asset.version.slice(0, 10)}; only 2 is read`);
  const needed = extensionsRequired.find((name) => !harmless.test(name));
  if (needed !== undefined)
    throw new UnreadableModel(`needs the glTF extension ${needed.slice(0, 60)}, which is not read yet`);
  return parsed.data;
}

/** glTF 1 keeps its meshes under names, where 2 has a list; its version may be missing, or be a number. */
function isOfVersion1(document: unknown): boolean {
  const version1 = z.object({ asset: z.object({ version: z.union([z.literal(1), z.string().regex(/^1\b/)]) }) });
  const named = z.object({ meshes: z.record(z.string(), z.object({})), scene: z.string() });
  return version1.safeParse(document).success || named.safeParse(document).success;
}

function jsonFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnreadableModel('holds JSON that breaks off or is malformed', { cause: error });
  }
}
