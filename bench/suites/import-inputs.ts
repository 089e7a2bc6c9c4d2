// The files of the suite `import`: many small ones, and large ones of each format in which people keep meshes.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { seededRandom } from '@cc/testkit/random';
import type { Prepared, PrepareOptions } from '../harness/suite.js';

/** What a phase is told. */
export interface ImportInputs {
  /** The folder that is imported. */
  readonly folder: string;
  /** The same with one file alone, for what a run costs by itself. */
  readonly first: string;
  readonly files: number;
  readonly bytes: number;
}

/** The formats of the large files. */
export const largeFormats = ['stl', 'ply', '3mf', 'obj'] as const;
type LargeFormat = (typeof largeFormats)[number];

/** Writes the files. */
export async function prepareImports({ workDirectory, phases, isQuick }: PrepareOptions): Promise<Prepared> {
  const database = join(workDirectory, 'none.db');
  await writeFile(database, '');
  const small = await writeSmall(join(workDirectory, 'small'), isQuick ? 400 : 20_000);
  const inputs: Record<string, { [key in keyof ImportInputs]: ImportInputs[key] }> = {};
  for (const name of ['small', 'again', 'memory', 'watch']) inputs[name] = small;
  for (const format of largeFormats) {
    if (!phases.includes(format)) continue;
    inputs[format] = await writeLarge(workDirectory, format, isQuick ? 1e6 : 20e6);
  }
  const facts = Object.fromEntries(
    Object.entries(inputs).map(([name, { files, bytes }]) => [name, `${files} files, ${(bytes / 1e6).toFixed(1)} MB`]),
  );
  return { databasePath: database, inputs, facts };
}

/** Binary STL mostly, as in the libraries of people who print; with ASCII STL, OBJ and PLY. A hundred to a folder. */
async function writeSmall(folder: string, files: number): Promise<ImportInputs> {
  const random = seededRandom(1);
  let bytes = 0;
  await mkdir(join(folder, 'first'), { recursive: true });
  for (let at = 0; at < files; at += 1) {
    const set = join(folder, 'all', `set ${Math.floor(at / 100)}`);
    if (at % 100 === 0) await mkdir(set, { recursive: true });
    const mesh = torus(12 + Math.floor(random.next() * 190), 1 + random.next());
    const kind = at % 10 === 7 ? 'ascii' : at % 10 === 8 ? 'obj' : at % 10 === 9 ? 'ply' : 'stl';
    const content = writers[kind](mesh, `part ${at}`);
    bytes += content.length;
    await writeFile(join(set, `part ${at}.${kind === 'ascii' ? 'stl' : kind}`), content);
    if (at === 0) await writeFile(join(folder, 'first', 'part.stl'), content);
  }
  return { folder: join(folder, 'all'), first: join(folder, 'first'), files, bytes };
}

/** A few of one size and format, which differ in a name inside. */
async function writeLarge(workDirectory: string, format: LargeFormat, size: number): Promise<ImportInputs> {
  const [folder, first] = [join(workDirectory, format), join(workDirectory, `${format} first`)];
  await mkdir(folder);
  await mkdir(first);
  const mesh = torus(Math.round(size / bytesToTriangle[format]), 1);
  let bytes = 0;
  const files = 7;
  for (let at = 0; at < files; at += 1) {
    const content = writers[format](mesh, `large ${at}`);
    bytes += content.length;
    await writeFile(join(folder, `large ${at}.${format}`), content);
    if (at === 0) await writeFile(join(first, `large.${format}`), content);
  }
  return { folder, first, files, bytes };
}

interface Mesh {
  readonly vertices: readonly (readonly [number, number, number])[];
  readonly faces: readonly (readonly [number, number, number])[];
}

/** A closed surface of about so many triangles, none of whose corners lie where another's do. */
function torus(triangles: number, scale: number): Mesh {
  const side = Math.max(3, Math.round(Math.sqrt(triangles / 2)));
  const vertices: [number, number, number][] = [];
  const faces: [number, number, number][] = [];
  for (let i = 0; i < side; i += 1) {
    for (let j = 0; j < side; j += 1) {
      const [u, w] = [(2 * Math.PI * i) / side, (2 * Math.PI * j) / side];
      const radius = scale * (10 + Math.sin(7 * u) * Math.cos(5 * w));
      const out = 40 + radius * Math.cos(w);
      vertices.push([
        Math.fround(out * Math.cos(u)),
        Math.fround(out * Math.sin(u)),
        Math.fround(radius * Math.sin(w)),
      ]);
      const [down, right] = [((i + 1) % side) * side, (j + 1) % side];
      faces.push([i * side + j, down + j, down + right], [i * side + j, down + right, i * side + right]);
    }
  }
  return { vertices, faces };
}

