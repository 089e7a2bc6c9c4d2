// What other programs read and what people really have: each file here is unusual, and its figures are certain all the same;
// or it is no model, and the reason says what it is.
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { asciiCube, binaryCube, cubeGeometry, cubeQuads, cubeTriangles, cubeVertices, objCube } from './cube.js';
import { geometryOf, measure, reasonOf } from './measuring.js';
import { zipOf } from './zip-writer.js';

const positions = Buffer.from(Float32Array.from(cubeVertices.flat()).buffer);
const indices = Buffer.from(Uint16Array.from(cubeTriangles.flat()).buffer);
const uri = (...parts: readonly Buffer[]) =>
  `data:application/octet-stream;base64,${Buffer.concat(parts).toString('base64')}`;
const box = { bounds: cubeGeometry.bounds, vertices: 8 };

function gltf(changes: object = {}, mode = 4, withIndices = true): string {
  const primitive = { attributes: { POSITION: 0 }, mode, ...(withIndices && { indices: 1 }) };
  return JSON.stringify({
    asset: { version: '2.0' },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [primitive] }],
    accessors: [
      { bufferView: 0, componentType: 5126, count: 8, type: 'VEC3' },
      { bufferView: 1, componentType: 5123, count: 36, type: 'SCALAR' },
    ],
    bufferViews: [
      { buffer: 0, byteLength: 96 },
      { buffer: 0, byteOffset: 96, byteLength: 72 },
    ],
    buffers: [{ byteLength: 168, uri: uri(positions, indices) }],
    ...changes,
  });
}

describe('glTF', () => {
  it.each([
    ['points', 0],
    ['lines', 1],
    ['a loop', 2],
    ['a strip of lines', 3],
  ])('of %s has a box and vertices, as OBJ and PLY have', async (_, mode) => {
    for (const withIndices of [true, false]) {
      const { triangles, volume, ...rest } = await geometryOf('lines.gltf', gltf({}, mode, withIndices));
      expect({ triangles, volume, ...rest }).toEqual({ triangles: 0, volume: null, ...box });
    }
  });

  it('of lines is moved by its nodes', async () => {
    const moved = gltf({ nodes: [{ mesh: 0, translation: [5, 0, 0], scale: [2, 2, 2] }] }, 1);
    expect(await geometryOf('lines.gltf', moved)).toMatchObject({ bounds: { min: [5, 0, 0], max: [7, 2, 2] } });
  });

  it('may have buffers, views and accessors that nothing uses and that are empty', async () => {
    const document = JSON.parse(gltf());
    document.buffers.push({ byteLength: 0 });
    document.bufferViews.push({ buffer: 1, byteLength: 0 });
    document.accessors.push({ bufferView: 2, componentType: 5126, count: 0, type: 'VEC3' });
    expect(await geometryOf('unused.gltf', JSON.stringify(document))).toEqual(cubeGeometry);
    document.meshes[0].primitives[0].attributes.POSITION = 2;
    expect(await reasonOf('used.gltf', JSON.stringify(document))).toContain('accessor 2 is empty');
  });

  it('may replace single elements of an accessor, and has no figures when it replaces what is not there', async () => {
    const wrong = Buffer.from(positions);
    wrong.fill(0x42, 36, 48);
    const sparse = (index: number, base: object = { bufferView: 0 }, from = 3) =>
      gltf({
        accessors: [
          {
            ...base,
            componentType: 5126,
            count: 8,
            type: 'VEC3',
            sparse: {
              count: 1,
              indices: { bufferView: 2, componentType: 5123 },
              values: { bufferView: 3, byteOffset: 12 * from },
            },
          },
          { bufferView: 1, componentType: 5123, count: 36, type: 'SCALAR' },
        ],
        bufferViews: [
          { buffer: 0, byteLength: 96 },
          { buffer: 0, byteOffset: 96, byteLength: 72 },
          { buffer: 0, byteOffset: 168, byteLength: 2 },
          { buffer: 0, byteOffset: 172, byteLength: 96 },
        ],
        buffers: [
          { byteLength: 268, uri: uri(wrong, indices, Buffer.from(Uint16Array.of(index, 0).buffer), positions) },
        ],
      });
    expect(await geometryOf('sparse.gltf', sparse(3))).toEqual(cubeGeometry);
    expect(await reasonOf('outside.gltf', sparse(8))).toContain('replaces element 8 of 8 in accessor 0');
    expect(await reasonOf('short.gltf', sparse(3, { bufferView: 0 }, 8))).toContain('room for fewer');
    // Without a view all that is not replaced is 0.
    expect(await geometryOf('zeros.gltf', sparse(6, {}, 6))).toMatchObject({ vertices: 2, bounds: box.bounds });
  });

  it('may pad the JSON of a GLB with zero bytes', async () => {
    const json = Buffer.from(gltf());
    const padded = Buffer.concat([json, Buffer.alloc(4 - (json.length % 4))]);
    const head = Buffer.from('glTF\u0002\0\0\0....----JSON', 'latin1');
    head.writeUInt32LE(20 + padded.length, 8);
    head.writeUInt32LE(padded.length, 12);
    expect(await geometryOf('padded.glb', Buffer.concat([head, padded]))).toEqual(cubeGeometry);
  });
});

