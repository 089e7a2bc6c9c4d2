import { describe, expect, it } from 'vitest';
import { sampleFormats } from '../src/sample/formats.js';
import * as parts from '../src/sample/parts.js';
import { cubeGeometry, cubeQuads, cubeVertices } from './cube.js';
import { geometryOf, measure, reasonOf } from './measuring.js';

const vertexLines = cubeVertices.map((vertex) => vertex.join(' '));
const faceLines = cubeQuads.map((quad) => `4 ${quad.join(' ')}`);

/** The cube as lines after a head; `vertex` and `face` say what stands behind the numbers of each line. */
function off(head: string, { vertex = '', face = '' } = {}): string {
  return [head, ...vertexLines.map((line) => line + vertex), ...faceLines.map((line) => line + face), ''].join('\n');
}

const cube = off('OFF\n8 6 12');

describe('OFF', () => {
  it('gives the figures of a cube of quads', async () => {
    expect(await measure('cube.off', cube)).toEqual({ status: 'parsed', format: 'off', geometry: cubeGeometry });
  });

  it('counts n − 2 triangles for a polygon of n corners', async () => {
    const hexagon = 'OFF\n6 1 0\n0 0 0\n1 0 0\n2 1 0\n1 2 0\n0 2 0\n-1 1 0\n6 0 1 2 3 4 5\n';
    expect(await geometryOf('hexagon.off', hexagon)).toEqual({
      triangles: 4,
      vertices: 6,
      bounds: { min: [-1, 0, 0], max: [2, 2, 0] },
      volume: null,
    });
  });

  it.each([
    ['the counts behind the keyword', off('OFF 8 6 12')],
    ['the counts behind the keyword without a space', off('OFF8 6 12')],
    ['no count of edges', off('OFF\n8 6')],
    ['no keyword', off('8 6 12')],
    ['the keyword in small letters', off('off\n8 6 12')],
    ['colours of vertices', off('COFF\n8 6 0', { vertex: ' 255 0 0 255' })],
    ['colours of vertices that the keyword does not announce', off('OFF\n8 6 0', { vertex: ' 0.5 0.5 0.5' })],
    ['normals, also such as are no numbers', off('NOFF\n8 6 0', { vertex: '  nan 0 1' })],
    ['texture coordinates', off('STOFF\n8 6 0', { vertex: ' 0.5 1' })],
    ['all of them', off('STCNOFF\n8 6 0', { vertex: ' 0 0 1 1 0 0 1 0.5 1' })],
    ['all of them in the order of MeshLab', off('NCSTOFF\n8 6 0', { vertex: ' 0 0 1 9 9 9 255 0.5 1' })],
    ['colours of faces', off('OFF\n8 6 0', { face: '  255 0 0' })],
    ['colours of faces with opacity', off('OFF\n8 6 0', { face: ' 0.1 0.2 0.3 1.0' })],
    ['numbers of colours', off('OFF\n8 6 0', { face: ' 7' })],
    ['comments and blank lines', off('# cube\n\nOFF # OFF\n# counts\n8 6 12 # edges\n\n', { face: '# red' })],
    ['spaces and tabs before the numbers', cube.replaceAll('\n', '\n \t')],
    ['CR LF', cube.replaceAll('\n', '\r\n')],
    ['CR', cube.replaceAll('\n', '\r')],
    ['no end of the last line', cube.trimEnd()],
    ['exponents', cube.replaceAll(/^1 /gm, '+1.0E+0 ')],
    ['a byte order mark', `\ufeff${cube}`],
    ['UTF-16', Buffer.from(`\ufeff${cube}`, 'utf16le')],
  ])('is read with %s', async (_, text) => {
    expect(await geometryOf('cube.off', text)).toEqual(cubeGeometry);
  });

  it('takes points and lines among the faces for no surface', async () => {
    const text = `${cube.replace('8 6 12', '8 8 12')}1 0\n2 0 1 255 255 255\n`;
    expect(await geometryOf('lines.off', text)).toEqual(cubeGeometry);
    expect(await reasonOf('lines.off', text.replace('2 0 1', '2 0 9'))).toContain("refers to vertex '9' of 8");
  });

  it.each(['OFF\n3 0 0\n0 0 0\n1 2 3\n1 2 3\n', 'OFF\n3 1 0\n0 0 0\n1 2 3\n1 2 3\n2 0 1\n'])(
    'gives the points of a file without surfaces: %j',
    async (text) => {
      expect(await geometryOf('points.off', text)).toEqual({
        triangles: 0,
        vertices: 2,
        bounds: { min: [0, 0, 0], max: [1, 2, 3] },
        volume: null,
      });
    },
  );

  it('gives the bunny the figures that it has as an OBJ', async () => {
    const obj = Buffer.from(sampleFormats.obj(parts.bunny())).toString();
    const rows = (key: string) => obj.split('\n').filter((line) => line.startsWith(`${key} `));
    const faces = rows('f').map((line) => {
      const corners = line.split(' ').slice(1);
      return `${corners.length} ${corners.map((corner) => Number(corner) - 1).join(' ')}`;
    });
    const vertices = rows('v').map((line) => line.slice(2));
    const text = ['OFF', `${vertices.length} ${faces.length} 0`, ...vertices, ...faces, ''].join('\n');
    const figures = await geometryOf('bunny.off', text);
    expect(figures.triangles).toBeGreaterThan(1000);
    expect(figures).toEqual(await geometryOf('bunny.obj', obj));
  });

  it.each(['4 0 1 2 8', '4 0 1 2 -1', '4 0 1 2 x', '4 0 1 2 1.5'])(
    'has no figures with the face "%s"',
    async (face) => {
      const corner = face.split(' ').at(-1);
      expect(await reasonOf('bad.off', cube.replace('4 0 3 2 1', face))).toBe(
        `has a face in line 11 that refers to vertex '${corner}' of 8`,
      );
    },
  );

  it.each(['0', '-3 0 1 2', '4 0 1 2', 'x 0 1 2', '3.5 0 1 2', '1000000000 0 1 2', '1e2 0 1 2'])(
    'has no figures with the face "%s" of another length',
    async (face) => {
      expect(await reasonOf('bad.off', cube.replace('4 0 3 2 1', face))).toBe(
        'has a face in line 11 that is not a count and as many corners',
      );
    },
  );

  it.each(['nan 0 0', '0 inf 0', '0 0', '1 2 3mm', '1e999 0 0', '1,0 0 0'])(
    'has no figures with the vertex "%s"',
    async (vertex) => {
      expect(await reasonOf('bad.off', cube.replace('0 0 0', vertex))).toContain(
        'line 3 whose coordinates are not three finite numbers',
      );
    },
  );

  it('has no figures when lines are missing, left over or broken elsewhere', async () => {
    expect(await reasonOf('cut.off', cube.split('\n').slice(0, 14).join('\n'))).toContain('ends after line 14');
    expect(await reasonOf('more.off', `${cube}4 0 1 2 3\n`)).toBe('holds more lines than it declares, from line 17 on');
    const joined = cube.replace('0 0 0\n', '0 0 0 ');
    expect(await reasonOf('joined.off', joined)).toContain('ends after line 15');
  });

  it.each(['OFF\n353535235358 6 0', 'OFF\n8 4000000000 0', 'OFF\n100 6 0'])(
    'has no figures when %j declares more than there is room for',
    async (head) => {
      expect(await reasonOf('liar.off', off(head))).toMatch(/^declares \d+ vertices and \d+ faces but has only/);
    },
  );

  it.each(['OFF\n8', 'OFF\n-8 6 0', 'OFF\n8.0 6 0', 'OFF\n8 6 0 1', 'OFFSET 8 6 0', 'OFF\n1e1 6 0', '<page>'])(
    'has no figures without counts: %j',
    async (head) => {
      expect(await reasonOf('counts.off', off(head))).toContain('has no counts of vertices and faces in line');
    },
  );

  it('has no figures when it is binary, empty, or has vertices in other dimensions', async () => {
    expect(await reasonOf('binary.off', 'OFF BINARY\n')).toBe('is a binary OFF, which is not read yet');
    expect(await reasonOf('binary.off', Buffer.concat([Buffer.from('OFF BINARY\n'), Buffer.alloc(99)]))).toContain(
      'binary',
    );
    expect(await reasonOf('four.off', off('4OFF\n8 6 0', { vertex: ' 1' }))).toContain('other than three dimensions');
    expect(await reasonOf('n.off', off('nOFF\n5\n8 6 0'))).toContain('other than three dimensions');
    expect(await reasonOf('none.off', 'OFF\n0 0 0\n')).toBe('holds no vertices');
    expect(await reasonOf('none.off', '# nothing\n')).toContain('ends after line 1');
  });
});
