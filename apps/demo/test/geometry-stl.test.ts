import { describe, expect, it } from 'vitest';
import { asciiCube, binaryCube, cubeGeometry } from './cube.js';
import { geometryOf, measure, reasonOf } from './measuring.js';

describe('binary STL', () => {
  it('gives the figures of a cube', async () => {
    expect(await measure('cube.stl', binaryCube())).toEqual({
      status: 'parsed',
      format: 'stl',
      geometry: cubeGeometry,
    });
  });

  it('is binary even when its header starts with "solid"', async () => {
    expect(await geometryOf('cube.stl', binaryCube('solid cube'))).toEqual(cubeGeometry);
  });

  it('is recognised under the name of another format and without an extension', async () => {
    expect(await measure('cube.obj', binaryCube())).toMatchObject({ format: 'stl', geometry: cubeGeometry });
    expect(await measure('cube', binaryCube())).toMatchObject({ format: 'stl', geometry: cubeGeometry });
  });

  it('has no figures when it declares four billion facets', async () => {
    const bytes = binaryCube();
    bytes.writeUInt32LE(0xffffffff, 80);
    expect(await reasonOf('lies.stl', bytes)).toBe('declares 4294967295 facets but has room for 12');
  });

  it('has no figures when facets are missing or more follow than declared', async () => {
    expect(await reasonOf('cut.stl', binaryCube().subarray(0, 400))).toBe('declares 12 facets but has room for 6');
    const longer = Buffer.concat([binaryCube(), Buffer.alloc(100)]);
    expect(await reasonOf('longer.stl', longer)).toBe('declares 12 facets but has room for 14');
  });

  it('may end in a few bytes that are too short for a facet', async () => {
    expect(await geometryOf('cube.stl', Buffer.concat([binaryCube(), Buffer.from('\n')]))).toEqual(cubeGeometry);
  });

  it.each([NaN, Infinity, -Infinity])('has no figures when a coordinate is %d', async (value) => {
    const bytes = binaryCube();
    bytes.writeFloatLE(value, 84 + 50 * 3 + 12);
    expect(await reasonOf('bad.stl', bytes)).toBe('triangle 4 has a coordinate that is not a finite number');
  });

  it('does not mind a normal that is no number', async () => {
    const bytes = binaryCube();
    bytes.writeFloatLE(NaN, 84);
    expect(await geometryOf('cube.stl', bytes)).toEqual(cubeGeometry);
  });

  it('is an empty model when it declares no facets and holds none', async () => {
    const geometry = await geometryOf('none.stl', Buffer.alloc(84));
    expect(geometry).toEqual({ triangles: 0, vertices: 0, bounds: null, volume: null });
  });

  it('has no figures when it ends inside the header', async () => {
    expect(await reasonOf('header.stl', Buffer.alloc(80))).toContain('ends inside the header');
    expect(await reasonOf('empty.stl', '')).toBe('is empty');
  });
});

describe('ASCII STL', () => {
  it('gives the figures of a cube', async () => {
    expect(await geometryOf('cube.stl', asciiCube())).toEqual(cubeGeometry);
  });

  it.each([
    ['CR LF', asciiCube().replaceAll('\n', '\r\n')],
    ['CR', asciiCube().replaceAll('\n', '\r')],
    ['capitals', asciiCube().toUpperCase()],
    ['a byte order mark', `\ufeff${asciiCube()}`],
    ['UTF-16', Buffer.from(`\ufeff${asciiCube()}`, 'utf16le')],
  ])('is read with %s', async (_, text) => {
    expect(await geometryOf('cube.stl', text)).toEqual(cubeGeometry);
  });

  it('adds up several solids', async () => {
    expect(await geometryOf('two.stl', asciiCube() + asciiCube())).toMatchObject({
      triangles: 24,
      vertices: 8,
      volume: 2,
    });
  });

  it.each([0.2, 0.5, 0.9])('has no figures when %d of it is left', async (share) => {
    const text = asciiCube();
    expect(await reasonOf('cut.stl', text.slice(0, text.length * share))).toMatch(/breaks off/);
  });

  it('has no figures when it breaks off between two facets', async () => {
    const text = asciiCube();
    const cut = text.slice(0, text.indexOf('endfacet', 400) + 9);
    expect(await reasonOf('cut.stl', cut)).toContain('breaks off in the middle of a solid');
  });

  it.each(['nan', 'inf', '1e999', '0x10', '1,5', ''])('has no figures when a coordinate is "%s"', async (value) => {
    expect(await reasonOf('bad.stl', asciiCube().replace('vertex 0 0 0', `vertex 0 0 ${value}`))).toContain(
      'not a finite number',
    );
  });

  it('has no figures when a facet has four corners', async () => {
    const text = asciiCube().replace('    endloop', '      vertex 5 5 5\n    endloop');
    expect(await reasonOf('quad.stl', text)).toContain('a facet of 4 corners');
  });
});

describe('the volume', () => {
  it('is null when a facet is missing', async () => {
    const open = asciiCube().replace(/ {2}facet[\s\S]*?endfacet\n/, '');
    expect(await geometryOf('open.stl', open)).toMatchObject({ triangles: 11, vertices: 8, volume: null });
  });

  it('is null when a facet is turned over', async () => {
    const turned = asciiCube().replace('vertex 0 0 0\n      vertex 0 1 0', 'vertex 0 1 0\n      vertex 0 0 0');
    expect(turned).not.toBe(asciiCube());
    expect(await geometryOf('turned.stl', turned)).toMatchObject({ triangles: 12, volume: null });
  });

  it('is positive when the whole surface faces inward', async () => {
    const inward = asciiCube().replaceAll(/( +vertex .*\n)( +vertex .*\n)( +vertex .*\n)/g, '$1$3$2');
    expect(await geometryOf('inward.stl', inward)).toEqual(cubeGeometry);
  });

  it('keeps its digits far away from 0', async () => {
    const far = asciiCube().replaceAll(
      /vertex (\d) (\d) (\d)/g,
      (_, x, y, z) => `vertex ${1e6 + +x} ${1e6 + +y} ${1e6 + +z}`,
    );
    expect(await geometryOf('far.stl', far)).toMatchObject({ volume: 1, bounds: { min: [1e6, 1e6, 1e6] } });
  });
});

it('a word of a million digits that is no number is refused at once', async () => {
  const text = asciiCube().replace(/vertex \S+/, `vertex ${'0'.repeat(1_000_000)}x`);
  expect(await reasonOf('digits.stl', text)).toContain('not a finite number');
});