describe('ASCII STL', () => {
  it.each([
    ['keywords in two words', asciiCube().replaceAll(/end(solid|facet|loop)/g, 'end $1')],
    ['a facet on one line', asciiCube().replaceAll(/\n +(?=outer|vertex|endloop|endfacet)/g, ' ')],
    ['everything on one line', asciiCube().replaceAll(/\s+/g, ' ')],
    ['a word a line', asciiCube().replaceAll(/^ *(outer loop|endloop|endfacet)/gm, '\n\t$1\n\n')],
    ['colours', asciiCube().replaceAll('  facet', 'color 0.1 0.2 0.3\n  facet')],
    ['a solid that is called solid', asciiCube().replaceAll('solid cube', 'solid solid')],
    ['words behind its statements', asciiCube().replaceAll('endloop', 'endloop of it')],
  ])('is read with %s', async (_, text) => {
    expect(text).not.toBe(asciiCube());
    expect(await geometryOf('cube.stl', text)).toEqual(cubeGeometry);
  });

  it('is not taken for text when its header says solid and its facets are binary', async () => {
    const spare = Buffer.concat([binaryCube('solid as some exporters write'), Buffer.alloc(120)]);
    expect(await reasonOf('spare.stl', spare)).toBe('declares 12 facets but has room for 14');
    expect(await geometryOf('whole.stl', binaryCube('solid as some exporters write'))).toEqual(cubeGeometry);
  });
});

describe('OBJ', () => {
  const faces = cubeQuads.map((quad) => `f ${quad.map((corner) => corner + 1).join(' ')}`).join('\n');
  const vertices = cubeVertices.map((vertex) => `v ${vertex.join(' ')}`).join('\n');

  it.each([
    ['faces before their vertices', `${faces}\n${vertices}\n`],
    ['faces between their vertices', `v 0 0 0\n${faces}\n${vertices.slice('v 0 0 0\n'.length)}\n`],
    ['a face of two corners among others', `${objCube()}f 1 2\n`],
    ['a vertex that is no number and that nothing uses', `${vertices}\nv nan nan nan\n${faces}\n`],
    ['materials', `newmtl red\nKa 1 0 0\nillum 2\nd 1.0\nmap_Kd a.png\n${objCube()}`],
  ])('is read with %s', async (_, text) => {
    expect(await geometryOf('cube.obj', text)).toEqual(cubeGeometry);
  });

  it.each([
    ['a face that no vertex comes for', `f 1 2 9\n${objCube()}`, 'up to line 1 that refers to vertex'],
    ['only faces of two corners', `${vertices}\nf 1 2\n`, 'only faces of fewer than 3 corners'],
    [
      'an early face of a vertex that is no number',
      `f 1 2 3\nv 0 0 0\nv 1 0 0\nv nan 0 0\n`,
      'line 4 whose coordinates',
    ],
    ['points that are no numbers', `v 0 0 0\nv nan 0 0\n`, 'line 2 whose coordinates'],
  ])('has no figures with %s', async (_, text, reason) => {
    expect(await reasonOf('bad.obj', text)).toContain(reason);
  });
});

describe('PLY', () => {
  const ply = (rows: readonly string[]) =>
    `ply\nformat ascii 1.0\nelement vertex 8\nproperty float x\nproperty float y\nproperty float z\nelement face ${rows.length}\n` +
    `property list uchar int vertex_indices\nend_header\n${cubeVertices.map((v) => v.join(' ')).join('\n')}\n${rows.join('\n')}\n`;
  const rows = cubeQuads.map((quad) => `4 ${quad.join(' ')}`);

  it('is read with faces of no, one and two corners among others', async () => {
    expect(await geometryOf('cube.ply', ply([...rows, '0 ', '1 0', '2 0 1']))).toEqual(cubeGeometry);
    expect(await reasonOf('none.ply', ply(['0 ', '2 0 1']))).toContain('only faces of fewer than 3 corners');
  });
});

