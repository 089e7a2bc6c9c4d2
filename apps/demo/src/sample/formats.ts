// Writes a solid as a file of each format, with the same bytes on every run: no dates, no random names.
// STL, OBJ and the XML of 3MF come from JSCAD's serializers, GLB from glTF-Transform, PLY is written here.
import { Document, WebIO } from '@gltf-transform/core';
import threeMf from '@jscad/3mf-serializer';
import type { Geom3 } from '@jscad/modeling/src/geometries/types.js';
import obj from '@jscad/obj-serializer';
import stl from '@jscad/stl-serializer';
import { strToU8, zipSync } from 'fflate';

/** Makes the bytes of a file that holds one solid or several, side by side or touching. */
export type WriteSolid = (...solids: Geom3[]) => Promise<Uint8Array> | Uint8Array;

/** A writer for each format of the sample library. */
export const sampleFormats = Object.freeze({
  'binary stl': (...solids) => joined(stl.serialize({ binary: true }, ...solids)),
  'ascii stl': (...solids) => joined(stl.serialize({ binary: false }, ...solids)),
  obj: (...solids) => joined(obj.serialize({ triangulate: false }, ...solids)),
  ply: (...solids) => ply(meshOf(solids)),
  '3mf': (...solids) => threeMfPackage(threeMf.serialize({ metadata: false, compress: false }, ...solids).join('')),
  glb: (...solids) => glb(meshOf(solids)),
} satisfies Record<string, WriteSolid>);

function joined(pieces: readonly (string | ArrayBuffer)[]): Uint8Array {
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece))));
}

interface Mesh {
  readonly positions: readonly number[];
  readonly corners: readonly number[];
}

function meshOf(solids: readonly Geom3[]): Mesh {
  // The STL serializer also closes the cracks between polygons, so its triangles are the ones to take.
  const facets = Buffer.from(joined(stl.serialize({ binary: true }, ...solids)));
  const numbers = new Map<string, number>();
  const positions: number[] = [];
  const corners: number[] = [];
  for (let at = 84; at < facets.length; at += 50) {
    for (const corner of [12, 24, 36]) {
      const vertex = [0, 4, 8].map((axis) => facets.readFloatLE(at + corner + axis));
      const key = vertex.join(' ');
      const number = numbers.get(key) ?? numbers.size;
      if (number === numbers.size) {
        numbers.set(key, number);
        positions.push(...vertex);
      }
      corners.push(number);
    }
  }
  return { positions, corners };
}

function ply({ positions, corners }: Mesh): Uint8Array {
  const axes = ['x', 'y', 'z'].map((axis) => `property float ${axis}`);
  const lines = [
    'ply',
    'format ascii 1.0',
    `element vertex ${positions.length / 3}`,
    ...axes,
    `element face ${corners.length / 3}`,
    'property list uchar int vertex_indices',
    'end_header',
    ...triples(positions),
    ...triples(corners).map((triple) => `3 ${triple}`),
    '',
  ];
  return Buffer.from(lines.join('\n'));
}

function triples(numbers: readonly number[]): string[] {
  return Array.from({ length: numbers.length / 3 }, (_, at) => numbers.slice(at * 3, at * 3 + 3).join(' '));
}

async function glb({ positions, corners }: Mesh): Promise<Uint8Array> {
  const document = new Document();
  const buffer = document.createBuffer();
  const position = document.createAccessor().setType('VEC3').setArray(Float32Array.from(positions)).setBuffer(buffer);
  const indices = document.createAccessor().setType('SCALAR').setArray(Uint32Array.from(corners)).setBuffer(buffer);
  const primitive = document.createPrimitive().setAttribute('POSITION', position).setIndices(indices);
  const node = document.createNode().setMesh(document.createMesh().addPrimitive(primitive));
  document.getRoot().setDefaultScene(document.createScene().addChild(node));
  return await new WebIO().writeBinary(document);
}

const relationships =
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">' +
  '<Relationship Target="/3D/3dmodel.model" Id="rel0" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>' +
  '</Relationships>';
const contentTypes =
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' +
  '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
  '<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>';

function threeMfPackage(model: string): Uint8Array {
  // JSCAD leaves the namespace out, which slicers do not forgive.
  const named = model.replace('<model ', '<model xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02" ');
  const parts = { '[Content_Types].xml': contentTypes, '_rels/.rels': relationships, '3D/3dmodel.model': named };
  const files = Object.entries(parts).map(([name, text]) => [name, strToU8(text)] as const);
  return zipSync(Object.fromEntries(files), { mtime: new Date(2000, 0, 1) });
}
