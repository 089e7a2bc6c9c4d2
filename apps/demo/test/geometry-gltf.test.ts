import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureFile } from '../src/geometry/measure-file.js';
import { cubeGeometry, cubeTriangles, cubeVertices } from './cube.js';
import { geometryOf, makeFolder, measure, reasonOf } from './measuring.js';

const positions = Buffer.from(Float32Array.from(cubeVertices.flat()).buffer);
const indices = Buffer.from(Uint16Array.from(cubeTriangles.flat()).buffer);
const binary = Buffer.concat([positions, indices]);

const cube = {
  asset: { version: '2.0' },
  scene: 0,
  scenes: [{ nodes: [0] }],
  nodes: [{ mesh: 0 } as Record<string, unknown>],
  meshes: [
    { primitives: [{ attributes: { POSITION: 0 }, indices: 1 } as Record<string, unknown>] } as Record<string, unknown>,
  ],
  accessors: [
    { bufferView: 0, componentType: 5126, count: 8, type: 'VEC3' },
    { bufferView: 1, componentType: 5123, count: 36, type: 'SCALAR' },
  ] as Record<string, unknown>[],
  bufferViews: [
    { buffer: 0, byteOffset: 0, byteLength: positions.length },
    { buffer: 0, byteOffset: positions.length, byteLength: indices.length },
  ] as Record<string, unknown>[],
  buffers: [{ byteLength: binary.length }] as Record<string, unknown>[],
};

function glb(document: object, data: Buffer = binary): Buffer {
  const json = Buffer.from(JSON.stringify(document));
  const chunks = [
    [json, 0x4e4f534a, 0x20],
    [data, 0x004e4942, 0],
  ] as const;
  const body = chunks.flatMap(([bytes, type, padding]) => {
    const head = Buffer.alloc(8);
    const padded = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4, padding)]);
    head.writeUInt32LE(padded.length, 0);
    head.writeUInt32LE(type, 4);
    return [head, padded];
  });
  const header = Buffer.from('glTF\u0002\0\0\0....', 'latin1');
  header.writeUInt32LE(12 + Buffer.concat(body).length, 8);
  return Buffer.concat([header, ...body]);
}

const dataUri = `data:application/octet-stream;base64,${binary.toString('base64')}`;

it('a text with zero bytes in it is refused at once, however many', async () => {
  const zeros = Buffer.concat([Buffer.from('{'), Buffer.alloc(2_000_000), Buffer.from('}')]);
  expect(await reasonOf('zeros.gltf', zeros)).toContain('JSON');
});