describe('3MF', () => {
  const relation = 'http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel';
  const vertex = cubeVertices.map(([x, y, z]) => `<vertex x="${x}" y=" ${y}" z="\t${z}\n"/>`).join('');
  const triangle = cubeTriangles.map(([a, b, c]) => `<triangle v1="${a}" v2=" ${b} " v3="${c}"/>`).join('');
  const pack = (unit: string, slash = '', notes: Record<string, string> = {}) => {
    const files = {
      '_rels/.rels': `<Relationships><Relationship Target="/3D/3dmodel.model" Type="${relation}"/></Relationships>`,
      '3D/3dmodel.model': `<model unit="${unit}"><resources><object id="1"><mesh><vertices>${vertex}</vertices><triangles>${triangle}</triangles></mesh></object></resources><build><item objectid="1"/></build></model>`,
      ...notes,
    };
    return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [slash + name, strToU8(text)])));
  };

  it('is read with white space around its numbers and a slash before its names', async () => {
    expect(await geometryOf('cube.3mf', pack('millimeter', '/'))).toEqual(cubeGeometry);
  });

  const objects = (more: string, items: string, model = '') =>
    pack('millimeter', '', {
      '3D/3dmodel.model': `<model unit="millimeter" ${model}><resources><object id=" 1 "><mesh><vertices>${vertex}</vertices><triangles>${triangle}</triangles></mesh></object>${more}</resources><build>${items}</build></model>`,
    });
  const empty = '<mesh><vertices/><triangles/></mesh>';

  it.each([
    ['an empty mesh', `<object id="2">${empty}</object>`],
    ['nothing', '<object id="2"></object>'],
    ['an empty list of components', '<object id="2"><components/></object>'],
    [
      'components that are empty',
      `<object id="3">${empty}</object><object id="2"><components><component objectid="3"/></components></object>`,
    ],
  ])('is read where an object that it places beside others holds %s', async (_, object) => {
    expect(await geometryOf('cube.3mf', objects(object, '<item objectid="1"/><item objectid="2"/>'))).toEqual(
      cubeGeometry,
    );
    expect(await reasonOf('none.3mf', objects(object, '<item objectid="2"/>'))).toBe(
      'places nothing but empty objects',
    );
  });

  it('is read where an object has another shape that it does not place, and refused where it does', async () => {
    const lattice = `<object id="2"><mesh><vertices>${vertex}</vertices><b:beamlattice/></mesh></object>`;
    const solid = '<object id="2"><b:solid/></object>';
    const named = 'xmlns:b="http://example.org/shapes"';
    for (const [object, name] of [
      [lattice, 'beamlattice'],
      [solid, 'solid'],
    ] as const) {
      expect(await geometryOf('cube.3mf', objects(object, '<item objectid="1"/>', named))).toEqual(cubeGeometry);
      const both = objects(object, '<item objectid="1"/><item objectid="2"/>', named);
      expect(await reasonOf('other.3mf', both)).toBe(`shapes a mesh by '${name}', which is not read yet`);
    }
  });

  it('is read where it needs sets of triangles, which only name them', async () => {
    const sets = 'http://schemas.microsoft.com/3dmanufacturing/trianglesets/2021/07';
    const needs = `xmlns:t="${sets}" requiredextensions="t"`;
    expect(await geometryOf('sets.3mf', objects('', '<item objectid="1"/>', needs))).toEqual(cubeGeometry);
  });

  it.each([
    ['escapes in what refers to them', '/3D/a%20b.model', '3D/a b.model'],
    ['escapes in the archive', '/3D/a b.model', '3D/a%20b.model'],
    ['a lone per cent sign', '/3D/100%.model', '3D/100%.model'],
    ['no slash before them where they are referred to', '3D/a.model', '3D/a.model'],
  ])('finds parts whose names have %s', async (_, path, name) => {
    const production = 'http://schemas.microsoft.com/3dmanufacturing/production/2015/06';
    const root = `<model xmlns:p="${production}"><resources/><build><item objectid="1" p:path="${path}"/></build></model>`;
    const part = `<model><resources><object id="1"><mesh><vertices>${vertex}</vertices><triangles>${triangle}</triangles></mesh></object></resources></model>`;
    const relations = `<Relationships><Relationship Target="${path.replace('.model', '0.model')}" Type="${relation}"/></Relationships>`;
    const files = { '_rels/.rels': relations, [name.replace('.model', '0.model')]: root, [name]: part };
    const packed = zipSync(Object.fromEntries(Object.entries(files).map(([file, text]) => [file, strToU8(text)])));
    expect(await geometryOf('parts.3mf', packed)).toEqual(cubeGeometry);
  });

  it('is read where its settings are called models in the relationships too', async () => {
    const target = (path: string) => `<Relationship Target="${path}" Type="${relation}"/>`;
    const related = (path: string) => ({
      '_rels/.rels': `<Relationships>${target('/3D/3dmodel.model')}${target(path)}</Relationships>`,
    });
    expect(await geometryOf('one.3mf', pack('millimeter', '', related('/Metadata/model_settings.config')))).toEqual(
      cubeGeometry,
    );
    expect(await reasonOf('two.3mf', pack('millimeter', '', related('/3D/other.model')))).toContain('2 3D models');
  });

  it('keeps its unit', async () => {
    expect(await measure('inch.3mf', pack('inch'))).toMatchObject({ unit: 'inch', geometry: cubeGeometry });
    expect(await reasonOf('cubit.3mf', pack('cubit'))).toContain("a unit 'cubit'");
  });

  it.each([
    ['PrusaSlicer', 'Slic3r_PE_model.config', '<metadata type="volume" key="volume_type" value="NegativeVolume"/>'],
    ['an old Slic3r', 'Slic3r_PE_model.config', '<metadata type="volume" key="modifier" value="1"/>'],
    ['Bambu Studio', 'model_settings.config', '<part id="1" subtype="negative_part"/>'],
  ])('has no volume where %s has noted that a piece is no part of the body', async (_, name, note) => {
    const solid = note
      .replace('NegativeVolume', 'ModelPart')
      .replace('value="1"', 'value="0"')
      .replace('negative_part', 'normal_part');
    const notes = (text: string) => ({ [`Metadata/${name}`]: `<config><object id="1">${text}</object></config>` });
    expect(await geometryOf('cut.3mf', pack('millimeter', '', notes(note)))).toEqual({ ...cubeGeometry, volume: null });
    expect(await geometryOf('whole.3mf', pack('millimeter', '', notes(solid)))).toEqual(cubeGeometry);
  });

  it('has no figures when a name leads out of its archive', async () => {
    const files = { '../evil.model': strToU8('x') };
    expect(await reasonOf('evil.3mf', zipSync(files))).toContain('leads out of it');
  });
});

