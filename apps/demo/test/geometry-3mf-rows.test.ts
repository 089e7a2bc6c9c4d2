// The rows of a 3MF mesh that are read without the XML parser, beside the same mesh in single quotes, which the parser reads.
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { expect, it } from 'vitest';
import type { GeometryResult } from '../src/geometry/geometry.js';
import { measure } from './measuring.js';

const relation = 'http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel';
const core = 'http://schemas.microsoft.com/3dmanufacturing/core/2015/02';
const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);

/** A mesh with what the vertices and triangles are written as. */
async function figuresOf(vertices: string, triangles: string, attributes = ''): Promise<GeometryResult> {
  const model =
    `<model xmlns="${core}" ${attributes}><resources><object id="1"><mesh><vertices>${vertices}</vertices>` +
    `<triangles>${triangles}</triangles></mesh></object></resources><build><item objectid="1"/></build></model>`;
  const files = {
    '_rels/.rels': `<Relationships><Relationship Target="/3D/3dmodel.model" Id="r" Type="${relation}"/></Relationships>`,
    '3D/3dmodel.model': model,
  };
  return await measure(
    'rows.3mf',
    zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))),
  );
}

/** Only the parser knows single quotes. */
const inSingleQuotes = (rows: string): string => rows.replaceAll('"', "'");

const digits = fc.stringMatching(/^\d{1,18}$/);
const exponent = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.stringMatching(/^[eE][+-]?\d{1,3}$/) },
);
const coordinate = fc
  .oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(fc.constantFrom('', '-', '+'), digits, fc.stringMatching(/^(\.\d{0,20})?$/), exponent),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom('', '-'), fc.constant(''), fc.stringMatching(/^\.\d{1,20}$/), exponent),
    },
  )
  .map((pieces) => pieces.join(''));
const unusual = fc.constantFrom('', ' ', '.', '-', '1,5', '0x10', 'NaN', 'Infinity', '1e', '1e400', ' 1 ', '1 2', '١');
const space = fc.constantFrom(' ', ' ', ' ', '  ', '\n', '\t');
const between = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('', '\n', '  ', '\r\n\t') },
  { weight: 1, arbitrary: fc.constantFrom('<!-- <vertices> -->', '<?note x?>', 'text', '<![CDATA[ ]]>') },
);
const more = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom('', ' pid="1" p1="0"', ' paint_color="4C"', ' ', '\n') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ' v1="0"',
      ' pid="1" pid="1"',
      ' xmlns="urn:x"',
      ' a="<"',
      ' a="&amp;"',
      ' a:b="1"',
      'pid="1"',
    ),
  },
);
const oneIn = (weight: number, usual: fc.Arbitrary<string>, other: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other });

const vertex = fc
  .tuple(
    oneIn(400, coordinate, unusual),
    coordinate,
    coordinate,
    space,
    oneIn(60, fc.constant('/>'), fc.constantFrom(' />', '></vertex>', '>', '/')),
    between,
  )
  .map(([x, y, z, gap, end, after]) => `<vertex${gap}x="${x}"${gap}y="${y}" z="${z}"${end}${after}`);
const index = oneIn(300, fc.nat(2).map(String), fc.constantFrom('3', '-1', '1.0', ' 1', '', '99999999999999999999'));
const triangle = fc
  .tuple(index, index, index, more, between)
  .map(([a, b, c, rest, after]) => `<triangle v1="${a}" v2="${b}" v3="${c}"${rest}/>${after}`);

it(`rows are read as the parser reads them, to the last bit and the last fault, seed ${seed}`, async () => {
  const meshes = fc.tuple(
    fc.array(vertex, { minLength: 3, maxLength: 12 }),
    fc.array(triangle, { minLength: 1, maxLength: 12 }),
  );
  await fc.assert(
    fc.asyncProperty(meshes, async ([vertices, triangles]) => {
      const ours = await figuresOf(vertices.join(''), triangles.join(''));
      const parsed = await figuresOf(inSingleQuotes(vertices.join('')), inSingleQuotes(triangles.join('')));
      expect(ours).toEqual(parsed);
    }),
    { seed, numRuns: Number(process.env['CC_RUNS'] ?? 200) },
  );
});

it('a mesh whose text comes in many pieces has the same figures wherever they break', async () => {
  // Rows of many lengths, so that a piece ends in every part of one, and in the tags around them.
  const rows = Array.from({ length: 6_000 }, (_, at) => `<vertex x="${at / 7}" y="${(at * 31) % 97}" z="${at % 13}"/>`);
  const faces = Array.from({ length: 5_998 }, (_, at) => `<triangle v1="${at}" v2="${at + 1}" v3="${at + 2}"/>\n`);
  const ours = await figuresOf(rows.join(''), faces.join(''));
  expect(ours).toMatchObject({ status: 'parsed', geometry: { triangles: 5_998, vertices: 6_000 } });
  expect(await figuresOf(inSingleQuotes(rows.join('')), inSingleQuotes(faces.join('')))).toEqual(ours);
  for (let pad = 0; pad < 64; pad += 13) {
    expect(await figuresOf(`${' '.repeat(65_300 + pad)}${rows.join('')}`, faces.join(''))).toEqual(ours);
  }
});

it('rows of a namespace that is not that of 3MF are no part of the mesh', async () => {
  const vertices = '<vertex x="0" y="0" z="0"/><vertex x="1" y="0" z="0"/><vertex x="0" y="1" z="0"/>';
  const foreign = `<o:vertices xmlns:o="urn:other"><vertex x="9" y="9" z="9"/></o:vertices><vertices xmlns="urn:other">${vertices}</vertices>`;
  const result = await figuresOf(`${vertices}</vertices>${foreign}<vertices>`, '<triangle v1="0" v2="1" v3="2"/>');
  // The row without a prefix is of the namespace of the model, wherever it stands.
  expect(result).toMatchObject({
    status: 'parsed',
    geometry: { triangles: 1, vertices: 3, bounds: { max: [1, 1, 0] } },
  });
});
