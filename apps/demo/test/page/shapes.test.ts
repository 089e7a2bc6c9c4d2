// A model is seen: a cube in each format that the page shows, judged by the pixels of the stage on a phone, where it is
// higher than wide and a shape that is framed for its height would be cut off.
import { join } from 'node:path';
import { decode } from 'fast-png';
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { cubeTriangles, cubeVertices } from '../cube.js';
import { serving } from '../serving.js';
import { put } from '../temporary-library.js';
import { zipOf } from '../zip-writer.js';
import { browsing, missing } from './browser.js';

const positions = Buffer.from(Float32Array.from(cubeVertices.flat()).buffer);
const indices = Buffer.from(Uint16Array.from(cubeTriangles.flat()).buffer);
const bytes = Buffer.concat([positions, indices]);
const corners = cubeVertices.map((corner) => corner.join(' '));

/** As glTF has it, with its numbers in `buffer`; red, because a material of its own is part of what is shown. */
function gltf(buffer: object): object {
  return {
    ...{ asset: { version: '2.0' }, scene: 0, scenes: [{ nodes: [0] }], nodes: [{ mesh: 0 }] },
    materials: [
      { doubleSided: true, pbrMetallicRoughness: { baseColorFactor: [0.8, 0.1, 0.1, 1], metallicFactor: 0 } },
    ],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1, material: 0 }] }],
    accessors: [
      { bufferView: 0, componentType: 5126, count: 8, type: 'VEC3', min: [0, 0, 0], max: [1, 1, 1] },
      { bufferView: 1, componentType: 5123, count: 36, type: 'SCALAR' },
    ],
    bufferViews: [
      { buffer: 0, byteOffset: 0, byteLength: positions.length },
      { buffer: 0, byteOffset: positions.length, byteLength: indices.length },
    ],
    buffers: [{ byteLength: bytes.length, ...buffer }],
  };
}

function glb(): Buffer {
  const chunk = (content: Buffer, type: number, filling: number): Buffer => {
    const padded = Buffer.concat([content, Buffer.alloc(-content.length & 3, filling)]);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(padded.length, 0);
    head.writeUInt32LE(type, 4);
    return Buffer.concat([head, padded]);
  };
  const chunks = [chunk(Buffer.from(JSON.stringify(gltf({}))), 0x4e4f534a, 0x20), chunk(bytes, 0x004e4942, 0)];
  const head = Buffer.from('glTF\u0002\0\0\0....', 'latin1');
  head.writeUInt32LE(12 + Buffer.concat(chunks).length, 8);
  return Buffer.concat([head, ...chunks]);
}

function threeMf(): Buffer {
  const vertices = cubeVertices.map(([x, y, z]) => `<vertex x="${x}" y="${y}" z="${z}"/>`).join('');
  const triangles = cubeTriangles.map(([a, b, c]) => `<triangle v1="${a}" v2="${b}" v3="${c}"/>`).join('');
  const type = 'http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel';
  return zipOf(
    {
      name: '[Content_Types].xml',
      content: `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>`,
    },
    {
      name: '_rels/.rels',
      content: `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Target="/3D/3dmodel.model" Id="r0" Type="${type}"/></Relationships>`,
    },
    {
      name: '3D/3dmodel.model',
      content: `<?xml version="1.0" encoding="UTF-8"?><model unit="millimeter" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources><basematerials id="2"><base name="red" displaycolor="#D02020"/></basematerials><object id="1" type="model" pid="2" pindex="0"><mesh><vertices>${vertices}</vertices><triangles>${triangles}</triangles></mesh></object></resources><build><item objectid="1"/></build></model>`,
    },
  );
}

const facets = cubeTriangles.map(
  (three) =>
    `facet normal 0 0 0\nouter loop\n${three.map((at) => `vertex ${corners[at]}`).join('\n')}\nendloop\nendfacet\n`,
);
const cubes = {
  stl: `solid cube\n${facets.join('')}endsolid cube\n`,
  obj: `${corners.map((each) => `v ${each}`).join('\n')}\n${cubeTriangles.map((three) => `f ${three.map((at) => at + 1).join(' ')}`).join('\n')}\n`,
  ply: `ply\nformat ascii 1.0\nelement vertex 8\nproperty float x\nproperty float y\nproperty float z\nelement face 12\nproperty list uchar int vertex_indices\nend_header\n${corners.join('\n')}\n${cubeTriangles.map((three) => `3 ${three.join(' ')}`).join('\n')}\n`,
  '3mf': threeMf(),
  glb: glb(),
  gltf: JSON.stringify(gltf({ uri: 'numbers.bin' })),
} as const;

