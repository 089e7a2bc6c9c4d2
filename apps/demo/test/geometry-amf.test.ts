import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { sampleFormats } from '../src/sample/formats.js';
import * as parts from '../src/sample/parts.js';
import { cubeGeometry, cubeTriangles, cubeVertices } from './cube.js';
import { geometryOf, measure, reasonOf } from './measuring.js';

type Triple = readonly (number | string)[];

function mesh(vertices: readonly Triple[], ...volumes: readonly (readonly Triple[])[]): string {
  const vertex = ([x, y, z]: Triple) =>
    `<vertex><coordinates><x>${x}</x><y>${y}</y><z>${z}</z></coordinates></vertex>\n`;
  const triangle = ([a, b, c]: Triple) => `<triangle><v1>${a}</v1><v2>${b}</v2><v3>${c}</v3></triangle>\n`;
  const volume = (triangles: readonly Triple[]) => `<volume>${triangles.map(triangle).join('')}</volume>`;
  return `<mesh><vertices>${vertices.map(vertex).join('')}</vertices>${volumes.map(volume).join('')}</mesh>`;
}

function object(id: number, content = mesh(cubeVertices, cubeTriangles)): string {
  return `<object id="${id}">${content}</object>`;
}

function constellation(id: number, ...instances: readonly (readonly [objectId: number, place?: string])[]): string {
  const uses = instances.map(([objectId, place = '']) => `<instance objectid="${objectId}">${place}</instance>`);
  return `<constellation id="${id}">${uses.join('')}</constellation>`;
}

