import { describe, expect, it } from 'vitest';
import { cubeGeometry, objCube } from './cube.js';
import { geometryOf, measure, reasonOf } from './measuring.js';

describe('OBJ', () => {
  it('gives the figures of a cube of quads', async () => {
    expect(await measure('cube.obj', objCube())).toEqual({ status: 'parsed', format: 'obj', geometry: cubeGeometry });
  });

  it('counts n − 2 triangles for a polygon of n corners', async () => {
    const hexagon = 'v 0 0 0\nv 1 0 0\nv 2 1 0\nv 1 2 0\nv 0 2 0\nv -1 1 0\nf 1 2 3 4 5 6\n';
    expect(await geometryOf('hexagon.obj', hexagon)).toEqual({
      triangles: 4,
      vertices: 6,
      bounds: { min: [-1, 0, 0], max: [2, 2, 0] },
      volume: null,
    });
  });

  it.each([
    [
      'negative indices',
      objCube().replaceAll(
        /^f (.*)$/gm,
        (_, corners: string) =>
          `f ${corners
            .split(' ')
            .map((n) => Number(n) - 9)
            .join(' ')}`,
      ),
    ],
    [
      'texture and normal indices',
      objCube()
        .replaceAll(/(\d)(?= |$)/gm, '$1')
        .replaceAll(/^f (\d) (\d) (\d) (\d)$/gm, 'f $1/1/1 $2//1 $3/7 $4'),
    ],
    ['continued lines', objCube().replaceAll(/^f (\d \d) /gm, 'f $1 \\\n')],
    [
      'groups, materials and comments',
      `mtllib a.mtl\no cube # one\ng side\n${objCube().replace('f', 'usemtl red\ns off\nf')}`,
    ],
    ['colours behind the coordinates', objCube().replaceAll(/^(v .*)$/gm, '$1 0.5 0.5 0.5')],
    ['CR LF', objCube().replaceAll('\n', '\r\n')],
    ['UTF-16 little endian', Buffer.from(`\ufeff${objCube()}`, 'utf16le')],
    ['UTF-16 big endian', Buffer.from(`\ufeff${objCube()}`, 'utf16le').swap16()],
  ])('is read with %s', async (_, text) => {
    expect(await geometryOf('cube.obj', text)).toEqual(cubeGeometry);
  });

  it('gives the points of a file without faces', async () => {
    expect(await geometryOf('points.obj', 'v 0 0 0\nv 1 2 3\nv 1 2 3\np 1 2\n')).toEqual({
      triangles: 0,
      vertices: 2,
      bounds: { min: [0, 0, 0], max: [1, 2, 3] },
      volume: null,
    });
  });

  it.each(['f 1 2 9', 'f 0 1 2', 'f 1 2 -9', 'f 1 2 x', 'f 1 2 3.5'])(
    'has no figures with the face "%s"',
    async (face) => {
      expect(await reasonOf('bad.obj', `${objCube()}${face}\n`)).toContain('line 15 that refers to vertex');
    },
  );

  it.each(['v nan 0 0', 'v 0 inf 0', 'v 0 0', 'v 1 2 3mm', 'v 1e999 0 0'])(
    'has no figures with the vertex "%s"',
    async (vertex) => {
      expect(await reasonOf('bad.obj', `${vertex}\n${objCube()}f 1 2 3\n`)).toContain(
        'line 1 whose coordinates are not three finite numbers',
      );
    },
  );

  it('has no figures when it holds binary data, other statements or curved surfaces', async () => {
    expect(await reasonOf('binary.obj', Buffer.alloc(500, 'v\0'))).toContain('binary data');
    expect(await reasonOf('page.obj', '<page>\n')).toContain('is not a statement of OBJ');
    expect(await reasonOf('curves.obj', `${objCube()}surf 0 1 0 1 1\n`)).toContain('makes surfaces from curves');
    expect(await reasonOf('text.obj', '# nothing\n')).toBe('holds no vertices');
  });
});
