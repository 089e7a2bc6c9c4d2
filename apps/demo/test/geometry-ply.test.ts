import { describe, expect, it } from 'vitest';
import { cubeGeometry, cubeQuads, cubeTriangles, cubeVertices } from './cube.js';
import { geometryOf, measure, reasonOf } from './measuring.js';

const textBody = [...cubeVertices.map((v) => v.join(' ')), ...cubeQuads.map((quad) => `4 ${quad.join(' ')}`), ''].join(
  '\n',
);

function header(format: string, faces: number, list = 'uchar int', vertices = 8): string {
  const axes = ['x', 'y', 'z'].map((axis) => `property float ${axis}\n`).join('');
  return (
    `ply\nformat ${format} 1.0\ncomment a cube\nelement vertex ${vertices}\n${axes}` +
    `element face ${faces}\nproperty list ${list} vertex_indices\nend_header\n`
  );
}

function binaryCubePly(isLittle: boolean): Buffer {
  const body = Buffer.alloc(8 * 12 + cubeTriangles.length * 13);
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let at = 0;
  for (const number of cubeVertices.flat()) {
    view.setFloat32(at, number, isLittle);
    at += 4;
  }
  for (const corners of cubeTriangles) {
    view.setUint8(at, 3);
    for (const [index, corner] of corners.entries()) view.setInt32(at + 1 + 4 * index, corner, isLittle);
    at += 13;
  }
  return Buffer.concat([Buffer.from(header(isLittle ? 'binary_little_endian' : 'binary_big_endian', 12)), body]);
}

describe('PLY', () => {
  it('gives the figures of a cube in text, little endian and big endian', async () => {
    const text = header('ascii', 6) + textBody;
    expect(await measure('cube.ply', text)).toEqual({ status: 'parsed', format: 'ply', geometry: cubeGeometry });
    expect(await geometryOf('cube.ply', binaryCubePly(true))).toEqual(cubeGeometry);
    expect(await geometryOf('cube.ply', binaryCubePly(false))).toEqual(cubeGeometry);
  });

  it('is read with CR LF and with other properties around the ones that count', async () => {
    const wide = header('ascii', 6)
      .replace('property float z\n', 'property float z\nproperty uchar red\n')
      .replace('property list', 'property list uchar float texcoord\nproperty list');
    const body = [
      ...cubeVertices.map((v) => `${v.join(' ')} 255`),
      ...cubeQuads.map((quad) => `2 0.5 0.5 4 ${quad.join(' ')}`),
      '',
    ];
    expect(await geometryOf('cube.ply', (wide + body.join('\n')).replaceAll('\n', '\r\n'))).toEqual(cubeGeometry);
  });

  it('counts n − 2 triangles for a polygon of n corners', async () => {
    const hexagon = `${header('ascii', 1, 'uchar int', 6)}0 0 0\n1 0 0\n2 1 0\n1 2 0\n0 2 0\n-1 1 0\n6 0 1 2 3 4 5\n`;
    expect(await geometryOf('hexagon.ply', hexagon)).toMatchObject({ triangles: 4, vertices: 6 });
  });

  it('reads triangle strips, ended by −1 and joined by repeated corners', async () => {
    // One strip around the four sides of the cube, then bottom and top in a second one.
    const strips = [4, 0, 5, 1, 6, 2, 7, 3, 4, 0, -1, 1, 0, 2, 3, 3, 4, 4, 5, 7, 6];
    const file = header('ascii', 1, 'int int').replace('element face', 'element tristrips');
    const body = [...cubeVertices.map((v) => v.join(' ')), `${strips.length} ${strips.join(' ')}`, ''].join('\n');
    expect(await geometryOf('strips.ply', file + body)).toEqual(cubeGeometry);
  });

  it('walks every second triangle of a strip the other way round, so a closed strip has a volume', async () => {
    const tetrahedron = `${header('ascii', 1, 'int int', 4).replace('element face', 'element tristrips')}0 0 0\n6 0 0\n0 1 0\n0 0 1\n6 0 1 2 3 0 1\n`;
    expect(await geometryOf('tetrahedron.ply', tetrahedron)).toMatchObject({ triangles: 4, volume: 1 });
  });

  it('gives the points of a cloud', async () => {
    const cloud = header('ascii', 0) + textBody.split('\n').slice(0, 8).join('\n');
    expect(await geometryOf('cloud.ply', cloud)).toEqual({ ...cubeGeometry, triangles: 0, volume: null });
  });

  it.each([8, -1, 99])('has no figures when a face refers to vertex %d', async (index) => {
    const body = textBody.replace('4 0 3 2 1', `4 0 3 2 ${index}`);
    expect(await reasonOf('bad.ply', header('ascii', 6) + body)).toBe(`refers in face row 1 to vertex ${index} of 8`);
  });

  it('has no figures when it declares more rows than it has room for', async () => {
    expect(await reasonOf('lies.ply', header('ascii', 4_000_000_000) + textBody)).toContain(
      'declares 8 vertex, 4000000000 face',
    );
    const binary = binaryCubePly(true).toString('latin1').replace('element face 12', 'element face 4000000000');
    expect(await reasonOf('lies.ply', Buffer.from(binary, 'latin1'))).toContain('4000000000 face');
  });

  it('has no figures when rows are cut, missing or left over', async () => {
    const text = header('ascii', 6) + textBody;
    expect(await reasonOf('cut.ply', text.slice(0, -4))).toContain('fewer numbers');
    expect(await reasonOf('cut.ply', text.slice(0, text.lastIndexOf('4 3 0')))).toContain('ends before the rows');
    expect(await reasonOf('more.ply', `${text}4 0 1 2 3\n`)).toContain('more rows than it declares');
    expect(await reasonOf('cut.ply', binaryCubePly(true).subarray(0, -5))).toMatch(/ends before the rows|has only/);
    expect(await reasonOf('more.ply', Buffer.concat([binaryCubePly(true), Buffer.from('more')]))).toContain(
      '4 bytes more',
    );
  });

  it.each(['nan', 'inf', '0,5'])('has no figures when a coordinate is "%s"', async (value) => {
    expect(await reasonOf('bad.ply', header('ascii', 6) + textBody.replace('0 0 0', `0 0 ${value}`))).toContain(
      'not a finite number',
    );
  });

  it('has no figures when the header is not one of PLY 1.0 with x, y and z', async () => {
    const text = header('ascii', 6) + textBody;
    expect(await reasonOf('bad.ply', text.replace('ascii', 'morse'))).toContain('does not name an encoding');
    expect(await reasonOf('bad.ply', text.replace('float z', 'float w'))).toContain('without x, y and z');
    expect(await reasonOf('bad.ply', text.replace('float z', 'quad z'))).toContain('unknown type');
    expect(await reasonOf('bad.ply', text.replace('vertex_indices', 'corners'))).toContain('without vertex indices');
    expect(await reasonOf('bad.ply', 'ply\nformat ascii 1.0\n')).toContain("no 'end_header' line");
  });
});