describe('the volume of several shells', () => {
  const shell = (inward: boolean, size: number, at: number): string[] =>
    cubeTriangles.map(([a, b, c]) => {
      const corners = inward ? [a, c, b] : [a, b, c];
      const points = corners.map((corner) => (cubeVertices[corner] ?? []).map((value) => value * size + at));
      return `facet normal 0 0 0\nouter loop\n${points.map((p) => `vertex ${p.join(' ')}`).join('\n')}\nendloop\nendfacet`;
    });
  const volumeOf = async (...facets: readonly string[]) =>
    (await geometryOf('shells.stl', `solid s\n${facets.join('\n')}\nendsolid s\n`)).volume;

  it('is null when one of two boxes apart is inside out, whatever their sizes and order', async () => {
    expect(await volumeOf(...shell(false, 1, 0), ...shell(true, 1, 5))).toBeNull();
    expect(await volumeOf(...shell(true, 1, 5), ...shell(false, 2, 0))).toBeNull();
    const [a, b] = [shell(false, 2, 0), shell(true, 1, 5)];
    expect(await volumeOf(...a.flatMap((facet, at) => [facet, b[at] ?? '']))).toBeNull();
  });

  it('has cavities taken off, whichever way the whole faces', async () => {
    expect(await volumeOf(...shell(false, 3, 0), ...shell(true, 1, 1))).toBe(26);
    expect(await volumeOf(...shell(true, 1, 1), ...shell(false, 3, 0))).toBe(26);
    expect(await volumeOf(...shell(true, 3, 0), ...shell(false, 1, 1))).toBe(26);
    expect(await volumeOf(...shell(false, 1, 0), ...shell(false, 2, 5))).toBe(9);
  });
});

