import { describe, expect, it } from 'vitest';
import { formatOf } from '../src/geometry/format.js';
import { asciiCube, binaryCube } from './cube.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('the format of a file', () => {
  it.each([
    ['part.stl', 'stl'],
    ['PART.STL', 'stl'],
    ['part.v2.obj', 'obj'],
    ['part.ply', 'ply'],
    ['part.3mf', '3mf'],
    ['part.glb', 'glb'],
    ['part.gltf', 'gltf'],
    ['part.step', 'step'],
    ['part.STP', 'step'],
    ['part.off', 'off'],
    ['part.amf', 'amf'],
    ['模型 螺丝.stl', 'stl'],
    ['new\nline.stl', 'stl'],
  ])('of %j comes from the extension when the bytes say nothing', (name, format) => {
    expect(formatOf(name, new Uint8Array())).toBe(format);
  });

  it.each(['notes.txt', 'photo.png', 'archive.zip', 'README', '.stl.swp', 'stl', 'part.constructor', ''])(
    'of %j is none',
    (name) => {
      expect(formatOf(name, bytes('hello'))).toBeNull();
    },
  );

  it.each([
    ['ply\nformat ascii 1.0\n', 'ply'],
    ['ply\r\ncomment x\r\nformat binary_little_endian 1.0\r\n', 'ply'],
    ['glTF\u0002\0\0\0', 'glb'],
    ['ISO-10303-21;\nHEADER;', 'step'],
    ['OFF\n8 6 12\n', 'off'],
    ['# a cube\r\n\r\nCOFF # coloured\r\n# counts\r\n8 6 0\r\n', 'off'],
    ['STCNOFF 8 6 12\n', 'off'],
    ['<?xml version="1.0"?>\n<amf unit="inch">', 'amf'],
    ['<?xml version="1.0"?>\n<!-- a -->\n<!-- b --><amf>', 'amf'],
    ['PK\u0003\u0004 ... 3D/3dmodel.model', '3mf'],
    [asciiCube(), 'stl'],
  ])('comes from the bytes %j under any name', (text, format) => {
    expect(formatOf('part.obj', bytes(text))).toBe(format);
    expect(formatOf('part', bytes(text))).toBe(format);
  });

  it.each([
    ['comments', `<?xml version="1.0"?>${'<!---->'.repeat(1000)}`],
    ['line ends', `ply\n${'\r\n'.repeat(5000)}`],
    ['comments of OFF', '# \t#\r\n'.repeat(1000)],
    ['spaces', ' '.repeat(5000)],
    ['letters', 'STCN4n'.repeat(1000)],
  ])('is told, or not, without an endless search through %s', (_, text) => {
    expect(formatOf('part', bytes(text))).toBeNull();
  });

  it('of a binary STL without its extension needs the size of the file', () => {
    const cube = binaryCube();
    expect(formatOf('cube', cube, cube.length)).toBe('stl');
    expect(formatOf('cube', cube, cube.length + 1)).toBeNull();
    expect(formatOf('cube', cube)).toBeNull();
  });
});
