import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { cubeGeometry, cubeTriangles, cubeVertices } from './cube.js';
import { geometryOf, measure, reasonOf } from './measuring.js';

const relation = 'http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel';
const core = 'http://schemas.microsoft.com/3dmanufacturing/core/2015/02';
const production = 'http://schemas.microsoft.com/3dmanufacturing/production/2015/06';

const mesh =
  `<mesh><vertices>${cubeVertices.map(([x, y, z]) => `<vertex x="${x}" y="${y}" z="${z}"/>`).join('')}</vertices>` +
  `<triangles>${cubeTriangles.map(([a, b, c]) => `<triangle v1="${a}" v2="${b}" v3="${c}"/>`).join('')}</triangles></mesh>`;
const cube = `<object id="1">${mesh}</object>`;

function model(resources: string, build: string, attributes = ''): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?><model unit="millimeter" xmlns="${core}" xmlns:p="${production}" ${attributes}>` +
    `<resources>${resources}</resources>${build}</model>`
  );
}

function pack(root: string | Uint8Array, parts: Record<string, string> = {}): Uint8Array {
  const files: Record<string, string | Uint8Array> = {
    '_rels/.rels': `<Relationships><Relationship Target="/3D/3dmodel.model" Id="r" Type="${relation}"/></Relationships>`,
    '3D/3dmodel.model': root,
    ...parts,
  };
  return zipSync(
    Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name, typeof text === 'string' ? strToU8(text) : text]),
    ),
  );
}

const one = '<build><item objectid="1"/></build>';

describe('3MF', () => {
  it('gives the figures of a cube', async () => {
    const result = await measure('cube.3mf', pack(model(cube, one)));
    expect(result).toEqual({ status: 'parsed', format: '3mf', unit: 'millimeter', geometry: cubeGeometry });
  });

  it('counts each item of the build where its transform places it', async () => {
    const build = '<build><item objectid="1"/><item objectid="1" transform="2 0 0 0 2 0 0 0 2 10 0 0"/></build>';
    expect(await geometryOf('two.3mf', pack(model(cube, build)))).toEqual({
      triangles: 24,
      vertices: 16,
      bounds: { min: [0, 0, 0], max: [12, 2, 2] },
      volume: 9,
    });
  });

  it('multiplies the transforms of components from the inside out', async () => {
    const pair =
      '<object id="2"><components><component objectid="1" transform="1 0 0 0 1 0 0 0 1 1 0 0"/>' +
      '<component objectid="1" transform="1 0 0 0 1 0 0 0 1 3 0 0"/></components></object>';
    const build = '<build><item objectid="2" transform="0 10 0 -10 0 0 0 0 10 0 0 5"/></build>';
    expect(await geometryOf('pair.3mf', pack(model(cube + pair, build)))).toEqual({
      triangles: 24,
      vertices: 16,
      bounds: { min: [-10, 10, 5], max: [0, 40, 15] },
      volume: 2000,
    });
  });

  it('keeps the volume of a mirrored copy positive', async () => {
    const build = '<build><item objectid="1"/><item objectid="1" transform="-1 0 0 0 1 0 0 0 1 -5 0 0"/></build>';
    expect(await geometryOf('mirrored.3mf', pack(model(cube, build)))).toMatchObject({ triangles: 24, volume: 2 });
  });

  it('follows components into other parts of the package', async () => {
    const use =
      '<object id="7"><components><component objectid="1" p:path="/3D/Objects/Part.model"/></components></object>';
    const root = model(use, '<build><item objectid="7"/></build>', 'requiredextensions="p"');
    const part = model(cube, '<build/>');
    expect(await geometryOf('parts.3mf', pack(root, { '3D/Objects/Part.model': part }))).toEqual(cubeGeometry);
    expect(await reasonOf('parts.3mf', pack(root))).toBe("has no part '/3D/Objects/Part.model'");
    const inches = part.replace('millimeter', 'inch');
    expect(await reasonOf('parts.3mf', pack(root, { '3D/Objects/Part.model': inches }))).toBe(
      'mixes the units millimeter and inch',
    );
  });

  it('counts nothing that the build does not place', async () => {
    const spare = cube.replace('id="1"', 'id="2"');
    expect(await geometryOf('spare.3mf', pack(model(cube + spare, one)))).toEqual(cubeGeometry);
    expect(await reasonOf('none.3mf', pack(model(cube, '<build/>')))).toContain('empty build');
    expect(await reasonOf('none.3mf', pack(model(cube, '')))).toContain('has no build');
  });

  it.each([
    ['v1="8"', 'outside its 8 vertices'],
    ['v1="-1"', 'outside its 8 vertices'],
    ['v1="x"', 'outside its 8 vertices'],
    ['', 'outside its 8 vertices'],
  ])('has no figures when a triangle has %s for its first corner', async (attribute, reason) => {
    expect(await reasonOf('bad.3mf', pack(model(cube.replace('v1="0"', attribute), one)))).toContain(reason);
  });

  it.each(['nan', 'inf', '1e999', '', '1,5'])('has no figures when a coordinate is "%s"', async (value) => {
    const reason = await reasonOf('bad.3mf', pack(model(cube.replace('x="0"', `x="${value}"`), one)));
    expect(reason).toContain('not three finite numbers');
  });

  it('has no figures when an object is missing, contains itself, or doubles 30 times over', async () => {
    expect(await reasonOf('missing.3mf', pack(model(cube, '<build><item objectid="9"/></build>')))).toContain(
      'places object 9',
    );
    const itself = '<object id="1"><components><component objectid="1"/></components></object>';
    expect(await reasonOf('itself.3mf', pack(model(itself, one)))).toContain('contains itself');
    expect(await reasonOf('bomb.3mf', pack(doubled(30)))).toMatch(/^places \d+ triangles, more than are counted/);
  });

  it('has no figures when it needs an extension that changes shapes', async () => {
    const needs = model(cube, one, 'xmlns:b="http://example.org/lattice" requiredextensions="b"');
    expect(await reasonOf('needs.3mf', pack(needs))).toContain('needs the 3MF extension http://example.org/lattice');
    const lattice = model(
      cube.replace('</mesh>', '<b:beamlattice/></mesh>'),
      one,
      'xmlns:b="http://example.org/lattice"',
    );
    expect(await reasonOf('lattice.3mf', pack(lattice))).toContain("shapes a mesh by 'beamlattice'");
  });

  it('has no figures when the archive or its XML is damaged', async () => {
    const whole = pack(model(cube, one));
    expect(await reasonOf('text.3mf', 'hello')).toContain('is not a whole zip archive');
    expect(await reasonOf('cut.3mf', whole.subarray(0, whole.length / 2))).toContain('is not a whole zip archive');
    expect(await reasonOf('broken.3mf', pack(model(cube, one).slice(0, -9)))).toContain('not well-formed XML');
    expect(await reasonOf('utf16.3mf', pack(Buffer.from(`\ufeff${model(cube, one)}`, 'utf16le')))).toContain(
      'damaged part',
    );
    const entity = model(cube, one).replace('?>', '?><!DOCTYPE model [<!ENTITY a "1">]>');
    expect(await reasonOf('doctype.3mf', pack(entity))).toContain('document type');
  });

  it('has no figures when a part does not match its checksum', async () => {
    const stored = zipSync(
      {
        '_rels/.rels': strToU8(
          `<Relationships><Relationship Target="/3D/3dmodel.model" Id="r" Type="${relation}"/></Relationships>`,
        ),
        '3D/3dmodel.model': strToU8(model(cube, one)),
      },
      { level: 0 },
    );
    const bytes = Buffer.from(stored);
    bytes.write('9', bytes.indexOf('x="1"') + 3);
    expect(await reasonOf('flipped.3mf', bytes)).toContain('its checksum is wrong');
  });

  it('has no figures when a part unpacks to more or less than its archive says', async () => {
    const whole = Buffer.from(pack(model(cube, one)));
    // The directory has each name once more, behind 46 bytes of which the size is at 24.
    const size = whole.lastIndexOf('3D/3dmodel.model') - 46 + 24;
    const told = whole.readUInt32LE(size);
    whole.writeUInt32LE(told - 1, size);
    expect(await reasonOf('more.3mf', whole)).toContain('it is larger than the archive says');
    whole.writeUInt32LE(told + 1, size);
    expect(await reasonOf('less.3mf', whole)).toContain('it is smaller than the archive says');
  });
});

/** A model of a few kilobytes that places the cube 2ⁿ times. */
function doubled(times: number): string {
  const levels = Array.from({ length: times }, (_, level) => {
    const use = `<component objectid="${level + 1}"/>`;
    return `<object id="${level + 2}"><components>${use}${use}</components></object>`;
  });
  return model(cube + levels.join(''), `<build><item objectid="${times + 1}"/></build>`);
}