const bytesToTriangle: Readonly<Record<LargeFormat, number>> = { stl: 50, ply: 19, obj: 37, '3mf': 10.4 };

const writers: Readonly<Record<LargeFormat | 'ascii', (mesh: Mesh, name: string) => Buffer>> = {
  stl: binaryStl,
  ascii: asciiStl,
  ply: binaryPly,
  obj: objText,
  '3mf': threeMf,
};

function binaryStl({ vertices, faces }: Mesh, name: string): Buffer {
  const content = Buffer.alloc(84 + 50 * faces.length);
  content.write(name);
  content.writeUInt32LE(faces.length, 80);
  let at = 84;
  for (const face of faces) {
    at += 12;
    for (const corner of face) for (const x of vertices[corner] ?? []) at = content.writeFloatLE(x, at);
    at += 2;
  }
  return content;
}

function asciiStl({ vertices, faces }: Mesh, name: string): Buffer {
  const facet = (face: readonly number[]) =>
    `facet normal 0 0 0\nouter loop\n${face.map((at) => `vertex ${vertices[at]?.join(' ')}\n`).join('')}endloop\nendfacet\n`;
  return Buffer.from(`solid ${name}\n${faces.map(facet).join('')}endsolid ${name}\n`);
}

function binaryPly({ vertices, faces }: Mesh, name: string): Buffer {
  const axes = ['x', 'y', 'z'].map((axis) => `property float ${axis}\n`).join('');
  const header = `ply\nformat binary_little_endian 1.0\ncomment ${name}\nelement vertex ${vertices.length}\n${axes}element face ${faces.length}\nproperty list uchar int vertex_indices\nend_header\n`;
  const body = Buffer.alloc(12 * vertices.length + 13 * faces.length);
  let at = 0;
  for (const vertex of vertices) for (const x of vertex) at = body.writeFloatLE(x, at);
  for (const face of faces) {
    at = body.writeUInt8(3, at);
    for (const corner of face) at = body.writeInt32LE(corner, at);
  }
  return Buffer.concat([Buffer.from(header), body]);
}

function objText({ vertices, faces }: Mesh, name: string): Buffer {
  const points = vertices.map((vertex) => `v ${vertex.map((x) => x.toFixed(6)).join(' ')}\n`).join('');
  const corners = faces.map((face) => `f ${face.map((at) => at + 1).join(' ')}\n`).join('');
  return Buffer.from(`# ${name}\n${points}${corners}`);
}

function threeMf({ vertices, faces }: Mesh, name: string): Buffer {
  const points = vertices.map(([x, y, z]) => `<vertex x="${x.toFixed(4)}" y="${y.toFixed(4)}" z="${z.toFixed(4)}"/>\n`);
  const corners = faces.map(([a, b, c]) => `<triangle v1="${a}" v2="${b}" v3="${c}"/>\n`);
  const core = 'http://schemas.microsoft.com/3dmanufacturing/core/2015/02';
  const model = `<?xml version="1.0" encoding="UTF-8"?>\n<model unit="millimeter" xmlns="${core}"><metadata name="Title">${name}</metadata><resources><object id="1" type="model"><mesh><vertices>${points.join('')}</vertices><triangles>${corners.join('')}</triangles></mesh></object></resources><build><item objectid="1"/></build></model>`;
  const type = 'http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel';
  const relations = `<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Target="/3D/3dmodel.model" Id="rel0" Type="${type}"/></Relationships>`;
  return zipped(
    new Map([
      ['_rels/.rels', relations],
      ['3D/3dmodel.model', model],
    ]),
  );
}

function zipped(parts: ReadonlyMap<string, string>): Buffer {
  const [local, central]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [path, text] of parts) {
    const [name, content] = [Buffer.from(path), Buffer.from(text)];
    const packed = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    local.push(Buffer.from('PK\u0003\u0004'), common, name, packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\u0001\u0002\u0014\0'), common, rest, name);
    offset += 30 + name.length + packed.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.size, 4);
  end.writeUInt16LE(parts.size, 6);
  end.writeUInt32LE(Buffer.concat(central).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, ...central, Buffer.from('PK\u0005\u0006'), end]);
}