function amf(...content: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<amf unit="millimeter" version="1.1">\n${content.join('\n')}\n</amf>\n`;
}

const cube = amf(object(0));

describe('AMF', () => {
  it('gives the figures of a cube', async () => {
    expect(await measure('cube.amf', cube)).toEqual({
      status: 'parsed',
      format: 'amf',
      unit: 'millimeter',
      geometry: cubeGeometry,
    });
  });

  it.each([
    ['zipped', zipSync({ 'cube.amf': strToU8(cube) })],
    ['zipped and stored', zipSync({ 'CUBE.AMF': strToU8(cube) }, { level: 0 })],
    ['zipped beside other files', zipSync({ 'read me.txt': strToU8('hello'), 'a/cube.amf': strToU8(cube) })],
    ['zipped under another name', zipSync({ cube: strToU8(cube) })],
    ['with CR LF', cube.replaceAll('\n', '\r\n')],
    ['with white space around its numbers', cube.replaceAll(/>([\d.]+)</g, '>\n\t $1 \n<')],
    ['with a number in pieces', cube.replace('<x>1</x>', '<x>1<!-- one -->.<![CDATA[0]]>&#48;</x>')],
    ['with a byte order mark', `\ufeff${cube}`],
    ['in UTF-16', Buffer.from(`\ufeff${cube.replace('UTF-8', 'UTF-16')}`, 'utf16le')],
    ['in UTF-16, big endian', Buffer.from(`\ufeff${cube.replace('UTF-8', 'UTF-16')}`, 'utf16le').swap16()],
    ['without a declaration', cube.replace(/^<\?.*\?>\n/, '')],
    ['in a namespace', cube.replace('<amf ', '<amf xmlns="http://example.org/amf" ')],
    [
      'with metadata, materials, textures and colours',
      amf(
        '<metadata type="name">A &amp; B</metadata><material id="1"><color><r>1</r><g>0</g><b>0</b></color></material>',
        '<texture id="2" width="1" height="1" depth="1" type="grayscale">AA==</texture>',
        object(0).replaceAll(
          '<triangle>',
          '<triangle><color><r>x</r></color><texmap rtexid="2"><utex1>0</utex1></texmap>',
        ),
      ),
    ],
    [
      'with curves, of which it counts the flat triangles',
      cube
        .replaceAll('</vertex>', '<normal><nx>0</nx><ny>0</ny><nz>1</nz></normal></vertex>')
        .replace('</vertices>', '<edge><v1>0</v1><dx1>1</dx1><v2>99</v2><dx2>1</dx2></edge></vertices>'),
    ],
  ])('is read %s', async (_, text) => {
    expect(await geometryOf('cube.amf', text)).toEqual(cubeGeometry);
  });

  it('names the figures in the unit of the file, whatever it is', async () => {
    expect(await geometryOf('inch.amf', cube.replace('millimeter', 'inch'))).toEqual(cubeGeometry);
  });

  it('adds up the volumes of an object and the meshes, which count their own vertices', async () => {
    const second = cubeVertices.map(([x, y, z]) => [x + 5, y, z] as const);
    const shifted = cubeTriangles.map((corners) => corners.map((corner) => corner + 8));
    const two = {
      triangles: 24,
      vertices: 16,
      bounds: { min: [0, 0, 0], max: [6, 1, 1] },
      volume: 2,
    };
    const volumes = mesh([...cubeVertices, ...second], cubeTriangles, shifted);
    expect(await geometryOf('volumes.amf', amf(object(0, volumes)))).toEqual(two);
    const meshes = mesh(cubeVertices, cubeTriangles) + mesh(second, cubeTriangles);
    expect(await geometryOf('meshes.amf', amf(object(0, meshes)))).toEqual(two);
    const objects = [object(0), object(1, mesh(second, cubeTriangles))];
    expect(await geometryOf('objects.amf', amf(...objects))).toEqual(two);
  });

  it('gives the bunny the figures that it has as an OBJ', async () => {
    const obj = Buffer.from(sampleFormats.obj(parts.bunny())).toString();
    const rows = (key: string) =>
      obj.split('\n').flatMap((line) => (line.startsWith(`${key} `) ? [line.split(' ').slice(1)] : []));
    const triangles = rows('f').map((corners) => corners.map((corner) => Number(corner) - 1));
    expect(triangles.every((corners) => corners.length === 3)).toBe(true);
    const figures = await geometryOf('bunny.amf', amf(object(0, mesh(rows('v'), triangles))));
    expect(figures.triangles).toBeGreaterThan(1000);
    expect(figures).toEqual(await geometryOf('bunny.obj', obj));
  });
});

describe('a constellation of AMF', () => {
  it('places each instance, and takes the place of its objects', async () => {
    const pair = constellation(7, [0], [0, '<deltax>10</deltax><deltay>-2</deltay><deltaz>0.5</deltaz>']);
    expect(await geometryOf('pair.amf', amf(object(0), pair))).toEqual({
      triangles: 24,
      vertices: 16,
      bounds: { min: [0, -2, 0], max: [11, 1, 1.5] },
      volume: 2,
    });
  });

  it('counts objects that no constellation uses beside those that one does', async () => {
    const far = object(
      1,
      mesh(
        cubeVertices.map(([x, y, z]) => [x * 2 - 9, y * 2, z * 2]),
        cubeTriangles,
      ),
    );
    const moved = constellation(2, [0, '<deltax>10</deltax>']);
    expect(await geometryOf('beside.amf', amf(moved, object(0), far))).toEqual({
      triangles: 24,
      vertices: 16,
      bounds: { min: [-9, 0, 0], max: [11, 2, 2] },
      volume: 9,
    });
  });

  it('turns about x, then y, then z, by the right-hand rule, and then moves', async () => {
    // A bar along x from 0 to 3, 1 wide and 2 high: corners (3, 1, 2) → about x (3, −2, 1) → about z (2, 3, 1).
    const bar = object(
      0,
      mesh(
        cubeVertices.map(([x, y, z]) => [x * 3, y, z * 2]),
        cubeTriangles,
      ),
    );
    const bounds = async (place: string) =>
      (await geometryOf('bar.amf', amf(bar, constellation(1, [0, place])))).bounds;
    expect(await bounds('<rx>90</rx>')).toEqual({ min: [0, -2, 0], max: [3, 0, 1] });
    expect(await bounds('<ry>90</ry>')).toEqual({ min: [0, 0, -3], max: [2, 1, 0] });
    expect(await bounds('<rz>90</rz>')).toEqual({ min: [-1, 0, 0], max: [0, 3, 2] });
    expect(await bounds('<rz>-270.0</rz>')).toEqual({ min: [-1, 0, 0], max: [0, 3, 2] });
    expect(await bounds('<deltax>100</deltax><rz>90</rz><rx>90</rx>')).toEqual({ min: [100, 0, 0], max: [102, 3, 1] });
    expect(await bounds('<ry>90</ry><rx>90</rx>')).toEqual({ min: [0, -2, -3], max: [1, 0, 0] });
    const turned = await bounds('<rz>45</rz>');
    expect(turned?.max[0]).toBeCloseTo(3 / Math.SQRT2, 12);
    expect(turned?.max[1]).toBeCloseTo(4 / Math.SQRT2, 12);
  });

  it('holds other constellations, moved as a whole', async () => {
    const inner = constellation(1, [0, '<deltax>1</deltax>'], [0, '<deltax>3</deltax>']);
    const outer = constellation(2, [1, '<rz>90</rz><deltaz>5</deltaz>'], [1, '<deltax>20</deltax>']);
    expect(await geometryOf('nested.amf', amf(outer, inner, object(0)))).toEqual({
      triangles: 48,
      vertices: 32,
      bounds: { min: [-1, 0, 0], max: [24, 4, 6] },
      volume: 4,
    });
  });

  it('scales, mirrors and turns by radians where Slic3r wrote it', async () => {
    const place = `<rz>${Math.PI / 2}</rz><scalex>2</scalex><scaley>3</scaley><scalez>1</scalez><mirrorx>-1</mirrorx><printable>1</printable>`;
    const placed = await geometryOf('slic3r.amf', amf(object(0), constellation(1, [0, place])));
    expect(placed).toMatchObject({ triangles: 12, vertices: 8 });
    expect(placed.volume).toBeCloseTo(6, 12);
    expect(placed.bounds?.min.map(Math.round)).toEqual([-3, -2, 0]);
    const halved = amf(object(0), constellation(1, [0, '<rz>0</rz><scale>0.5</scale>']));
    expect(await geometryOf('slic3r.amf', halved)).toMatchObject({ volume: 0.125, bounds: { max: [0.5, 0.5, 0.5] } });
  });

  it('has no figures when an object is missing, contains itself, or doubles 30 times over', async () => {
    expect(await reasonOf('missing.amf', amf(object(0), constellation(1, [9])))).toBe(
      'places object 9, which it does not have',
    );
    expect(await reasonOf('itself.amf', amf(object(0), constellation(1, [1])))).toContain('contain themselves');
    const circle = [constellation(1, [2], [0]), constellation(2, [1])];
    expect(await reasonOf('circle.amf', amf(object(0), ...circle))).toContain('contain themselves');
    expect(await reasonOf('circle.amf', amf(object(0), ...circle, constellation(3, [2])))).toContain('contains itself');
    const doubled = Array.from({ length: 30 }, (_, level) => constellation(level + 1, [level], [level]));
    expect(await reasonOf('bomb.amf', amf(object(0), ...doubled))).toMatch(/^places \d+ triangles, more than are/);
    const empty = Array.from({ length: 30 }, (_, level) => constellation(level + 1, [level], [level]));
    expect(await reasonOf('empty.amf', amf(object(0, ''), ...empty))).toMatch(/^places \d+ triangles, more than are/);
    const deep = Array.from({ length: 300 }, (_, level) => constellation(level + 1, [level])).toReversed();
    expect(await reasonOf('deep.amf', amf(...deep, object(0)))).toContain('more than 200 deep');
  });

  it.each(['nan', 'inf', '1e999', '', '1,5', '90°'])('has no figures when a turn is "%s"', async (angle) => {
    const text = amf(object(0), constellation(1, [0, `<rx>${angle}</rx>`]));
    expect(await reasonOf('bad.amf', text)).toBe('has an instance of object 0 whose rx is not a finite number');
  });
});

describe('an AMF that is damaged', () => {
  it.each(['8', '-1', 'x', '1.5', '', '4294967296'])('has no figures when a corner is "%s"', async (corner) => {
    const reason = await reasonOf('bad.amf', cube.replace('<v1>0</v1>', `<v1>${corner}</v1>`));
    expect(reason).toBe('has a triangle that refers outside the 8 vertices of its mesh');
  });

  it('has no figures when a corner is missing, or lies in another mesh', async () => {
    expect(await reasonOf('bad.amf', cube.replace('<v1>0</v1>', ''))).toContain('outside the 8 vertices');
    const first = mesh(cubeVertices, [...cubeTriangles, [0, 1, 8]]);
    expect(await reasonOf('bad.amf', amf(object(0, first + mesh(cubeVertices, cubeTriangles))))).toContain(
      'outside the 8 vertices',
    );
    const last = mesh(cubeVertices, [...cubeTriangles, [0, 1, 8]]);
    expect(await reasonOf('bad.amf', amf(object(0, mesh(cubeVertices, cubeTriangles) + last)))).toContain(
      'outside the 8 vertices',
    );
  });

  it.each(['nan', 'inf', '1e999', '', '1,5', '1 2'])('has no figures when a coordinate is "%s"', async (value) => {
    expect(await reasonOf('bad.amf', cube.replace('<x>0</x>', `<x>${value}</x>`))).toContain(
      'has a vertex 0 whose coordinates are not three finite numbers',
    );
  });

  it('has no figures when a number is given twice, not at all, or holds elements', async () => {
    expect(await reasonOf('bad.amf', cube.replace('<x>0</x>', '<x>0</x><x>1</x>'))).toContain('gives one number twice');
    expect(await reasonOf('bad.amf', cube.replace('<x>0</x>', ''))).toContain('not three finite numbers');
    expect(await reasonOf('bad.amf', cube.replace(/<coordinates>.*?<\/coordinates>/, ''))).toContain(
      'a vertex 0 whose',
    );
    expect(await reasonOf('bad.amf', cube.replace('<x>0</x>', '<x>0<b/></x>'))).toContain('an element inside of');
  });

  it('has no figures when it has two objects of one id, or no triangles', async () => {
    expect(await reasonOf('twins.amf', amf(object(3), object(3)))).toBe('has two objects with the id 3');
    expect(await reasonOf('twins.amf', amf(object(3), constellation(3, [3])))).toBe('has two objects with the id 3');
    expect(await reasonOf('none.amf', amf())).toBe('holds no triangles');
    expect(await reasonOf('none.amf', amf(object(0, mesh(cubeVertices))))).toBe('holds no triangles');
    expect(await reasonOf('none.amf', cube.replaceAll('volume', 'region'))).toBe('holds no triangles');
  });

  it('has no figures when it is other XML, not well-formed, or in an encoding of its own', async () => {
    expect(await reasonOf('page.amf', '<page></page>')).toBe("starts with 'page' instead of 'amf'");
    expect(await reasonOf('text.amf', 'hello')).toContain('not well-formed XML');
    expect(await reasonOf('cut.amf', cube.slice(0, -200))).toContain('not well-formed XML');
    expect(await reasonOf('latin.amf', cube.replace('UTF-8', 'ISO-8859-1'))).toContain('encoding other than UTF-8');
    expect(await reasonOf('liar.amf', cube.replace('UTF-8', 'UTF-16'))).toContain('encoding other than UTF-8');
    expect(await reasonOf('bytes.amf', Buffer.from(cube.replace('<amf', '<!-- ä --><amf'), 'latin1'))).toBe(
      'has a damaged document (it is not UTF-8)',
    );
  });

  it('has no figures when it brings entities of its own', async () => {
    const levels = Array.from({ length: 20 }, (_, n) => `<!ENTITY e${n + 1} "&e${n};&e${n};">`).join('');
    const bomb = cube.replace('<amf', `<!DOCTYPE amf [<!ENTITY e0 "lol">${levels}]>\n<amf`).replace('<x>0', '<x>&e20;');
    expect(await reasonOf('bomb.amf', bomb)).toBe('has a document type in its document, which no model needs');
    expect(await reasonOf('entity.amf', cube.replace('<x>0', '<x>&zero;'))).toContain('not well-formed XML');
  });

  it('has no figures when its elements are nested without end', async () => {
    const deep = `<amf>${'<a>'.repeat(200_000)}`;
    expect(await reasonOf('deep.amf', deep)).toBe('nests the elements of its document more than 100 deep');
    const metadata = `<metadata>${'<a>'.repeat(90)}${'</a>'.repeat(90)}</metadata>`;
    expect(await geometryOf('fine.amf', amf(metadata.repeat(3), object(0)))).toEqual(cubeGeometry);
  });

  it('has no figures when its archive is damaged or holds several documents or none', async () => {
    const whole = zipSync({ 'cube.amf': strToU8(cube) }, { level: 0 });
    expect(await reasonOf('cut.amf', whole.subarray(0, whole.length / 2))).toContain('is not a whole zip archive');
    const flipped = Buffer.from(whole);
    flipped.write('9', flipped.indexOf('<x>1') + 3);
    expect(await reasonOf('flipped.amf', flipped)).toBe("has a damaged part '/cube.amf' (its checksum is wrong)");
    const two = zipSync({ 'a.amf': strToU8(cube), 'b.amf': strToU8(cube) });
    expect(await reasonOf('two.amf', two)).toBe('is an archive with 2 AMF documents instead of one');
    const none = zipSync({ 'a.txt': strToU8(cube), 'b.txt': strToU8(cube) });
    expect(await reasonOf('none.amf', none)).toBe('is an archive with 0 AMF documents instead of one');
  });
});