/** What of a stage the shape covers: the share of all pixels, and whether it touches the edge. All other pixels are grey. */
async function seenOn(stage: Locator): Promise<{ readonly share: number; readonly isCut: boolean }> {
  const { width, height, channels, data } = decode(await stage.screenshot());
  let seen = 0;
  let isCut = false;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * channels;
      if ((data[at] ?? 0) - (data[at + 2] ?? 0) < 25) continue;
      seen += 1;
      isCut ||= x < 3 || y < 3 || x >= width - 3 || y >= height - 3;
    }
  return { share: seen / (width * height), isCut };
}

describe.skipIf(missing !== '')(`the view of a model${missing}`, () => {
  const served = serving();
  const open = browsing();

  /** Imports the cubes as a page does, and returns their ids by format. */
  async function cubesInLibrary(): Promise<ReadonlyMap<string, string>> {
    const { place, ask, library } = served();
    const folder = join(place.folder, 'cubes');
    for (const [format, content] of Object.entries(cubes)) put(folder, `cube.${format}`, content);
    put(folder, 'numbers.bin', bytes);
    await ask('/api/imports', { body: { folder } });
    await expect.poll(() => library.repositories.models.count({ text: 'cube' })).toBe(Object.keys(cubes).length);
    const ids = new Map<string, string>();
    for await (const { id, format, name } of library.repositories.models.listAll())
      if (name === 'cube') ids.set(format, id);
    return ids;
  }

  it('shows a cube of each format whole, also where the stage is narrow', async () => {
    const ids = await cubesInLibrary();
    const { url } = served().server;
    const { page, leave } = await open(url, { size: 'phone' });
    const found: Record<string, unknown> = {};
    for (const format of Object.keys(cubes)) {
      await page.goto(new URL(`/models/${ids.get(format)}`, url).href);
      await page.getByRole('button', { name: 'Grid' }).click();
      const stage = page.locator('.stage');
      // What is drawn comes with the next frame.
      await expect.poll(async () => (await seenOn(stage)).share, { message: format }).toBeGreaterThan(0.1);
      const { share, isCut } = await seenOn(stage);
      found[format] = { isSeen: share < 0.7, isCut };
    }
    const whole = { isSeen: true, isCut: false };
    expect(found).toEqual(Object.fromEntries(Object.keys(cubes).map((format) => [format, whole])));
    await page.getByRole('button', { name: 'Wireframe' }).click();
    await expect.poll(async () => (await seenOn(page.locator('.stage'))).share).toBeLessThan(0.1);
    await leave();
  });

  it('shows a glTF whose numbers lie in a file of any name, as programs write it', async () => {
    const { place, ask, library, server } = served();
    const folder = join(place.folder, 'named');
    for (const [uri, file] of [
      ['my%20part%20gr%C3%B6%C3%9Fe.bin', 'my part größe.bin'],
      ['100%25.bin', '100%.bin'],
      ['two letters u\u0308.bin', 'two letters u\u0308.bin'],
    ] as const) {
      put(folder, file, bytes);
      put(folder, `${encodeURIComponent(file)}.gltf`, JSON.stringify(gltf({ uri })));
    }
    await ask('/api/imports', { body: { folder } });
    const ofFolder = { text: 'named', formats: ['gltf'] } as const;
    await expect.poll(() => library.repositories.models.count(ofFolder)).toBe(3);
    const { page, leave } = await open(server.url);
    const ids = [];
    for await (const { id, filePath } of library.repositories.models.listAll())
      if (filePath.startsWith(folder)) ids.push(id);
    for (const id of ids) {
      await page.goto(new URL(`/models/${id}`, server.url).href);
      await page.getByRole('button', { name: 'Wireframe' }).or(page.getByText('This file cannot be shown')).waitFor();
      expect(await page.getByText('This file cannot be shown').count()).toBe(0);
    }
    expect(ids).toHaveLength(3);
    await leave();
  });
});