describe('a reason', () => {
  it('says where a row of a PLY is wrong', async () => {
    const ply = (face: string) =>
      `ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\nelement face 2\n` +
      `property list uchar int vertex_index\nend_header\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n${face}\n`;
    expect(await reasonOf('a.ply', ply('3 0 1 2 9'))).toBe('has a row in line 14 with more numbers than it declares');
    expect(await reasonOf('a.ply', ply('3 0 1'))).toBe('has a row in line 14 with fewer numbers than it declares');
    expect(await reasonOf('a.ply', ply('3 0 1 3'))).toBe('refers in face row 2 to vertex 3 of 3');
    const binary = Buffer.concat([
      Buffer.from(ply('').split('0 0 0\n')[0]?.replace('ascii', 'binary_little_endian') ?? ''),
      Buffer.from(new Float32Array(9).buffer),
      ...[2, 3].map((last) => Buffer.from([3, 0, 0, 0, 0, 1, 0, 0, 0, last, 0, 0, 0])),
    ]);
    expect(await reasonOf('a.ply', binary)).toBe('refers in face row 2 to vertex 3 of 3');
  });

  it('says what a text is that begins like no STL', async () => {
    const reason = "is text that does not begin with 'solid', as an STL in text must";
    expect(await reasonOf('short.stl', 'hello\n')).toBe(reason);
    expect(await reasonOf('long.stl', `${'hello\n'.repeat(1000)}`)).toBe(reason);
  });

  it('says that the parts of an archive are packed in another way, or encrypted', async () => {
    const entry = { name: 'a.amf', content: '<amf/>' };
    const packed = zipOf({ ...entry, method: 14 });
    expect(await reasonOf('a.amf', packed)).toBe(
      "has a part '/a.amf' that is packed by method 14, where only stored (0) and deflated (8) are read",
    );
    expect(await reasonOf('a.amf', zipOf({ ...entry, flags: 1 }))).toBe("has a part '/a.amf' that is encrypted");
  });

  it('says that an OFF is binary, and a glTF of version 1', async () => {
    const binary = Buffer.concat([Buffer.from('OFF BINARY\n'), Buffer.alloc(12)]);
    expect(await reasonOf('a.off', binary)).toBe('is a binary OFF, which is not read yet');
    const old = { meshes: { a: {} }, scene: 'defaultScene', scenes: { defaultScene: {} } };
    for (const asset of [undefined, {}, { version: 1 }, { version: '1.0' }, { version: '1.0.1' }]) {
      expect(await reasonOf('a.gltf', JSON.stringify({ ...old, asset }))).toBe('is glTF 1; only 2 is read');
    }
  });
});

describe('text', () => {
  it('may have the mark behind it that ended files in old systems', async () => {
    const off = `OFF\n8 6 0\n${cubeVertices.map((v) => v.join(' ')).join('\n')}\n${cubeQuads.map((quad) => `4 ${quad.join(' ')}`).join('\n')}\n`;
    for (const [name, text] of [
      ['a.stl', asciiCube()],
      ['a.obj', objCube()],
      ['a.off', off],
    ] as const) {
      expect(await geometryOf(name, `${text}\u001a`)).toEqual(cubeGeometry);
    }
  });

  it('of an STL may have comments, and a name with any words', async () => {
    expect(
      await geometryOf('a.stl', `# made by hand\n\n${asciiCube().replace(/^ {2}facet/gm, '# a side\n  facet')}`),
    ).toEqual(cubeGeometry);
    expect(await geometryOf('a.stl', asciiCube().replace('solid cube', 'solid a facet normal to it'))).toEqual(
      cubeGeometry,
    );
  });
});

describe('what is no model under the name of one', () => {
  it.each([
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n', 'git lfs pull'],
    ['a web page', '<!DOCTYPE html>\n<html><body>Log in</body></html>', 'web page'],
    ['a web page with a comment before it', '<!-- saved from url=(0023)http://x -->\n<html>', 'web page'],
    ['a zip archive', zipSync({ 'a.stl': binaryCube() }), 'zip archive'],
    ['a gzip file', Buffer.from('1f8b0800000000000003', 'hex'), 'gzip'],
    ['a PDF', '%PDF-1.7\n', 'PDF'],
    ['an image', Buffer.from('89504e470d0a1a0a', 'hex'), 'image'],
    ['zero bytes', Buffer.alloc(5000), 'zero bytes'],
  ])('is called what it is: %s', async (_, content, reason) => {
    for (const name of ['a.stl', 'a.obj', 'a.ply', 'a.gltf', 'a.glb', 'a.off']) {
      expect(await reasonOf(name, content)).toContain(reason);
    }
  });

  it.each([
    ['STL', 'a.stl', asciiCube().replace('vertex 0 0 0', 'vertex 0,5 0 0')],
    ['OBJ', 'a.obj', objCube().replace('v 0 0 0', 'v 0,5 0 0')],
  ])('says that numbers have decimal commas: %s', async (_, name, text) => {
    expect(await reasonOf(name, text)).toContain('decimal comma');
  });
});