describe('GLB', () => {
  it('gives the figures of a cube', async () => {
    expect(await measure('cube.glb', glb(cube))).toEqual({
      status: 'parsed',
      format: 'glb',
      unit: 'meter',
      geometry: cubeGeometry,
    });
  });

  it('counts a mesh once for each node that places it, through the transforms of all its parents', async () => {
    const nodes = [
      { children: [1, 2], translation: [10, 0, 0] },
      { mesh: 0, scale: [2, 2, 2] },
      { mesh: 0, matrix: [0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 5, 0, 0, 1] },
    ];
    expect(await geometryOf('two.glb', glb({ ...cube, nodes }))).toEqual({
      triangles: 24,
      vertices: 16,
      bounds: { min: [10, 0, 0], max: [15, 2, 2] },
      volume: 9,
    });
  });

  it('turns by quaternions and keeps the volume of mirrored copies positive', async () => {
    const half = Math.SQRT1_2;
    const nodes = [{ mesh: 0, rotation: [0, 0, half, half], scale: [-3, 1, 1] }];
    const { bounds, volume } = await geometryOf('turned.glb', glb({ ...cube, nodes }));
    expect(volume).toBeCloseTo(3, 12);
    expect(bounds?.min[1]).toBeCloseTo(-3, 12);
    expect(bounds?.min[0]).toBeCloseTo(-1, 12);
  });

  it('counts the default scene only', async () => {
    const scenes = [{ nodes: [0] }, { nodes: [1, 2] }];
    const nodes = [{ mesh: 0 }, { mesh: 0 }, { mesh: 0 }];
    expect(await geometryOf('one.glb', glb({ ...cube, scenes, nodes }))).toMatchObject({ triangles: 12 });
    expect(await geometryOf('two.glb', glb({ ...cube, scene: 1, scenes, nodes }))).toMatchObject({ triangles: 24 });
  });

  it('unrolls strips and fans; lines have corners and no surface', async () => {
    const primitive = { attributes: { POSITION: 0 }, indices: 2 };
    const accessor = { bufferView: 2, componentType: 5121, type: 'SCALAR' };
    const quad = Buffer.from([0, 1, 3, 2]);
    const withQuad = (mode: number) => ({
      ...cube,
      meshes: [{ primitives: [{ ...primitive, mode }] }],
      accessors: [...cube.accessors, { ...accessor, count: 4 }],
      bufferViews: [...cube.bufferViews, { buffer: 0, byteOffset: binary.length, byteLength: 4 }],
      buffers: [{ byteLength: binary.length + 4 }],
    });
    const data = Buffer.concat([binary, quad]);
    expect(await geometryOf('strip.glb', glb(withQuad(5), data))).toMatchObject({ triangles: 2, vertices: 4 });
    expect(await geometryOf('fan.glb', glb(withQuad(6), data))).toMatchObject({ triangles: 2, vertices: 4 });
    expect(await geometryOf('lines.glb', glb(withQuad(3), data))).toMatchObject({
      triangles: 0,
      vertices: 4,
      bounds: { min: [0, 0, 0], max: [1, 1, 0] },
    });
    expect(await reasonOf('list.glb', glb(withQuad(4), data))).toContain('do not make whole triangles');
  });

  it('has no bounds and no volume when a skeleton places the mesh', async () => {
    const nodes = [{ mesh: 0, skin: 0 }, {}];
    expect(await geometryOf('skin.glb', glb({ ...cube, nodes, skins: [{ joints: [1] }] }))).toEqual({
      triangles: 12,
      vertices: 8,
      bounds: null,
      volume: null,
    });
  });

  it('has no figures when bytes are missing', async () => {
    const whole = glb(cube);
    expect(await reasonOf('cut.glb', whole.subarray(0, -8))).toBe(
      `declares ${whole.length} bytes but has ${whole.length - 8}`,
    );
    const [first, ...others] = cube.accessors;
    const greedy = { ...cube, accessors: [{ ...first, count: 4_000_000_000 }, ...others] };
    expect(await reasonOf('lies.glb', glb(greedy))).toContain('declares 4000000000 elements in accessor 0');
    expect(await reasonOf('lies.glb', glb(cube, binary.subarray(0, 100)))).toContain('shorter than it says');
  });

  it('has no figures when an index lies outside the vertices or a coordinate is not finite', async () => {
    const outside = Buffer.from(binary);
    outside.writeUInt16LE(8, positions.length);
    expect(await reasonOf('outside.glb', glb(cube, outside))).toBe('has a triangle that refers to vertex 8 of 8');
    const infinite = Buffer.from(binary);
    infinite.writeFloatLE(Infinity, 0);
    expect(await reasonOf('infinite.glb', glb(cube, infinite))).toContain('not a finite number');
  });

  it('has no figures when nodes form a circle or share a child', async () => {
    const circle = [{ children: [1] }, { children: [0], mesh: 0 }];
    expect(await reasonOf('circle.glb', glb({ ...cube, nodes: circle }))).toContain('more than one parent');
    const shared = [{ children: [1, 2] }, { children: [3] }, { children: [3] }, { mesh: 0 }];
    expect(await reasonOf('shared.glb', glb({ ...cube, nodes: shared }))).toContain('more than one parent');
  });

  it('has no figures when it needs an extension that changes shapes, and figures when it only needs a material', async () => {
    const draco = { ...cube, extensionsRequired: ['KHR_draco_mesh_compression'] };
    expect(await reasonOf('draco.glb', glb(draco))).toContain('needs the glTF extension KHR_draco_mesh_compression');
    const unlit = { ...cube, extensionsRequired: ['KHR_materials_unlit'] };
    expect(await geometryOf('unlit.glb', glb(unlit))).toEqual(cubeGeometry);
    const nodes = [{ mesh: 0, extensions: { EXT_mesh_gpu_instancing: {} } }];
    expect(await reasonOf('instances.glb', glb({ ...cube, nodes }))).toContain('EXT_mesh_gpu_instancing');
  });

  it('has no figures when its form is broken', async () => {
    expect(await reasonOf('text.glb', 'hello there, this is not it')).toContain("does not start with 'glTF'");
    expect(await reasonOf('types.glb', glb({ ...cube, nodes: 'none' }))).toContain(
      "breaks the form of glTF at 'nodes'",
    );
    expect(await reasonOf('old.glb', glb({ ...cube, asset: { version: '1.0' } }))).toContain('only 2 is read');
    expect(await reasonOf('nothing.glb', glb({ asset: { version: '2.0' } }))).toContain('places no mesh');
  });
});

describe('glTF', () => {
  it('reads buffers in the document', async () => {
    const document = { ...cube, buffers: [{ byteLength: binary.length, uri: dataUri }] };
    expect(await measure('cube.gltf', JSON.stringify(document))).toMatchObject({
      format: 'gltf',
      geometry: cubeGeometry,
    });
  });

  it('reads buffers beside the document and below', async () => {
    expect(await measureBeside('cube data.bin', 'cube%20data.bin')).toMatchObject({ geometry: cubeGeometry });
    expect(await measureBeside('parts/cube.bin', 'parts/cube.bin')).toMatchObject({ geometry: cubeGeometry });
  });

  it('never leaves its folder', async () => {
    const reason = 'refers to a buffer outside its folder';
    expect(await measureBeside('../cube.bin', '../cube.bin')).toMatchObject({ reason });
    expect(await measureBeside('../cube.bin', '%2e%2e/cube.bin')).toMatchObject({ reason });
    expect(await measureBeside('cube.bin', '/etc/hostname')).toMatchObject({ reason });
    expect(await measureBeside('cube.bin', 'file:cube.bin')).toMatchObject({ reason });
    expect(await measureBeside('cube.bin', 'http://localhost/cube.bin')).toMatchObject({ reason });
    expect(await measureBeside('../cube.bin', 'link.bin', 'link.bin')).toMatchObject({ reason });
  });

  it('has no figures when a buffer is missing or too short', async () => {
    expect(await measureBeside('cube.bin', 'other.bin')).toMatchObject({
      reason: "refers to a buffer 'other.bin' that does not exist",
    });
    const short = { ...cube, buffers: [{ byteLength: binary.length, uri: dataUri.slice(0, 100) }] };
    expect(await reasonOf('short.gltf', JSON.stringify(short))).toContain('shorter than it says');
  });
});

/** Writes the cube with its buffer in `file`, referred to as `uri`, with a link of the name `link` to it. */
async function measureBeside(file: string, uri: string, link?: string) {
  const folder = join(makeFolder(), 'model');
  mkdirSync(join(folder, 'parts'), { recursive: true });
  writeFileSync(join(folder, file), binary);
  if (link !== undefined) symlinkSync(join(folder, file), join(folder, link));
  const path = join(folder, 'cube.gltf');
  writeFileSync(path, JSON.stringify({ ...cube, buffers: [{ byteLength: binary.length, uri }] }));
  return await measureFile(path, () => {});
}
